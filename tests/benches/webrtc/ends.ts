/**
 * The two ends of a measured call: a host with a screen and a sound server, and on it the app in its window, or Chromium
 * in a window of the same size that shows the page of a node.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Browser } from "../../lab/browser.ts";
import { within } from "../../lab/deadline.ts";
import type { Host, Network } from "../../lab/network.ts";
import { Node } from "../../lab/node.ts";
import { Person } from "../../lab/person.ts";
import { Glass, startScreen } from "../../lab/screen.ts";
import { SoundServer } from "../../lab/sound-server.ts";
import { Desktop } from "../../lab/tauri.ts";

/** What calls: the app, or a browser. */
export type Kind = "app" | "chromium";

/** The size of a camera's pictures. */
export interface Size {
  width: number;
  height: number;
}

/** Pixels of the window's inside, in the app as its configuration says. */
const WINDOW = { width: 960, height: 680 } as const;

/** The cameras of in-page.js need a moment. */
const CAMERA_READY = "window.studio.camera.then(() => true)";

const script = (path: string): string => readFileSync(join(import.meta.dirname, path), "utf8");
const moments = script("../in-page.js");
const lab = script("../../lab/in-page.js");
const studio = script("in-page.js");

/** One end of a call. */
export interface End {
  readonly host: Host;
  readonly glass: Glass;
  /** Sees somebody in the list of people nearby. */
  sees(name: string): Promise<void>;
  videoCalls(name: string): Promise<void>;
  isRung(): Promise<void>;
  accepts(): Promise<void>;
  /** The value of an expression in the page, which may be a promise. */
  evaluate<T>(expression: string): Promise<T>;
  close(): Promise<void>;
}

/** Starts an end on a new host. */
export async function openEnd(
  kind: Kind,
  network: Network,
  name: string,
  size: Size,
): Promise<End> {
  const host = network.addHost();
  const camera = `window.studio = ${JSON.stringify({ ...size, mute: !!process.env.MUTE })}`;
  return kind === "app" ? openApp(host, name, camera) : openChromium(host, name, camera);
}

async function openApp(host: Host, name: string, camera: string): Promise<End> {
  const { env } = await SoundServer.start(host);
  const desktop = await Desktop.start(host, name, { env, devices: "real" });
  const [window, glass] = await Promise.all([desktop.open(), Glass.of(desktop.display)]);
  await window.reads("People nearby");
  for (const text of [lab, camera, studio, moments]) await window.execute(text);
  await window.evaluate(CAMERA_READY);
  return {
    host,
    glass,
    sees: (other) => window.sees(other),
    videoCalls: (other) => window.clicks(`Video call ${other}`),
    isRung: () => window.isRung(),
    accepts: () => window.clicks("Accept"),
    evaluate: <T>(expression: string) => window.evaluate(expression) as Promise<T>,
    close: async () => {
      glass.close();
      await within(10, "the window to close", window.close()).catch(() => undefined);
      await desktop.close();
    },
  };
}

async function openChromium(host: Host, name: string, camera: string): Promise<End> {
  const [display, { env }] = await Promise.all([startScreen(host), SoundServer.start(host)]);
  const [node, browser, glass] = await Promise.all([
    Node.start(host, { name }),
    Browser.chromium(host, { display, viewport: WINDOW, devices: "real", env }),
    Glass.of(display),
  ]);
  for (const content of [camera, studio]) await browser.context.addInitScript({ content });
  const page = await browser.open(node.url);
  await page.evaluate(moments);
  await page.evaluate(CAMERA_READY);
  const person = new Person(page, name);
  return {
    host,
    glass,
    sees: (other) => person.sees(other),
    videoCalls: (other) => person.videoCalls(other),
    isRung: () => person.isRung(),
    accepts: () => person.accepts(),
    evaluate: <T>(expression: string) => page.evaluate<T>(expression),
    close: async () => {
      glass.close();
      await browser.close();
    },
  };
}
