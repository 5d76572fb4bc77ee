import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { Event, FromNode, ToNode } from '../protocol';
import { BrowserHost, FIRST_DELAY_MS, MAX_DELAY_MS, WELCOME_TIMEOUT_MS } from './browser';
import { LOST_AFTER_MS, type HostState, type Identity } from './host';
import { REPLY_TIMEOUT_MS } from './requests';
import { FakePage } from '../testing/fake-page';
import { Seat } from './seat';
import type { OpenWire, WireHandlers } from './wire';

/** The node's end of a wire. */
class FakeWire {
  readonly sent: ToNode[] = [];
  isClosed = false;

  constructor(readonly handlers: WireHandlers) {}

  say(message: FromNode): void {
    this.handlers.received(message);
  }

  /** It breaks; nobody is told of one that was closed from here. */
  drop(): void {
    if (!this.isClosed) this.handlers.closed();
  }

  welcome(token: string): void {
    this.handlers.opened();
    this.say({ type: 'event', event: 'welcome', token, endpoint: null });
  }
}

class Page {
  readonly sockets: FakeWire[] = [];
  readonly streams: FakeWire[] = [];
  readonly states: HostState[] = [];
  readonly events: Event['event'][] = [];
  readonly refusals: string[] = [];
  readonly host: BrowserHost;
  readonly wakes = new FakePage();

  constructor(storage = new Map<string, string>()) {
    const wires =
      (list: FakeWire[]): OpenWire =>
      (handlers) => {
        const wire = new FakeWire(handlers);
        list.push(wire);
        return {
          send: (message) => wire.sent.push(message),
          close: () => (wire.isClosed = true),
        };
      };
    this.host = new BrowserHost({
      socket: wires(this.sockets),
      fallback: wires(this.streams),
      seat: new Seat({
        getItem: (key) => storage.get(key) ?? null,
        setItem: (key, value) => storage.set(key, value),
        removeItem: (key) => storage.delete(key),
      }),
      wakes: this.wakes,
      random: () => 0.5,
    });
    const identity: Identity = { role: 'owner', webrtc: true, kind: 'desktop', name: null };
    this.host.attach(() => identity, {
      handleEvent: ({ event }) => this.events.push(event),
      handleState: (state) => this.states.push(state),
      handleRefused: (code) => this.refusals.push(code),
    });
  }

  get socket(): FakeWire {
    const last = this.sockets.at(-1);
    if (!last) throw new Error('no socket');
    return last;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('attaching', () => {
  test('the first message says who is there, and the welcome opens', () => {
    const page = new Page();
    page.socket.welcome('t1');
    expect(page.socket.sent).toEqual([
      { type: 'attach', role: 'owner', webrtc: true, kind: 'desktop', name: null, resume: null },
    ]);
    expect(page.states).toEqual(['open']);
  });

  test('a reloaded page asks for the seat it had', () => {
    const storage = new Map<string, string>();
    new Page(storage).socket.welcome('t1');
    const reloaded = new Page(storage);
    reloaded.socket.welcome('t2');
    expect(reloaded.socket.sent[0]).toMatchObject({ resume: { token: 't1', endpoint: null } });
  });

  test('a seat that can’t be read is none', () => {
    const page = new Page(new Map([['lanline.seat.owner', '{"token":5}']]));
    page.socket.welcome('t1');
    expect(page.socket.sent[0]).toMatchObject({ resume: null });
  });

  test('a refusal is told, and the seat is asked for again', () => {
    const page = new Page();
    page.socket.handlers.opened();
    page.socket.say({ type: 'reply', id: 0, error: 'at_capacity' });
    page.socket.drop();
    expect(page.refusals).toEqual(['at_capacity']);
    vi.advanceTimersByTime(FIRST_DELAY_MS);
    expect(page.sockets).toHaveLength(2);
  });

  test('a wire without a welcome is dropped', () => {
    const page = new Page();
    page.socket.handlers.opened();
    vi.advanceTimersByTime(WELCOME_TIMEOUT_MS);
    expect(page.sockets[0]?.isClosed).toBe(true);
    vi.advanceTimersByTime(FIRST_DELAY_MS);
    expect(page.sockets).toHaveLength(2);
  });
});

describe('requests', () => {
  test('are numbered, and settled by their replies', async () => {
    const page = new Page();
    page.socket.welcome('t');
    const first = page.host.request({ type: 'history_seen' });
    const second = page.host.request({ type: 'set_name', name: '' });
    page.socket.say({ type: 'reply', id: 2, error: 'invalid_name' });
    page.socket.say({ type: 'reply', id: 1, error: null });
    page.socket.say({ type: 'reply', id: 99, error: null });
    await expect(first).resolves.toBeUndefined();
    await expect(second).rejects.toMatchObject({ code: 'invalid_name' });
  });

  test('before the welcome, and those a lost wire left open, are disconnected', async () => {
    const page = new Page();
    await expect(page.host.request({ type: 'history_seen' })).rejects.toMatchObject({
      code: 'disconnected',
    });
    page.socket.welcome('t');
    const open = page.host.request({ type: 'history_seen' });
    page.socket.drop();
    await expect(open).rejects.toMatchObject({ code: 'disconnected' });
  });

  test('one without a reply means that the wire is dead', async () => {
    const page = new Page();
    page.socket.welcome('t');
    const open = page.host.request({ type: 'history_seen' });
    const outcome = expect(open).rejects.toMatchObject({ code: 'disconnected' });
    vi.advanceTimersByTime(REPLY_TIMEOUT_MS);
    await outcome;
    expect(page.sockets[0]?.isClosed).toBe(true);
    expect(page.states).toEqual(['open', 'retrying']);
  });
});

describe('a lost connection', () => {
  test('is opened again with the same seat, at growing distances', () => {
    const page = new Page();
    page.socket.welcome('t1');
    let delay = FIRST_DELAY_MS;
    for (let attempt = 1; attempt < 8; attempt += 1) {
      page.socket.drop();
      vi.advanceTimersByTime(delay - 1);
      expect(page.sockets).toHaveLength(attempt);
      vi.advanceTimersByTime(1);
      expect(page.sockets).toHaveLength(attempt + 1);
      delay = Math.min(delay * 2, MAX_DELAY_MS);
    }
    page.socket.welcome('t2');
    expect(page.socket.sent[0]).toMatchObject({ resume: { token: 't1' } });
    expect(page.states).toEqual(['open', 'retrying', 'open']);
    expect(page.streams).toHaveLength(0);
  });

  test('is tried at once when the page is looked at, or has a network, again', () => {
    const page = new Page();
    page.socket.welcome('t1');
    page.socket.drop();
    for (const wake of [
      () => {
        page.wakes.wake();
      },
      () => page.wakes.dispatchEvent(new Event('online')),
    ]) {
      const before = page.sockets.length;
      wake();
      // One attempt is enough.
      wake();
      expect(page.sockets).toHaveLength(before + 1);
      page.socket.drop();
    }
    page.host.close();
    page.wakes.wake();
    expect(page.sockets).toHaveLength(3);
  });

  test('counts as lost after a while, and is still tried', () => {
    const page = new Page();
    page.socket.welcome('t');
    const closeAll = () => {
      for (let i = 0; i < 20; i += 1) {
        page.socket.drop();
        vi.advanceTimersByTime(MAX_DELAY_MS);
      }
    };
    closeAll();
    expect(page.states).toEqual(['open', 'retrying', 'lost']);
    page.socket.welcome('t');
    expect(page.states.at(-1)).toBe('open');
  });

  test('a node that was never there is lost too', () => {
    const page = new Page();
    vi.advanceTimersByTime(LOST_AFTER_MS);
    expect(page.states).toEqual(['lost']);
  });
});

describe('a browser that refuses the socket', () => {
  test('is served by the stream, at once', () => {
    const page = new Page();
    page.socket.drop();
    vi.advanceTimersByTime(0);
    expect(page.streams).toHaveLength(1);
    page.streams[0]?.welcome('t');
    expect(page.states).toEqual(['open']);
  });

  test('while neither works, they are tried in turn', () => {
    const page = new Page();
    for (let i = 0; i < 3; i += 1) {
      page.socket.drop();
      vi.advanceTimersByTime(0);
      page.streams.at(-1)?.drop();
      vi.advanceTimersByTime(MAX_DELAY_MS);
    }
    expect([page.sockets.length, page.streams.length]).toEqual([4, 3]);
  });
});

describe('replaced by another tab', () => {
  test('it stays away until it is asked to come back', () => {
    const page = new Page();
    page.socket.welcome('t');
    page.socket.say({ type: 'event', event: 'replaced' });
    page.socket.drop();
    vi.advanceTimersByTime(LOST_AFTER_MS * 2);
    expect(page.sockets).toHaveLength(1);
    expect(page.states).toEqual(['open', 'replaced']);
    expect(page.events).toEqual(['welcome', 'replaced']);
    page.host.reconnect();
    page.socket.welcome('t2');
    expect(page.states).toEqual(['open', 'replaced', 'retrying', 'open']);
  });
});

test('closed, it does nothing more', () => {
  const page = new Page();
  page.socket.welcome('t');
  page.host.close();
  vi.advanceTimersByTime(LOST_AFTER_MS * 2);
  expect(page.sockets).toHaveLength(1);
  expect(page.socket.isClosed).toBe(true);
  expect(page.states).toEqual(['open']);
});
