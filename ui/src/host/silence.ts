/**
 * Whether a wire has fallen silent. A page that slept, or whose network has changed, is not told that
 * nothing more will come: the wire stays open, and only what the node doesn't say shows it.
 */
import { onWake, type Wakes } from './wakes';

/** How long a wire may be silent, ms: the node pings it every 5 s, and waits as long for the page. */
export const DEAD_AFTER_MS = 12_000;

/** Waits for the silence of one wire. */
export class Silence {
  // By the wall clock: in most browsers `performance.now()` stands still while the device sleeps.
  #heardAt = Date.now();
  #timer: ReturnType<typeof setTimeout>;
  readonly #sleepOn: () => void;

  /** `fell` is called once, when there was nothing for {@link DEAD_AFTER_MS}; it is to {@link stop}. */
  constructor(
    wakes: Wakes,
    private readonly fell: () => void,
  ) {
    this.#timer = setTimeout(fell, DEAD_AFTER_MS);
    // The timer may have slept, too, and would sleep on for what was left of it.
    this.#sleepOn = onWake(wakes, () => {
      if (Date.now() - this.#heardAt >= DEAD_AFTER_MS) this.fell();
    });
  }

  /** The node said something. */
  heard(): void {
    this.#heardAt = Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.fell, DEAD_AFTER_MS);
  }

  /** The wire is closed. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#sleepOn();
  }
}
