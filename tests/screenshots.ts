/**
 * Takes the pictures: of a real call for the README (docs/pictures), and of each view in light and
 * dark, wide and narrow, to look at (target/lab/views).
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { Node } from "./lab/node.ts";
import { cache, root } from "./lab/paths.ts";
import { talk } from "./lab/person.ts";
import { drawPortrait } from "./lab/portraits.ts";
import { openSharedPage, SHARED_COLOUR } from "./lab/sharing.ts";
import { Stage } from "./lab/stage.ts";

/** With the others, so many that they can be searched. */
const CLASS = [
  "Amira",
  "Ben",
  "Chiara",
  "Dmitri",
  "Émile",
  "Fatou",
  "Goran",
  "Hana",
  "Ines",
  "王莉",
];

const pictures = join(root, "docs/pictures");
const views = join(cache, "views");
mkdirSync(pictures, { recursive: true });
mkdirSync(views, { recursive: true });

const stage = new Stage();
const studio = stage.network.addHost();
const faces = {
  Maya: await drawPortrait(studio, "maya", {
    skin: "#c98d66",
    shade: "#a96e4c",
    hair: "#2b1b17",
    shirt: "#d9a441",
    wall: ["#4d6a72", "#24383f"],
    lamp: "#ffd9a0",
    hairstyle: "long",
  }),
  Jonas: await drawPortrait(studio, "jonas", {
    skin: "#efc3a2",
    shade: "#d59f7c",
    hair: "#7a4a26",
    shirt: "#2f6f5c",
    wall: ["#d8c7ae", "#a68d70"],
    lamp: "#fff3d6",
    hairstyle: "short",
  }),
};
const jonas = await stage.resident("Jonas", { camera: { file: faces.Jonas } });
const maya = await stage.resident("Maya", { camera: { file: faces.Maya } });
await stage.resident("Meeting room");
await jonas.sees("Maya", "Meeting room");
await maya.sees("Jonas", "Meeting room");

await keep("people", jonas.page);
await maya.videoCalls("Jonas");
await jonas.isRung();
await keep("outgoing", maya.page);
await keep("incoming", jonas.page);
await jonas.accepts();
await talk(jonas, maya);
await jonas.page
  .getByText(/^\d+:\d\d$/)
  .first()
  .waitFor();
await jonas.page.mouse.move(640, 300);
await jonas.page.screenshot({ path: join(pictures, "call.jpg"), quality: 82, type: "jpeg" });
await keep("call", jonas.page);
await maya.button("Devices").click();
await keep("devices", maya.page);
await maya.page.keyboard.press("Escape");
await maya.page.evaluate(hideScreens);
await maya.button("Share screen").click();
await maya.page.getByText("There is no screen to share here").waitFor();
await keep("no-screen", maya.page);
await maya.page.evaluate(showScreens);
await openSharedPage(maya.browser);
await maya.page.bringToFront();
await maya.button("Share screen").click();
await jonas.seesColourOf("Maya", SHARED_COLOUR);
await keep("sharing", maya.page);
await keep("shared", jonas.page);
await maya.page.keyboard.press("m");
// The controls fade over a picture, and what must be known stays.
await maya.page.locator(".in-call.hidden").waitFor();
await keep("muted", maya.page);
await maya.hangsUp();
await jonas.page.getByRole("heading", { name: "Call ended" }).waitFor();
await jonas.button("Close").focus();
await keep("ended", jonas.page);
await jonas.button("Close").click();
const phone = await stage.browser(stage.network.addHost());
const guest = await phone.open(jonas.node.lanUrl);
await guest.getByText("People nearby").waitFor();
await keep("guest", guest);
const desk = stage.network.addHost();
await Promise.all(CLASS.map((name) => Node.start(desk, { name })));
await jonas.sees(...CLASS);
await keep("many", jonas.page);
await stage.close();

/** As on a desktop that has nothing to share screens with. */
function hideScreens(): void {
  navigator.mediaDevices.getDisplayMedia = () =>
    Promise.reject(new DOMException("", "NotFoundError"));
}

function showScreens(): void {
  Reflect.deleteProperty(navigator.mediaDevices, "getDisplayMedia");
}

async function keep(view: string, page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [width, height] of [
      [1280, 720],
      [360, 740],
      // A phone held sideways.
      [800, 320],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await page.screenshot({ path: join(views, `${view}-${colorScheme}-${width}.png`) });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 720 });
}
