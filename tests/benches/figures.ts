/** What a bench prints: one line of JSON on standard output, everything else on standard error. */
import { execFileSync } from "node:child_process";

import { nodeBinary } from "../lab/paths.ts";

export interface Figure {
  value: number;
  unit: string;
  goal: string;
}

/** Rounds of a bench: medians are of this many. */
export const ROUNDS = Number(process.env.ROUNDS ?? 7);

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error("no values");
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Prints all values of a figure for people, and returns their median. */
export function summary(name: string, values: readonly number[]): number {
  const all = values.map((value) => value.toFixed(1)).join(" ");
  say(`${name}: median ${median(values).toFixed(1)} of ${all}`);
  return median(values);
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function print(bench: string, figures: Record<string, Figure>): void {
  const rounded = Object.entries(figures).map(([name, figure]): [string, Figure] => [
    name,
    { ...figure, value: Number(figure.value.toFixed(figure.unit === "ratio" ? 3 : 1)) },
  ]);
  process.stdout.write(`${JSON.stringify({ bench, figures: Object.fromEntries(rounded) })}\n`);
}

/** Says what was measured: the versions of everything that takes part. */
export function sayVersions(programs: Record<string, [string, ...string[]]>): void {
  const all: typeof programs = { "lanline-node": [nodeBinary, "--version"], ...programs };
  for (const [name, [program, ...args]] of Object.entries(all)) {
    const version = execFileSync(program, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    say(`${name}: ${version.split("\n")[0] ?? ""}`);
  }
  say(
    `Linux ${execFileSync("uname", ["-r"], { encoding: "utf8" }).trim()}, Node ${process.version}`,
  );
}
