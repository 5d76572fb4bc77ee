/** Lip sync: how long pictures wait for their sound, and sound for its pictures. */

/**
 * How far apart they may be, milliseconds: a call is better prompt than exact. Half of what must not be
 * exceeded (80 ms), which itself isn't noticed (ITU-R BT.1359: 45 ms of early sound and 125 of late are).
 */
const UNNOTICED = 40;
/** What is left between them where one has to wait. */
const LEFT = 20;
/** Longest that sound waits, milliseconds. */
const MAX_WAIT = 400;
/** Lets a clock's drift through: weight of a new transit against the smallest seen, milliseconds. */
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

/** Milliseconds. */
export interface Waits {
  /** To hold pictures back. */
  readonly pictures: number;
  /** Sound should wait at least so long in its buffer. */
  readonly sound: number;
}

const NONE: Waits = { pictures: 0, sound: 0 };

/**
 * What has to wait for the other, and how long. `soundDelay` is how long sound that is on time waits after it
 * came; `pictureDelay` how long a picture takes to be decoded. Of the two waits one at most is more than
 * nothing.
 */
export function waits(
  sound: Transit,
  picture: Transit,
  soundDelay: number,
  pictureDelay: number,
): Waits {
  if (sound.value === null || picture.value === null) return NONE;
  const apart = picture.value + pictureDelay - sound.value;
  const late = soundDelay - apart;
  if (late > UNNOTICED) return { pictures: late - LEFT, sound: 0 };
  // Independent of how long it waits now, so that it does not go up and down.
  if (apart > UNNOTICED) return { pictures: 0, sound: Math.min(MAX_WAIT, apart - LEFT) };
  return NONE;
}
