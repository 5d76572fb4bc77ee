import { expect, it } from 'vitest';

import { toAvc } from './avc';

const SEQUENCE = [0x67, 0x42, 0xc0, 0x1f, 9];
const PARAMETERS = [0x68, 0xce];

it('puts lengths in place of start codes, and the parameter sets in a description', () => {
  const picture = Uint8Array.from([
    ...[0, 0, 0, 1, ...SEQUENCE],
    ...[0, 0, 1, ...PARAMETERS],
    ...[0, 0, 0, 1, 0x65, 1, 0, 2, 0, 0, 3, 1, 7],
  ]);
  const { description, data } = toAvc(picture);
  expect([...data]).toEqual([
    ...[0, 0, 0, 5, ...SEQUENCE],
    ...[0, 0, 0, 2, ...PARAMETERS],
    ...[0, 0, 0, 9, 0x65, 1, 0, 2, 0, 0, 3, 1, 7],
  ]);
  expect([...(description ?? [])]).toEqual([
    ...[1, 0x42, 0xc0, 0x1f, 0xff],
    ...[0xe1, 0, 5, ...SEQUENCE],
    ...[1, 0, 2, ...PARAMETERS],
  ]);
});

it('tells of the largest size that is in it', () => {
  // 16 × 16 and 80 × 48.
  const small = [0, 0, 1, 0x67, 66, 0xe0, 31, 0xf4, 0xf0];
  const large = [0, 0, 1, 0x67, 66, 0xe0, 31, 0xf4, 0x2b, 0xc0];
  const { size } = toAvc(Uint8Array.from([...small, ...large]));
  expect(size).toEqual({ width: 80, height: 48 });
  expect(toAvc(Uint8Array.from([0, 0, 1, 0x41, 0x9a])).size).toBeNull();
});

it('describes nothing where there are no parameter sets, and keeps every slice', () => {
  const picture = Uint8Array.from([0, 0, 0, 1, 0x41, 0x9a, 5, 0, 0, 0, 1, 0x41, 0x1a, 6, 0, 0]);
  const { description, data } = toAvc(picture);
  expect(description).toBeNull();
  expect([...data]).toEqual([0, 0, 0, 3, 0x41, 0x9a, 5, 0, 0, 0, 3, 0x41, 0x1a, 6]);
});

it('makes nothing of what has no start code', () => {
  for (const bytes of [[], [1], [0, 0, 0, 1], [9, 9, 9], [0, 0, 1]]) {
    const { description, data } = toAvc(Uint8Array.from(bytes));
    expect([description, data.length]).toEqual([null, 0]);
  }
});
