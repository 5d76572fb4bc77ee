import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readTransceiver } from './transceiver-init';

beforeEach(() => {
  vi.stubGlobal('MediaStreamTrack', EventTarget);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test('of several encodings the first is taken', () => {
  const sendEncodings = [
    { rid: 'h', maxBitrate: 900_000 },
    { rid: 'q', scaleResolutionDownBy: 4 },
  ];
  const { encoding } = readTransceiver('video', { sendEncodings });
  expect(encoding).toMatchObject({ maxBitrate: 900_000 });
});

test.each([
  [[{ rid: 'h' }, { rid: 'h' }], TypeError],
  [[{ rid: 'h' }, {}], TypeError],
  [[{ rid: 'h' }, { rid: 'q', scaleResolutionDownBy: 0.5 }], RangeError],
])('all of them are checked: %j', (sendEncodings, error) => {
  expect(() => readTransceiver('video', { sendEncodings })).toThrow(error);
});
