/** Time, and counts over time. */

/** Milliseconds on the clock that all the engine's media times are of. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Frames in the last second. */
export class FrameRate {
  readonly #times: number[] = [];

  count(at: number): void {
    this.#times.push(at);
    this.#forget(at);
  }

  at(time: number): number {
    this.#forget(time);
    return this.#times.length;
  }

  #forget(at: number): void {
    while (this.#times[0] !== undefined && this.#times[0] <= at - 1000) this.#times.shift();
  }
}

/** A picture that stands longer than it should (W3C Statistics, `freezeCount`). */
export class Freezes {
  #last: number | null = null;
  #average = 33;
  count = 0;
  /** Milliseconds. */
  total = 0;

  /** A picture is shown at `at` (milliseconds). */
  shown(at: number): void {
    if (this.#last !== null) {
      const gap = at - this.#last;
      if (gap > Math.max(3 * this.#average, this.#average + 150)) {
        this.count += 1;
        this.total += gap;
      } else {
        this.#average += (gap - this.#average) / 30;
      }
    }
    this.#last = at;
  }

  /** The sender stopped on purpose. */
  pause(): void {
    this.#last = null;
  }
}
