import { afterAll, beforeAll, expect, test } from "vitest";

import type { BrowserOptions } from "../lab/browser.ts";
import { openPage } from "../lab/person.ts";
import { type Resident, Stage } from "../lab/stage.ts";

const stage = new Stage();
let ada: Resident;
beforeAll(async () => {
  ada = await stage.resident("Ada");
});
afterAll(() => stage.close());

const devices: {
  who: string;
  has: BrowserOptions;
  isTold: string;
  sends: { picture: boolean; sound: boolean };
}[] = [
  {
    who: "somebody with a camera who allows no microphone",
    has: { allows: ["camera"] },
    isTold: "Microphone not allowed.",
    sends: { picture: true, sound: false },
  },
  {
    who: "somebody with a microphone who allows no camera",
    has: { allows: ["microphone"] },
    isTold: "Camera not allowed.",
    sends: { picture: false, sound: true },
  },
  {
    who: "somebody with a microphone and no camera",
    has: { devices: "microphone" },
    isTold: "No camera found, so you can only be heard.",
    sends: { picture: false, sound: true },
  },
  {
    who: "somebody with neither",
    has: { devices: "none" },
    isTold: "No camera and no microphone found: you can watch and listen.",
    sends: { picture: false, sound: false },
  },
  {
    who: "somebody who allows neither",
    has: { allows: [] },
    isTold: "Camera and microphone not allowed: you can watch and listen.",
    sends: { picture: false, sound: false },
  },
];

for (const { who, has, isTold, sends } of devices) {
  test(`${who} can be called, and is told`, async () => {
    const host = stage.network.addHost();
    const browser = await stage.browser(host, has);
    const guest = await openPage(browser, ada.node.lanUrl, "Gil");
    await ada.videoCalls(guest.name);
    await guest.accepts();
    await guest.reads(isTold);
    await guest.seesPictureOf("Ada");
    await guest.hears();
    if (sends.picture) await ada.seesPictureOf(guest.name);
    if (sends.sound) await ada.hears();
    const { framesDecoded, audioEnergy } = await ada.received();
    expect({ picture: framesDecoded > 0, sound: audioEnergy > 0.001 }).toEqual(sends);
    await guest.hangsUp();
    await Promise.all([ada.isTold("Call ended"), guest.isTold("Call ended")]);
    await browser.close();
    await ada.seesNoMore(guest.name, 25);
  });
}

test("somebody who allows neither can call, too", async () => {
  const browser = await stage.browser(stage.network.addHost(), { allows: [] });
  const guest = await openPage(browser, ada.node.lanUrl, "Gil");
  await guest.videoCalls("Ada");
  await ada.accepts();
  await guest.reads("Camera and microphone not allowed: you can watch and listen.");
  await guest.seesPictureOf("Ada");
  await guest.hears();
  await ada.hangsUp();
  await Promise.all([ada.isTold("Call ended"), guest.isTold("Call ended")]);
});
