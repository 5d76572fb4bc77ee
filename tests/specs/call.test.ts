import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { now } from "../lab/deadline.ts";
import { hearsSilence } from "../lab/media.ts";
import { talk } from "../lab/person.ts";
import { type Resident, Stage } from "../lab/stage.ts";

const stage = new Stage();
let ada: Resident;
let bo: Resident;
let cleo: Resident;
beforeAll(async () => {
  ada = await stage.resident("Ada");
  bo = await stage.resident("Bo", { camera: "small fractal" });
  cleo = await stage.resident("Cleo");
  await ada.sees("Bo", "Cleo");
  await bo.sees("Ada", "Cleo");
  await cleo.sees("Ada", "Bo");
});
afterAll(() => stage.close());

describe("a video call", () => {
  test("a click, a ring, an answer, and both see and hear each other", async () => {
    await ada.videoCalls("Bo");
    await bo.isRung();
    await ada.reads("Ringing…");
    await bo.accepts();
    await talk(ada, bo);
  });

  test("is seen by others: both are in a call", async () => {
    await cleo.nearby("Ada").getByText("In a call").waitFor();
    await cleo.nearby("Bo").getByText("In a call").waitFor();
  });

  test("mute is heard as silence, and shown", async () => {
    await bo.button("Mute").click();
    await ada.reads("Bo is muted");
    await hearsSilence(ada.page);
    await bo.button("Unmute").click();
    await ada.hears();
  });

  test("a camera can be switched off and on again", async () => {
    await ada.button("Camera off").click();
    await bo.reads("Ada’s camera is off");
    await ada.button("Camera on").click();
    await bo.seesPictureOf("Ada");
    await talk(ada, bo);
  });

  test("hanging up ends it for both, and it is in both lists of recent calls", async () => {
    await bo.hangsUp();
    await Promise.all([ada.isTold("Call ended"), bo.isTold("Call ended")]);
    await ada.button("Call Bo again, with video").waitFor();
    await bo.button("Call Ada again, with video").waitFor();
    await cleo.nearby("Ada").getByText("Available").waitFor();
  });
});

describe("an audio call", () => {
  test("carries sound both ways, and no picture until a camera is switched on", async () => {
    await bo.audioCalls("Ada");
    await ada.accepts();
    await Promise.all([ada.hears(), bo.hears()]);
    expect((await ada.received()).framesDecoded).toBe(0);
    expect((await bo.received()).framesDecoded).toBe(0);
    await ada.button("Camera on").click();
    await bo.seesPictureOf("Ada");
    await ada.hangsUp();
    await Promise.all([ada.isTold("Call ended"), bo.isTold("Call ended")]);
  });
});

describe("a call that is not taken", () => {
  test("is declined", async () => {
    await ada.videoCalls("Bo");
    await bo.declines();
    await ada.isTold("Bo declined");
    await bo.isTold("You declined the call");
  });

  test("is cancelled", async () => {
    await ada.videoCalls("Bo");
    await bo.isRung();
    await ada.cancels();
    await ada.isTold("You cancelled the call");
    await bo.isTold("Ada stopped calling");
    await bo.reads("1 missed call");
  });

  test("finds the other busy, who sees afterwards that they missed it, and talks on undisturbed", async () => {
    await ada.videoCalls("Bo");
    await bo.accepts();
    await talk(ada, bo);
    await cleo.videoCalls("Bo");
    await cleo.isTold("Bo is in another call");
    await talk(ada, bo);
    await ada.hangsUp();
    await Promise.all([ada.isTold("Call ended"), bo.isTold("Call ended")]);
    await bo.recent("Cleo").getByText("Missed", { exact: true }).waitFor();
    await cleo.recent("Bo").getByText("Busy", { exact: true }).waitFor();
  });
});

test("both calling each other at once is one call, accepted by both", async () => {
  // At one moment of the clock they share: a click of Playwright's own comes when the page is calm,
  // and by then the other's call may have taken the button away.
  const moment = now() + 500;
  await Promise.all([
    clicksAt(moment, ada, "Video call Bo"),
    clicksAt(moment, bo, "Video call Ada"),
  ]);
  await talk(ada, bo);
  expect(await bo.button("Accept").count()).toBe(0);
  expect(await ada.button("Accept").count()).toBe(0);
  await ada.hangsUp();
  await Promise.all([ada.isTold("Call ended"), bo.isTold("Call ended")]);
});

test("a call can be made with the keyboard alone", async () => {
  await focusWithTab(ada, "Video call Bo");
  await ada.page.keyboard.press("Enter");
  await bo.isRung();
  await focusWithTab(bo, "Accept");
  await bo.page.keyboard.press("Enter");
  await talk(ada, bo);
  await focusWithTab(ada, "Mute");
  await ada.page.keyboard.press("Space");
  await bo.reads("Ada is muted");
  await focusWithTab(bo, "Hang up");
  await bo.page.keyboard.press("Enter");
  await Promise.all([ada.isTold("Call ended"), bo.isTold("Call ended")]);
});

async function clicksAt(moment: number, person: Resident, name: string): Promise<void> {
  await person.button(name).evaluate((button, moment) => {
    while (performance.timeOrigin + performance.now() < moment);
    (button as HTMLElement).click();
  }, moment);
}

async function focusWithTab(person: Resident, name: string): Promise<void> {
  const button = person.button(name);
  await button.waitFor();
  for (let presses = 0; presses < 60; presses++) {
    if (await button.evaluate((element) => element === document.activeElement)) return;
    await person.page.keyboard.press("Tab");
  }
  throw new Error(`no way to "${name}" with Tab`);
}
