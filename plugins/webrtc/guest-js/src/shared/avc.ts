/**
 * H.264 as WebKitGTK's decoder is sure to take it: units behind their lengths, and the parameter sets in a
 * description (ISO/IEC 14496-15), in place of start codes (Annex B), in which the plugin gives them. What
 * decodes where libav is not installed takes nothing else; and a decoder that is configured anew with each new
 * description knows the size of its pictures, which it otherwise takes from the first alone.
 */
import type { Size } from './key-frame';
import { sizeOf } from './sps';

/** A picture for the decoder. */
export interface AvcPicture {
  /** What the decoder is configured with; nothing if the picture has no parameter sets. */
  readonly description: Uint8Array<ArrayBuffer> | null;
  /** The largest that its parameter sets tell of: the decoder is given all of them. */
  readonly size: Size | null;
  readonly data: Uint8Array<ArrayBuffer>;
}

const LENGTH = 4;
const SEQUENCE_PARAMETERS = 7;
const PICTURE_PARAMETERS = 8;

/** `picture`: units with start codes before them. */
export function toAvc(picture: Uint8Array<ArrayBuffer>): AvcPicture {
  const units = unitsOf(picture);
  const size = units.reduce((sum, unit) => sum + LENGTH + unit.length, 0);
  const data = new Uint8Array(size);
  const view = new DataView(data.buffer);
  let at = 0;
  let largest: Size | null = null;
  let sequence: Uint8Array | null = null;
  let parameters: Uint8Array | null = null;
  for (const unit of units) {
    view.setUint32(at, unit.length);
    data.set(unit, at + LENGTH);
    at += LENGTH + unit.length;
    const type = (unit[0] ?? 0) & 0x1f;
    if (type === SEQUENCE_PARAMETERS) {
      sequence ??= unit;
      largest = larger(largest, sizeOf(unit));
    }
    if (type === PICTURE_PARAMETERS) parameters ??= unit;
  }
  return { description: describe(sequence, parameters), size: largest, data };
}

function larger(one: Size | null, other: Size | null): Size | null {
  if (!one || !other) return one ?? other;
  return one.width * one.height < other.width * other.height ? other : one;
}

/** An AVCDecoderConfigurationRecord of one set of each kind. */
function describe(
  sequence: Uint8Array | null,
  parameters: Uint8Array | null,
): Uint8Array<ArrayBuffer> | null {
  if (!sequence || !parameters || sequence.length < 4) return null;
  if (sequence.length > 0xffff || parameters.length > 0xffff) return null;
  const [, profile = 0, compatibility = 0, level = 0] = sequence;
  return Uint8Array.from([
    1,
    profile,
    compatibility,
    level,
    0xfc | (LENGTH - 1),
    0xe0 | 1,
    ...withLength(sequence),
    1,
    ...withLength(parameters),
  ]);
}

function withLength(unit: Uint8Array): number[] {
  return [unit.length >> 8, unit.length & 0xff, ...unit];
}

/** What is between the start codes, of three bytes or of four. */
function unitsOf(picture: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const units: Uint8Array<ArrayBuffer>[] = [];
  let start = -1;
  const end = (at: number) => {
    if (start < 0) return;
    // Zeros before a start code belong to it, or fill up.
    let last = at;
    while (last > start && picture[last - 1] === 0) last -= 1;
    if (last > start) units.push(picture.subarray(start, last));
  };
  let at = picture.indexOf(1);
  for (; at >= 0; at = picture.indexOf(1, at + 1)) {
    if (at < 2 || picture[at - 1] !== 0 || picture[at - 2] !== 0) continue;
    end(at - 2);
    start = at + 1;
  }
  end(picture.length);
  return units;
}
