/** What was seen on the screens of a call's two ends: which pictures, and when they were made. */
import { now, within } from "../../lab/deadline.ts";
import { PIXEL } from "../../lab/screen.ts";
import type { End } from "./ends.ts";
import { type Placement, placed, readClock } from "./stamp.ts";

/** Milliseconds between two looks at the screens. */
const EVERY = 2;
/** Milliseconds that a first picture is old at most. */
const OLDEST = 1000;
/** Milliseconds by which readings of one picture may differ, and after which the second picture is made at the latest. */
const TICK = 1;
const NEXT = 400;
/** Pixels that are read of a line. */
const LINE = 1000;

/** Pictures that were seen on a screen. */
export interface Seen {
  /** From its making to its showing of each, milliseconds. */
  ages: number[];
  /** Pictures a second. */
  rate: number;
}

/** Looks at a screen. */
export class Watch {
  readonly #end: End;
  readonly #placements: Placement[];

  private constructor(end: End, placements: Placement[]) {
    this.#end = end;
    this.#placements = placements;
  }

  /** For an end whose remote picture fills its window. */
  static async of(end: End): Promise<Watch> {
    const inside = await insideOf(end);
    return new Watch(end, [placed(inside), placed(inside, 2)]);
  }

  /** When the picture that is shown was made, milliseconds since the Unix epoch. */
  async look(): Promise<number | null> {
    const lines = new Map<number, Buffer>();
    for (const placement of this.#placements) {
      const { line } = placement;
      const pixels = lines.get(line) ?? (await this.#end.glass.pixels(0, line, LINE, 1));
      lines.set(line, pixels);
      const made = readClock(pixels, placement, now());
      if (made !== null) return made;
    }
    return null;
  }

  /** When the first picture of the other was on the screen. */
  async first(): Promise<number> {
    let first = null as { made: number; at: number } | null;
    for (;;) {
      const made = await this.look();
      const at = now();
      // Before it is the own camera's, mirrored: of its clocks, read backwards, every 256th could be one, but hardly
      // one and the next.
      if (made !== null && at - made < OLDEST && made !== first?.made) {
        const passed = made - (first?.made ?? Infinity);
        if (first && passed > TICK && passed < NEXT) return first.at;
        if (!first || passed >= NEXT || passed < -TICK) first = { made, at };
      }
      await pause();
    }
  }
}

/** Looks at several screens for so many seconds. */
export async function watch(watches: readonly Watch[], seconds: number): Promise<Seen[]> {
  const pictures = watches.map(() => new Map<number, number>());
  const until = now() + seconds * 1000;
  while (now() < until) {
    for (const [index, each] of watches.entries()) {
      const made = await each.look();
      const seen = pictures[index];
      if (made === null || !seen) continue;
      const key = Math.round(made * 4);
      // The last digit may be rounded either way.
      const known = [key - 1, key, key + 1].some((near) => seen.has(near));
      if (!known) seen.set(key, now() - made);
    }
    await pause();
  }
  return pictures.map((seen) => {
    // The first may have been there for long.
    const ages = [...seen.values()].slice(1);
    return { ages, rate: ages.length / seconds };
  });
}

/** Where the inside of a window is on its screen: it is coloured for a moment. */
async function insideOf(
  end: End,
): Promise<{ x: number; y: number; width: number; height: number }> {
  const size = await end.evaluate<{ width: number; height: number }>(
    `(() => {
      const cover = document.createElement("div");
      cover.id = "cover";
      cover.style.cssText = "position:fixed;inset:0;z-index:999;background:#f0f";
      document.body.append(cover);
      return { width: innerWidth, height: innerHeight };
    })()`,
  );
  const corner = async (): Promise<{ x: number; y: number }> => {
    for (;;) {
      const screen = await end.glass.pixels(0, 0, 1280, 800);
      for (let at = 0; at < screen.length; at += PIXEL) {
        if (screen[at] !== 255 || screen[at + 1] !== 0 || screen[at + 2] !== 255) continue;
        return { x: (at / PIXEL) % 1280, y: Math.floor(at / PIXEL / 1280) };
      }
      await pause();
    }
  };
  const { x, y } = await within(20, "the window to be seen", corner());
  await end.evaluate(`document.getElementById("cover").remove()`);
  return { x, y, ...size };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, EVERY));
}
