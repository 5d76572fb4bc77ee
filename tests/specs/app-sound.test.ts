/** The sound of a call in the app's own window, at a real sound server. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { talk } from "../lab/app-talk.ts";
import { hearsSilence } from "../lab/media.ts";
import { SoundServer } from "../lab/sound-server.ts";
import { type Resident, Stage } from "../lab/stage.ts";
import { Desktop } from "../lab/tauri.ts";
import type { Window } from "../lab/window.ts";

// Web views that paint and encode without a GPU leave little of two cores.
vi.setConfig({ testTimeout: 180_000 });

let stage: Stage;
let sound: SoundServer;
let desktop: Desktop;
let alice: Window;
let bob: Resident;
beforeEach(() => {
  stage = new Stage();
});
afterEach(async () => {
  await desktop.close();
  await stage.close();
});

async function begin(devices: "mock" | "real"): Promise<void> {
  const host = stage.network.addHost();
  sound = await SoundServer.start(host);
  desktop = await Desktop.start(host, "Alice", { env: sound.env, devices });
  [alice, bob] = await Promise.all([desktop.open(), stage.resident("Bob")]);
  await Promise.all([alice.sees("Bob"), bob.sees("Alice")]);
}

test("the other is heard from the loudspeaker, not while muted, and not after the call", async () => {
  await begin("mock");
  await bob.videoCalls("Alice");
  await alice.accepts();
  await talk(alice, bob);
  await sound.hears();
  await bob.button("Mute").click();
  await alice.reads("Bob is muted");
  await sound.hearsNothing();
  await bob.button("Unmute").click();
  await sound.hears();
  await bob.hangsUp();
  await alice.isTold("Call ended");
  await sound.hearsNothing();
});

test("an element's volume, its being muted and paused are what the loudspeaker does", async () => {
  await begin("mock");
  await alice.videoCalls("Bob");
  await bob.accepts();
  await talk(alice, bob);
  await sound.hears();
  const video = `document.querySelector('video[aria-label="Bob"]')`;
  await alice.execute(`${video}.muted = true`);
  await sound.hearsNothing();
  await alice.execute(`${video}.muted = false; ${video}.volume = 0`);
  await sound.hearsNothing();
  await alice.execute(`${video}.volume = 0.5`);
  await sound.hears();
  await alice.execute(`${video}.pause()`);
  await sound.hearsNothing();
  await alice.execute(`void ${video}.play()`);
  await sound.hears();
  await alice.execute(`${video}.muted = true`);
  await sound.hearsNothing();
  // An element that shows nothing else begins by itself, as it does with any stream.
  await alice.execute(`window.extra = document.createElement("audio");
    window.extra.autoplay = true;
    window.extra.srcObject = new MediaStream(${video}.srcObject.getAudioTracks())`);
  await sound.hears();
});

test("a real microphone is heard by the other, muted and not, and is let go of", async () => {
  await begin("real");
  await alice.clicks("Audio call Bob");
  await bob.accepts();
  await bob.hears();
  // Not by the page: the app itself has it open.
  expect(sound.listeners()).toContainEqual(expect.stringMatching(/^cpal-/));
  await alice.clicks("Mute");
  await bob.reads("Alice is muted");
  await hearsSilence(bob.page);
  await alice.clicks("Unmute");
  await bob.hears();
  await alice.hangsUp();
  await bob.isTold("Call ended");
  await sound.isLetGo();
});
