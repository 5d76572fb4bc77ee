import { afterEach, expect, it, vi } from 'vitest';

import { VideoReceiver } from './video-receiver';

const VP8 = { pt: 96, mime: 'video/VP8', clockRate: 90_000, channels: null, fmtp: '' };

function frame(key: boolean, mediaTime: number) {
  return {
    slot: 0,
    pt: VP8.pt,
    key,
    level: 0,
    mediaTime,
    arrival: 0,
    captured: 0,
    gap: false,
  };
}

/** A decoder that fails at what it is told to. */
class FakeDecoder {
  static fails = false;
  state = 'unconfigured';
  decodeQueueSize = 0;
  constructor(private readonly init: { error: (error: Error) => void }) {}
  configure(): void {
    this.state = 'configured';
  }
  decode(): void {
    if (FakeDecoder.fails) this.init.error(new Error('it does not decode'));
  }
  close(): void {
    this.state = 'closed';
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
});

it('asks for a key frame as long as pictures come that it can not show', () => {
  vi.stubGlobal('VideoDecoder', FakeDecoder);
  vi.stubGlobal('EncodedVideoChunk', Object);
  const lost = vi.fn();
  const receiver = new VideoReceiver(
    [VP8],
    () => undefined,
    lost,
    () => undefined,
  );
  const receive = (key: boolean, at: number) => {
    receiver.receive(frame(key, at), new Uint8Array([1]));
  };
  receive(false, 1);
  receive(false, 2);
  expect(lost).toHaveBeenCalledTimes(2);
  FakeDecoder.fails = true;
  receive(true, 3);
  expect(lost).toHaveBeenCalledTimes(3);
  receive(false, 4);
  expect(lost).toHaveBeenCalledTimes(4);
  FakeDecoder.fails = false;
  receive(true, 5);
  receive(false, 6);
  expect(lost).toHaveBeenCalledTimes(4);
});
