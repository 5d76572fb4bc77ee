import { afterAll, beforeAll, expect, test } from "vitest";

import { now } from "../lab/deadline.ts";
import { type Person, talk } from "../lab/person.ts";
import { type Resident, Stage } from "../lab/stage.ts";

const stage = new Stage();
let ada: Resident;
let bo: Resident;
let cleo: Resident;
let dora: Resident;
let unanswered: number;
beforeAll(async () => {
  ada = await stage.resident("Ada");
  bo = await stage.resident("Bo");
  cleo = await stage.resident("Cleo");
  dora = await stage.resident("Dora");
  await ada.sees("Bo");
  await cleo.sees("Dora");
});
afterAll(() => stage.close());

test("Cleo calls Dora, who doesn't answer", async () => {
  await cleo.videoCalls("Dora");
  await dora.isRung();
  unanswered = now();
});

test("two windows of a person ring; one answers, and the other shows where the call is", async () => {
  const tab = await bo.openTab();
  await ada.videoCalls("Bo");
  await Promise.all([bo.isRung(), tab.isRung()]);
  await tab.accepts();
  await talk(ada, tab);
  await bo.reads("This call is in another window");
  await takeHere(bo);
  await talk(ada, bo);
  await tab.reads("This call is in another window");
  await tab.hangsUp();
  await Promise.all([ada.isTold("Call ended"), bo.isTold("Call ended"), tab.isTold("Call ended")]);
  await tab.page.close();
});

test("a declined call stops ringing in all windows", async () => {
  const tab = await bo.openTab();
  await ada.videoCalls("Bo");
  await Promise.all([bo.isRung(), tab.isRung()]);
  await tab.declines();
  await bo.isTold("You declined the call");
  await ada.isTold("Bo declined");
  await tab.page.close();
});

test("a call that nobody answers ends after 45 s on both sides, and counts as missed", async () => {
  await cleo.isTold("Dora didn’t answer", 50);
  await dora.isTold("You missed a call from Cleo");
  expect(now() - unanswered).toBeGreaterThan(40_000);
  expect(now() - unanswered).toBeLessThan(50_000);
  await dora.reads("1 missed call");
});

test("ringing stops when the caller's page is gone for good", async () => {
  await ada.videoCalls("Bo");
  await bo.isRung();
  await ada.page.close();
  // It might be a reload: the call waits a while for the page to come back.
  await bo.isTold("Ada stopped calling", 25);
});

test("ringing stops when the caller's node is killed", async () => {
  await dora.videoCalls("Cleo");
  await cleo.isRung();
  await dora.node.kill();
  await cleo.isTold("The connection to Dora was lost", 20);
});

test("ringing stops when the callee's node says goodbye", async () => {
  await bo.videoCalls("Cleo");
  await cleo.isRung();
  await cleo.node.stop();
  await bo.isTold("Cleo closed Lanline");
});

async function takeHere(person: Person): Promise<void> {
  await person.button("Continue here").click();
}
