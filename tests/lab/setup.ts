/** Before the first story: what a run needs is there, or it is said what isn't. */
import { existsSync, rmSync } from "node:fs";

import { logPath, nodeBinary } from "./paths.ts";
import { makeClips } from "./pictures.ts";

export default function setup(): void {
  if (!process.env.LANLINE_LAB) {
    throw new Error("These tests run in a lab: start them with `npm test`, or tests/lab/enter.sh.");
  }
  if (!existsSync(nodeBinary)) {
    throw new Error(`There is no ${nodeBinary}: run \`cargo build -p lanline-signaling\` first.`);
  }
  rmSync(logPath(""), { recursive: true, force: true });
  makeClips();
}
