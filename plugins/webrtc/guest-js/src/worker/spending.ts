/**
 * How much an encoder is to be told it may spend, so that it spends what it may.
 *
 * WebKitGTK (2.50) gives OpenH264 pictures without times, and that spends half of what it is told (measured:
 * 0.5 of 700 kbit/s to 4 Mbit/s, where the picture takes as much at all). Other H.264 encoders, which an
 * installation may have in its place, do not; so does WebKit one day. They are found out by overspending.
 */

/** Milliseconds that are looked at together. */
const WINDOW = 1_000;
/** Share of what it may, above which an encoder overspends. */
const TOO_MUCH = 1.3;
/** Windows of overspending one after the other: a beginning, or a picture all new, is more than one. */
const PATIENCE = 2;

export class Spending {
  #since: number | null = null;
  #bytes = 0;
  #overspent = 0;

  /** `factor`: what is believed of the encoder. */
  constructor(private believed = 1) {}

  /** Times what it may spend is what it is told. */
  get factor(): number {
    return this.believed;
  }

  /** A picture of so many bytes came out at `at` (milliseconds), while it might spend `allowed` bits a second. */
  spent(at: number, bytes: number, allowed: number): void {
    this.#since ??= at;
    this.#bytes += bytes;
    const passed = at - this.#since;
    if (passed < WINDOW) return;
    const rate = (this.#bytes * 8_000) / passed;
    this.#overspent = rate > TOO_MUCH * allowed ? this.#overspent + 1 : 0;
    if (this.#overspent >= PATIENCE) this.believed = 1;
    this.#since = at;
    this.#bytes = 0;
  }
}
