import { expect, test } from 'vitest';
import { isScripted } from './stream';

test('what a script put in the place of WebRTC is told from the webview’s own', () => {
  const made = (close: unknown) => ({ RTCPeerConnection: { prototype: { close } } });
  expect(isScripted(made(() => undefined))).toBe(true);
  expect(isScripted(made(Map.prototype.clear))).toBe(false);
  expect(isScripted({})).toBe(false);
});
