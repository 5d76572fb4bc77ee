/** What an end's programs take of the machine: processor time and memory. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import type { Host } from "../../lab/network.ts";

/** Programs that are not part of an end: its screen and its sound server, and what drives it. */
const NOT_COUNTED = [
  "Xvfb",
  "pulseaudio",
  "pacat",
  "dbus-daemon",
  "WebKitWebDriver",
  "node",
  "MainThread",
];
/** Clock ticks a second (`getconf CLK_TCK`), on every Linux there is. */
const TICKS = 100;

/** What the processes of an end have taken so far. */
export interface Load {
  /** Seconds of processor time by process, user and system. */
  seconds: Map<number, number>;
  /** Bytes of memory, shared pages divided among those who share them (PSS). */
  memory: number;
}

/** Reads what all counted processes of a host take. */
export function loadOf(host: Host): Load {
  const seconds = new Map<number, number>();
  let memory = 0;
  for (const pid of pidsOf(host)) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
      if (NOT_COUNTED.includes(name)) continue;
      // From the third field on (proc(5)): user and system time are fields 14 and 15.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      seconds.set(pid, (Number(fields[11]) + Number(fields[12])) / TICKS);
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      memory += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
    } catch {
      // It has ended meanwhile.
    }
  }
  return { seconds, memory };
}

/** Seconds of processor time between two readings. */
export function spent(before: Load, after: Load): number {
  let sum = 0;
  for (const [pid, seconds] of after.seconds) sum += seconds - (before.seconds.get(pid) ?? 0);
  return sum;
}

/** What the counted processes of a host are called, for people. */
export function programsOf(host: Host): string[] {
  return pidsOf(host).flatMap((pid) => {
    try {
      const name = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
      return NOT_COUNTED.includes(name) ? [] : [name];
    } catch {
      return [];
    }
  });
}

function pidsOf(host: Host): number[] {
  const text = execFileSync("ip", ["netns", "pids", host.namespace], { encoding: "utf8" });
  return text.split("\n").filter(Boolean).map(Number);
}
