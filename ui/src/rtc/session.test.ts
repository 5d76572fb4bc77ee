import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { Signal, TransportState } from '../protocol';
import { FakeConnections, FakeStream, FakeTrack, settle } from '../testing/fake-rtc';
import type { Tracks } from './connection';
import { DISCONNECTED_MS, GIVE_UP_MS } from './recovery';
import { PeerSession } from './session';
import { SOUND_WAITS_MS } from './tuning';

/** One end of a leg. What it says waits in `out` until a test carries it over. */
class End {
  readonly connections: FakeConnections;
  readonly session: PeerSession;
  readonly transports: TransportState[] = [];
  streams = 0;
  out: Signal[] = [];

  constructor(name: string, polite: boolean, epoch = 0) {
    this.connections = new FakeConnections(name);
    this.session = new PeerSession(this.connections.create, epoch, polite, {
      handleSignal: (signal) => this.out.push(signal),
      handleTransport: (state) => this.transports.push(state),
      handleRemoteStream: () => (this.streams += 1),
    });
  }

  types(): string[] {
    return this.out.map(({ type, epoch }) => `${type} ${epoch}`);
  }
}

/** Carries signals over, both ways, until nobody has any more to say. */
async function carry(a: End, b: End): Promise<void> {
  await settle();
  while (a.out.length + b.out.length > 0) {
    const [fromA, fromB] = [a.out, b.out];
    a.out = [];
    b.out = [];
    for (const signal of fromA) b.session.receive(signal);
    for (const signal of fromB) a.session.receive(signal);
    await settle();
  }
}

function tracks(): Tracks {
  return {
    audio: new FakeTrack('audio') as unknown as MediaStreamTrack,
    video: new FakeTrack('video') as unknown as MediaStreamTrack,
  };
}

async function connected(): Promise<{ caller: End; callee: End }> {
  const caller = new End('caller', false);
  const callee = new End('callee', true);
  callee.session.receive(await caller.session.offer());
  await carry(caller, callee);
  caller.connections.last.become('connected');
  callee.connections.last.become('connected');
  return { caller, callee };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('while it rings', () => {
  test('both ways are agreed on, and neither side sends anything', async () => {
    const { caller, callee } = await connected();
    for (const { last } of [caller.connections, callee.connections]) {
      expect(last.signalingState).toBe('stable');
      expect(last.transceivers.map(({ kind, direction }) => `${kind} ${direction}`)).toEqual([
        'audio sendrecv',
        'video sendrecv',
      ]);
      expect(last.transceivers.map(({ sender }) => sender.track)).toEqual([null, null]);
    }
    expect(caller.transports).toEqual(['connected']);
  });

  test('accepting puts tracks in, and negotiates nothing', async () => {
    const { caller, callee } = await connected();
    const mine = tracks();
    await callee.session.setTracks(mine);
    expect(callee.connections.last.sender('audio').track).toBe(mine.audio);
    expect(callee.connections.last.sender('video').track).toBe(mine.video);
    await settle();
    expect(caller.out).toEqual([]);
    expect(callee.out).toEqual([]);
  });

  test('sound has nothing set aside for it before there is some, and the first picture has gone out', async () => {
    const { caller, callee } = await connected();
    for (const { connections, session } of [caller, callee]) {
      const sound = connections.last.sender('audio');
      const isActive = (active: boolean) => {
        expect(sound.parameters).toMatchObject({ encodings: [{ active }] });
      };
      isActive(false);
      await session.setTracks({ ...tracks(), audio: null });
      await session.setTracks(tracks());
      await vi.advanceTimersByTimeAsync(SOUND_WAITS_MS / 2);
      isActive(false);
      connections.last.sender('video').framesSent = 1;
      await vi.advanceTimersByTimeAsync(SOUND_WAITS_MS / 3);
      isActive(true);
    }
  });

  test('sound does not wait long for a camera that gives no picture, and not at all for none', async () => {
    const { caller, callee } = await connected();
    await caller.session.setTracks(tracks());
    await vi.advanceTimersByTimeAsync(SOUND_WAITS_MS);
    await callee.session.setTracks({ ...tracks(), video: null });
    await settle();
    for (const { connections } of [caller, callee]) {
      const sound = connections.last.sender('audio');
      expect(sound.parameters).toMatchObject({ encodings: [{ active: true }] });
    }
  });

  test('what is received is one stream of both tracks, though nobody named a stream', async () => {
    const { caller } = await connected();
    expect(caller.session.remoteStream.getTracks().map(({ kind }) => kind)).toEqual([
      'audio',
      'video',
    ]);
  });

  test('the remote description tells Chromium where to start', async () => {
    const { callee } = await connected();
    expect(callee.connections.last.remoteDescription?.type).toBe('offer');
    expect(callee.connections.last.sender('video').parameters).toMatchObject({
      degradationPreference: 'maintain-resolution',
      encodings: [{ maxBitrate: 4_000_000 }],
    });
  });

  test('candidates before the description wait for it, in order', async () => {
    const caller = new End('caller', false);
    const offer = await caller.session.offer();
    await settle();
    const callee = new End('callee', true);
    const early = [1, 2, 3].map((n) => ({ ...candidate(0), candidate: `early ${n}` }));
    for (const signal of early) callee.session.receive(signal);
    callee.session.receive(offer);
    await settle();
    expect(callee.connections.last.candidates).toEqual(['early 1', 'early 2', 'early 3']);
  });

  test('a candidate that only has a name is passed on as any other', async () => {
    const { callee } = await connected();
    const named = { ...candidate(0), candidate: 'candidate:1 1 udp 1 4f1c.local 9 typ host' };
    callee.session.receive(named);
    await settle();
    expect(callee.connections.last.candidates).toContain(named.candidate);
  });
});

describe('both at once', () => {
  test('both restart ICE: the polite one yields, then has its turn', async () => {
    const { caller, callee } = await connected();
    caller.session.handleNetworkChanged();
    callee.session.handleNetworkChanged();
    await settle();
    expect([caller.types()[0], callee.types()[0]]).toEqual(['offer 0', 'offer 0']);
    await carry(caller, callee);
    for (const { made, last } of [caller.connections, callee.connections]) {
      expect(made).toHaveLength(1);
      expect(last.signalingState).toBe('stable');
      expect(last.transceivers).toHaveLength(2);
    }
  });

  test('both make the first offer of an epoch: one connection results, with two sections', async () => {
    const impolite = new End('impolite', false, 1);
    const polite = new End('polite', true, 1);
    const mine = tracks();
    await polite.session.setTracks(mine);
    const [theirs, ours] = await Promise.all([impolite.session.offer(), polite.session.offer()]);
    impolite.out.unshift(theirs);
    polite.out.unshift(ours);
    await carry(impolite, polite);
    expect(impolite.connections.made).toHaveLength(1);
    expect(polite.connections.made).toHaveLength(2);
    expect(polite.connections.made[0]?.signalingState).toBe('closed');
    expect(polite.connections.last.signalingState).toBe('stable');
    expect(polite.connections.last.transceivers).toHaveLength(2);
    expect(polite.connections.last.sender('video').track).toBe(mine.video);
    // The candidates of the offer that was ignored are not taken for those of the answer.
    expect(impolite.connections.last.candidates).toEqual(['polite1 1']);
  });

  test('an answer that nobody asked for changes nothing', async () => {
    const { caller } = await connected();
    caller.session.receive({ type: 'answer', epoch: 0, sdp: 'late' });
    await settle();
    expect(caller.connections.last.remoteDescription?.sdp).not.toContain('late');
    expect(caller.transports).toEqual(['connected']);
  });
});

describe('epochs', () => {
  test('an offer of the next epoch replaces the connection, and keeps what is sent', async () => {
    const { callee } = await connected();
    const mine = tracks();
    await callee.session.setTracks(mine);
    const reloaded = new End('reloaded', false, 1);
    callee.session.receive(await reloaded.session.offer());
    await carry(reloaded, callee);
    expect(callee.session.epoch).toBe(1);
    expect(callee.connections.made.map(({ signalingState }) => signalingState)).toEqual([
      'closed',
      'stable',
    ]);
    expect(callee.connections.last.sender('audio').track).toBe(mine.audio);
    expect(callee.streams).toBe(1);
    callee.connections.last.become('connected');
    expect(callee.transports).toEqual(['connected', 'connected']);
  });

  test('signals of an earlier epoch are stale', async () => {
    const { callee } = await connected();
    const reloaded = new End('reloaded', false, 1);
    callee.session.receive(await reloaded.session.offer());
    await carry(reloaded, callee);
    const before = callee.connections.last.candidates.length;
    callee.session.receive(candidate(0));
    callee.session.receive({ type: 'offer', epoch: 0, sdp: 'old' });
    await settle();
    expect(callee.connections.last.candidates).toHaveLength(before);
    expect(callee.session.epoch).toBe(1);
  });

  test('only an offer begins an epoch', async () => {
    const { callee } = await connected();
    callee.session.receive(candidate(5));
    callee.session.receive({ type: 'answer', epoch: 5, sdp: 'x' });
    await settle();
    expect(callee.session.epoch).toBe(0);
    expect(callee.connections.made).toHaveLength(1);
  });

  test('an offer that is nonsense fails a path that was never there, and only that', async () => {
    const fresh = new End('fresh', true);
    fresh.session.receive({ type: 'offer', epoch: 0, sdp: 'nonsense' });
    await settle();
    expect(fresh.transports).toEqual(['failed']);
    const { callee } = await connected();
    callee.session.receive({ type: 'offer', epoch: 0, sdp: 'nonsense' });
    await settle();
    expect(callee.transports).toEqual(['connected']);
  });
});

describe('an interruption', () => {
  test('is mended by an ICE restart', async () => {
    const { caller, callee } = await connected();
    caller.connections.last.become('disconnected');
    expect(caller.transports.at(-1)).toBe('interrupted');
    vi.advanceTimersByTime(DISCONNECTED_MS);
    await carry(caller, callee);
    expect(caller.connections.last.restarts).toBe(1);
    expect(callee.connections.last.candidates).toContain('caller0 2');
    caller.connections.last.become('connected');
    expect(caller.transports).toEqual(['connected', 'interrupted', 'connected']);
  });

  test('is given up after a while, and a closed session is silent', async () => {
    const { caller } = await connected();
    caller.connections.last.become('failed');
    vi.advanceTimersByTime(GIVE_UP_MS);
    expect(caller.transports.at(-1)).toBe('failed');
    caller.session.close();
    const said = caller.transports.length;
    caller.session.receive({ type: 'offer', epoch: 9, sdp: 'x' });
    vi.advanceTimersByTime(GIVE_UP_MS);
    await settle();
    expect(caller.transports).toHaveLength(said);
    expect(caller.connections.made).toHaveLength(1);
  });
});

function candidate(epoch: number): Extract<Signal, { type: 'candidate' }> {
  return {
    type: 'candidate',
    epoch,
    candidate: 'candidate:0 1 udp 1 10.0.0.1 9 typ host',
    sdp_mid: '0',
    sdp_m_line_index: 0,
    username_fragment: null,
  };
}
