/**
 * Whether a wire has fallen silent. A page that slept, or whose network has changed, is not told that
 * nothing more will come: the wire stays open, and only what the node doesn't say shows it.
 */

/** How long a wire may be silent, ms: the node pings it every 5 s, and waits as long for the page. */
export const DEAD_AFTER_MS = 12_000;

/** What a page is told of its sleep by. */
export type Wakes = Pick<Window, 'addEventListener' | 'removeEventListener'> & {
  readonly document: Pick<Document, 'addEventListener' | 'removeEventListener'>;
};

/** Waits for the silence of one wire. */
export class Silence {
  // By the wall clock: in most browsers `performance.now()` stands still while the device sleeps.
  #heardAt = Date.now();
  #timer: ReturnType<typeof setTimeout>;

  /** `fell` is called once, when there was nothing for {@link DEAD_AFTER_MS}; it is to {@link stop}. */
  constructor(
    private readonly wakes: Wakes,
    private readonly fell: () => void,
  ) {
    this.#timer = setTimeout(fell, DEAD_AFTER_MS);
    wakes.document.addEventListener('visibilitychange', this.#handleWake);
    wakes.addEventListener('pageshow', this.#handleWake);
    wakes.addEventListener('online', this.#handleWake);
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
    this.wakes.document.removeEventListener('visibilitychange', this.#handleWake);
    this.wakes.removeEventListener('pageshow', this.#handleWake);
    this.wakes.removeEventListener('online', this.#handleWake);
  }

  /** The timer may have slept, too, and would sleep on for what was left of it. */
  readonly #handleWake = () => {
    if (Date.now() - this.#heardAt >= DEAD_AFTER_MS) this.fell();
  };
}
