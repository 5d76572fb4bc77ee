/** The clock that in-page.js draws into the pictures of a camera, read off a screen. */
import { PIXEL } from "../../lab/screen.ts";

/** Bits of the time, and those that check them. */
const BITS = 24;
/** Where the cells are, in parts of the picture's width, from its left edge. */
const CELL = 1 / 40;
const LEFT = 8;
/** Milliseconds of a tick, and until the clock starts again. */
const TICK = 1 / 4;
const ROUND = 65_536 * TICK;
/** Black and white differ by at least this much, of 255. */
const CONTRAST = 60;

/** A part of a screen, pixels. */
export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where a picture's clock is on a screen, pixels. */
export interface Placement {
  /** The picture's left edge and its width; it may be cropped. */
  left: number;
  width: number;
  /** A line of pixels through the clock. */
  line: number;
}

/** Where the clock of a picture is that fills a rectangle, its sides cropped. */
export function placed({ x, y, width, height }: Rectangle, aspect = 16 / 9): Placement {
  const whole = Math.max(width, height * aspect);
  // Its cells begin a quarter of a cell above the middle.
  const line = Math.round(y + height / 2 + (CELL * whole) / 4);
  return { left: x + (width - whole) / 2, width: whole, line };
}

/**
 * When the picture was made, milliseconds since the Unix epoch; nothing where there is no clock.
 * `pixels` are those of the whole line, from the screen's left edge.
 */
export function readClock(pixels: Buffer, placement: Placement, now: number): number | null {
  const cell = CELL * placement.width;
  const first = placement.left + (LEFT + 0.5) * cell;
  const levels: number[] = [];
  for (let bit = 0; bit < BITS; bit++) {
    levels.push(pixels[Math.floor(first + bit * cell) * PIXEL + 1] ?? 0);
  }
  const [darkest, brightest] = [Math.min(...levels), Math.max(...levels)];
  if (brightest - darkest < CONTRAST) return null;
  const limit = (darkest + brightest) / 2;
  const bits = levels.reduce((sum, level) => sum * 2 + (level > limit ? 1 : 0), 0);
  const time = bits >> 8;
  if ((time * 37 + (time >> 8) * 11 + 90) % 256 !== (bits & 255)) return null;
  const age = (((now - time * TICK) % ROUND) + ROUND) % ROUND;
  // "In the future": clocks of two programs differ by a tick.
  return age > ROUND / 2 ? now - age + ROUND : now - age;
}
