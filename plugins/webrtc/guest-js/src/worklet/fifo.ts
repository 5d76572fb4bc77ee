/** Sound that Rust has evened out already, between the messages it comes in and the blocks it is taken in. */

/** What is buffered before the first sample is taken, and again after it ran dry: 60 ms of stumbling messages. */
const START = 2_880;
/** Most that is kept, 500 ms; older sound is thrown away down to what is started with. */
const MAX_LEVEL = 24_000;
/** A power of two above the most kept. */
const RING = 32_768;

export class Fifo {
  readonly #ring = new Float32Array(RING);
  #read = 0;
  #level = 0;
  #playing = false;

  write(samples: Float32Array): void {
    for (const sample of samples) {
      this.#ring[(this.#read + this.#level) % RING] = sample;
      this.#level += 1;
      if (this.#level > MAX_LEVEL) this.#skip(this.#level - START);
    }
  }

  /** Fills `output`, with silence where nothing has come. */
  read(output: Float32Array): void {
    if (!this.#playing && this.#level >= START) this.#playing = true;
    if (!this.#playing || this.#level < output.length) {
      this.#playing = false;
      output.fill(0);
      return;
    }
    for (let index = 0; index < output.length; index++) {
      output[index] = this.#ring[(this.#read + index) % RING] ?? 0;
    }
    this.#skip(output.length);
  }

  #skip(length: number): void {
    this.#read = (this.#read + length) % RING;
    this.#level -= length;
  }
}
