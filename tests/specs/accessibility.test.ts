import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { talk } from "../lab/person.ts";
import { openSharedPage, SHARED_COLOUR } from "../lab/sharing.ts";
import { type Resident, Stage } from "../lab/stage.ts";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const stage = new Stage();
let ada: Resident;
let bo: Resident;
beforeAll(async () => {
  [ada, bo] = await Promise.all([stage.resident("Ada"), stage.resident("Bo")]);
});
afterAll(() => stage.close());

test("nothing on any view keeps anybody out, in light and dark, on a desktop and on a small phone held either way", async () => {
  await bo.isHome();
  await ada.sees("Bo");
  await bo.sees("Ada");
  await check("the list of people", ada.page);
  await ada.videoCalls("Bo");
  await bo.isRung();
  await check("a call that goes out", ada.page, "Cancel call");
  await check("a call that comes in", bo.page, "Decline", "Accept");
  await bo.accepts();
  await talk(ada, bo);
  await check("a call", ada.page, "Hang up");
  await openSharedPage(ada.browser);
  await ada.page.bringToFront();
  await ada.button("Share screen").click();
  await bo.seesColourOf("Ada", SHARED_COLOUR);
  await check("a call in which one shares", ada.page);
  await check("a call in which the other shares", bo.page);
  await bo.hangsUp();
  await ada.page.getByRole("heading", { name: "Call ended" }).waitFor();
  await ada.button("Close").focus();
  await check("the end of a call", ada.page, "Call again", "Close");
});

test("a page that nobody else is on tells what to check, for everybody", async () => {
  await ada.button("Close").click();
  await bo.node.stop();
  await ada.seesNoMore("Bo");
  await ada.reads("Looking for people…");
  await check("the empty list", ada.page);
});

/** A phone held sideways is a matter of room, so it is looked at in one theme. */
const looks = [
  { colorScheme: "light", width: 1280, height: 720 },
  { colorScheme: "light", width: 360, height: 640 },
  { colorScheme: "light", width: 800, height: 280 },
  { colorScheme: "dark", width: 1280, height: 720 },
  { colorScheme: "dark", width: 360, height: 640 },
] as const;

/** What is on the page keeps nobody out, and these of its buttons are in sight without scrolling. */
async function check(what: string, page: Page, ...inSight: string[]): Promise<void> {
  for (const { colorScheme, ...size } of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(size);
    // Colours that are on their way from one theme to the other are nobody's.
    await page.waitForFunction(() =>
      document.getAnimations().every(({ playState }) => playState !== "running"),
    );
    await page.evaluate(source);
    const violations = await page.evaluate(async () => {
      const { axe: tool } = window as unknown as { axe: typeof axe };
      const results = await tool.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
      });
      return results.violations.map(({ id, impact, nodes }) => ({
        id,
        impact,
        nodes: nodes.map(({ html, failureSummary }) => `${html}: ${failureSummary ?? ""}`),
      }));
    });
    expect(violations, `${what}, ${colorScheme}, ${size.width} px`).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `${what} is wider than ${size.width} px`).toBeLessThanOrEqual(0);
    for (const name of inSight) {
      const box = await page.getByRole("button", { name, exact: true }).boundingBox();
      if (!box) throw new Error(`${what}: ${name} has no box`);
      const where = `${name}, ${what}, ${size.width}×${size.height}`;
      expect(box.y, where).toBeGreaterThanOrEqual(0);
      expect(box.y + box.height, where).toBeLessThanOrEqual(size.height);
    }
  }
  await page.setViewportSize({ width: 1280, height: 720 });
}
