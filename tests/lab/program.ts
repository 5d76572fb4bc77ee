/** A program on a host of the lab: started, listened to line by line, and ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";

import { now, within } from "./deadline.ts";
import type { Host } from "./network.ts";
import { logPath } from "./paths.ts";

/** How a program ended. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A line of output, with the time it was read at. */
export interface Line {
  text: string;
  at: number;
}

export class Program {
  readonly ended: Promise<Ending>;
  /** When it was started: {@link now}. */
  readonly startedAt: number;
  readonly out: Lines;
  readonly err: Lines;
  readonly #child: ChildProcess;

  constructor(
    host: Host,
    label: string,
    program: string,
    args: readonly string[],
    options: { env?: Record<string, string>; uid?: number } = {},
  ) {
    const log = openLog(`${label}-${host.namespace}`);
    const [command, all] = host.command(program, args);
    this.startedAt = now();
    this.#child = spawn(command, all, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
    });
    this.out = new Lines(this.#child, "stdout", log);
    this.err = new Lines(this.#child, "stderr", log);
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        log.end();
        resolve({ code, signal });
      });
    });
    // Who waits for the end hears of a failed start; nobody else must die of it.
    this.ended.catch(() => undefined);
  }

  /** Writes a line to its standard input. */
  write(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Sends a signal; `ip netns exec` has become the program itself, so it is the one that gets it. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals, seconds = 10): Promise<Ending> {
    this.signal(signal);
    return within(seconds, `the end of a program after ${signal}`, this.ended);
  }
}

/** The lines a program has printed, and those it will. */
export class Lines {
  readonly all: Line[] = [];
  readonly #events = new EventEmitter();
  #closed = false;

  constructor(child: ChildProcess, stream: "stdout" | "stderr", log: WriteStream) {
    this.#events.setMaxListeners(0);
    const readable = child[stream];
    if (!readable) throw new Error(`no ${stream}`);
    const lines = createInterface({ input: readable });
    lines.on("line", (text) => {
      const line = { text, at: now() };
      this.all.push(line);
      log.write(`${stream === "stderr" ? "! " : ""}${text}\n`);
      this.#events.emit("line", line);
    });
    lines.on("close", () => {
      this.#closed = true;
      this.#events.emit("closed");
    });
  }

  /** The first line from the `from`th on that fits, once it is there. */
  async first(
    what: string,
    fits: (text: string) => boolean,
    seconds = 10,
    from = 0,
  ): Promise<Line> {
    const found = this.all.slice(from).find((line) => fits(line.text));
    if (found) return found;
    let stop = (): void => undefined;
    const coming = new Promise<Line>((resolve, reject) => {
      const onLine = (line: Line): void => {
        if (fits(line.text)) resolve(line);
      };
      const onClosed = (): void => {
        reject(new Error(`the output ended without ${what}:\n${this.#tail()}`));
      };
      stop = () => {
        this.#events.off("line", onLine).off("closed", onClosed);
      };
      this.#events.on("line", onLine).on("closed", onClosed);
      if (this.#closed) onClosed();
    });
    try {
      return await within(seconds, what, coming);
    } finally {
      stop();
    }
  }

  #tail(): string {
    return this.all
      .slice(-20)
      .map((line) => line.text)
      .join("\n");
  }
}

function openLog(name: string): WriteStream {
  const path = logPath(`${name}.log`);
  mkdirSync(dirname(path), { recursive: true });
  return createWriteStream(path, { flags: "a" });
}
