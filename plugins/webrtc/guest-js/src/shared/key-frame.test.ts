import { expect, test } from 'vitest';

import { keyFrameSize } from './key-frame';

const VP8 = { pt: 96, mime: 'video/VP8', clockRate: 90_000, channels: null, fmtp: '' };
const head = [0x50, 0x42, 0, 0x9d, 0x01, 0x2a];

test('a VP8 key frame tells its size, the scale left out', () => {
  const frame = Uint8Array.from([...head, 0x80, 0x02, 0x68, 0x41, 0]);
  expect(keyFrameSize(VP8, frame)).toEqual({ width: 640, height: 360 });
});

test('what is too short, no key frame or another codec tells nothing', () => {
  expect(keyFrameSize(VP8, Uint8Array.from(head))).toBeNull();
  expect(keyFrameSize(VP8, new Uint8Array(20))).toBeNull();
  const frame = Uint8Array.from([...head, 0x80, 0x02, 0x68, 0x01]);
  expect(keyFrameSize({ ...VP8, mime: 'video/H264' }, frame)).toBeNull();
});
