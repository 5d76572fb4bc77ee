import { afterAll, beforeAll, test } from "vitest";

import { talk } from "../lab/person.ts";
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

test("Chromium calls Firefox", async () => {
  await ada.videoCalls("Bo");
  await bo.accepts();
  await talk(ada, bo, ["host", "prflx"]);
  await bo.hangsUp();
  await Promise.all([ada.isTold("Call ended"), bo.isTold("Call ended")]);
});

test("Firefox calls Chromium", async () => {
  await bo.videoCalls("Ada");
  await ada.accepts();
  await talk(ada, bo, ["host", "prflx"]);
  await ada.hangsUp();
  await Promise.all([ada.isTold("Call ended"), bo.isTold("Call ended")]);
});
