import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { FakePage } from '../testing/fake-page';
import { DEAD_AFTER_MS } from './silence';
import { socketWire } from './socket';

class FakeSocket {
  static last: FakeSocket;
  onopen: (() => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: string[] = [];
  isClosed = false;

  constructor(readonly url: URL) {
    FakeSocket.last = this;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.isClosed = true;
  }

  say(text: string): void {
    this.onmessage?.(new MessageEvent('message', { data: text }));
  }
}

const handlers = { opened: vi.fn(), received: vi.fn(), closed: vi.fn() };
let page: FakePage;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  page = new FakePage();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

function open() {
  const wire = socketWire(new URL('https://10.0.0.1:3000/#x'), page)(handlers);
  const socket = FakeSocket.last;
  expect(socket.url.href).toBe('wss://10.0.0.1:3000/ui');
  socket.onopen?.();
  return { wire, socket };
}

test('messages go both ways, and nonsense and pings are none', () => {
  const { wire, socket } = open();
  expect(handlers.opened).toHaveBeenCalledTimes(1);
  wire.send({ type: 'request', id: 1, command: { type: 'history_seen' } });
  expect(socket.sent).toEqual(['{"type":"request","id":1,"command":{"type":"history_seen"}}']);
  socket.say('{"type":"event","event":"replaced"}');
  socket.say('{');
  socket.say('');
  expect(handlers.received.mock.calls).toEqual([[{ type: 'event', event: 'replaced' }]]);
});

test('a socket that is silent for too long is taken for broken', () => {
  const { socket } = open();
  vi.advanceTimersByTime(DEAD_AFTER_MS - 1);
  socket.say('');
  vi.advanceTimersByTime(DEAD_AFTER_MS - 1);
  expect(handlers.closed).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(handlers.closed).toHaveBeenCalledTimes(1);
  expect(socket.isClosed).toBe(true);
  socket.onclose?.();
  expect(handlers.closed).toHaveBeenCalledTimes(1);
});

test('a page that wakes from a long sleep does not wait', () => {
  const { socket } = open();
  page.sleep(60_000);
  page.wake();
  expect(handlers.closed).toHaveBeenCalledTimes(1);
  expect(socket.isClosed).toBe(true);
});

test('closed from here, nobody is told', () => {
  const { wire, socket } = open();
  wire.close();
  socket.onclose?.();
  page.sleep(60_000);
  page.wake();
  vi.advanceTimersByTime(DEAD_AFTER_MS);
  expect(handlers.closed).not.toHaveBeenCalled();
});
