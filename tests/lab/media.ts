/**
 * Proof of media, from the receiving side: what was decoded, what was rendered, what was heard, and
 * over which candidates it came.
 */
import type { Page } from "playwright-core";

import { within } from "./deadline.ts";
import type { Colour } from "./sharing.ts";

declare global {
  interface Window {
    /** What in-page.js leaves in each page. */
    lab: {
      connections: RTCPeerConnection[];
      received(): Promise<Received>;
      more(what: "framesDecoded" | "audioEnergy", amount: number): Promise<void>;
      silence(): Promise<void>;
    };
  }
}

/** What one side has received so far, all its open peer connections together. */
export interface Received {
  framesDecoded: number;
  audioEnergy: number;
  /** Types of the two candidates of each selected pair. */
  pairs: { local: string; remote: string }[];
}

export function received(page: Page): Promise<Received> {
  return page.evaluate(() => window.lab.received());
}

/** Frames of this person's picture are decoded and shown, and they aren't black. */
export async function seesPicture(page: Page, name: string, seconds = 20): Promise<void> {
  const video = page.locator(remotePicture(name));
  const rendered = video.evaluate(async (element) => {
    const shown = element as HTMLVideoElement;
    for (let frames = 0; frames < 5; frames++) {
      await new Promise((resolve) => shown.requestVideoFrameCallback(resolve));
    }
    const canvas = new OffscreenCanvas(32, 18);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("no canvas");
    context.drawImage(shown, 0, 0, 32, 18);
    const { data } = context.getImageData(0, 0, 32, 18);
    return Math.max(...data.filter((_, index) => index % 4 !== 3));
  });
  const brightest = await within(seconds, `frames of ${name} rendered`, rendered);
  if (brightest < 48) throw new Error(`the picture of ${name} is black (${brightest})`);
  await grows(page, "framesDecoded", 5, seconds);
}

/** The middle of this person's picture has a colour, give or take what codecs make of it. */
export async function seesColour(
  page: Page,
  name: string,
  colour: Colour,
  seconds = 20,
): Promise<void> {
  const look = page.locator(remotePicture(name)).evaluate(async (element, colour) => {
    const canvas = new OffscreenCanvas(9, 9);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("no canvas");
    for (;;) {
      await new Promise(requestAnimationFrame);
      context.drawImage(element as HTMLVideoElement, 0, 0, 9, 9);
      const { data } = context.getImageData(4, 4, 1, 1);
      if (colour.every((value, index) => Math.abs(value - (data[index] ?? 0)) < 32)) return;
    }
  }, colour);
  await within(seconds, `what ${name} shares`, look);
}

/** Sound arrives, and it isn't silence. */
export async function hearsSound(page: Page, seconds = 20): Promise<void> {
  // A beep of the fake microphone is worth some 0.02; comfort noise never gets here.
  await grows(page, "audioEnergy", 0.001, seconds);
}

/** No sound has arrived for a second. */
export async function hearsSilence(page: Page, seconds = 20): Promise<void> {
  await within(
    seconds,
    "silence",
    page.evaluate(() => window.lab.silence()),
  );
}

/** The selector of the picture of a remote person. */
export function remotePicture(name: string): string {
  return `video[aria-label=${JSON.stringify(name)}]`;
}

async function grows(
  page: Page,
  what: "framesDecoded" | "audioEnergy",
  amount: number,
  seconds: number,
): Promise<void> {
  await within(
    seconds,
    `more ${what}`,
    page.evaluate(({ what, amount }) => window.lab.more(what, amount), { what, amount }),
  );
}
