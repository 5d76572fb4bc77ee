/** The app's window, driven over WebDriver. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { appBinary } from "./paths.ts";
import type { Driver } from "./webdriver.ts";

/** The key under which WebDriver passes elements (W3C WebDriver, section 12). */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const inWindow = readFileSync(join(import.meta.dirname, "in-window.js"), "utf8");

interface Result {
  value?: unknown;
  error?: string;
}

/** The app's window, as a person sees and uses it. */
export class Window {
  /** Whose window it is. */
  readonly name: string;
  readonly #driver: Driver;
  readonly #session: string;

  private constructor(name: string, driver: Driver, session: string) {
    this.name = name;
    this.#driver = driver;
    this.#session = session;
  }

  static async open(name: string, driver: Driver): Promise<Window> {
    const application = { "tauri:options": { application: appBinary } };
    const capabilities = { alwaysMatch: application };
    const { sessionId } = (await driver.ask("POST", "/session", { capabilities })) as {
      sessionId: string;
    };
    const window = new Window(name, driver, `/session/${sessionId}`);
    // How long the driver looks for what isn't there yet, milliseconds.
    await window.#ask("POST", "/timeouts", { implicit: 40_000, script: 40_000 });
    return window;
  }

  async clicks(button: string): Promise<void> {
    const id = await this.#find(buttonNamed(button));
    await this.#ask("POST", `/element/${id}/click`, {});
  }

  async sees(name: string): Promise<void> {
    const list = `//*[self::ul or self::ol][@aria-label="People nearby"]`;
    const labelled = `//*[self::ul or self::ol][@aria-labelledby=//*[normalize-space()="People nearby"]/@id]`;
    const entry = `//li[contains(normalize-space(), "${name}")]`;
    await this.#find(`${list}${entry} | ${labelled}${entry}`);
  }

  async reads(text: string): Promise<void> {
    await this.#find(`//body//*[text()[contains(normalize-space(), "${text}")]]`);
  }

  async videoCalls(name: string): Promise<void> {
    await this.clicks(`Video call ${name}`);
  }

  async isRung(): Promise<void> {
    await this.#find(buttonNamed("Accept"));
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

  async hears(name: string): Promise<void> {
    await this.#inWindow("hears", name);
  }

  /** No sound comes for a second. */
  async hearsSilenceOf(name: string): Promise<void> {
    await this.#inWindow("hearsSilence", name);
  }

  async reload(): Promise<void> {
    await this.#ask("POST", "/refresh", {});
  }

  /** The value of an expression in the page, which may be a promise. */
  evaluate(expression: string): Promise<unknown> {
    return this.execute(`return ${expression}`);
  }

  /** Runs a script in the page. */
  execute(script: string): Promise<unknown> {
    return this.#ask("POST", "/execute/sync", { script, args: [] });
  }

  /** A picture of the page, PNG. */
  async screenshot(): Promise<Buffer> {
    return Buffer.from((await this.#ask("GET", "/screenshot")) as string, "base64");
  }

  async close(): Promise<void> {
    await this.#ask("DELETE", "");
  }

  /** Runs a function of in-window.js to its end. */
  async #inWindow(what: "seesPicture" | "hears" | "hearsSilence", name: string): Promise<unknown> {
    const run = `
      const [what, name, done] = arguments;
      lab[what](name).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const script = `${inWindow}${run}`;
    const body = { script, args: [what, name] };
    const result = (await this.#ask("POST", "/execute/async", body)) as Result;
    if (result.error !== undefined) throw new Error(`${what} ${name}: ${result.error}`);
    return result.value;
  }

  async #find(xpath: string): Promise<string> {
    const find = (): Promise<unknown> =>
      this.#ask("POST", "/element", { using: "xpath", value: xpath });
    // Only a page that is loaded anew while it is looked at is looked at again.
    const found = await find().catch((error: unknown) => {
      if (String(error).includes("no such frame")) return find();
      throw error;
    });
    const id = (found as Record<string, string>)[ELEMENT];
    if (id === undefined) throw new Error(`not an element: ${xpath}`);
    return id;
  }

  #ask(method: string, path: string, body?: object): Promise<unknown> {
    return this.#driver.ask(method, this.#session + path, body);
  }
}

function buttonNamed(name: string): string {
  return `//button[@aria-label="${name}" or normalize-space()="${name}"]`;
}
