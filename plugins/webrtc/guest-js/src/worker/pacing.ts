/** When the pictures of a stream are shown: at once, but those that come together one after the other. */

/** Pictures that came together follow each other at half of their distance: twice as fast as they were taken. */
const HASTE = 2;
/** Longest distance that is kept so, milliseconds: of ten pictures a second. */
const MAX_APART = 100;
/** How late a picture may become by that, milliseconds: three of thirty a second. Then they are shown as they come. */
const MAX_LATE = 50;

/**
 * A lost packet holds back its picture and those behind it, and all come when it was sent again. Shown at once, a screen
 * sees the last of them: 21 of 30 a second, with 5 % loss and 30 ms of delay (measured).
 */
export class Pacing {
  #due = -Infinity;
  #media: number | null = null;

  /**
   * When, in milliseconds, to show the picture of that media time (microseconds), which is ready at `at` and to be held
   * back by `hold`, both milliseconds. Never before the one before it.
   */
  next(at: number, media: number, hold: number): number {
    const apart = this.#media === null ? 0 : (media - this.#media) / 1000;
    this.#media = media;
    const wanted = at + hold;
    const paced = this.#due + Math.min(MAX_APART, Math.max(0, apart)) / HASTE;
    this.#due = Math.max(wanted, paced - wanted > MAX_LATE ? this.#due : paced);
    return this.#due;
  }
}
