/** Keeps a picture of each open page when a story fails, beside the logs. */
import { beforeEach, onTestFailed } from "vitest";

import { Browser } from "./browser.ts";
import { logPath } from "./paths.ts";

beforeEach(() => {
  onTestFailed(async ({ task }) => {
    const story = task.name.replaceAll(/\W+/g, "-").slice(0, 60);
    for (const [number, page] of Browser.openPages().entries()) {
      const path = logPath(`${story}-${number}.png`);
      // A page that hangs can't be pictured either.
      await page.screenshot({ path, timeout: 2000 }).catch(() => undefined);
    }
  });
});
