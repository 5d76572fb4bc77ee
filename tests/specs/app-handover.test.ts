/** The desktop app where its web view can't carry calls: it hands them over to a browser. */
import { afterEach, beforeEach, expect, test } from "vitest";

import { Stage } from "../lab/stage.ts";
import { Desktop } from "../lab/tauri.ts";

let stage: Stage;
let desktop: Desktop;
beforeEach(() => {
  stage = new Stage();
});
afterEach(async () => {
  await desktop.close();
  await stage.close();
});

test("the app sees who is there, rings, and hands the call over to a browser", async () => {
  await logIn({ LANLINE_WITHOUT_WEBRTC: "1" });
  const [window, caller] = await Promise.all([desktop.open(), stage.resident("Bob")]);
  await Promise.all([window.sees("Bob"), caller.sees("Alice")]);
  expect(await window.evaluate("typeof RTCPeerConnection")).toBe("undefined");
  await window.reads("This window cannot carry calls itself, so they open in your browser.");

  await caller.videoCalls("Alice");
  await window.isRung();
  await window.reads("Accepting opens your browser");
  await window.clicks("Accept");

  // It rings there, too: no address makes a page send a camera's pictures.
  const page = await desktop.handedOverPage();
  await page.getByRole("button", { name: "Accept", exact: true }).click();
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

test("without the codecs it is found out, and said at once", async () => {
  // No encoder for pictures: GStreamer's features of this rank are left alone by WebKit.
  const encoders = [
    "vp8enc",
    "x264enc",
    "openh264enc",
    "avenc_h264_omx",
    "vah264enc",
    "vaapih264enc",
  ];
  await logIn({ GST_PLUGIN_FEATURE_RANK: encoders.map((name) => `${name}:NONE`).join() });
  const window = await desktop.open();
  await window.reads("This window cannot carry calls itself, so they open in your browser.");
  expect(await window.evaluate("typeof RTCPeerConnection")).toBe("undefined");
});

async function logIn(env: Record<string, string>): Promise<void> {
  desktop = await Desktop.start(stage.network.addHost(), "Alice", { env });
}

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
