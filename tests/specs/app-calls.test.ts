/** Calls in the desktop app's own window, whose web view has no WebRTC of its own. */
import { afterEach, beforeEach, expect, test } from "vitest";

import type { Person } from "../lab/person.ts";
import { type Resident, Stage } from "../lab/stage.ts";
import { Desktop } from "../lab/tauri.ts";
import type { Window } from "../lab/window.ts";

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

test("the app calls, is hung up on, and is called", async () => {
  await alice.videoCalls("Bob");
  await bob.accepts();
  await talk(alice, bob);
  await bob.hangsUp();
  await Promise.all([alice.isTold("Call ended"), bob.isTold("Call ended")]);

  await bob.videoCalls("Alice");
  await alice.isRung();
  await alice.accepts();
  await talk(alice, bob);
  await alice.hangsUp();
  await Promise.all([alice.isTold("Call ended"), bob.isTold("Call ended")]);
});

test("the window is reloaded in a call, and the call goes on", async () => {
  await bob.videoCalls("Alice");
  await alice.isRung();
  await alice.accepts();
  await talk(alice, bob);
  await alice.reload();
  await talk(alice, bob);
  await alice.hangsUp();
  await bob.isTold("Call ended");
});

/** Both see and hear each other, proven on the receiving sides, straight over host candidates. */
async function talk(app: Window, other: Person): Promise<void> {
  const [size] = await Promise.all([
    app.seesPictureOf(other.name),
    other.seesPictureOf("Alice"),
    app.hears(other.name),
    other.hears(),
  ]);
  // The shape of the clip that the camera shows.
  expect(size.width / size.height).toBeCloseTo(16 / 9);
  const { pairs } = await other.received();
  expect(pairs).toEqual([{ local: "host", remote: "host" }]);
}
