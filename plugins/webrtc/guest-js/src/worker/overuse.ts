/**
 * Whether the machine keeps up with the pictures that are to be encoded, and how much is given up when it doesn't: what
 * libwebrtc's `OveruseFrameDetector` does, and its figures.
 *
 * Counted is the time from a picture's being given to the encoder until it comes out. So it grows with all that the machine
 * has to do, and that is meant: a call is not alone on it.
 */

/** Milliseconds that are looked at together. */
const WINDOW = 5_000;
/** Share of the time between two pictures that encoding takes when it is too much, and below which there is room for more. */
const BOUNDS = { tooMuch: 0.85, little: 0.42 };
/** The same of an encoder that gives a picture when it has the next, as those of GPUs may. Others come there when they are behind. */
const BOUNDS_OF_KEEPER = { tooMuch: 2, little: 1.5 };
/** Share of the pictures that such an encoder keeps back. */
const KEPT = 0.9;
/** Windows of too much, one after the other, before anything is given up. */
const PATIENCE = 2;
/** Pictures are not waited for longer than this many times as long as they should take to come: a slow camera is no rest. */
const SLOW_CAMERA = 1.35;
/** Fewest pictures a second that encoding is measured by. */
const MIN_FRAMERATE = 7;
/** Milliseconds without a picture, after which measuring begins anew. */
const PAUSE = 1_500;
/** Milliseconds from giving something up until it is tried again, at first and at most: each time in vain doubles it. */
const RETRY = 40_000;
const MAX_RETRY = 240_000;
/** Milliseconds between one step up and the next. */
const NEXT = 10_000;

/** How often something can be given up. */
export const MAX_STEPS = 4;

export class Overuse {
  #steps = 0;
  #since = 0;
  #last = -Infinity;
  #count = 0;
  #took = 0;
  #kept = 0;
  #over = 0;
  #down = -Infinity;
  #up = -Infinity;
  #retry = RETRY;

  /** How often something was given up and not taken back: what is asked for at 0. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * A picture was given to the encoder at `at` and took `took` to come out (milliseconds), when `framerate` of them a second
   * were to be encoded. `kept`: the next had been given by then.
   */
  encoded(at: number, took: number, framerate: number, kept: boolean): void {
    if (at - this.#last > PAUSE) this.restart(at);
    this.#last = at;
    this.#count += 1;
    this.#took += took;
    if (kept) this.#kept += 1;
    const passed = at - this.#since;
    if (passed < WINDOW) return;
    const due = 1_000 / Math.max(MIN_FRAMERATE, framerate);
    const between = Math.min(passed / this.#count, SLOW_CAMERA * due);
    const usage = this.#took / this.#count / between;
    const bounds = this.#kept > KEPT * this.#count ? BOUNDS_OF_KEEPER : BOUNDS;
    this.#begin(at);
    this.#decide(at, usage, bounds);
  }

  /** What was measured says nothing of what comes: pictures are of another size, or there were none. */
  restart(at: number): void {
    this.#over = 0;
    this.#begin(at);
  }

  #begin(at: number): void {
    this.#since = at;
    this.#count = 0;
    this.#took = 0;
    this.#kept = 0;
  }

  #decide(at: number, usage: number, { tooMuch, little }: typeof BOUNDS): void {
    this.#over = usage >= tooMuch ? this.#over + 1 : 0;
    if (this.#over >= PATIENCE) {
      this.#over = 0;
      if (this.#up > this.#down) {
        const held = at - this.#up >= RETRY;
        this.#retry = held ? RETRY : Math.min(2 * this.#retry, MAX_RETRY);
      }
      this.#down = at;
      this.#steps = Math.min(this.#steps + 1, MAX_STEPS);
      return;
    }
    const since = Math.max(this.#up + NEXT, this.#down + (this.#up > this.#down ? 0 : this.#retry));
    if (usage >= little || this.#steps === 0 || at < since) return;
    this.#up = at;
    this.#steps -= 1;
  }
}
