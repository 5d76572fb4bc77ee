/**
 * Maps a track's own clock to the page's: sound and pictures must carry times of one clock, or the
 * remote can't play them together. The smallest delay of late is the one without queueing, and says how
 * far the two clocks are apart.
 *
 * Between two corrections times keep the distances they were captured with, exactly: a block of sound
 * whose RTP time is a single sample more than where the one before it ended is taken for one after a
 * hole, and Chromium makes sound up for it (5 % of all sound, measured).
 */
import { RecentMinimum } from './minimum';

/** How long a delay counts, microseconds. */
const RECENT = 2_000_000;
/** By how much the clocks may be thought too far apart, or too near, microseconds: a block of sound. */
const TOLERATED = 20_000;

export class ClockMap {
  readonly #delays = new RecentMinimum(RECENT);
  #offset: number | null = null;
  #end = -Infinity;

  /**
   * When what begins at `time` on the track's clock, lasts for `duration` and is seen at `now` was captured;
   * nothing if that was before the end of what came before, and so has been sent already. All microseconds.
   */
  map(time: number, now: number, duration = 1): number | null {
    const delay = this.#delays.add(now - time, now);
    if (this.#offset === null || Math.abs(delay - this.#offset) > TOLERATED) this.#offset = delay;
    const mapped = Math.round(time + this.#offset);
    if (mapped < this.#end) return null;
    this.#end = mapped + duration;
    return mapped;
  }
}
