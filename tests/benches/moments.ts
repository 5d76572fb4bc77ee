/** When things happen in a page: see in-page.js. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";

import { within } from "../lab/deadline.ts";

declare global {
  interface Window {
    moments: { forget(): void; next(what: string): Promise<number> };
  }
}

const script = readFileSync(join(import.meta.dirname, "in-page.js"), "utf8");

export class Moments {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async of(page: Page): Promise<Moments> {
    await page.evaluate(script);
    return new Moments(page);
  }

  forget(): Promise<void> {
    return this.#page.evaluate(() => {
      window.moments.forget();
    });
  }

  /** Milliseconds since the Unix epoch. */
  next(what: string, seconds = 20): Promise<number> {
    const coming = this.#page.evaluate((what) => window.moments.next(what), what);
    return within(seconds, what, coming);
  }
}
