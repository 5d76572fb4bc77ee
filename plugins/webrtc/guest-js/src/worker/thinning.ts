/** Which pictures of a source are taken, so that there are as many a second as are wanted: pure arithmetic. */

/** A picture may come early by this share of its time, or a source of 30 a second would give 15 of 29. */
const EARLY = 0.25;

export class Thinning {
  #due = -Infinity;

  /** Whether one that comes at `at` (milliseconds) is to be taken, of `framerate` a second. */
  isDue(at: number, framerate: number): boolean {
    if (framerate <= 0) return false;
    const apart = 1000 / framerate;
    // Fewer may have been wanted when the last was taken.
    this.#due = Math.min(this.#due, at + apart);
    return at >= this.#due - EARLY * apart;
  }

  /** It was taken. What is late is not made up for. */
  take(at: number, framerate: number): void {
    const apart = 1000 / framerate;
    this.#due = (at - this.#due > apart ? at : this.#due) + apart;
  }
}
