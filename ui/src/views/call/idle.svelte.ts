/** After how long without the mouse the controls fade, milliseconds. */
const IDLE_MS = 3500;

/**
 * Whether the mouse rests. A finger never counts as resting: what it can't see, it can't find, and
 * it has no hover to bring it back.
 */
export class IdleWatch {
  #idle = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    $effect(() => () => {
      clearTimeout(this.#timer);
    });
  }

  get idle(): boolean {
    return this.#idle;
  }

  /** Somebody is about, or there is something to see. */
  wake(): void {
    this.#stay();
    if (matchMedia('(hover: hover)').matches) this.#wait();
  }

  /** A pointer moved or pressed; over `controls` it keeps them. */
  pointer(event: PointerEvent, controls: HTMLElement | undefined): void {
    this.#stay();
    if (event.pointerType !== 'mouse') return;
    if (event.target instanceof Node && controls?.contains(event.target)) return;
    this.#wait();
  }

  #stay(): void {
    this.#idle = false;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = setTimeout(() => (this.#idle = true), IDLE_MS);
  }
}
