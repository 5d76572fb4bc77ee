/**
 * When a story fails: a picture of each open page beside the logs, and what programs said last, so that a run
 * on somebody else's machine can be understood from what it printed.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { beforeEach, onTestFailed } from "vitest";

import { Browser } from "./browser.ts";
import { logPath } from "./paths.ts";

/** Lines of each log, logs, and characters of a line that are printed. */
const LINES = 12;
const LOGS = 4;
const WIDTH = 240;

beforeEach(() => {
  const began = Date.now();
  onTestFailed(async ({ task }) => {
    const story = task.name.replaceAll(/\W+/g, "-").slice(0, 60);
    for (const [number, page] of Browser.openPages().entries()) {
      const path = logPath(`${story}-${number}.png`);
      // A page that hangs can't be pictured either.
      await page.screenshot({ path, timeout: 2000 }).catch(() => undefined);
    }
    for (const name of lately(began)) {
      const lines = readFileSync(logPath(name), "utf8").trimEnd().split("\n").slice(-LINES);
      const shown = lines.map((line) => `    ${line.slice(0, WIDTH)}`).join("\n");
      console.error(`${task.name}: the end of ${name}\n${shown}`);
    }
  });
});

/** The logs of nodes and apps that were written to since then, the last first. */
function lately(since: number): string[] {
  return readdirSync(logPath(""))
    .filter((name) => /^(?:node|app|webdriver)-/.test(name))
    .map((name) => ({ name, at: statSync(logPath(name)).mtimeMs }))
    .filter(({ at }) => at >= since)
    .sort((a, b) => b.at - a.at)
    .slice(0, LOGS)
    .map(({ name }) => name);
}
