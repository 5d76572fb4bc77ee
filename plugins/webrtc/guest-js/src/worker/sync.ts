/** Lip sync: how long pictures wait for their sound. */

/** Sound this much later than its picture isn't noticed (ITU-R BT.1359: 125 ms is), milliseconds. */
const UNNOTICED = 40;
/** Weight of a new delay against the smallest seen; lets a clock's drift through. */
const FORGET_PER_FRAME = 0.02;

/** From capture to arrival, smallest of late; the two clocks' difference is the same for all slots. */
export class Transit {
  #smallest: number | null = null;

  /** Both microseconds. */
  seen(captured: number, arrival: number): void {
    if (captured === 0) return;
    const transit = (arrival - captured) / 1000;
    if (this.#smallest === null || transit < this.#smallest) this.#smallest = transit;
    else this.#smallest += Math.min(transit - this.#smallest, FORGET_PER_FRAME);
  }

  /** Milliseconds, from an arbitrary origin; nothing before the sender's clock is known. */
  get value(): number | null {
    return this.#smallest;
  }
}

/**
 * Milliseconds by which pictures are to be held, given how long sound waits after it came.
 * Nothing is held for an offset that nobody notices: a call is better prompt than exact.
 */
export function holdFor(sound: Transit, picture: Transit, soundDelay: number): number {
  if (sound.value === null || picture.value === null) return 0;
  const late = sound.value + soundDelay - picture.value;
  return late > UNNOTICED ? late - UNNOTICED / 2 : 0;
}
