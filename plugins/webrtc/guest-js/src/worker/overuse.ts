/**
 * Whether the encoder keeps up with the pictures it is to have, and how often something is given up because it doesn't. Patience
 * and retries are those of libwebrtc's `OveruseFrameDetector`. That measures how long encoding takes; here that would be
 * mostly how long threads wait for each other (at 1280×720 between two apps on two cores 0.9 to 1.4 times as long as pictures
 * are apart, while the encoder took nine of ten), so what is counted is what it had no room for.
 */
import { MAX_STEPS } from '../shared/rate';

/** Milliseconds that are looked at together. */
const WINDOW = 5_000;
/** Share of the pictures without room that is too much: fewer, and evenly, look better. */
const TOO_MUCH = 0.2;
/** Windows of too much, one after the other, before anything is given up. */
const PATIENCE = 2;
/** Milliseconds without a picture, after which counting begins anew. */
const PAUSE = 1_500;
/** Milliseconds from giving something up until it is tried again, at first and at most: each time in vain doubles it. */
const RETRY = 40_000;
const MAX_RETRY = 240_000;
/** Milliseconds between one step up and the next. */
const NEXT = 10_000;

export class Overuse {
  #steps = 0;
  #since = 0;
  #last = -Infinity;
  #count = 0;
  #dropped = 0;
  #over = 0;
  #down = -Infinity;
  #up = -Infinity;
  #retry = RETRY;

  /** How often something was given up and not taken back: what is asked for at 0. */
  get steps(): number {
    return this.#steps;
  }

  /** A picture was to be encoded at `at` (milliseconds), and there was room for it or not. */
  count(at: number, room: boolean): void {
    if (at - this.#last > PAUSE) this.restart(at);
    this.#last = at;
    this.#count += 1;
    if (!room) this.#dropped += 1;
    if (at - this.#since < WINDOW) return;
    const tooMuch = this.#dropped > TOO_MUCH * this.#count;
    this.#begin(at);
    this.#decide(at, tooMuch);
  }

  /** What was counted says nothing of what comes: pictures are of another size, or there were none. */
  restart(at: number): void {
    this.#over = 0;
    this.#begin(at);
  }

  #begin(at: number): void {
    this.#since = at;
    this.#count = 0;
    this.#dropped = 0;
  }

  #decide(at: number, tooMuch: boolean): void {
    this.#over = tooMuch ? this.#over + 1 : 0;
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
    const due = this.#up > this.#down ? this.#up + NEXT : this.#down + this.#retry;
    if (this.#over > 0 || this.#steps === 0 || at < due) return;
    this.#up = at;
    this.#steps -= 1;
  }
}
