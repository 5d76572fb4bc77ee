/** A webview that is asked and clicked in over WebDriver (W3C). */
import type { Driver } from "./webdriver.ts";

/** The key under which WebDriver passes elements (section 12). */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** A program with a webview, and how it is started. */
export interface Application {
  readonly application: string;
  readonly args?: readonly string[];
}

/** A webview that a test uses. */
export class Session {
  readonly #driver: Driver;
  readonly #session: string;

  private constructor(driver: Driver, session: string) {
    this.#driver = driver;
    this.#session = session;
  }

  static async open(driver: Driver, application: Application): Promise<Session> {
    const { application: binary, args = [] } = application;
    const options = { "webkitgtk:browserOptions": { binary, args } };
    const capabilities = { alwaysMatch: options };
    const { sessionId } = (await driver.ask("POST", "/session", { capabilities })) as {
      sessionId: string;
    };
    const session = new Session(driver, `/session/${sessionId}`);
    // How long the driver looks for what isn't there yet, milliseconds.
    await session.ask("POST", "/timeouts", { implicit: 40_000, script: 40_000 });
    return session;
  }

  /** How long a script of {@link evaluateAsync} may take. */
  async scriptTimeout(seconds: number): Promise<void> {
    await this.ask("POST", "/timeouts", { script: seconds * 1000 });
  }

  async goto(url: string): Promise<void> {
    await this.ask("POST", "/url", { url });
  }

  async reload(): Promise<void> {
    await this.ask("POST", "/refresh", {});
  }

  /** The value of an expression in the page, which may be a promise. */
  evaluate(expression: string): Promise<unknown> {
    return this.execute(`return ${expression}`);
  }

  /** Runs a script in the page. */
  execute(script: string): Promise<unknown> {
    return this.ask("POST", "/execute/sync", { script, args: [] });
  }

  /** The value that a promise in the page comes to; its rejection is thrown. `before` is run first. */
  async evaluateAsync(expression: string, before = ""): Promise<unknown> {
    const script = `${before}
      const done = arguments[arguments.length - 1];
      Promise.resolve().then(() => ${expression}).then(
        (value) => done({ value }), (error) => done({ error: String(error) }));`;
    const result = await this.ask("POST", "/execute/async", { script, args: [] });
    const { value, error } = result as { value?: unknown; error?: string };
    if (error !== undefined) throw new Error(error);
    return value;
  }

  /** The one element that an XPath names, once it is there. */
  async find(xpath: string): Promise<string> {
    const find = (): Promise<unknown> =>
      this.ask("POST", "/element", { using: "xpath", value: xpath });
    // Only a page that is loaded anew while it is looked at is looked at again.
    const found = await find().catch((error: unknown) => {
      if (String(error).includes("no such frame")) return find();
      throw error;
    });
    const id = (found as Record<string, string>)[ELEMENT];
    if (id === undefined) throw new Error(`not an element: ${xpath}`);
    return id;
  }

  async click(xpath: string): Promise<void> {
    const id = await this.find(xpath);
    await this.ask("POST", `/element/${id}/click`, {});
  }

  /** A picture of the page, PNG. */
  async screenshot(): Promise<Buffer> {
    return Buffer.from((await this.ask("GET", "/screenshot")) as string, "base64");
  }

  async close(): Promise<void> {
    await this.ask("DELETE", "");
  }

  ask(method: string, path: string, body?: object): Promise<unknown> {
    return this.#driver.ask(method, this.#session + path, body);
  }
}
