/** Lip sync: how long pictures wait for their sound, and sound for its pictures. */
import { RecentMinimum } from '../shared/minimum';

/**
 * How far apart they may be, milliseconds: a call is better prompt than exact. 80 must not be exceeded;
 * noticed are 45 of early sound and 125 of late (ITU-R BT.1359). Painting a picture takes time that is not known
 * here, so sound is less late than this, and more early.
 */
const LATE_SOUND = 75;
const EARLY_SOUND = 40;
/** What is left of early sound where it has to wait. */
const LEFT_EARLY = 20;
/** Longest that sound waits for its pictures, and either because the page wants it, milliseconds. */
export const MAX_WAIT = 400;
/** How long a transit counts, milliseconds. */
const RECENT = 4_000;

/** From capture to arrival, smallest of late; the two clocks' difference is the same for all slots. */
export class Transit {
  readonly #recent = new RecentMinimum(RECENT);
  #smallest: number | null = null;

  /** Both microseconds. */
  seen(captured: number, arrival: number): void {
    if (captured === 0) return;
    this.#smallest = this.#recent.add((arrival - captured) / 1000, arrival / 1000);
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
  if (late > LATE_SOUND) return { pictures: late - LATE_SOUND, sound: 0 };
  // Independent of how long it waits now, so that it does not go up and down.
  if (apart > EARLY_SOUND) {
    return { pictures: 0, sound: Math.min(MAX_WAIT, apart - LEFT_EARLY) };
  }
  return NONE;
}
