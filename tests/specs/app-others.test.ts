/** Calls between the desktop app's own window and others than Chromium, and where the desktop is another. */
import { afterEach, beforeEach, test, vi } from "vitest";

import { talk } from "../lab/app-talk.ts";
import type { Person } from "../lab/person.ts";
import { Stage } from "../lab/stage.ts";
import { Desktop } from "../lab/tauri.ts";
import { startWayland } from "../lab/wayland.ts";
import type { Window } from "../lab/window.ts";

// Web views that paint and encode without a GPU leave little of two cores.
vi.setConfig({ testTimeout: 180_000 });

let stage: Stage;
let desktops: Desktop[];
beforeEach(() => {
  stage = new Stage();
  desktops = [];
});
afterEach(async () => {
  await Promise.all(desktops.map((desktop) => desktop.close()));
  await stage.close();
});

async function desktop(name: string, wayland = false): Promise<Desktop> {
  const host = stage.network.addHost();
  const env = wayland ? await startWayland(host) : {};
  const desktop = await Desktop.start(host, name, { env });
  desktops.push(desktop);
  return desktop;
}

/** Each calls the other; each call is talked in, and hung up by another one. */
async function callEachOther(alice: Window, bob: Window | Person, kinds?: string[]): Promise<void> {
  await Promise.all([alice.sees("Bob"), bob.sees("Alice")]);
  await alice.videoCalls("Bob");
  await bob.accepts();
  await talk(alice, bob, kinds);
  await bob.hangsUp();
  await Promise.all([alice.isTold("Call ended"), bob.isTold("Call ended")]);

  await bob.videoCalls("Alice");
  await alice.accepts();
  await talk(alice, bob, kinds);
  await alice.hangsUp();
  await Promise.all([alice.isTold("Call ended"), bob.isTold("Call ended")]);
}

test("two apps call each other", async () => {
  const [first, second] = await Promise.all([desktop("Alice"), desktop("Bob")]);
  const [alice, bob] = await Promise.all([first.open(), second.open()]);
  await callEachOther(alice, bob);
});

test("the app and Firefox call each other", async () => {
  const firefox = stage.resident("Bob", { browser: "firefox" });
  const [alice, bob] = await Promise.all([desktop("Alice").then((app) => app.open()), firefox]);
  await callEachOther(alice, bob, ["host", "prflx"]);
});

test("on a Wayland desktop the app and Chromium call each other", async () => {
  const chromium = stage.resident("Bob");
  const [alice, bob] = await Promise.all([
    desktop("Alice", true).then((app) => app.open()),
    chromium,
  ]);
  await callEachOther(alice, bob);
});
