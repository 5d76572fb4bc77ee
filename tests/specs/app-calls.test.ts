/** Calls in the desktop app's own window, whose web view has no WebRTC of its own. */
import { afterEach, beforeEach, test, vi } from "vitest";

import { talk } from "../lab/app-talk.ts";
import { hearsSilence } from "../lab/media.ts";
import { Seat } from "../lab/seat.ts";
import { openSharedPage, SHARED_COLOUR } from "../lab/sharing.ts";
import { type Resident, Stage } from "../lab/stage.ts";
import { Desktop } from "../lab/tauri.ts";
import type { Window } from "../lab/window.ts";

// Web views that paint and encode without a GPU leave little of two cores.
vi.setConfig({ testTimeout: 180_000 });

let stage: Stage;
let desktop: Desktop;
let alice: Window;
let bob: Resident;
beforeEach(async () => {
  stage = new Stage();
  desktop = await Desktop.start(stage.network.addHost(), "Alice");
  [alice, bob] = await Promise.all([desktop.open(), stage.resident("Bob")]);
  await Promise.all([alice.sees("Bob"), bob.sees("Alice")]);
});
afterEach(async () => {
  await desktop.close();
  await stage.close();
});

test("the app calls and is hung up on, is called and hangs up, and keeps no socket", async () => {
  const idle = desktop.udpSockets();
  await alice.videoCalls("Bob");
  await bob.accepts();
  await talk(alice, bob);
  await bob.hangsUp();
  await Promise.all([alice.isTold("Call ended"), bob.isTold("Call ended")]);

  await bob.videoCalls("Alice");
  await alice.accepts();
  await talk(alice, bob);
  await alice.hangsUp();
  await Promise.all([alice.isTold("Call ended"), bob.isTold("Call ended")]);
  await desktop.hasUdpSockets(idle);
});

test("mute, and the camera off and on again, in the app and at the other", async () => {
  await bobCalls();
  await alice.seesItself();
  await alice.clicks("Mute");
  await bob.reads("Alice is muted");
  await hearsSilence(bob.page);
  await alice.clicks("Unmute");
  await bob.hears();
  await alice.clicks("Camera off");
  await bob.reads("Alice’s camera is off");
  await alice.clicks("Camera on");
  await Promise.all([bob.seesPictureOf("Alice"), alice.seesItself()]);

  await bob.button("Mute").click();
  await alice.reads("Bob is muted");
  await alice.hearsSilenceOf("Bob");
  await bob.button("Unmute").click();
  await bob.button("Camera off").click();
  await alice.reads("Bob’s camera is off");
  await bob.button("Camera on").click();
  await talk(alice, bob);
});

test("the other shares a tab, and the app shows it, and the camera again after", async () => {
  await openSharedPage(bob.browser);
  await bob.page.bringToFront();
  await bobCalls();
  await bob.button("Share screen").click();
  await alice.reads("Bob is sharing a screen");
  await alice.seesColourOf("Bob", SHARED_COLOUR);
  await bob.button("Stop sharing").click();
  await alice.reads("Bob no longer shares a screen");
  await talk(alice, bob);
});

test("the app shares its screen, once the person has chosen it, and its camera again after", async () => {
  const seat = await Seat.at(desktop.display);
  await bobCalls();
  await alice.clicks("Share screen");
  await seat.goesTo("Share a screen");
  seat.presses("Escape");
  await seat.seesNoMore("Share a screen");

  await alice.clicks("Share screen");
  await seat.goesTo("Share a screen");
  seat.presses("Return");
  await bob.reads("Alice is sharing a screen");
  // What stands still is seen as well.
  seat.lays(SHARED_COLOUR, 1280, 800);
  await bob.seesColourOf("Alice", SHARED_COLOUR);
  seat.leaves();
  await alice.clicks("Stop sharing");
  await bob.readsNoMore("Alice is sharing a screen");
  await talk(alice, bob);
});

test("the window is reloaded in a call, and the call goes on", async () => {
  await bobCalls();
  await alice.reload();
  await talk(alice, bob);
  await alice.hangsUp();
  await bob.isTold("Call ended");
});

test("the other's page is reloaded in a call, and the call goes on", async () => {
  await bobCalls();
  await bob.page.reload();
  await talk(alice, bob);
  await bob.hangsUp();
  await alice.isTold("Call ended");
});

test("the page's process is killed in a call: it comes back, and so does the call", async () => {
  const idle = desktop.udpSockets();
  await bobCalls();
  const busy = desktop.udpSockets();
  // The driver gives the window up here, so from now on Bob is the witness.
  const before = await connections(bob);
  desktop.killPage();
  // Its new page takes the call up with a connection of its own, and Bob's page answers with one.
  await bob.page.waitForFunction((before) => window.lab.connections.length > before, before);
  await Promise.all([bob.seesPictureOf("Alice"), bob.hears()]);
  await desktop.hasUdpSockets(busy);
  await bob.hangsUp();
  await bob.isTold("Call ended");
  await desktop.hasUdpSockets(idle);
});

test("the app's device gets another address in a call, and the call goes on", async () => {
  await bobCalls();
  desktop.host.changeAddress("10.77.0.40");
  await talk(alice, bob);
  await alice.hangsUp();
  await bob.isTold("Call ended");
});

/** How many connections a person's page has made. */
function connections(person: Resident): Promise<number> {
  return person.page.evaluate(() => window.lab.connections.length);
}

async function bobCalls(): Promise<void> {
  await bob.videoCalls("Alice");
  await alice.accepts();
  await talk(alice, bob);
}
