import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { LATE_MS, PAUSED_MS } from '../rtc/capture';
import { GIVE_UP_MS } from '../rtc/recovery';
import { FakeStream, FakeTrack, settle } from '../testing/fake-rtc';
import { ADA, answer, CALL, call, ME, offer, peer, World } from '../testing/world';
import { RECALL_MS } from './app.svelte';
import { OFFER_WAIT_MS } from './call.svelte';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A call to Ada, placed and on its way; gives its id. */
async function placed(world: World, video = true): Promise<string> {
  await world.attached();
  world.app.callPeer(ADA, video);
  await settle();
  const id = world.app.call?.id;
  if (id === undefined) throw new Error('no call');
  await world.hear(call({ id, direction: 'outgoing', state: 'calling', video }));
  return id;
}

describe('calling', () => {
  test('the story of a call that is answered', async () => {
    const world = new World();
    const id = await placed(world);
    expect(world.app.call?.phase).toBe('calling');
    expect(world.asked()).toEqual(['place']);

    await world.hear(call({ id, direction: 'outgoing', state: 'ringing' }), answer(id));
    world.connections.last.become('connected');
    expect(world.app.call?.phase).toBe('ringing');
    expect(world.tone).toBe('ringback');
    // The camera is open, and the path is there: nothing is sent.
    expect(world.app.call?.selfStream).not.toBeNull();
    expect(world.sending()).toEqual([null, null]);

    await world.hear(call({ id, direction: 'outgoing', state: 'active', connected_ms: 0 }));
    expect(world.app.call?.phase).toBe('active');
    expect(world.sending()).toEqual(['audio', 'video']);
    expect(world.tone).toBe('silence');
    expect(world.screen).toBe(true);
    expect(world.asked()).toEqual(['transport']);
    vi.advanceTimersByTime(61_000);
    expect(world.app.call?.seconds).toBe(61);

    await world.hear(
      call({ id, direction: 'outgoing', state: 'ended', end: 'hung_up', holder: 'nobody' }),
    );
    expect(world.app.call?.ending).toEqual({ reason: 'hung_up', seconds: 61 });
    expect(world.tracks.map(({ readyState }) => readyState)).toEqual(['ended', 'ended']);
    expect(world.connections.last.signalingState).toBe('closed');
    expect(world.tab.has('lanline.held')).toBe(false);
    expect(world.screen).toBe(false);
    world.app.call?.dismiss();
    expect(world.app.call).toBeNull();
  });

  test('the invitation does not wait for a permission, and the tracks come when it is given', async () => {
    const world = new World();
    world.devices.asks = true;
    const id = await placed(world);
    expect(world.host.commands[0]).toMatchObject({
      type: 'place',
      media: { audio: true, video: true },
    });
    expect(world.app.call?.camera.state).toBe('starting');
    await world.hear(answer(id), call({ id, direction: 'outgoing', state: 'connecting' }));
    expect(world.sending()).toEqual([null, null]);
    world.devices.asks = false;
    world.app.call?.setCamera(false);
    world.app.call?.setCamera(true);
    await settle();
    expect(world.sending()).toEqual([null, 'video']);
  });

  test('a question nobody answers is not told as sound and pictures, and survives a reload', async () => {
    const world = new World();
    world.devices.asks = true;
    const id = await placed(world);
    await world.hear(answer(id), call({ id, direction: 'outgoing', state: 'active' }));
    world.host.commands.length = 0;
    vi.advanceTimersByTime(LATE_MS);
    expect(world.host.commands.at(-1)).toEqual({
      type: 'media',
      call: id,
      media: { audio: false, video: false, screen: false },
    });
    expect(world.app.call?.camera).toEqual({ state: 'starting', problem: 'asking' });
    const held = JSON.parse(world.tab.get('lanline.held') ?? '') as unknown;
    expect(held).toEqual({ call: id, microphone: true, camera: true });
  });

  test('a camera that the system pauses is told as off, and as on when it is back', async () => {
    const world = new World();
    const id = await placed(world);
    await world.hear(answer(id), call({ id, direction: 'outgoing', state: 'active' }));
    world.host.commands.length = 0;
    const picture = world.tracks.find(({ kind }) => kind === 'video');
    picture?.mute(true);
    vi.advanceTimersByTime(PAUSED_MS);
    picture?.mute(false);
    expect(world.host.commands.filter(({ type }) => type === 'media')).toEqual([
      { type: 'media', call: id, media: { audio: true, video: false, screen: false } },
      { type: 'media', call: id, media: { audio: true, video: true, screen: false } },
    ]);
  });

  test('without a camera it is a call all the same, and the other is told', async () => {
    const world = new World();
    world.devices.video = false;
    const id = await placed(world);
    await world.hear(answer(id), call({ id, direction: 'outgoing', state: 'active' }));
    expect(world.sending()).toEqual(['audio', null]);
    expect(world.app.call?.camera).toEqual({ state: 'unavailable', problem: 'no_device' });
    const said = world.host.commands.filter(({ type }) => type === 'place' || type === 'media');
    expect(said.at(-1)).toMatchObject({ media: { audio: true, video: false } });
  });

  test('muting and the camera’s switch are told, and what is off is not sent', async () => {
    const world = new World();
    const id = await placed(world);
    await world.hear(answer(id), call({ id, direction: 'outgoing', state: 'active' }));
    world.host.commands.length = 0;
    world.app.call?.setMuted(true);
    world.app.call?.setCamera(false);
    await settle();
    expect(world.host.commands).toEqual([
      { type: 'media', call: id, media: { audio: false, video: true, screen: false } },
      { type: 'media', call: id, media: { audio: false, video: false, screen: false } },
    ]);
    expect(world.tracks.find(({ kind }) => kind === 'audio')?.enabled).toBe(false);
    expect(world.sending()).toEqual(['audio', null]);
    expect(world.app.announcement?.code).toBe('camera_off');
  });

  test('a camera is said to be on once it is, and what the other does is said', async () => {
    const world = new World();
    const id = await placed(world);
    const active = { id, direction: 'outgoing', state: 'active' } as const;
    await world.hear(answer(id), call(active));
    world.app.call?.setCamera(false);
    world.app.call?.setCamera(true);
    expect(world.app.announcement?.code).toBe('camera_off');
    await settle();
    expect(world.app.announcement?.code).toBe('camera_on');
    world.app.call?.setCamera(false);
    world.devices.video = false;
    world.app.call?.setCamera(true);
    await settle();
    expect(world.app.announcement?.code).toBe('camera_off');

    const muted = call(active);
    if (muted.event === 'call' && muted.participants[0]) {
      muted.participants[0].media = { audio: false, video: true, screen: false };
    }
    await world.hear(muted);
    expect(world.app.announcement?.code).toBe('remote_muted');
    await world.hear(call(active));
    expect(world.app.announcement?.code).toBe('remote_unmuted');
  });

  test('a refused invitation leaves no call behind, and says why', async () => {
    const world = new World();
    await world.attached();
    world.host.refuse = 'unknown_peer';
    world.app.callPeer(ADA, true);
    await settle();
    expect(world.app.call).toBeNull();
    expect(world.app.problem).toEqual({ code: 'unknown_peer' });
    expect(world.tracks.every(({ readyState }) => readyState === 'ended')).toBe(true);
  });

  test('cancelled before the offer was made, nobody is called', async () => {
    const world = new World();
    await world.attached();
    world.app.callPeer(ADA, true);
    world.app.call?.hangUp();
    await settle();
    expect(world.app.call).toBeNull();
    expect(world.asked()).toEqual([]);
  });

  test('the candidates come after the invitation', async () => {
    const world = new World();
    await placed(world);
    const types = world.host.commands.map(({ type }) => type);
    expect(types).toEqual(['place', 'signal']);
  });

  test('somebody who is gone, or while in a call, is not called', async () => {
    const world = new World();
    await world.attached();
    world.app.callPeer('e'.repeat(52), true);
    expect(world.app.problem).toEqual({ code: 'unknown_peer' });
    await placed(world);
    world.app.callPeer(ADA, true);
    expect(world.app.problem).toEqual({ code: 'already_in_call' });
  });
});

describe('sharing the screen', () => {
  /** What was told of what is sent, since the last time. */
  function told(world: World) {
    return world.host.commands.splice(0).map((command) => 'media' in command && command.media);
  }

  async function talking(world: World): Promise<string> {
    const id = await placed(world);
    await world.hear(answer(id), call({ id, direction: 'outgoing', state: 'active' }));
    world.host.commands.length = 0;
    return id;
  }

  test('the screen takes the camera’s place, and gives it back', async () => {
    const world = new World();
    await talking(world);
    const screen = world.pick as FakeTrack;
    world.app.call?.setScreen(true);
    await settle();
    expect(world.connections.last.getTransceivers()[1]?.sender.track).toBe(screen);
    expect(world.app.call?.selfStream).toBeNull();
    expect(world.tracks.filter(({ kind }) => kind === 'video').at(-1)?.readyState).toBe('ended');
    expect(told(world)).toEqual([{ audio: true, video: true, screen: true }]);
    expect(world.app.announcement?.code).toBe('sharing');

    world.app.call?.setScreen(false);
    await settle();
    expect(screen.readyState).toBe('ended');
    expect(world.sending()).toEqual(['audio', 'video']);
    expect(world.app.call?.selfStream).not.toBeNull();
    expect(told(world)).toEqual([{ audio: true, video: true, screen: false }]);
    expect(world.app.announcement?.code).toBe('not_sharing');
  });

  test('a camera that was off stays off after', async () => {
    const world = new World();
    await talking(world);
    world.app.call?.setCamera(false);
    world.app.call?.setScreen(true);
    await settle();
    expect(world.sending()).toEqual(['audio', 'video']);
    (world.pick as FakeTrack).end();
    await settle();
    expect(world.sending()).toEqual(['audio', null]);
    expect(told(world).at(-1)).toEqual({ audio: true, video: false, screen: false });
  });

  test('switching the camera on ends it', async () => {
    const world = new World();
    await talking(world);
    world.app.call?.setCamera(false);
    world.app.call?.setScreen(true);
    await settle();
    world.app.call?.setCamera(true);
    await settle();
    expect((world.pick as FakeTrack).readyState).toBe('ended');
    expect(world.app.call?.camera.state).toBe('on');
    expect(world.app.call?.screen.state).toBe('off');
  });

  test('nothing picked, nothing changes; what the system forbids is said', async () => {
    const world = new World();
    await talking(world);
    world.pick = new DOMException('Permission denied', 'NotAllowedError');
    world.app.call?.setScreen(true);
    await settle();
    expect(world.app.call?.screen).toEqual({ state: 'off', problem: null });
    expect(world.app.call?.camera.state).toBe('on');
    expect(told(world)).toEqual([]);
    world.pick = new DOMException('Permission denied by system', 'NotAllowedError');
    world.app.call?.setScreen(true);
    await settle();
    expect(world.app.call?.screen.problem).toBe('screen_denied');
  });

  test('the end of the call ends it, and a reload goes on with the camera', async () => {
    const world = new World();
    const id = await talking(world);
    world.app.call?.setScreen(true);
    await settle();
    expect(JSON.parse(world.tab.get('lanline.held') ?? '')).toMatchObject({ camera: true });
    await world.hear(call({ id, direction: 'outgoing', state: 'ended', end: 'hung_up' }));
    expect((world.pick as FakeTrack).readyState).toBe('ended');
    expect(world.tracks.every(({ readyState }) => readyState === 'ended')).toBe(true);
  });

  test('the other’s screen is told of when it comes and when it goes', async () => {
    const world = new World();
    const id = await talking(world);
    const now = (screen: boolean) => {
      const event = call({ id, direction: 'outgoing', state: 'active' });
      if (event.event !== 'call') throw new Error('no call');
      const [other] = event.participants;
      if (other) other.media = { audio: true, video: true, screen };
      return event;
    };
    await world.hear(now(true));
    expect(world.app.call?.remoteScreen).toBe(true);
    expect(world.app.announcement?.code).toBe('remote_sharing');
    await world.hear(now(false));
    expect(world.app.call?.remoteScreen).toBe(false);
    expect(world.app.announcement?.code).toBe('remote_not_sharing');
  });
});

describe('being called', () => {
  test('the story of a call that is taken: answered while it rings, sent only after', async () => {
    const world = new World({ permitted: true });
    await world.attached();
    await world.hear(call(), offer());
    expect(world.app.call?.phase).toBe('incoming');
    expect(world.app.announcement).toMatchObject({ code: 'incoming', name: 'Ada' });
    expect(world.tone).toBe('ring');
    expect(world.rings).toBe('Ada');
    expect(world.asked()).toEqual(['answer 0']);
    world.connections.last.become('connected');
    // Permitted before, so the devices are warm; what they give stays here.
    expect(world.tracks).toHaveLength(2);
    expect(world.sending()).toEqual([null, null]);
    expect(world.app.call?.remoteVideo).toBe(false);

    world.app.call?.accept(true);
    expect(world.tone).toBe('silence');
    expect(world.sending()).toEqual(['audio', 'video']);
    expect(world.asked()).toEqual(['transport', 'accept']);
    expect(world.app.call?.phase).toBe('connecting');
    await world.hear(call({ state: 'active', connected_ms: 0 }));
    expect(world.rings).toBeNull();
    expect(world.app.call?.phase).toBe('active');
    expect(world.app.call?.remoteVideo).toBe(true);
    expect(world.tracks).toHaveLength(2);
  });

  test('whether calls may be shown is asked of those who call or answer, and not before', async () => {
    const world = new World();
    await world.attached();
    await world.hear(call(), offer());
    expect(world.asks).toBe(0);
    world.app.call?.accept(true);
    expect(world.asks).toBe(1);
    const caller = new World();
    await placed(caller);
    expect(caller.asks).toBe(1);
    expect(caller.rings).toBeNull();
  });

  test('without permission yet, ringing asks for none', async () => {
    const world = new World();
    await world.attached();
    await world.hear(call(), offer());
    expect(world.tracks).toHaveLength(0);
    world.app.call?.accept(false);
    await settle();
    expect(world.sending()).toEqual(['audio', null]);
    expect(world.tracks).toHaveLength(1);
  });

  test('a stranger switches no camera on before the call is taken', async () => {
    const world = new World({ permitted: true });
    // Not by a name that only the list knows it by, either.
    await world.attached(peer({ trust: 'known' }));
    await world.hear(call({}, 0, 'name_taken'), offer());
    expect(world.app.call?.phase).toBe('incoming');
    expect(world.tracks).toHaveLength(0);
    world.app.call?.accept(true);
    await settle();
    expect(world.sending()).toEqual(['audio', 'video']);
  });

  test('taken without pictures, a warm camera is closed', async () => {
    const world = new World({ permitted: true });
    await world.attached();
    await world.hear(call(), offer());
    world.app.call?.accept(false);
    await settle();
    expect(world.tracks.map(({ kind, readyState }) => `${kind} ${readyState}`)).toEqual([
      'video ended',
      'audio live',
    ]);
    expect(world.host.commands).toContainEqual({
      type: 'accept',
      call: CALL,
      media: { audio: true, video: false, screen: false },
    });
  });

  test('the caller gives up: ringing stops, and the camera closes', async () => {
    const world = new World({ permitted: true });
    await world.attached();
    await world.hear(call(), offer());
    await world.hear(call({ state: 'ended', end: 'cancelled', holder: 'nobody' }));
    expect(world.tone).toBe('silence');
    expect(world.rings).toBeNull();
    expect(world.app.call?.ending?.reason).toBe('cancelled');
    expect(world.tracks.every(({ readyState }) => readyState === 'ended')).toBe(true);
  });

  test('calling the one who is calling takes the call', async () => {
    const world = new World();
    await world.attached();
    await world.hear(call(), offer());
    world.asked();
    world.app.callPeer(ADA, true);
    await settle();
    expect(world.asked()).toEqual(['accept']);
  });

  test('signals of somebody else are passed over', async () => {
    const world = new World();
    await world.attached();
    await world.hear(call(), { ...offer(), from: 'e'.repeat(52) } as ReturnType<typeof offer>);
    expect(world.connections.made).toHaveLength(0);
  });
});

describe('several windows', () => {
  test('taken in another, this one lets go of everything', async () => {
    const world = new World({ permitted: true });
    await world.attached();
    await world.hear(call(), offer());
    await world.hear(call({ state: 'connecting', holder: 'elsewhere' }));
    expect(world.app.call?.holder).toBe('elsewhere');
    expect(world.connections.last.signalingState).toBe('closed');
    expect(world.tracks.every(({ readyState }) => readyState === 'ended')).toBe(true);
    expect(world.tone).toBe('silence');
  });

  test('taken here though another answered the offer: a new epoch begins', async () => {
    const world = new World();
    await world.attached();
    await world.hear(call({ holder: 'elsewhere' }));
    world.app.call?.accept(true);
    await settle();
    await world.hear(call({ state: 'connecting' }), offer());
    expect(world.asked()).toEqual(['accept', 'offer 1']);
    expect(world.sending()).toEqual(['audio', 'video']);
  });

  test('the other was faster: nothing goes on here', async () => {
    const world = new World();
    await world.attached();
    await world.hear(call({ holder: 'elsewhere' }));
    world.host.refuse = 'wrong_state';
    world.app.call?.accept(true);
    await settle();
    expect(world.app.problem).toEqual({ code: 'wrong_state' });
    expect(world.connections.last.signalingState).toBe('closed');
    expect(world.tracks.every(({ readyState }) => readyState === 'ended')).toBe(true);
  });

  test('a call can be fetched from another window', async () => {
    const world = new World();
    await world.attached();
    await world.hear(call({ state: 'active', holder: 'elsewhere', connected_ms: 5000 }, 2));
    expect(world.app.call?.seconds).toBe(5);
    world.app.call?.takeHere();
    await world.hear(call({ state: 'active', holder: 'here', connected_ms: 5000 }, 2));
    expect(world.asked()).toEqual(['take', 'media', 'offer 3']);
    expect(world.sending()).toEqual(['audio', 'video']);
  });

  test('nominated when the offer is answered already, it offers itself', async () => {
    const world = new World();
    await world.attached();
    await world.hear(call({}, 0));
    vi.advanceTimersByTime(OFFER_WAIT_MS);
    await settle();
    expect(world.asked()).toEqual(['offer 1']);
    expect(world.sending()).toEqual([null, null]);
  });
});

describe('both call each other', () => {
  const OTHER = 'f'.repeat(26);

  test.each([
    ['the end first', true],
    ['the other call first', false],
  ])('their call goes on in the place of ours: %s', async (_name, endFirst) => {
    const world = new World();
    const id = await placed(world);
    const end = call({ id, direction: 'outgoing', state: 'ended', merged_into: OTHER });
    const theirs = call({ id: OTHER, state: 'connecting' });
    if (endFirst) {
      await world.hear(end);
      expect(world.app.call?.phase).toBe('connecting');
      expect(world.app.call?.ending).toBeNull();
      await world.hear(theirs, offer(0, OTHER));
    } else {
      await world.hear(theirs, offer(0, OTHER), end);
    }
    expect(world.app.call?.id).toBe(OTHER);
    expect(world.app.call?.phase).toBe('connecting');
    expect(world.asked()).toEqual(['place', 'media', 'answer 0']);
    expect(world.sending()).toEqual(['audio', 'video']);
    // The camera that was opened for ours is used for theirs.
    expect(world.tracks).toHaveLength(2);
    expect(world.connections.made.map(({ signalingState }) => signalingState)).toEqual([
      'closed',
      'stable',
    ]);
  });
});

describe('a reload', () => {
  test('the tab that held the call goes on with it, as it was', async () => {
    const tab = new Map<string, string>();
    const before = new World({ tab });
    const id = await placed(before);
    await before.hear(answer(id), call({ id, direction: 'outgoing', state: 'active' }));
    before.app.call?.setMuted(true);
    await settle();

    const world = new World({ tab });
    await world.attached();
    await world.hear(
      call({ id, direction: 'outgoing', state: 'active', holder: 'nobody', connected_ms: 9000 }),
    );
    await world.hear(
      call({ id, direction: 'outgoing', state: 'active', holder: 'here', connected_ms: 9000 }),
    );
    expect(world.asked()).toEqual(['take', 'offer 1', 'media']);
    expect(world.app.call?.microphone.state).toBe('off');
    await world.hear(answer(id, 1));
    expect(world.sending()).toEqual([null, 'video']);
    expect(world.app.call?.seconds).toBe(9);
  });

  test('another tab leaves it alone until it is told to take it', async () => {
    const world = new World();
    await world.attached();
    await world.hear(call({ state: 'active', holder: 'nobody' }));
    expect(world.asked()).toEqual([]);
    expect(world.app.call?.holder).toBe('nobody');
  });
});

describe('the way to the node breaks', () => {
  test('the media goes on, and the call is taken up as it is', async () => {
    const world = new World();
    const id = await placed(world);
    await world.hear(answer(id), call({ id, direction: 'outgoing', state: 'active' }));
    world.connections.last.become('connected');
    world.asked();
    await world.attached();
    await world.hear(call({ id, direction: 'outgoing', state: 'active', holder: 'nobody' }));
    expect(world.asked()).toEqual(['take', 'transport']);
    expect(world.connections.made).toHaveLength(1);
    vi.advanceTimersByTime(RECALL_MS);
    expect(world.app.call?.phase).toBe('active');
  });

  test('a node that has forgotten the call: it is lost', async () => {
    const world = new World();
    const id = await placed(world);
    await world.hear(answer(id), call({ id, direction: 'outgoing', state: 'active' }));
    await world.attached();
    vi.advanceTimersByTime(RECALL_MS);
    expect(world.app.call?.ending?.reason).toBe('connection_lost');
    expect(world.connections.last.signalingState).toBe('closed');
  });

  test.each([
    ['calling', 'cancelled'],
    ['active', 'hung_up'],
  ] as const)('hanging up while %s ends it here at once', async (state, reason) => {
    const world = new World();
    const id = await placed(world);
    await world.hear(answer(id), call({ id, direction: 'outgoing', state }));
    world.host.refuse = 'disconnected';
    world.app.call?.hangUp();
    await settle();
    expect(world.app.call?.ending?.reason).toBe(reason);
    expect(world.tracks.every(({ readyState }) => readyState === 'ended')).toBe(true);
    expect(world.connections.last.signalingState).toBe('closed');
    expect(world.app.problem).toBeNull();
    world.app.call?.dismiss();

    // The node, back, is told, and what it says of the call meanwhile brings it back to nobody.
    world.asked();
    world.host.refuse = null;
    await world.hear(
      { event: 'welcome', token: 't', endpoint: null },
      call({ id, direction: 'outgoing', state, holder: 'nobody' }),
    );
    expect(world.asked()).toEqual(['hang_up']);
    expect(world.app.call).toBeNull();
    await world.attached();
    expect(world.asked()).toEqual([]);
  });

  test('declining ends the ringing at once', async () => {
    const world = new World();
    await world.attached();
    await world.hear(call(), offer());
    world.host.refuse = 'disconnected';
    world.app.call?.decline();
    expect(world.tone).toBe('silence');
    expect(world.app.call?.ending?.reason).toBe('declined');
  });

  test('given up on while both called each other: their call is hung up, too', async () => {
    const world = new World();
    const id = await placed(world);
    world.host.refuse = 'disconnected';
    world.app.call?.hangUp();
    await settle();
    world.host.refuse = null;
    world.asked();
    await world.hear(call({ id, direction: 'outgoing', state: 'ended', merged_into: CALL }));
    await world.hear(call({ id: CALL, state: 'ended', end: 'hung_up' }));
    expect(world.host.commands).toEqual([{ type: 'hang_up', call: CALL }]);
    expect(world.app.call?.id).toBe(id);
  });

  test('a node that stays away: ringing ends, and a call without a path', async () => {
    for (const state of ['ringing', 'active'] as const) {
      const world = new World();
      const id = await placed(world);
      await world.hear(answer(id), call({ id, direction: 'outgoing', state }));
      if (state === 'ringing') world.connections.last.become('connected');
      world.host.listener?.handleState('lost');
      expect(world.app.call?.ending?.reason).toBe('connection_lost');
    }
  });

  test('a node that stays away: a call goes on for as long as its path does', async () => {
    const world = new World();
    const id = await placed(world);
    await world.hear(answer(id), call({ id, direction: 'outgoing', state: 'active' }));
    world.connections.last.become('connected');
    world.host.listener?.handleState('lost');
    expect(world.app.call?.phase).toBe('active');
    world.connections.last.become('failed');
    expect(world.app.call?.phase).toBe('active');
    vi.advanceTimersByTime(GIVE_UP_MS);
    expect(world.app.call?.ending?.reason).toBe('connection_lost');
  });

  test('a window whose seat was taken lets go of the call', async () => {
    const world = new World();
    const id = await placed(world);
    await world.hear(answer(id), call({ id, direction: 'outgoing', state: 'active' }));
    world.host.listener?.handleState('replaced');
    expect(world.app.call).toBeNull();
    expect(world.tracks.every(({ readyState }) => readyState === 'ended')).toBe(true);
    expect(world.screen).toBe(false);
  });

  test('another address restarts ICE', async () => {
    const world = new World();
    const id = await placed(world);
    await world.hear(answer(id));
    await world.hear({ event: 'network_changed' });
    expect(world.connections.last.restarts).toBe(1);
  });
});

describe('without WebRTC', () => {
  test('calling and taking a call are handed to the browser', async () => {
    const world = new World({ webrtc: false });
    await world.attached();
    world.app.callPeer(ADA, false);
    await settle();
    expect(world.app.handoff).toEqual({
      state: 'opened',
      url: `http://localhost:3000/#call=${ADA}&audio`,
    });
    await world.hear(call({ holder: 'nobody' }));
    expect(world.tone).toBe('ring');
    world.app.call?.accept(true);
    await settle();
    expect(world.host.opened).toEqual([`/#call=${ADA}&audio`, '/']);
    expect(world.asked()).toEqual([]);
    expect(world.tracks).toHaveLength(0);
    world.app.call?.decline();
    expect(world.asked()).toEqual(['decline']);
  });

  test('no browser: the address can be opened by hand', async () => {
    const world = new World({ webrtc: false });
    await world.attached();
    world.host.refuse = 'no_browser';
    world.app.callPeer(ADA, true);
    await settle();
    expect(world.app.handoff).toEqual({
      state: 'failed',
      url: `http://localhost:3000/#call=${ADA}`,
    });
  });
});

describe('a page that was opened for a call', () => {
  test('#true calls the owner as soon as they are there, and once', async () => {
    const world = new World({ role: 'guest', launch: { type: 'call_owner' } });
    const owner = { id: ME, node: ME, name: 'Bo' };
    await world.attached(peer({ ...owner, status: 'away' }));
    expect(world.app.pending).toEqual({ to: null, name: 'Bo', asks: false });
    expect(world.asked()).toEqual([]);
    const there = { event: 'roster', peers: [peer(owner)] } as const;
    await world.hear({ event: 'roster', peers: [peer(owner)] });
    expect(world.asked()).toEqual(['place']);
    expect(world.app.call?.name).toBe('Bo');
    expect(world.app.pending).toBeNull();
    const id = world.app.call?.id ?? '';
    await world.hear(call({ id, direction: 'outgoing', state: 'ended', end: 'declined' }));
    world.app.call?.dismiss();
    await world.hear({ ...there, peers: [...there.peers] });
    expect(world.asked()).toEqual([]);
  });

  test('#call asks first, for any page can have it opened; then whether they are there or not', async () => {
    const world = new World({ launch: { type: 'call', peer: ADA, video: false } });
    await world.attached(peer({ status: 'away' }));
    expect(world.app.pending).toEqual({ to: ADA, name: 'Ada', asks: true });
    expect(world.host.commands).toEqual([]);
    world.app.callPending();
    await settle();
    expect(world.host.commands[0]).toMatchObject({ type: 'place', to: ADA, video: false });
  });

  test('waiting can be given up', async () => {
    const world = new World({ launch: { type: 'call', peer: 'e'.repeat(52), video: true } });
    await world.attached();
    expect(world.app.pending?.to).toBe('e'.repeat(52));
    world.app.cancelPending();
    expect(world.app.pending).toBeNull();
  });
});

test('a guest is without a name until a node took one, and is known by it later', async () => {
  const browser = new Map<string, string>();
  const world = new World({ role: 'guest', browser });
  await world.attached();
  expect(world.app.unnamed).toBe(true);
  world.host.refuse = 'invalid_name';
  world.app.rename('');
  await settle();
  expect(world.app.unnamed).toBe(true);
  world.host.refuse = null;
  world.app.rename('Grace');
  await settle();
  expect(world.app.unnamed).toBe(false);
  expect(world.host.identity?.().name).toBe('Grace');
  const later = new World({ role: 'guest', browser });
  expect(later.app.unnamed).toBe(false);
  expect(later.host.identity?.().name).toBe('Grace');
});

test('a guest whose browser remembers nothing keeps the name while the page is open', async () => {
  const world = new World({ role: 'guest' });
  await world.attached();
  world.app.rename('Grace');
  await settle();
  expect(world.app.unnamed).toBe(false);
  expect(world.host.identity?.().name).toBe('Grace');
});

test('an owner has a name', () => {
  expect(new World().app.unnamed).toBe(false);
});

test('a refused name is a problem until something succeeds', async () => {
  const world = new World();
  await world.attached();
  world.host.refuse = 'invalid_name';
  world.app.rename('');
  await settle();
  expect(world.app.problem).toEqual({ code: 'invalid_name' });
  world.host.refuse = null;
  world.app.rename('Bo');
  await settle();
  expect(world.app.problem).toBeNull();
});
