/** What an H.264 sequence parameter set tells of the size of pictures (ITU-T H.264, section 7.3.2.1.1). */
import type { Size } from './key-frame';

/** Profiles whose sets tell of chroma and scaling as well. */
const HIGH: readonly number[] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
/** Pixels along a side of a macroblock. */
const BLOCK = 16;
/** A code of more leading zeros is none (9.1). */
const MOST_ZEROS = 32;
/** Bytes of a set that are looked at: with the longest codes there are, the size stands before that. */
const LONGEST = 16_384;
/** `num_ref_frames_in_pic_order_cnt_cycle` at most (7.4.2.1.1). */
const LONGEST_CYCLE = 255;

/** Its bits, one after the other: zeros behind its end. */
class Bits {
  readonly #bytes: number[] = [];
  #at = 0;

  constructor(unit: Uint8Array) {
    let zeros = 0;
    for (const byte of unit) {
      // Put there so that nothing looks like a start code (7.4.1.1).
      const stuffed = zeros >= 2 && byte === 3;
      if (!stuffed) this.#bytes.push(byte);
      zeros = byte === 0 ? zeros + 1 : 0;
    }
  }

  /** Whether more was read than there is. */
  get over(): boolean {
    return this.#at > this.#bytes.length * 8;
  }

  skip(count: number): void {
    this.#at += count;
  }

  bit(): number {
    const byte = this.#bytes[this.#at >> 3] ?? 0;
    return (byte >> (7 - (this.#at++ & 7))) & 1;
  }

  /** ue(v) */
  unsigned(): number {
    let zeros = 0;
    while (zeros < MOST_ZEROS && this.bit() === 0) zeros += 1;
    let value = 1;
    for (let index = 0; index < zeros; index++) value = 2 * value + this.bit();
    return value - 1;
  }

  /** se(v) */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}

/** As the decoder makes them, before they are cropped. Nothing if it can't be read. */
export function sizeOf(set: Uint8Array): Size | null {
  const bits = new Bits(set.subarray(4, LONGEST));
  bits.unsigned();
  if (HIGH.includes(set[1] ?? 0)) skipHigh(bits);
  bits.unsigned();
  const order = bits.unsigned();
  if (order === 0) bits.unsigned();
  if (order === 1) {
    bits.skip(1);
    bits.signed();
    bits.signed();
    const cycle = bits.unsigned();
    if (cycle > LONGEST_CYCLE) return null;
    for (let index = 0; index < cycle; index++) bits.signed();
  }
  bits.unsigned();
  bits.skip(1);
  const width = (bits.unsigned() + 1) * BLOCK;
  const units = (bits.unsigned() + 1) * BLOCK;
  const height = bits.bit() === 1 ? units : 2 * units;
  return bits.over ? null : { width, height };
}

function skipHigh(bits: Bits): void {
  const chroma = bits.unsigned();
  if (chroma === 3) bits.skip(1);
  bits.unsigned();
  bits.unsigned();
  bits.skip(1);
  if (bits.bit() === 0) return;
  for (let list = 0; list < (chroma === 3 ? 12 : 8); list++) {
    if (bits.bit() === 1) skipScaling(bits, list < 6 ? 16 : 64);
  }
}

/** Section 7.3.2.1.1.1. */
function skipScaling(bits: Bits, length: number): void {
  let last = 8;
  let next = 8;
  for (let index = 0; index < length; index++) {
    if (next !== 0) next = (last + bits.signed() + 256) % 256;
    if (next !== 0) last = next;
  }
}
