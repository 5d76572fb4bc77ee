/** The desktop app: the real one, in WebKitGTK, which has no WebRTC. */
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

test("the app sees who is there, rings, and hands the call over to a browser", async () => {
  const [window, caller] = await Promise.all([desktop.open(), bob()]);
  await Promise.all([window.sees("Bob"), caller.sees("Alice")]);
  expect(await window.evaluate("typeof RTCPeerConnection")).toBe("undefined");
  await window.reads("This window cannot carry calls itself, so they open in your browser.");

  await caller.videoCalls("Alice");
  await window.isRung();
  await window.reads("Accepting opens your browser");
  await window.clicks("Accept");

  const page = await desktop.handedOverPage();
  await page.getByRole("button", { name: "Hang up", exact: true }).waitFor();
  await Promise.all([
    caller.seesPictureOf("Alice"),
    caller.hears(),
    // This page was not opened by the lab, so it is watched from the outside only.
    page.locator('video[aria-label="Bob"]').evaluate(isPlayed),
  ]);
  const { pairs } = await caller.received();
  expect(pairs).toEqual([{ local: "host", remote: "host" }]);
  await window.reads("This call is in another window");

  await caller.hangsUp();
  await page.getByRole("button", { name: "Hang up", exact: true }).waitFor({ state: "detached" });
});

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

/** In the page: frames are shown, and what is heard is not silence. */
async function isPlayed(element: SVGElement | HTMLElement): Promise<void> {
  const video = element as HTMLVideoElement;
  for (let frames = 0; frames < 5; frames++) {
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  }
  if (!(video.srcObject instanceof MediaStream)) throw new Error("no stream");
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(video.srcObject).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  while (!samples.some((sample) => Math.abs(sample) > 0.01)) {
    await new Promise(requestAnimationFrame);
    analyser.getFloatTimeDomainData(samples);
  }
  await context.close();
}
