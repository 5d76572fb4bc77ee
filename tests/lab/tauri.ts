/**
 * The real app on a host of the lab: its window on a screen and a session bus of its own, a browser
 * that it can hand calls to, and WebDriver (WebKitWebDriver) to click in it.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

import { within } from "./deadline.ts";
import type { Host } from "./network.ts";
import { appBinary, temporary } from "./paths.ts";
import { clipPath } from "./pictures.ts";
import { Program } from "./program.ts";
import { startScreen } from "./screen.ts";
import { type Application, Session } from "./session.ts";
import { Driver, DRIVER_PORT } from "./webdriver.ts";
import { Window } from "./window.ts";

/**
 * What makes a Tauri app's webview open to WebDriver (`tauri-driver` sets no more than this). That driver is done
 * without: it keeps its connections to WebKitWebDriver, which closes them just when the next request goes out.
 */
const AUTOMATION = { TAURI_WEBVIEW_AUTOMATION: "true" };

/** A person's desktop session: a screen, a session bus, a home directory, and a browser. */
export class Desktop {
  readonly host: Host;
  readonly name: string;
  readonly home: string;
  /** The number of its screen. */
  readonly display: number;
  readonly #env: Record<string, string>;
  readonly #launched: string;
  #tunnel: Server | undefined;
  #browser: Browser | undefined;
  #driver: Driver | undefined;

  private constructor(
    host: Host,
    name: string,
    home: string,
    display: number,
    env: Record<string, string>,
    launched: string,
  ) {
    this.host = host;
    this.name = name;
    this.home = home;
    this.display = display;
    this.#env = env;
    this.#launched = launched;
  }

  /** Logs somebody in. `env` is for the app; its camera and microphone are the webview's mock, unless `devices` are real. */
  static async start(
    host: Host,
    name: string,
    options: { env?: Record<string, string>; devices?: "mock" | "real" } = {},
  ): Promise<Desktop> {
    const home = temporary("home");
    const bus = new Program(host, "bus", "dbus-daemon", [
      "--session",
      "--nofork",
      "--print-address",
    ]);
    const [display, address] = await Promise.all([
      startScreen(host),
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
      DISPLAY: `:${display}`,
      DBUS_SESSION_BUS_ADDRESS: address.text,
      NO_AT_BRIDGE: "1",
      LANG: "C.UTF-8",
      ...(options.devices === "real" ? {} : { LANLINE_MOCK_CAPTURE: "1" }),
      PATH: `${programs}:${process.env.PATH ?? ""}`,
      ...options.env,
    };
    const desktop = new Desktop(host, name, home, display, env, launched);
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
    return new Window(this.name, await this.drive({ application: appBinary }));
  }

  /** Starts any program with a webview, to be driven; one at a time. */
  async drive(application: Application): Promise<Session> {
    this.#driver ??= await this.#startDriver();
    return Session.open(this.#driver, application);
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

  /** Kills the process of the window's page, as the kernel does when memory is short. */
  killPage(): void {
    const processes = this.host.run("ip", "netns", "pids", this.host.namespace).split("\n");
    const names = ["-o", "pid=,comm=", "-p", processes.filter(Boolean).join()];
    const pid = /^ *(\d+) WebKitWebProces/m.exec(execFileSync("ps", names, { encoding: "utf8" }));
    process.kill(Number(pid?.[1]), "SIGKILL");
  }

  /** UDP sockets of the app: of its node, and of the calls that its window carries. */
  udpSockets(): number {
    const all = this.host.run("ss", "-Hnuap").split("\n");
    return all.filter((line) => line.includes('"lanline"')).length;
  }

  /** Resolves when it has so many. */
  async hasUdpSockets(number: number): Promise<void> {
    const reached = async (): Promise<void> => {
      while (this.udpSockets() !== number) await new Promise(setImmediate);
    };
    await within(10, `${number} UDP sockets of the app`, reached());
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    this.#tunnel?.close();
  }

  async #startDriver(): Promise<Driver> {
    const port = `--port=${DRIVER_PORT}`;
    const env = { ...this.#env, ...AUTOMATION };
    new Program(this.host, "webdriver", "WebKitWebDriver", [port], { env });
    const driver = new Driver(await this.#forward(DRIVER_PORT));
    await driver.isUp();
    return driver;
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
