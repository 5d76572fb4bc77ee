import { afterEach, beforeEach, expect, it, vi } from 'vitest';

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
  static configured: VideoDecoderConfig[] = [];
  static closePicture: () => void = () => undefined;
  state = 'unconfigured';
  decodeQueueSize = 0;
  constructor(
    private readonly init: {
      output: (frame: VideoFrame) => void;
      error: (error: Error) => void;
    },
  ) {}
  configure(config: VideoDecoderConfig): void {
    FakeDecoder.configured.push(config);
    this.state = 'configured';
  }
  decode(chunk: EncodedVideoChunk): void {
    if (FakeDecoder.fails) this.init.error(new Error('it does not decode'));
    else {
      const { timestamp } = chunk;
      this.init.output({ timestamp, close: FakeDecoder.closePicture } as unknown as VideoFrame);
    }
  }
  close(): void {
    this.state = 'closed';
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('VideoDecoder', FakeDecoder);
  vi.stubGlobal('EncodedVideoChunk', function (this: object, init: object) {
    Object.assign(this, init);
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('asks for a key frame as long as pictures come that it can not show', () => {
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

it('gives the decoder the parameter sets of H.264 when it makes it, and when there are others', () => {
  const h264 = { ...VP8, pt: 97, mime: 'video/H264', fmtp: 'profile-level-id=42e01f' };
  const receiver = new VideoReceiver(
    [VP8, h264],
    () => undefined,
    () => undefined,
    () => undefined,
  );
  const start = [0, 0, 0, 1];
  const receive = (at: number, size: number | null) => {
    const sets = size === null ? [] : [...start, 0x67, 0x42, 0xe0, size, ...start, 0x68, 0xce];
    const data = Uint8Array.from([...sets, ...start, size === null ? 0x41 : 0x65, 0x88]);
    receiver.receive({ ...frame(size !== null, at), pt: h264.pt }, data);
  };
  FakeDecoder.configured = [];
  receive(1, 0x0c);
  receive(2, null);
  receive(3, 0x0c);
  receive(4, 0x1f);
  const levels = FakeDecoder.configured.map(({ description }) => (description as Uint8Array)[3]);
  expect(levels).toEqual([0x0c, 0x1f]);
});

it('decodes nothing that claims to be larger than pictures are', () => {
  const lost = vi.fn();
  const receiver = new VideoReceiver(
    [VP8],
    () => undefined,
    lost,
    () => undefined,
  );
  const receive = (width: number, height: number) => {
    const size = [width & 0xff, width >> 8, height & 0xff, height >> 8];
    receiver.receive(frame(true, 1), Uint8Array.from([0, 0, 0, 0x9d, 1, 0x2a, ...size]));
  };
  receive(4096, 2304);
  expect([receiver.counters().framesDecoded, lost.mock.calls.length]).toEqual([1, 0]);
  receive(16_383, 16_383);
  expect([receiver.counters().framesDecoded, lost.mock.calls.length]).toEqual([1, 1]);
});

it('tells when pictures come again after a pause, which is no freeze', () => {
  const flowing = vi.fn();
  const receiver = new VideoReceiver(
    [VP8],
    () => undefined,
    () => undefined,
    flowing,
  );
  const receive = (at: number) => {
    receiver.receive(frame(true, at), new Uint8Array([1]));
  };
  receive(1);
  receiver.pause();
  receive(2);
  vi.advanceTimersByTime(10_000);
  receiver.resume([VP8]);
  receive(3);
  receive(4);
  expect(flowing).toHaveBeenCalledTimes(2);
  expect(receiver.counters()).toMatchObject({ framesDecoded: 3, freezeCount: 0 });
});

it('closes the pictures that it holds back when it is closed', () => {
  const close = vi.fn();
  FakeDecoder.closePicture = close;
  const sink = vi.fn();
  const receiver = new VideoReceiver(
    [VP8],
    sink,
    () => undefined,
    () => undefined,
  );
  receiver.setTarget(300);
  receiver.receive(frame(true, 1), new Uint8Array([1]));
  receiver.close();
  vi.advanceTimersByTime(1_000);
  expect([close.mock.calls.length, sink.mock.calls.length]).toEqual([1, 0]);
});

it('holds pictures back as long as the page wants, within bounds, and at once when it no longer does', () => {
  const shown: number[] = [];
  const receiver = new VideoReceiver(
    [VP8],
    ({ timestamp }) => shown.push(timestamp),
    () => undefined,
    () => undefined,
  );
  const receive = (at: number) => {
    receiver.receive(frame(true, at), new Uint8Array([1]));
  };
  receive(1);
  expect(shown).toEqual([1]);
  receiver.setTarget(300);
  expect(receiver.delay).toBe(300);
  receive(100_000);
  vi.advanceTimersByTime(299);
  expect(shown).toEqual([1]);
  vi.advanceTimersByTime(1);
  expect(shown).toEqual([1, 100_000]);
  receiver.setTarget(0);
  vi.advanceTimersByTime(900);
  receive(1_000_000);
  expect(shown).toEqual([1, 100_000, 1_000_000]);
  receiver.setTarget(4_000);
  expect(receiver.delay).toBe(400);
});
