/**
 * The jitter buffer: sound comes in blocks, unevenly, and is taken evenly.
 *
 *     waiting ──START samples are there──▶ playing ──nothing came for GIVE_UP──▶ waiting
 *
 * What comes too late is bridged by repeating the voice's last periods, and is then played whole, so
 * the delay grows by what was missing. How long sound should wait is told by `Lateness`; while it waits
 * longer, whole periods are cut out, and while shorter, repeated (overlap-add at the best likeness, as
 * WSOLA does: Verhelst and Roelands, 1993), which keeps the pitch.
 */
import { Lateness } from './lateness';

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
/** Waited for beyond the usual lateness: 10 ms. */
const MARGIN = 480;
/** Too little is mended from this much on (10 ms): half a block is within what is measured. */
const TOO_LITTLE = 480;
/** Much too much, 60 ms. */
const MUCH = 2_880;
/** Least time between two cuts or repeats: 100 ms; and 30 ms when there is much too much. */
const INTERVAL = 4_800;
const SHORT_INTERVAL = 1_440;
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
  readonly #lateness = new Lateness();
  readonly #ring = new Float32Array(RING);
  /** Absolute positions; `#end - #read` samples are there. */
  #read = MAX_PERIOD + COMPARED;
  #end = MAX_PERIOD + COMPARED;
  #next: number | null = null;
  #playing = false;
  /** Samples taken since it was made. */
  #clock = 0;
  /** Level plus distance (`Lateness`) of the last block: moves only with cuts, repeats and bridges. */
  #reach = 0;
  /** Least delay that was asked for. */
  #floor = 0;
  /** Period and gain of made-up sound at the end, if that is what is there. */
  #period = 0;
  #gain = 1;
  #dry = 0;
  #sinceStretch = 0;

  /** Samples that wait. */
  get level(): number {
    return this.#end - this.#read;
  }

  /** Samples that a block waits which comes as early as blocks do. */
  get delay(): number {
    return this.#next === null ? 0 : Math.max(0, this.#reach - this.#lateness.earliest);
  }

  /** The delay that is aimed at. */
  get target(): number {
    return Math.min(MAX_LEVEL / 2, Math.max(this.#floor, this.#lateness.wait + MARGIN));
  }

  /** Lets sound wait at least so long (samples), so that it does not run ahead of its pictures. */
  setFloor(samples: number): void {
    this.#floor = samples;
  }

  /** `at`: number of the first sample since the stream began. Blocks come in order. */
  write(at: number, samples: Float32Array): void {
    const gap = this.#next === null ? 0 : at - this.#next;
    if (gap < -ROUNDING && gap > -MAX_GAP) return;
    this.#lateness.arrived(at, this.#clock);
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
    this.#reach = this.level + this.#clock - at;
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
    const surplus = this.level - MAX_LEVEL;
    if (surplus > 0) {
      this.counts.removed += surplus;
      this.#read += surplus;
      this.#reach -= surplus;
    }
  }

  /** Fills `output`, with silence where there is nothing to be heard. */
  read(output: Float32Array): void {
    this.#clock += output.length;
    if (!this.#playing) {
      if (this.level < START) {
        output.fill(0);
        return;
      }
      this.#playing = true;
    }
    this.#stretch(output.length);
    const missing = output.length - this.level;
    if (missing > 0) {
      if (this.#dry === 0) this.counts.events += 1;
      this.#dry += missing;
      this.counts.concealed += missing;
      this.#repeat(missing);
      if (this.#dry > GIVE_UP) {
        this.#playing = false;
        this.#dry = 0;
      }
    }
    const ring = this.#ring;
    const read = this.#read;
    for (let index = 0; index < output.length; index++) {
      output[index] = ring[(read + index) & MASK] ?? 0;
    }
    this.#read = read + output.length;
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

  /** Cuts a period out, or plays one again, if the delay isn't what it should be. */
  #stretch(taken: number): void {
    this.#sinceStretch += taken;
    const surplus = this.delay - this.target;
    if (this.#sinceStretch < (surplus > MUCH ? SHORT_INTERVAL : INTERVAL)) return;
    if (surplus >= MIN_PERIOD && this.level >= taken + MAX_PERIOD + COMPARED) {
      const period = this.#findPeriod(this.#read, 1);
      if (period > surplus) {
        this.#sinceStretch = INTERVAL - SHORT_INTERVAL;
        return;
      }
      this.#move(period);
      this.counts.removed += period;
    } else if (surplus <= -TOO_LITTLE && this.level >= taken + COMPARED) {
      const period = this.#findPeriod(this.#read, -1);
      this.#move(-period);
      this.counts.inserted += period;
    }
  }

  /** Goes on `lag` samples later in the sound, or earlier, without a click. */
  #move(lag: number): void {
    for (let index = 0; index < FADE; index++) {
      const weight = (index + 1) / (FADE + 1);
      const position = this.#read + lag + index;
      this.#ring[position & MASK] =
        this.#at(position) * weight + this.#at(this.#read + index) * (1 - weight);
    }
    this.#read += lag;
    this.#reach -= lag;
    this.#sinceStretch = 0;
  }
}
