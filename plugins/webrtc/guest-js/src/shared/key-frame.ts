/** What an encoded key frame tells of its picture. */
import type { Codec } from './bridge';

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size of a VP8 key frame (RFC 6386, section 9.1). Nothing for what is none, and for other codecs: an H.264
 * decoder is told by its description (`avc.ts`). */
export function keyFrameSize(codec: Codec, data: Uint8Array): Size | null {
  if (codec.mime.toLowerCase() !== 'video/vp8' || data.length < 10) return null;
  const [mark0, mark1, mark2, width0 = 0, width1 = 0, height0 = 0, height1 = 0] = data.subarray(
    3,
    10,
  );
  if (mark0 !== 0x9d || mark1 !== 0x01 || mark2 !== 0x2a) return null;
  // The upper two bits of each are a scale for showing, which nobody uses.
  const width = width0 | ((width1 & 0x3f) << 8);
  const height = height0 | ((height1 & 0x3f) << 8);
  return { width, height };
}
