// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';
import { FakeStream, FakeTrack } from '../../testing/fake-rtc';
import { isScripted, mirror, showStream } from './stream';

afterEach(() => {
  vi.useRealTimers();
});

test('an element that is gone gives its player up, but not in the moment in which it goes', () => {
  vi.useFakeTimers();
  const video = document.createElement('video');
  document.body.append(video);
  const stream = new MediaStream();
  const detach = showStream(stream)(video);
  video.remove();
  if (detach) detach();
  expect(video.srcObject).toBe(stream);
  vi.runAllTimers();
  expect(video.srcObject).toBeNull();
});

test('an element that is given another stream keeps that', () => {
  vi.useFakeTimers();
  const video = document.createElement('video');
  document.body.append(video);
  const detach = showStream(new MediaStream())(video);
  if (detach) detach();
  const next = new MediaStream();
  showStream(next)(video);
  vi.runAllTimers();
  expect(video.srcObject).toBe(next);
});

test.each([
  ['user', 'scaleX(-1)'],
  [undefined, 'scaleX(-1)'],
  ['environment', 'none'],
])('a camera that looks at %s is transformed by %s', (facingMode, transform) => {
  const track = new FakeTrack('video', facingMode === undefined ? {} : { facingMode });
  expect(mirror(new FakeStream([track]) as unknown as MediaStream)).toBe(transform);
});

test('what a script put in the place of WebRTC is told from the webview’s own', () => {
  const made = (close: unknown) => ({ RTCPeerConnection: { prototype: { close } } });
  expect(isScripted(made(() => undefined))).toBe(true);
  expect(isScripted(made(Map.prototype.clear))).toBe(false);
  expect(isScripted({})).toBe(false);
});
