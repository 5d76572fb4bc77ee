import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MEDIA, RECEIVED_HEADER } from '../shared/frames';
import type { VideoSettings } from '../shared/messages';
import type { Generators } from './generators';
import { Link } from './link';

const VP8 = { pt: 96, mime: 'video/VP8', clockRate: 90_000, channels: null, fmtp: '' };
const SETTINGS: VideoSettings = {
  active: true,
  maxBitrate: null,
  maxFramerate: null,
  scaleResolutionDownBy: 1,
  degradationPreference: 'balanced',
  enabled: true,
};

/** A picture; `from` says whose. */
class FakeFrame {
  readonly displayWidth: number;
  readonly displayHeight: number;
  readonly timestamp: number;
  readonly from: string;
  constructor(source: object, init: { timestamp: number; codedWidth?: number }) {
    const {
      displayWidth = 640,
      displayHeight = 360,
      from = 'black',
    } = source as Partial<FakeFrame>;
    this.displayWidth = displayWidth;
    this.displayHeight = displayHeight;
    this.from = from;
    this.timestamp = init.timestamp;
  }
  close(): void {
    // Nothing to give back.
  }
}

/** A source whose pictures the test gives. */
class FakeTrack {
  next: ((frame: FakeFrame) => void) | null = null;
  constructor(readonly name: string) {}
  stop(): void {
    // It gives what it has read already.
  }
  /** Until the sender has had it. */
  async give(): Promise<void> {
    this.next?.(new FakeFrame({ from: this.name }, { timestamp: performance.now() * 1000 }));
    await vi.advanceTimersByTimeAsync(0);
  }
}

class FakeProcessor {
  readonly readable: object;
  constructor({ track }: { track: FakeTrack }) {
    const read = () =>
      new Promise((resolve) => {
        track.next = (value) => {
          resolve({ value, done: false });
        };
      });
    this.readable = { getReader: () => ({ read, cancel: () => Promise.resolve() }) };
  }
}

class FakeEncoder {
  static encoded: string[] = [];
  static fails = false;
  state = 'unconfigured';
  encodeQueueSize = 0;
  constructor(private readonly init: { error: (error: Error) => void }) {}
  configure(): void {
    this.state = 'configured';
  }
  encode({ from }: FakeFrame): void {
    FakeEncoder.encoded.push(from);
    if (FakeEncoder.fails) this.init.error(new Error('it does not encode'));
  }
  close(): void {
    this.state = 'closed';
  }
}

class FakeSocket {
  static readonly OPEN = 1;
  static sent: string[] = [];
  static last: FakeSocket;
  readyState = 1;
  bufferedAmount = 0;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  constructor() {
    FakeSocket.last = this;
  }
  send(text: string): void {
    FakeSocket.sent.push(text);
  }
  close(): void {
    this.readyState = 3;
  }
  tell(event: object): void {
    this.receive(JSON.stringify(event));
  }
  receive(data: unknown): void {
    this.onmessage?.({ data });
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('MediaStreamTrackProcessor', FakeProcessor);
  vi.stubGlobal('VideoEncoder', FakeEncoder);
  vi.stubGlobal('VideoFrame', FakeFrame);
  FakeEncoder.encoded = [];
  FakeEncoder.fails = false;
  FakeSocket.sent = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function make() {
  const generators = { sink: () => () => undefined } as unknown as Generators;
  const link = new Link(1, 'ws://x', 'token', generators, () => undefined);
  const sendVideo = (slot: number, change: Partial<VideoSettings>, source?: FakeTrack) => {
    const track = (source ?? null) as unknown as MediaStreamTrack | null;
    const settings = { ...SETTINGS, ...change };
    link.sendVideo({ to: 'sendVideo', pc: 1, slot, codec: VP8, settings, track });
  };
  return { link, sendVideo };
}

it('shows nothing of a disabled camera that another track takes the place of', async () => {
  const { sendVideo } = make();
  const [camera, screen] = [new FakeTrack('camera'), new FakeTrack('screen')];
  sendVideo(0, { enabled: false }, camera);
  await camera.give();
  sendVideo(0, { enabled: true }, screen);
  await camera.give();
  await screen.give();
  expect(FakeEncoder.encoded).toEqual(['black', 'screen']);
});

it('gives another track another chance when the encoder has failed too often', async () => {
  const { sendVideo } = make();
  const [camera, screen] = [new FakeTrack('camera'), new FakeTrack('screen')];
  sendVideo(0, {}, camera);
  FakeEncoder.fails = true;
  for (let i = 0; i < 8; i++) {
    await camera.give();
    vi.advanceTimersByTime(50);
  }
  expect(FakeEncoder.encoded.length).toBe(5);
  FakeEncoder.fails = false;
  sendVideo(0, {}, screen);
  await screen.give();
  expect(FakeEncoder.encoded.at(-1)).toBe('screen');
});

it('wishes for next to nothing for a track that is disabled', () => {
  const { sendVideo } = make();
  const desired = () => (JSON.parse(FakeSocket.sent.at(-1) ?? '{}') as { bps: number }).bps;
  sendVideo(0, { maxBitrate: 1_000_000 }, new FakeTrack('camera'));
  sendVideo(1, { maxBitrate: 1_000_000 }, new FakeTrack('screen'));
  expect(desired()).toBe(2_000_000);
  sendVideo(0, { maxBitrate: 1_000_000, enabled: false });
  expect(desired()).toBe(1_050_000);
});

it('lets the sound that is agreed on wait for its pictures, as long as they are', () => {
  const { link } = make();
  const floors = () => {
    const told = FakeSocket.sent.splice(0).map((text) => JSON.parse(text) as object);
    return told.filter((request) => 'op' in request && request.op === 'soundFloor');
  };
  const picture = (slot: number, transit: number) => {
    const view = new DataView(new ArrayBuffer(RECEIVED_HEADER + 1));
    view.setUint8(0, MEDIA);
    view.setUint16(2, slot, true);
    view.setBigUint64(16, 1_000_000n + BigInt(transit * 1000), true);
    view.setBigUint64(24, 1_000_000n, true);
    FakeSocket.last.receive(view.buffer);
  };
  for (const slot of [0, 1]) {
    link.receiveAudio({ to: 'receiveAudio', pc: 1, slot, port: null });
    const times = { captured: 1_000_000, arrival: 1_000_000 };
    FakeSocket.last.tell({ ev: 'sound', slot, ...times, delayMs: 0 });
  }
  for (const slot of [2, 3]) {
    link.receiveVideo({ to: 'receiveVideo', pc: 1, slot, generator: 0, codecs: [VP8] });
  }
  link.stopReceiving(0);
  picture(2, 200);
  picture(3, 100);
  expect(floors()).toEqual([{ op: 'soundFloor', slot: 1, ms: 180 }]);
  link.stopReceiving(2);
  expect(floors()).toEqual([{ op: 'soundFloor', slot: 1, ms: 80 }]);
  link.stopReceiving(3);
  expect(floors()).toEqual([{ op: 'soundFloor', slot: 1, ms: 0 }]);
});

it('goes on counting what is sent and received again', async () => {
  const { link, sendVideo } = make();
  const camera = new FakeTrack('camera');
  const receive = { to: 'receiveVideo', pc: 1, slot: 1, generator: 0, codecs: [VP8] } as const;
  const picture = () => {
    const view = new DataView(new ArrayBuffer(RECEIVED_HEADER + 1));
    view.setUint8(0, MEDIA);
    view.setUint16(2, 1, true);
    FakeSocket.last.receive(view.buffer);
  };
  sendVideo(0, { scaleResolutionDownBy: 2 }, camera);
  link.receiveVideo(receive);
  await camera.give();
  picture();
  const [sent, received] = link.counters();
  expect(sent).toMatchObject({ sending: true, sent: { framesCaptured: 1 } });
  expect(sent?.sent).toMatchObject({ sourceWidth: 640, sourceHeight: 360, capturedPerSecond: 1 });
  expect(sent?.sent?.width).toBe(320);
  expect(received).toMatchObject({ received: { framesReceived: 1 } });
  link.stopSending(0);
  link.stopReceiving(1);
  picture();
  expect(link.counters()).toMatchObject([
    { sending: false, sent: { framesCaptured: 1, sourceWidth: 0, targetBitrate: 0 } },
    { received: { framesReceived: 1 } },
  ]);
  const again = new FakeTrack('camera');
  sendVideo(0, {}, again);
  link.receiveVideo(receive);
  await again.give();
  picture();
  expect(link.counters()).toMatchObject([
    { sending: true, sent: { framesCaptured: 2 } },
    { received: { framesReceived: 2 } },
  ]);
  sendVideo(0, { active: false });
  expect(link.counters()[0]?.sending).toBe(false);
});
