/** The desktop app: the real one, as a program among others. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { Resident } from "../lab/stage.ts";
import { Stage } from "../lab/stage.ts";
import { Desktop } from "../lab/tauri.ts";

let stage: Stage;
let desktop: Desktop;
beforeEach(async () => {
  stage = new Stage();
  desktop = await Desktop.start(stage.network.addHost(), "Alice");
});
afterEach(async () => {
  await desktop.close();
  await stage.close();
});

function bob(): Promise<Resident> {
  return stage.resident("Bob");
}

test("a reloaded window takes its seat again", async () => {
  const [window] = await Promise.all([desktop.open(), bob()]);
  await window.sees("Bob");
  await window.reload();
  await window.sees("Bob");
});

test("a second start brings the first window forward, and ends", async () => {
  const other = await bob();
  const first = desktop.launch();
  await other.sees("Alice");
  const second = desktop.launch();
  expect(await second.ended).toMatchObject({ code: 0 });
  expect(await first.end("SIGTERM")).toMatchObject({ code: 0 });
});

test("told to end, the app says goodbye", async () => {
  const other = await bob();
  const app = desktop.launch();
  await other.sees("Alice");
  const ending = await app.end("SIGTERM");
  await other.seesNoMore("Alice", 2);
  expect(ending.code).toBe(0);
});

test("an app whose node can't start says why, tries again, or ends with an error", async () => {
  rmSync(desktop.dataDir, { recursive: true });
  mkdirSync(dirname(desktop.dataDir), { recursive: true });
  writeFileSync(desktop.dataDir, "a file where the directory should be");
  const app = desktop.launch();
  await app.err.first("the reason", (text) => text.includes("the node could not be started"));
  const ending = await app.end("SIGTERM");
  expect(ending.code).toBe(1);

  const window = await desktop.open();
  await window.reads("Lanline can’t use its data folder");
  rmSync(desktop.dataDir);
  await window.clicks("Try again");
  await window.reads("People nearby");
});
