/** The app's window, driven over WebDriver. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Session } from "./session.ts";
import type { Colour } from "./sharing.ts";

const inWindow = readFileSync(join(import.meta.dirname, "in-window.js"), "utf8");

/** The app's window, as a person sees and uses it. */
export class Window {
  /** Whose window it is. */
  readonly name: string;
  readonly #session: Session;

  constructor(name: string, session: Session) {
    this.name = name;
    this.#session = session;
  }

  async clicks(button: string): Promise<void> {
    await this.#session.click(buttonNamed(button));
  }

  async sees(name: string): Promise<void> {
    const list = `//*[self::ul or self::ol][@aria-label="People nearby"]`;
    const labelled = `//*[self::ul or self::ol][@aria-labelledby=//*[normalize-space()="People nearby"]/@id]`;
    const entry = `//li[contains(normalize-space(), "${name}")]`;
    await this.#session.find(`${list}${entry} | ${labelled}${entry}`);
  }

  async reads(text: string): Promise<void> {
    await this.#session.find(`//body//*[text()[contains(normalize-space(), "${text}")]]`);
  }

  async videoCalls(name: string): Promise<void> {
    await this.clicks(`Video call ${name}`);
  }

  async isRung(): Promise<void> {
    await this.#session.find(buttonNamed("Accept"));
  }

  async accepts(): Promise<void> {
    await this.clicks("Accept");
  }

  async hangsUp(): Promise<void> {
    await this.clicks("Hang up");
  }

  /** Is told how the call ended, and closes that view. */
  async isTold(ending: string): Promise<void> {
    await this.reads(ending);
    await this.clicks("Close");
  }

  /** Pictures of this person come and move. Returns their size, pixels. */
  async seesPictureOf(name: string): Promise<{ width: number; height: number }> {
    return (await this.#inWindow("seesPicture", name)) as { width: number; height: number };
  }

  /** The own camera, in its corner. */
  async seesItself(): Promise<void> {
    await this.#inWindow("seesItself");
  }

  /** What the other shares, in the middle of their picture. */
  async seesColourOf(name: string, colour: Colour): Promise<void> {
    await this.#inWindow("seesColour", name, colour);
  }

  async hears(name: string): Promise<void> {
    await this.#inWindow("hears", name);
  }

  /** No sound comes for a second. */
  async hearsSilenceOf(name: string): Promise<void> {
    await this.#inWindow("hearsSilence", name);
  }

  async reload(): Promise<void> {
    await this.#session.reload();
  }

  /** The value of an expression in the page, which may be a promise. */
  evaluate(expression: string): Promise<unknown> {
    return this.#session.evaluate(expression);
  }

  /** Runs a script in the page. */
  execute(script: string): Promise<unknown> {
    return this.#session.execute(script);
  }

  /** A picture of the page, PNG. */
  screenshot(): Promise<Buffer> {
    return this.#session.screenshot();
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  /** Runs a function of in-window.js to its end. */
  #inWindow(
    what: "seesPicture" | "seesItself" | "seesColour" | "hears" | "hearsSilence",
    ...args: unknown[]
  ): Promise<unknown> {
    const list = args.map((each) => JSON.stringify(each)).join();
    return this.#session.evaluateAsync(`lab.${what}(${list})`, inWindow);
  }
}

function buttonNamed(name: string): string {
  return `//button[@aria-label="${name}" or normalize-space()="${name}"]`;
}
