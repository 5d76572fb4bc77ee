/**
 * Runs web-platform-tests in the webview of the plugin's example app, and compares with what passed
 * before: see plugins/webrtc/README.md.
 *
 *     lab/enter.sh tsx wpt/run.ts CHECKOUT [--update] [FILTER]
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv, exit } from "node:process";

import { within } from "../lab/deadline.ts";
import { cache, root, target } from "../lab/paths.ts";
import { Program } from "../lab/program.ts";
import { Stage } from "../lab/stage.ts";
import { Desktop } from "../lab/tauri.ts";
import type { Session } from "../lab/session.ts";
import { compare, type Outcome, read, write } from "./expectations.ts";
import { isRun, listed } from "./files.ts";

const PORT = 8000;
/** Longest that a file may take by its own harness, and a little for the start, seconds. */
const LONGEST = 75;

interface Result {
  readonly status: number;
  readonly message: string | null;
  readonly tests: readonly { name: string; status: number; message: string | null }[];
}

const [, , checkout, ...rest] = argv;
const update = rest.includes("--update");
const filter = rest.find((argument) => !argument.startsWith("--"));
if (!checkout || !existsSync(join(checkout, "webrtc"))) {
  throw new Error(`no checkout of web-platform-tests: ${checkout ?? ""}`);
}

const stage = new Stage();
const host = stage.network.addHost();
const desktop = await Desktop.start(host, "WPT");
const server = new Program(host, "wpt-server", process.execPath, [
  join(import.meta.dirname, "server.mjs"),
  checkout,
  String(PORT),
]);
await server.out.first("the server", (text) => text === "ready");

const window: { session: Session | null } = { session: null };
const outcomes: Outcome[] = [];
mkdirSync(cache, { recursive: true });
const all = listed(checkout);
const files = all.filter(isRun).filter((file) => !filter || file.includes(filter));
for (const [number, file] of files.entries()) {
  const since = Date.now();
  const result = await run(file).catch((error: unknown) => String(error));
  const failed = typeof result === "string" ? result : null;
  const tests = typeof result === "string" ? [] : result.tests;
  outcomes.push({ file, tests: [...tests], error: failed });
  const passed = tests.filter(({ status }) => status === 0).length;
  const seconds = ((Date.now() - since) / 1000).toFixed(1);
  console.log(`${number + 1}/${files.length} ${file} ${passed}/${tests.length} ${seconds} s`);
  if (failed !== null) console.log(`    ${failed}`);
  // After each, so that a run that was ended tells what it saw.
  writeFileSync(join(cache, "wpt.json"), JSON.stringify(outcomes, null, 1));
}
await window.session?.close().catch(() => undefined);
await desktop.close();
await stage.close();

const path = join(root, "plugins/webrtc/wpt/passing.json");
const { lines, regressed } = compare(read(path), outcomes);
for (const line of lines) console.log(line);
if (!filter) console.log(`${files.length} of ${all.length} files were run`);
if (update) write(path, outcomes, filter === undefined);
exit(regressed && !update ? 1 : 0);

async function run(file: string): Promise<Result> {
  const page = (window.session ??= await open());
  try {
    await within(30, "the page", page.goto(`http://localhost:${PORT}/${file}`));
    const result = within(
      LONGEST,
      "the result",
      page.evaluateAsync(
        `window.wptResult ?? new Promise((resolve) =>
          addEventListener("wptresult", () => resolve(window.wptResult)))`,
      ),
    );
    return (await result) as Result;
  } catch (error) {
    window.session = null;
    await within(10, "the end", page.close()).catch(() => undefined);
    throw error;
  }
}

async function open(): Promise<Session> {
  const application = join(target, "debug/webrtc-example");
  const args = ["--mock-capture", `http://localhost:${PORT}/common/blank.html`];
  const opened = await desktop.drive({ application, args });
  await opened.scriptTimeout(LONGEST);
  return opened;
}
