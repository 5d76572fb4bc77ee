import { expect, it } from 'vitest';

import { sizeOf } from './sps';

/** A baseline set, its sides in macroblocks. */
function baseline(width: number, height: number): Uint8Array {
  const code = (value: number) => {
    const bits = (value + 1).toString(2);
    return '0'.repeat(bits.length - 1) + bits;
  };
  const bits = ['1', '1', '1', '1', code(1), '0', code(width - 1), code(height - 1), '11'].join('');
  const bytes = bits.match(/.{1,8}/g) ?? [];
  return Uint8Array.from([
    0x67,
    66,
    0xe0,
    31,
    ...bytes.map((byte) => parseInt(byte.padEnd(8, '0'), 2)),
  ]);
}

it('reads how large pictures are', () => {
  expect(sizeOf(baseline(80, 45))).toEqual({ width: 1280, height: 720 });
  expect(sizeOf(baseline(1024, 1024))).toEqual({ width: 16_384, height: 16_384 });
});

it('reads a set of the high profile, with stuffing', () => {
  const x264 = '6764001facd9405005bb0110000003001000000303c0f1831960';
  const bytes = x264.match(/../g) ?? [];
  const set = Uint8Array.from(bytes.map((byte) => parseInt(byte, 16)));
  expect(sizeOf(set)).toEqual({ width: 1280, height: 720 });
});

it('makes nothing of a set that ends too early', () => {
  expect(sizeOf(Uint8Array.from([0x67, 66, 0xe0, 31]))).toBeNull();
  expect(sizeOf(Uint8Array.from([0x67, 66, 0xe0, 31, 0, 0, 0, 0]))).toBeNull();
});
