/**
 * Lets few more pictures into a player than it shows. WebKit's player takes some nine and then drops: where painting
 * is slower than pictures come, each is that much older when it is seen. At 1280×720 on a machine that painted 14 of
 * 30 a second they were 0.9 s old, 0.7 s of it spent there.
 */
import { now } from './measure';
import type { PictureSink } from './video-receiver';

/**
 * Pictures that may be in the player. The answer that one was shown comes over the thread that paints, a picture late:
 * with two that thread had nothing to do meanwhile, and showed a sixth less.
 */
const MAX_AHEAD = 3;
/** While a picture waits the page is asked again after so many milliseconds. */
const ASK_AGAIN = 5;
/** A player that has shown nothing for so many milliseconds has lost what it was given. */
const LOST_AFTER = 300;

export class Backlog {
  #given = 0;
  /** Pictures that the player has shown. Nothing: none shows this track, or it can't tell. */
  #total: number | null = null;
  /** By how many the player's count is ahead of ours when it has shown all. */
  #offset = 0;
  #changed = 0;
  #next: VideoFrame | null = null;
  #asked = false;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `ask`: the page is to tell how many pictures were shown; the answer goes to `told`. */
  constructor(
    private readonly give: PictureSink,
    private readonly ask: () => void,
  ) {}

  put(frame: VideoFrame): void {
    if (this.#closed) {
      frame.close();
      return;
    }
    this.#next?.close();
    this.#next = frame;
    this.#go();
  }

  told(total: number | null): void {
    this.#asked = false;
    if (total === null || this.#total === null || total < this.#total) {
      // Another player, or none.
      this.#offset = (total ?? 0) - this.#given;
    } else {
      // It can't have shown more than it was given.
      this.#offset = Math.max(this.#offset, total - this.#given);
    }
    if (total !== this.#total) this.#changed = now();
    this.#total = total;
    this.#go();
  }

  close(): void {
    this.#closed = true;
    this.#next?.close();
    this.#next = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  get #ahead(): number {
    return this.#total === null ? 0 : this.#given - (this.#total - this.#offset);
  }

  #go(): void {
    const frame = this.#next;
    if (!frame) return;
    if (this.#ahead >= MAX_AHEAD) {
      if (now() - this.#changed < LOST_AFTER) {
        this.#askSoon();
        return;
      }
      this.#offset = (this.#total ?? 0) - this.#given;
      this.#changed = now();
    }
    this.#next = null;
    this.#given += 1;
    this.give(frame);
    this.#askNow();
  }

  #askSoon(): void {
    if (this.#asked || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#askNow();
    }, ASK_AGAIN);
  }

  #askNow(): void {
    if (this.#asked || this.#closed) return;
    this.#asked = true;
    this.ask();
  }
}
