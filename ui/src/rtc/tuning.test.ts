import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { FIRST_PICTURE_SCALE, growVideo, tuneVideoSender } from './tuning';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

class Sender {
  framesSent = 0;
  encoding: RTCRtpEncodingParameters = {};

  getParameters(): object {
    return { encodings: [{ ...this.encoding }] };
  }

  setParameters({ encodings }: RTCRtpSendParameters): Promise<void> {
    this.encoding = encodings[0] ?? {};
    return Promise.resolve();
  }

  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(
      new Map([['out', { type: 'outbound-rtp', framesSent: this.framesSent }]]),
    );
  }

  get asSender(): RTCRtpSender {
    return this as unknown as RTCRtpSender;
  }
}

test('the first picture is small, the next ones are whole', async () => {
  const sender = new Sender();
  await tuneVideoSender(sender.asSender);
  expect(sender.encoding.scaleResolutionDownBy).toBe(FIRST_PICTURE_SCALE);
  const growing = growVideo(sender.asSender, () => false);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sender.encoding.scaleResolutionDownBy).toBe(FIRST_PICTURE_SCALE);
  sender.framesSent = 1;
  await vi.advanceTimersByTimeAsync(1_000);
  await growing;
  expect(sender.encoding.scaleResolutionDownBy).toBe(1);
  expect(sender.encoding.maxBitrate).toBe(4_000_000);
});

test('a connection that is closed is left alone', async () => {
  const sender = new Sender();
  await tuneVideoSender(sender.asSender);
  let closed = false;
  const growing = growVideo(sender.asSender, () => closed);
  closed = true;
  await vi.advanceTimersByTimeAsync(1_000);
  await growing;
  expect(sender.encoding.scaleResolutionDownBy).toBe(FIRST_PICTURE_SCALE);
});
