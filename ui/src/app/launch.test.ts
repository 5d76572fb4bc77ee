import { expect, test } from 'vitest';

import { isCallId, randomCallId } from './ids';
import { launchPath, parseLaunch, type Launch } from './launch';

const NODE = 'a'.repeat(52);

test.each<[string, Launch]>([
  ['', { type: 'nothing' }],
  ['#true', { type: 'call_owner' }],
  [`#call=${NODE}`, { type: 'call', peer: NODE, video: true }],
  [`#call=${NODE}-abcdefg2&audio`, { type: 'call', peer: `${NODE}-abcdefg2`, video: false }],
])('%s', (hash, launch) => {
  expect(parseLaunch(hash)).toEqual(launch);
  expect(parseLaunch(launchPath(launch).slice(1))).toEqual(launch);
});

test.each([
  '#',
  `#accept=${'b'.repeat(26)}`,
  '#call=<script>',
  `#call=${NODE}1`,
  '#call',
  '#false',
  '#call=b&x',
])('%s asks for nothing', (hash) => {
  expect(parseLaunch(hash)).toEqual({ type: 'nothing' });
});

test('a call’s id is 128 random bits that the node can read', () => {
  const ids = new Set(Array.from({ length: 100 }, randomCallId));
  expect(ids.size).toBe(100);
  for (const id of ids) {
    expect(isCallId(id)).toBe(true);
    // 26 characters carry 130 bits: the last 2 are 0.
    expect('aeimquy4').toContain(id.at(-1));
  }
});
