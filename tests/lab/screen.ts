/** A screen of a host (Xvfb), and what is really on it: pixels, read over the X11 protocol. */
import type { Host } from "./network.ts";
import { Program } from "./program.ts";
import { halves, words, X11 } from "./x11.ts";

let screens = 0;

/** Starts a screen; programs find it by `DISPLAY`, which is `:` and the number that is returned. */
export async function startScreen(host: Host): Promise<number> {
  const display = ++screens;
  const size = ["-screen", "0", "1280x800x24"];
  // Lock files are the machine's, and name processes that are not seen from another lab.
  const args = [`:${display}`, "-nolock", "-displayfd", "1", ...size, "-nolisten", "tcp"];
  const screen = new Program(host, "screen", "Xvfb", args);
  await screen.out.first("the screen", (text) => text === String(display));
  return display;
}

/** Bytes of a pixel, in the order blue, green, red and nothing. */
export const PIXEL = 4;

/** X11, section 8 and appendix B. */
const GET_IMAGE = 73;
const Z_PIXMAP = 2;
const ALL_PLANES = 0xffffffff;

/** Reads what a screen shows. One request at a time. */
export class Glass {
  readonly #screen: X11;

  private constructor(screen: X11) {
    this.#screen = screen;
  }

  static async of(display: number): Promise<Glass> {
    return new Glass(await X11.to(display));
  }

  /** The pixels of a rectangle, row by row, {@link PIXEL} bytes each. */
  async pixels(x: number, y: number, width: number, height: number): Promise<Buffer> {
    const { root } = this.#screen;
    const body = [words(root), halves(x, y, width, height), words(ALL_PLANES)];
    return (await this.#screen.ask(GET_IMAGE, Z_PIXMAP, Buffer.concat(body))).rest;
  }

  close(): void {
    this.#screen.close();
  }
}
