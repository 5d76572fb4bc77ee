/**
 * The real app on a host of the lab: its window on a screen and a session bus of its own, a browser
 * that it can hand calls to, and WebDriver (tauri-driver and WebKitWebDriver) to click in it.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

import { within } from "./deadline.ts";
import type { Host } from "./network.ts";
import { root, temporary } from "./paths.ts";
import { clipPath } from "./pictures.ts";
import { Program } from "./program.ts";

/** The app, built for tests. */
export const appBinary =
  process.env.LANLINE_APP ??
  join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/lanline");

const tauriDriver = process.env.TAURI_DRIVER ?? "tauri-driver";
const DRIVER_PORT = 4444;
/** The key under which WebDriver passes elements (W3C WebDriver, section 12). */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** A person's desktop session: a screen, a session bus, a home directory, and a browser. */
export class Desktop {
  readonly host: Host;
  readonly home: string;
  readonly #env: Record<string, string>;
  readonly #launched: string;
  #tunnel: Server | undefined;
  #browser: Browser | undefined;

  private constructor(host: Host, home: string, env: Record<string, string>, launched: string) {
    this.host = host;
    this.home = home;
    this.#env = env;
    this.#launched = launched;
  }

  /** Logs somebody in. */
  static async start(host: Host, name: string): Promise<Desktop> {
    const home = temporary("home");
    const screen = ["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"];
    const display = new Program(host, "screen", "Xvfb", screen);
    const bus = new Program(host, "bus", "dbus-daemon", [
      "--session",
      "--nofork",
      "--print-address",
    ]);
    const [number, address] = await Promise.all([
      display.out.first("the display's number", (text) => /^\d+$/.test(text)),
      bus.out.first("the bus's address", (text) => text.startsWith("unix:")),
    ]);
    const launched = join(home, "launched");
    const programs = writeBrowser(home, launched);
    const env = {
      HOME: home,
      XDG_DATA_HOME: join(home, "data"),
      XDG_CONFIG_HOME: join(home, "config"),
      XDG_CACHE_HOME: join(home, "cache"),
      XDG_RUNTIME_DIR: temporary("runtime"),
      DISPLAY: `:${number.text}`,
      DBUS_SESSION_BUS_ADDRESS: address.text,
      NO_AT_BRIDGE: "1",
      LANG: "C.UTF-8",
      PATH: `${programs}:${process.env.PATH ?? ""}`,
    };
    const desktop = new Desktop(host, home, env, launched);
    mkdirSync(desktop.dataDir, { recursive: true });
    writeFileSync(join(desktop.dataDir, "settings.json"), JSON.stringify({ version: 1, name }));
    return desktop;
  }

  /** Where the app keeps its node's data. */
  get dataDir(): string {
    return join(this.home, "data/app.lanline.desktop/node");
  }

  /** Starts the app as a person does. */
  launch(): Program {
    return new Program(this.host, "app", appBinary, [], { env: this.#env });
  }

  /** Starts the app so that a test can click in it. */
  async open(): Promise<Window> {
    const port = String(DRIVER_PORT);
    const ports = ["--port", port, "--native-port", String(DRIVER_PORT + 1)];
    new Program(this.host, "tauri-driver", tauriDriver, ports, { env: this.#env });
    const driver = new Driver(await this.#forward(DRIVER_PORT));
    await driver.isUp();
    return Window.open(driver);
  }

  /** The page in the browser that the app has started, once that is up. */
  async handedOverPage(): Promise<Page> {
    const waiting = new Program(this.host, "handed-over", "cat", [this.#launched]);
    const line = await waiting.out.first("a browser to be started", isDevTools, 30);
    const port = Number(/:(\d+)\//.exec(line.text)?.[1]);
    const socket = await this.#forward(port);
    // Playwright connects over TCP only.
    this.#tunnel = createServer((client) => {
      const far = connect(socket);
      client.pipe(far).pipe(client);
      client.on("error", () => far.destroy());
      far.on("error", () => client.destroy());
    });
    const tunnel = this.#tunnel;
    await new Promise<void>((resolve) => tunnel.listen(0, "127.0.0.1", resolve));
    const local = (tunnel.address() as AddressInfo).port;
    this.#browser = await chromium.connectOverCDP(`http://127.0.0.1:${local}`);
    const context = this.#browser.contexts()[0];
    if (!context) throw new Error("a browser without a window");
    context.setDefaultTimeout(20_000);
    return context.pages()[0] ?? (await context.waitForEvent("page"));
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    this.#tunnel?.close();
  }

  /** A Unix socket that leads to a port of this host's loopback. */
  async #forward(port: number): Promise<string> {
    const socket = join(temporary("sockets"), "port");
    const script = join(import.meta.dirname, "forward.mjs");
    const args = [script, socket, "127.0.0.1", String(port)];
    const forwarder = new Program(this.host, `forward-${port}`, process.execPath, args);
    await forwarder.out.first("the forwarder", (text) => text === "ready");
    return socket;
  }
}

/** The app's window, as a person sees and uses it. */
export class Window {
  readonly #driver: Driver;
  readonly #session: string;

  private constructor(driver: Driver, session: string) {
    this.#driver = driver;
    this.#session = session;
  }

  static async open(driver: Driver): Promise<Window> {
    const application = { "tauri:options": { application: appBinary } };
    const capabilities = { alwaysMatch: application };
    const { sessionId } = (await driver.ask("POST", "/session", { capabilities })) as {
      sessionId: string;
    };
    const window = new Window(driver, `/session/${sessionId}`);
    // How long the driver looks for what isn't there yet, milliseconds.
    await window.#ask("POST", "/timeouts", { implicit: 20_000, script: 20_000 });
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

  async isRung(): Promise<void> {
    await this.#find(buttonNamed("Accept"));
  }

  async reload(): Promise<void> {
    await this.#ask("POST", "/refresh", {});
  }

  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<unknown> {
    return this.#ask("POST", "/execute/sync", { script: `return ${expression}`, args: [] });
  }

  /** A picture of the page, PNG. */
  async screenshot(): Promise<Buffer> {
    return Buffer.from((await this.#ask("GET", "/screenshot")) as string, "base64");
  }

  async close(): Promise<void> {
    await this.#ask("DELETE", "");
  }

  async #find(xpath: string): Promise<string> {
    const found = await this.#ask("POST", "/element", { using: "xpath", value: xpath });
    const id = (found as Record<string, string>)[ELEMENT];
    if (id === undefined) throw new Error(`not an element: ${xpath}`);
    return id;
  }

  #ask(method: string, path: string, body?: object): Promise<unknown> {
    return this.#driver.ask(method, this.#session + path, body);
  }
}

/** A WebDriver server behind a Unix socket. */
class Driver {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** It has no way to say that it listens: ask until it answers. */
  async isUp(): Promise<void> {
    const up = async (): Promise<void> => {
      let answers = false;
      while (!answers) {
        answers = await this.ask("GET", "/status").then(
          () => true,
          () => false,
        );
      }
    };
    await within(20, "tauri-driver to answer", up());
  }

  async ask(method: string, path: string, body?: object): Promise<unknown> {
    const text = body && JSON.stringify(body);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = {
        host: `127.0.0.1:${DRIVER_PORT}`,
        ...(text !== undefined && {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(text),
        }),
      };
      const options = { socketPath: this.#socket, method, path, headers };
      request(options, resolve).on("error", reject).end(text);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const { value } = JSON.parse(Buffer.concat(chunks).toString()) as { value: unknown };
    if (response.statusCode !== 200) {
      const error = value as { error?: string; message?: string };
      throw new Error(`${method} ${path}: ${error.error ?? ""} ${error.message ?? ""}`);
    }
    return value;
  }
}

/**
 * Puts a `chromium` into a folder for the PATH: the real one with a fake camera, which says into a
 * pipe where it listens for Playwright.
 */
function writeBrowser(home: string, launched: string): string {
  const folder = join(home, "bin");
  const program = join(folder, "chromium");
  const args = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-component-update",
    "--disable-background-networking",
    `--user-data-dir=${join(home, "chromium")}`,
    "--remote-debugging-port=0",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-video-capture=${clipPath("small card")}`,
  ];
  mkdirSync(folder);
  execFileSync("mkfifo", [launched]);
  writeFileSync(
    program,
    `#!/bin/sh\nexec /usr/bin/chromium ${args.join(" ")} "$@" 2>"${launched}"\n`,
  );
  chmodSync(program, 0o755);
  return folder;
}

function isDevTools(line: string): boolean {
  return line.startsWith("DevTools listening on ws://127.0.0.1:");
}

function buttonNamed(name: string): string {
  return `//button[@aria-label="${name}" or normalize-space()="${name}"]`;
}
