/** A screen that is shared: what is captured is a real tab with a page of one colour. */
import { afterAll, beforeAll, test } from "vitest";

import { openSharedPage, SHARED_COLOUR } from "../lab/sharing.ts";
import { type Resident, Stage } from "../lab/stage.ts";

const stage = new Stage();
let ada: Resident;
let bo: Resident;
beforeAll(async () => {
  [ada, bo] = await Promise.all([
    stage.resident("Ada"),
    stage.resident("Bo", { browser: "firefox" }),
  ]);
  await ada.sees("Bo");
  await bo.sees("Ada");
});
afterAll(() => stage.close());

test("Chromium shares a tab with Firefox, and shows the camera again after", async () => {
  await openSharedPage(ada.browser);
  await ada.videoCalls("Bo");
  await bo.accepts();
  await bo.seesPictureOf("Ada");

  await ada.page.bringToFront();
  await ada.button("Share screen").click();
  await bo.reads("Ada is sharing a screen");
  await bo.seesColourOf("Ada", SHARED_COLOUR);
  await ada.reads("You are sharing your screen");
  await ada.button("Stop sharing").click();
  await bo.readsNoMore("Ada is sharing a screen");
  await bo.seesPictureOf("Ada");
  await bo.hangsUp();
  await Promise.all([ada.isTold("Call ended"), bo.isTold("Call ended")]);
});

test("in an audio call, too, until the page is reloaded, and with the keyboard", async () => {
  await ada.audioCalls("Bo");
  await bo.accepts();
  await bo.hears();
  await ada.button("Share screen").click();
  await bo.seesColourOf("Ada", SHARED_COLOUR);
  await ada.page.reload();
  await bo.readsNoMore("Ada is sharing a screen");
  await Promise.all([bo.hears(), ada.button("Share screen").waitFor()]);

  await ada.page.keyboard.press("s");
  await bo.seesColourOf("Ada", SHARED_COLOUR);
  await ada.page.keyboard.press("s");
  await bo.readsNoMore("Ada is sharing a screen");
  await bo.hangsUp();
  await Promise.all([ada.isTold("Call ended"), bo.isTold("Call ended")]);
});
