/**
 * Maps a track's own clock to the page's: sound and pictures must carry times of one clock, or the
 * remote can't play them together. The smallest delay seen is the one without queueing, so the
 * offset follows that, and drifts up slowly in case the clocks run apart.
 */

/** How much later the offset may become in a second of media: twice what bad crystals do. */
const DRIFT = 2e-4;
/** More than this is no delay but a jump of the track's clock (another source), microseconds. */
const JUMP = 500_000;

export class ClockMap {
  #offset: number | null = null;
  #last = 0;

  /** `time` on the track's clock, seen at `now`; both microseconds. Rises from call to call. */
  map(time: number, now: number): number {
    const delay = now - time;
    if (this.#offset === null || Math.abs(delay - this.#offset) > JUMP) this.#offset = delay;
    else if (delay < this.#offset) this.#offset = delay;
    else this.#offset += Math.min(delay - this.#offset, DRIFT * 20_000);
    this.#last = Math.max(this.#last + 1, time + this.#offset);
    return this.#last;
  }
}
