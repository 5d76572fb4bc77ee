/** The smallest of the values of late: of delays, the one without queueing. */

/** Slots that its time is divided into. */
const SLOTS = 4;

export class RecentMinimum {
  readonly #smallest: number[] = [];
  #slot = -Infinity;
  #length = 0;

  /** `span`: how long a value counts, in the unit of the times. */
  constructor(span: number) {
    this.#length = span / SLOTS;
  }

  /** The smallest with this one, seen at `at`. Times may stand still, and jump. */
  add(value: number, at: number): number {
    const slot = Math.floor(at / this.#length);
    const passed = Math.min(SLOTS, Math.max(0, slot - this.#slot));
    for (let index = 0; index < passed; index++) this.#smallest.unshift(Infinity);
    this.#smallest.length = Math.min(this.#smallest.length, SLOTS);
    this.#slot = Math.max(this.#slot, slot);
    this.#smallest[0] = Math.min(this.#smallest[0] ?? Infinity, value);
    return Math.min(...this.#smallest);
  }
}
