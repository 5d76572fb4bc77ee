import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { SCREEN, SCREEN_HEADER } from '../shared/frames';
import { ScreenFeed } from './screen-feed';

/** The socket's other end, as a test plays it. */
class FakeSocket {
  static readonly OPEN = 1;
  static last: FakeSocket;
  readyState = FakeSocket.OPEN;
  readonly asked: unknown[] = [];
  closed = false;
  onopen: () => void = () => undefined;
  onmessage: (event: { data: unknown }) => void = () => undefined;
  onclose: () => void = () => undefined;

  constructor(
    readonly url: string,
    readonly protocols: readonly string[],
  ) {
    FakeSocket.last = this;
  }
  send(message: unknown): void {
    this.asked.push(message);
  }
  close(): void {
    this.closed = true;
    this.onclose();
  }
}

class FakeFrame {
  constructor(
    readonly planes: Uint8Array,
    readonly init: { codedWidth: number; codedHeight: number; timestamp: number },
  ) {}
}

/** Kind, width, height, µs, and I420: as Rust writes it. */
function picture(width: number, height: number, time: number): ArrayBuffer {
  const planes = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  const view = new DataView(new ArrayBuffer(SCREEN_HEADER + planes));
  view.setUint8(0, SCREEN);
  view.setUint16(4, width, true);
  view.setUint16(6, height, true);
  view.setUint32(8, time, true);
  return view.buffer;
}

const shown: FakeFrame[] = [];
const told: boolean[] = [];

function open(): [ScreenFeed, FakeSocket] {
  const feed = new ScreenFeed(
    'ws://127.0.0.1:1',
    'secret',
    (frame) => shown.push(frame as unknown as FakeFrame),
    (live) => told.push(live),
  );
  return [feed, FakeSocket.last];
}

beforeEach(() => {
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('VideoFrame', FakeFrame);
  shown.length = 0;
  told.length = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it('shows its ticket, and asks for pictures one at a time', () => {
  const [, socket] = open();
  expect(socket.protocols).toContain('secret');
  expect(socket.asked).toEqual([]);
  socket.onopen();
  expect(socket.asked).toHaveLength(1);
  socket.onmessage({ data: picture(4, 2, 40_000) });
  expect(socket.asked).toHaveLength(2);
  expect(shown[0]?.init).toMatchObject({ codedWidth: 4, codedHeight: 2, timestamp: 40_000 });
  expect(shown[0]?.planes).toHaveLength(12);
});

it('tells of the first picture once, and of the end', () => {
  const [, socket] = open();
  socket.onopen();
  expect(told).toEqual([]);
  socket.onmessage({ data: picture(4, 2, 1) });
  socket.onmessage({ data: picture(4, 2, 2) });
  expect(told).toEqual([true]);
  socket.onclose();
  expect(told).toEqual([true, false]);
});

it('tells of the end of a screen that gave none', () => {
  const [, socket] = open();
  socket.onclose();
  expect(told).toEqual([false]);
});

it('shows nothing that is no picture, and goes on', () => {
  const [, socket] = open();
  socket.onopen();
  socket.onmessage({ data: 'text' });
  socket.onmessage({ data: new ArrayBuffer(3) });
  socket.onmessage({ data: picture(4, 2, 1).slice(0, -1) });
  expect(shown).toEqual([]);
  expect(told).toEqual([]);
  socket.onmessage({ data: picture(4, 2, 1) });
  expect(shown).toHaveLength(1);
});

it('tells nothing more once the page has closed it', () => {
  const [feed, socket] = open();
  socket.onopen();
  feed.close();
  expect(socket.closed).toBe(true);
  socket.onmessage({ data: picture(4, 2, 1) });
  expect(shown).toEqual([]);
  expect(told).toEqual([]);
});
