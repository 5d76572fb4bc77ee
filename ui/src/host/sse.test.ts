import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { FakePage } from '../testing/fake-page';
import { settle } from '../testing/fake-rtc';
import { DEAD_AFTER_MS } from './silence';
import { eventStreamWire, SESSION_HEADER } from './sse';

class FakeEventSource extends EventTarget {
  static last: FakeEventSource;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: (() => void) | null = null;
  isClosed = false;

  constructor(readonly url: URL) {
    super();
    FakeEventSource.last = this;
  }

  close(): void {
    this.isClosed = true;
  }

  emit(type: string, data: string): void {
    const event = new MessageEvent(type, { data });
    if (type === 'message') this.onmessage?.(event);
    else this.dispatchEvent(event);
  }
}

const handlers = { opened: vi.fn(), received: vi.fn(), closed: vi.fn() };
let page: FakePage;
let posts: { readonly init: RequestInit; respond(ok: boolean): void }[];

beforeEach(() => {
  vi.useFakeTimers();
  page = new FakePage();
  posts = [];
  vi.stubGlobal('EventSource', FakeEventSource);
  vi.stubGlobal(
    'fetch',
    (_url: URL, init: RequestInit) =>
      new Promise((resolve) =>
        posts.push({
          init,
          respond: (ok) => {
            resolve({ ok });
          },
        }),
      ),
  );
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

function open() {
  const wire = eventStreamWire(new URL('https://10.0.0.1:3000/#x'), page)(handlers);
  const source = FakeEventSource.last;
  expect(source.url.href).toBe('https://10.0.0.1:3000/ui/events');
  return { wire, source };
}

test('it is open when the secret came, and posts with it, one message after the other', async () => {
  const { wire, source } = open();
  wire.send({ type: 'request', id: 1, command: { type: 'history_seen' } });
  expect(posts).toHaveLength(0);
  source.emit('session', 's3cret');
  expect(handlers.opened).toHaveBeenCalledTimes(1);
  wire.send({ type: 'request', id: 2, command: { type: 'history_seen' } });
  wire.send({ type: 'request', id: 3, command: { type: 'clear_history' } });
  await settle();
  expect(posts).toHaveLength(1);
  expect(posts[0]?.init.headers).toMatchObject({ [SESSION_HEADER]: 's3cret' });
  posts[0]?.respond(true);
  await settle();
  expect(posts.map(({ init }) => JSON.parse(init.body as string) as unknown)).toMatchObject([
    { id: 2 },
    { id: 3 },
  ]);
});

test('events are read, nonsense is not, and a ping is answered with nothing', async () => {
  const { source } = open();
  source.emit('session', 's');
  source.emit('message', '{"type":"event","event":"replaced"}');
  source.emit('message', '{');
  expect(handlers.received.mock.calls).toEqual([[{ type: 'event', event: 'replaced' }]]);
  source.emit('ping', '');
  await settle();
  expect(posts[0]?.init.body).toBeNull();
});

test('a stream that is silent for too long is taken for broken', () => {
  const { source } = open();
  source.emit('session', 's');
  vi.advanceTimersByTime(DEAD_AFTER_MS - 1);
  source.emit('ping', '');
  vi.advanceTimersByTime(DEAD_AFTER_MS - 1);
  expect(handlers.closed).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(handlers.closed).toHaveBeenCalledTimes(1);
  expect(source.isClosed).toBe(true);
});

test('a page that wakes from a long sleep does not wait', () => {
  const { source } = open();
  source.emit('session', 's');
  page.sleep(60_000);
  page.wake();
  expect(handlers.closed).toHaveBeenCalledTimes(1);
  expect(source.isClosed).toBe(true);
});

test('a broken stream, or a session the node forgot, closes it once', async () => {
  const first = open();
  first.source.onerror?.();
  first.source.onerror?.();
  expect(handlers.closed).toHaveBeenCalledTimes(1);
  const { wire, source } = open();
  source.emit('session', 's');
  wire.send({ type: 'request', id: 1, command: { type: 'history_seen' } });
  await settle();
  posts[0]?.respond(false);
  await settle();
  expect(handlers.closed).toHaveBeenCalledTimes(2);
  expect(source.isClosed).toBe(true);
});
