/**
 * Lets few more pictures into a player than it shows. WebKit's player takes some nine and then drops: where painting
 * is slower than pictures come, each is that much older when it is seen. At 1280×720 on a machine that painted 14 of
 * 30 a second they were 0.9 s old, 0.7 s of it spent there.
 */
import { now } from '../shared/now';

/**
 * Pictures that may be in the player. The answer that one was shown comes over the thread that paints, a picture late:
 * with two that thread had nothing to do meanwhile, and showed a sixth less.
 */
const MAX_AHEAD = 3;
/**
 * And in one that shows fewer than ten a second, each of which is a tenth of a second of age and more. On one core that
 * showed five, pictures were 550 to 605 ms old with two and 700 to 765 with three.
 */
const MAX_AHEAD_OF_SLOW = 2;
/** Milliseconds that a picture of such a player takes. */
const SLOW = 100;
/** Pictures over which that is averaged. */
const SLOW_OVER = 8;
/** While a picture waits the page is asked again after so many milliseconds. */
const ASK_AGAIN = 5;
/** A player that has shown nothing for so many milliseconds is given one more: it stands still, or it lost what it had. */
const PROBE_AFTER = 300;
/** And after so many the next, where not even that one was shown. */
const PROBE_AGAIN_AFTER = 3_000;

export class Backlog {
  #given = 0;
  /** Pictures that the player has shown. Nothing: none shows this track, or it can't tell. */
  #total: number | null = null;
  /** By how many the player's count is ahead of ours when it has shown all. */
  #offset = 0;
  #changed = 0;
  /** Milliseconds that each picture takes. */
  #each = 0;
  /** When it was given one more than it may have, if it still has as many. */
  #probed = 0;
  #next: VideoFrame | null = null;
  #asked = false;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /**
   * `give`: false if the picture could not be taken. `ask`: the page is to tell how many pictures were shown; the answer
   * goes to `told`.
   */
  constructor(
    private readonly give: (frame: VideoFrame) => boolean,
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
    if (total !== this.#total) {
      const at = now();
      if (total !== null && this.#total !== null && total > this.#total) {
        const each = (at - this.#changed) / (total - this.#total);
        this.#each += (each - this.#each) / SLOW_OVER;
      }
      this.#changed = at;
    }
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
    if (this.#ahead < (this.#each > SLOW ? MAX_AHEAD_OF_SLOW : MAX_AHEAD)) {
      this.#probed = 0;
    } else if (!this.#mayProbe()) {
      this.#askSoon();
      return;
    }
    this.#next = null;
    if (this.give(frame)) this.#given += 1;
    this.#askNow();
  }

  /**
   * Whether a player that has all it may have gets one more. One that only stood still goes on with what it had: were
   * that taken for lost, it would be as much behind from then on. One that shows the one more and then nothing has lost
   * the others.
   */
  #mayProbe(): boolean {
    const at = now();
    // A page that does not answer stands still itself.
    if (this.#asked) return false;
    if (this.#probed > this.#changed) {
      if (at - this.#probed < PROBE_AGAIN_AFTER) return false;
    } else {
      if (at - this.#changed < PROBE_AFTER) return false;
      if (this.#probed > 0) this.#offset = (this.#total ?? 0) - this.#given;
    }
    this.#probed = at;
    return true;
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
