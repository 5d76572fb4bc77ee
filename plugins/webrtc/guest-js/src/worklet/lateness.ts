/**
 * How late sound comes, and so how long it has to wait: NetEQ's way (WebRTC, `delay_manager.cc`). A
 * block's lateness is its distance to the earliest one of the last two seconds; the largest of each half
 * second goes into a histogram that forgets, and what all but a few of them were is what to wait for.
 */

/** A slot of time, 500 ms of samples; and how many of them the earliest block is looked for in. */
const SLOT = 24_000;
const SLOTS = 4;
/** Width of the histogram's classes, 5 ms, and their number: up to 1 s. */
const CLASS = 240;
const CLASSES = 200;
/** Weight that is left after a slot: after 5 s a third. */
const KEPT = 0.9;
/**
 * Share of the slots whose lateness is not waited for: one stall in ten seconds is bridged when it comes,
 * two are waited for.
 */
const IGNORED = 0.11;
/**
 * Slots, 1.5 s, after which the histogram begins anew: while a call is set up both machines stumble
 * (300 ms, measured), which says nothing of what comes after.
 */
const SETTLING = 3;
/** A distance that changes by more than that, 2 s, is another stream and not a late block. */
const JUMP = 96_000;

export class Lateness {
  readonly #weights = new Float32Array(CLASSES);
  /** Smallest distance in each of the last slots, this one first. */
  readonly #smallest = new Float64Array(SLOTS).fill(Infinity);
  #slotEnd = SLOT;
  #slots = 0;
  #latest = -1;
  #wait = 0;
  #earliest = Infinity;

  /** Samples that nearly all blocks were late by. */
  get wait(): number {
    return this.#wait;
  }

  /** Distance of the earliest block of late, `clock − at`. */
  get earliest(): number {
    return this.#earliest;
  }

  /** A block whose first sample is number `at` came when `clock` samples had been played. */
  arrived(at: number, clock: number): void {
    const distance = clock - at;
    if (Math.abs(distance - this.#earliest) > JUMP) this.#begin(clock);
    if (clock >= this.#slotEnd) this.#turn(clock);
    this.#smallest[0] = Math.min(this.#smallest[0] ?? Infinity, distance);
    this.#earliest = Math.min(...this.#smallest);
    this.#latest = Math.max(this.#latest, distance - this.#earliest);
  }

  #turn(clock: number): void {
    if (this.#latest >= 0) {
      this.#slots += 1;
      const counted = this.#slots > SETTLING ? this.#slots - SETTLING : this.#slots;
      const kept = counted === 1 ? 0 : Math.min(KEPT, counted / (counted + 1));
      const index = Math.min(CLASSES - 1, Math.floor(this.#latest / CLASS));
      for (let other = 0; other < CLASSES; other++) {
        this.#weights[other] =
          (this.#weights[other] ?? 0) * kept + (other === index ? 1 - kept : 0);
      }
      this.#wait = this.#quantile();
    }
    this.#latest = -1;
    const passed = Math.min(SLOTS, 1 + Math.floor((clock - this.#slotEnd) / SLOT));
    this.#slotEnd = clock + SLOT;
    this.#smallest.copyWithin(passed, 0);
    this.#smallest.fill(Infinity, 0, passed);
  }

  #quantile(): number {
    let all = 0;
    for (const weight of this.#weights) all += weight;
    let above = 0;
    for (let index = CLASSES - 1; index >= 0; index--) {
      above += this.#weights[index] ?? 0;
      if (above > IGNORED * all) return index * CLASS;
    }
    return 0;
  }

  #begin(clock: number): void {
    this.#weights.fill(0);
    this.#smallest.fill(Infinity);
    this.#slotEnd = clock + SLOT;
    this.#slots = 0;
    this.#latest = -1;
    this.#wait = 0;
  }
}
