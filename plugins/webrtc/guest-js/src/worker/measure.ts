/** Time, and counts over time. */
import type { Limitation } from '../shared/messages';
import type { Plan } from '../shared/rate';

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

/** What a sender's pictures were limited by, and how long (W3C Statistics, `qualityLimitationDurations`). */
export class Limitations {
  readonly #ms: Record<Limitation, number> = { none: 0, cpu: 0, bandwidth: 0, other: 0 };
  #plan: Pick<Plan, 'limitation' | 'reduction'> | null = null;
  #since = 0;
  /** How often the size changed because of them. */
  changes = 0;

  /** From `at` (milliseconds) on pictures are made after `plan`. */
  are(at: number, plan: Pick<Plan, 'limitation' | 'reduction'>): void {
    if (this.#plan !== null && this.#plan.reduction !== plan.reduction) this.changes += 1;
    this.pause(at);
    this.#plan = plan;
    this.#since = at;
  }

  /** From `at` on there are no pictures. */
  pause(at: number): void {
    if (this.#plan !== null) this.#ms[this.#plan.limitation] += at - this.#since;
    this.#plan = null;
  }

  /** Seconds of each until `at`. */
  seconds(at: number): Record<Limitation, number> {
    const ms = { ...this.#ms };
    if (this.#plan !== null) ms[this.#plan.limitation] += at - this.#since;
    return {
      none: ms.none / 1_000,
      cpu: ms.cpu / 1_000,
      bandwidth: ms.bandwidth / 1_000,
      other: ms.other / 1_000,
    };
  }
}
