/** Browsers on hosts of the lab, with a camera that shows real pictures and a microphone that beeps. */
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type BrowserContext,
  chromium,
  firefox,
  type LaunchOptions,
  type Page,
} from "playwright-core";

import type { Host } from "./network.ts";
import { logPath, temporary } from "./paths.ts";
import { type Clip, clipPath } from "./pictures.ts";
import { SHARED_TITLE } from "./sharing.ts";

export interface BrowserOptions {
  /** What the device has; "real": what its host has, a sound server for one. */
  devices?: "camera and microphone" | "microphone" | "none" | "real";
  /** For the browser's process. */
  env?: Record<string, string>;
  /** What the camera shows: one of the clips, or any Y4M file. */
  camera?: Clip | { file: string };
  /** What the person has allowed the page: both by default. */
  allows?: ("camera" | "microphone")[];
  colorScheme?: "light" | "dark";
  locale?: string;
  viewport?: { width: number; height: number };
  /** The number of the screen to open a window on; without one it is headless. */
  display?: number;
}

/** A browser of a person's own: its profile is new, and its windows belong to one host. */
export class Browser {
  static readonly #open = new Set<Browser>();
  readonly host: Host;
  readonly context: BrowserContext;

  private constructor(host: Host, context: BrowserContext) {
    this.host = host;
    this.context = context;
    Browser.#open.add(this);
  }

  static async chromium(host: Host, options: BrowserOptions = {}): Promise<Browser> {
    const { camera = "small card", devices = "camera and microphone" } = options;
    const args = [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-component-update",
      "--disable-background-networking",
      "--autoplay-policy=no-user-gesture-required",
      `--auto-select-tab-capture-source-by-title=${SHARED_TITLE}`,
    ];
    if (devices === "camera and microphone") {
      args.push("--use-fake-device-for-media-stream");
      const file = typeof camera === "string" ? clipPath(camera) : camera.file;
      args.push(`--use-file-for-fake-video-capture=${file}`);
    } else if (devices === "microphone") {
      args.push("--use-fake-device-for-media-stream=device-count=0");
    }
    const launch = onHost(host, "browser-on-host.sh", "/usr/bin/chromium", options.display);
    const context = await chromium.launchPersistentContext(temporary("chromium"), {
      ...launch,
      env: { ...launch.env, ...options.env },
      ...page(options),
      args,
    });
    // Whatever is not granted is denied, without a prompt. Chromium takes no empty list for "deny all".
    await context.grantPermissions([
      "local-fonts",
      ...(options.allows ?? ["camera", "microphone"]),
    ]);
    return Browser.#prepared(host, context);
  }

  static async firefox(host: Host, options: BrowserOptions = {}): Promise<Browser> {
    const profile = temporary("firefox");
    const launch = onHost(host, "firefox-on-host.mjs", "/usr/bin/firefox-esr");
    const context = await firefox.launchPersistentContext(profile, {
      ...launch,
      ...page(options),
      // Firefox knows no such override over WebDriver BiDi.
      colorScheme: null,
      channel: "moz-firefox",
      env: { ...launch.env, HOME: profile },
      firefoxUserPrefs: {
        "media.navigator.streams.fake": true,
        "media.navigator.permission.disabled": true,
        // 2: denied, without a prompt.
        "permissions.default.desktop-notification": 2,
        "media.autoplay.default": 0,
        "media.autoplay.blocking_policy": 0,
      },
    });
    return Browser.#prepared(host, context);
  }

  /** The pages of all browsers that are open. */
  static openPages(): Page[] {
    return [...Browser.#open].flatMap((browser) => browser.context.pages());
  }

  /** Opens a page in a new tab. */
  async open(url: string): Promise<Page> {
    const page = await this.context.newPage();
    mkdirSync(logPath(""), { recursive: true });
    const log = (text: string): void => {
      appendFileSync(logPath(`page-${this.host.namespace}.log`), `${url} ${text}\n`);
    };
    page.on("console", (message) => {
      log(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => {
      log(`error: ${error.stack ?? error.message}`);
    });
    await page.goto(url);
    return page;
  }

  async close(): Promise<void> {
    Browser.#open.delete(this);
    await this.context.close();
  }

  static async #prepared(host: Host, context: BrowserContext): Promise<Browser> {
    context.setDefaultTimeout(15_000);
    await context.addInitScript({ path: join(import.meta.dirname, "in-page.js") });
    return new Browser(host, context);
  }
}

function page(options: BrowserOptions): {
  ignoreHTTPSErrors: boolean;
  locale: string;
  colorScheme: "light" | "dark";
  viewport: { width: number; height: number };
} {
  return {
    // A guest clicks the warning about the node's own certificate away.
    ignoreHTTPSErrors: true,
    locale: options.locale ?? "en-GB",
    colorScheme: options.colorScheme ?? "light",
    viewport: options.viewport ?? { width: 1280, height: 720 },
  };
}

function onHost(
  host: Host,
  wrapper: string,
  browser: string,
  display?: number,
): LaunchOptions & { env: Record<string, string> } {
  return {
    executablePath: join(import.meta.dirname, wrapper),
    headless: display === undefined,
    env: {
      ...(process.env as Record<string, string>),
      ...(display !== undefined && { DISPLAY: `:${display}` }),
      LAB_NAMESPACE: host.namespace,
      LAB_BROWSER: browser,
      LAB_SOCKETS: temporary("sockets"),
      DBUS_SESSION_BUS_ADDRESS: "disabled:",
      DBUS_SYSTEM_BUS_ADDRESS: "disabled:",
    },
  };
}
