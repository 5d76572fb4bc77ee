/** Where things of the lab are. */
import { mkdtempSync } from "node:fs";
import { join, resolve } from "node:path";

/** The repository. */
export const root = resolve(import.meta.dirname, "../..");

/** Cargo's target directory. */
export const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");

/** What the lab keeps between runs: pictures, and the logs of the last run. */
export const cache = join(target, "lab");

/** The headless node. */
export const nodeBinary = process.env.LANLINE_NODE ?? join(target, "debug/lanline-node");

/** The app, built for tests. */
export const appBinary =
  process.env.LANLINE_APP ??
  join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/lanline");

/** A directory that is gone when the lab is left. */
export function temporary(name: string): string {
  const lab = process.env.LANLINE_LAB;
  if (!lab) throw new Error("not in a lab: start this with tests/lab/enter.sh");
  return mkdtempSync(join(lab, `${name}-`));
}

/** The log of a program of this run. */
export function logPath(name: string): string {
  return join(cache, "logs", name);
}
