/** What people share with each other: a page of one bright colour that no camera of the lab shows. */
import type { Browser } from "./browser.ts";

/** The title by which Chromium picks the tab, in place of a person. */
export const SHARED_TITLE = "To be shared";

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

export const SHARED_COLOUR: Colour = [226, 60, 160];

/** The page, in which something moves: a tab that is still gives no pictures. */
const PAGE = `<title>${SHARED_TITLE}</title>
<style>
  body { background: rgb(${SHARED_COLOUR.join()}) }
  i { position: fixed; width: 8px; height: 8px; background: #fff; animation: move 1s infinite }
  @keyframes move { to { left: 90% } }
</style><i></i>`;

/** Opens the page in another tab. */
export async function openSharedPage(browser: Browser): Promise<void> {
  await browser.open(`data:text/html,${encodeURIComponent(PAGE)}`);
}
