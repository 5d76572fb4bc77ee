/** Small black pictures until the first real one comes. */
import { blackFrame } from './black';
import type { PictureSink } from './video-receiver';

const WIDTH = 32;
const HEIGHT = 18;
/** Milliseconds between two; an element may be given its track any time. */
const INTERVAL = 250;

/**
 * An element builds its player when the first picture comes, which takes WebKit some hundred milliseconds.
 * So it gets one while the call still rings, and the first real one is shown at once.
 */
export class Primer {
  #timer: ReturnType<typeof setInterval> | null;

  constructor(private readonly sink: PictureSink) {
    this.#timer = setInterval(() => {
      this.#show();
    }, INTERVAL);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #show(): void {
    try {
      this.sink(blackFrame(WIDTH, HEIGHT, Math.round(performance.now() * 1000)));
    } catch {
      // A webview that can't make one shows the first real picture a little later.
      this.stop();
    }
  }
}
