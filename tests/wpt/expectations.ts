/** What passed before, and what passes now. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** One file, run. */
export interface Outcome {
  readonly file: string;
  /** `status` 0 is a pass. */
  readonly tests: readonly { name: string; status: number; message: string | null }[];
  /** The page crashed or hung. */
  readonly error: string | null;
}

/** Names of the subtests that pass, by file. */
export type Passing = Readonly<Record<string, readonly string[]>>;

export function read(path: string): Passing {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Passing) : {};
}

/** What has changed, in lines for people, and whether anything that passed does not. */
export function compare(
  before: Passing,
  outcomes: readonly Outcome[],
): { lines: string[]; regressed: boolean } {
  const lines: string[] = [];
  let regressed = false;
  for (const outcome of outcomes) {
    const known = before[outcome.file] ?? [];
    const passing = passed(outcome);
    for (const name of known) {
      if (passing.includes(name)) continue;
      regressed = true;
      const message = outcome.tests.find((test) => test.name === name)?.message;
      lines.push(`✗ ${outcome.file}: ${name}: ${message ?? outcome.error ?? "not run"}`);
    }
    for (const name of passing) {
      if (!known.includes(name)) lines.push(`+ ${outcome.file}: ${name}`);
    }
  }
  const all = outcomes.flatMap(({ tests }) => tests).length;
  const good = outcomes.flatMap(passed).length;
  lines.push(`${good} of ${all} subtests pass, in ${outcomes.length} files`);
  return { lines, regressed };
}

/** Records what passes; `whole`: all files were run, so that those that are gone are forgotten. */
export function write(path: string, outcomes: readonly Outcome[], whole: boolean): void {
  const entries = new Map(whole ? [] : Object.entries(read(path)));
  for (const outcome of outcomes) {
    const passing = passed(outcome);
    if (passing.length > 0) entries.set(outcome.file, passing);
    else entries.delete(outcome.file);
  }
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(sorted), null, 1)}\n`);
}

function passed({ tests }: Outcome): string[] {
  return [...new Set(tests.filter(({ status }) => status === 0).map(({ name }) => name))].sort();
}
