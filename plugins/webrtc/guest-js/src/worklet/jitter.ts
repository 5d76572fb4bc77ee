/**
 * The jitter buffer: sound comes in blocks, unevenly, and is taken evenly.
 *
 *     waiting ──START samples are there──▶ playing ──nothing came for GIVE_UP──▶ waiting
 *
 * How long sound waits follows from what happens, and not from a model of the network: what comes
 * too late is bridged by repeating the voice's last periods, and is then played whole, so the
 * delay grows by just what was missing; and when for some seconds there was always more than
 * a margin in the buffer, a period is cut out (overlap-add) until there isn't. Repeating and
 * cutting whole periods keeps the pitch (as WSOLA does: Verhelst and Roelands, 1993).
 */

/** What is buffered before the first sample is played: two blocks, 40 ms. */
const START = 1_920;
/** Most that is kept, 1 s; older sound is thrown away. */
const MAX_LEVEL = 48_000;
/** A power of two, above the most kept plus what is looked back at. */
const RING = 131_072;
const MASK = RING - 1;
/** Longest hole that is bridged, 200 ms; after a longer one sound just goes on. */
const MAX_GAP = 9_600;
/** Periods that are looked for: 2.5 to 15 ms, voices from 400 to 67 Hz. */
const MIN_PERIOD = 120;
const MAX_PERIOD = 720;
/** Length that is compared, and length of a cross-fade, samples. */
const COMPARED = 480;
const FADE = 120;
/** Every fourth sample is enough to find a period. */
const STRIDE = 4;
/** Gain lost with each repeated period. */
const DECAY = 0.75;
/** Without sound for so long (500 ms) it waits for START again. */
const GIVE_UP = 24_000;
/** A window in which the lowest level is noted: 1 s; and how many must agree. */
const WINDOW = 48_000;
const WINDOWS = 5;
/** Kept above the lowest level: 10 ms, and as much more after each time it ran dry, up to 80 ms. */
const MARGIN = 480;
const MAX_MARGIN = 3_840;
/** The margin falls by a step in this time, 10 s. */
const MARGIN_DECAY = 480_000;
/** Least time between two cuts: 100 ms. */
const CUT_INTERVAL = 4_800;
/** Differences in the sample count that come of rounding times to microseconds. */
const ROUNDING = 2;

/** Counts since it was made, in samples. */
export interface JitterCounts {
  concealed: number;
  events: number;
  removed: number;
  inserted: number;
}

export class JitterBuffer {
  readonly counts: JitterCounts = { concealed: 0, events: 0, removed: 0, inserted: 0 };
  readonly #ring = new Float32Array(RING);
  /** Absolute positions; `#end - #read` samples are there. */
  #read = MAX_PERIOD + COMPARED;
  #end = MAX_PERIOD + COMPARED;
  #next: number | null = null;
  #playing = false;
  /** Period and gain of made-up sound at the end, if that is what is there. */
  #period = 0;
  #gain = 1;
  #dry = 0;
  #margin = MARGIN;
  #sinceDry = 0;
  #lowest = Infinity;
  #inWindow = 0;
  #windows: number[] = [];
  #sinceCut = 0;

  /** Samples that wait. */
  get level(): number {
    return this.#end - this.#read;
  }

  /** `at`: number of the first sample since the stream began. Blocks come in order. */
  write(at: number, samples: Float32Array): void {
    const gap = this.#next === null ? 0 : at - this.#next;
    if (gap < -ROUNDING && gap > -MAX_GAP) return;
    this.#next = at + samples.length;
    if (gap > ROUNDING && gap <= MAX_GAP && this.#playing) {
      // What was made up while it was awaited counts as part of the hole.
      const missing = gap - this.#dry;
      if (missing > 0) {
        this.counts.concealed += missing;
        this.counts.events += 1;
        this.#repeat(missing);
      }
    }
    this.#dry = 0;
    const fade = this.#period > 0 ? Math.min(FADE, samples.length) : 0;
    for (let index = 0; index < samples.length; index++) {
      let value = samples[index] ?? 0;
      if (index < fade) {
        const weight = (index + 1) / (fade + 1);
        value = value * weight + this.#at(this.#end - this.#period) * this.#gain * (1 - weight);
      }
      this.#ring[this.#end & MASK] = value;
      this.#end += 1;
    }
    this.#period = 0;
    this.#gain = 1;
    if (this.level > MAX_LEVEL) {
      this.counts.removed += this.level - MAX_LEVEL;
      this.#read = this.#end - MAX_LEVEL;
    }
  }

  /** Fills `output`, with silence where there is nothing to be heard. */
  read(output: Float32Array): void {
    if (!this.#playing) {
      if (this.level < START) {
        output.fill(0);
        return;
      }
      this.#playing = true;
      this.#forget();
    }
    this.#note(output.length);
    this.#shorten(output.length);
    const missing = output.length - this.level;
    if (missing > 0) {
      if (this.#dry === 0) {
        this.counts.events += 1;
        this.#margin = Math.min(MAX_MARGIN, this.#margin + MARGIN);
        this.#sinceDry = 0;
      }
      this.#dry += missing;
      this.counts.concealed += missing;
      this.#repeat(missing);
      if (this.#dry > GIVE_UP) {
        this.#playing = false;
        this.#dry = 0;
      }
    }
    for (let index = 0; index < output.length; index++) {
      output[index] = this.#at(this.#read);
      this.#read += 1;
    }
  }

  #at(position: number): number {
    return this.#ring[position & MASK] ?? 0;
  }

  /** Goes on at the end with the last period, ever more quietly. */
  #repeat(length: number): void {
    if (this.#period === 0) {
      this.#period = this.#findPeriod(this.#end - COMPARED, -1);
      this.#gain = 1;
    }
    for (let index = 0; index < length; index++) {
      this.#ring[this.#end & MASK] = this.#at(this.#end - this.#period) * this.#gain;
      this.#end += 1;
    }
    this.#gain = length >= this.#period ? DECAY : Math.max(DECAY, 1 - length / (3 * this.#period));
  }

  /** The lag, backwards or forwards, at which the sound at `start` is most like itself. */
  #findPeriod(start: number, direction: 1 | -1): number {
    let best = MIN_PERIOD;
    let most = -Infinity;
    for (let lag = MIN_PERIOD; lag <= MAX_PERIOD; lag += STRIDE) {
      let product = 0;
      let energy = 1e-9;
      for (let index = 0; index < COMPARED; index += STRIDE) {
        const other = this.#at(start + index + direction * lag);
        product += this.#at(start + index) * other;
        energy += other * other;
      }
      const likeness = product / Math.sqrt(energy);
      if (likeness > most) {
        most = likeness;
        best = lag;
      }
    }
    return best;
  }

  #note(taken: number): void {
    this.#lowest = Math.min(this.#lowest, this.level - taken);
    this.#inWindow += taken;
    this.#sinceCut += taken;
    this.#sinceDry += taken;
    if (this.#sinceDry >= MARGIN_DECAY) {
      this.#sinceDry = 0;
      this.#margin = Math.max(MARGIN, this.#margin - MARGIN);
    }
    if (this.#inWindow < WINDOW) return;
    this.#windows.push(this.#lowest);
    if (this.#windows.length > WINDOWS) this.#windows.shift();
    this.#lowest = Infinity;
    this.#inWindow = 0;
  }

  /** Cuts a period out if there was too much for long enough. */
  #shorten(taken: number): void {
    if (this.#windows.length < WINDOWS || this.#sinceCut < CUT_INTERVAL) return;
    const spare = Math.min(this.#lowest, ...this.#windows) - this.#margin;
    if (spare < MIN_PERIOD || this.level < taken + MAX_PERIOD + COMPARED) return;
    const period = this.#findPeriod(this.#read, 1);
    if (period > spare) return;
    for (let index = 0; index < FADE; index++) {
      const weight = (index + 1) / (FADE + 1);
      const position = this.#read + period + index;
      this.#ring[position & MASK] =
        this.#at(position) * weight + this.#at(this.#read + index) * (1 - weight);
    }
    this.#read += period;
    this.counts.removed += period;
    this.#sinceCut = 0;
    this.#lowest -= period;
    this.#windows = this.#windows.map((lowest) => lowest - period);
  }

  #forget(): void {
    this.#windows = [];
    this.#lowest = Infinity;
    this.#inWindow = 0;
  }
}
