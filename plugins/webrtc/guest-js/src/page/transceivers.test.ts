import { expect, test } from 'vitest';
import type { ToWorker } from '../shared/messages';
import type { Engine } from './engine';
import type { LineOwner } from './transceiver';
import { Transceivers } from './transceivers';

function make() {
  const track = () => new EventTarget() as unknown as MediaStreamTrack;
  const posted: ToWorker[] = [];
  const engine = {
    post: (message: ToWorker) => posted.push(message),
    discard: () => undefined,
    capture: () => ({ port: new Promise(() => undefined), close: () => undefined }),
    remoteSound: () => ({ track: track(), attach: () => undefined, close: () => undefined }),
  } as unknown as Engine;
  const owner: Partial<LineOwner> = {
    enqueue: (operation) => operation(),
    updateMedia: (line) => {
      line.apply(7, true);
    },
  };
  const transceivers = new Transceivers(engine, () => owner as LineOwner);
  const sound = () => Object.assign(track(), { kind: 'audio', readyState: 'live' });
  return { transceivers, sound, posted };
}

test('a track takes the first transceiver that is free, or a new one', () => {
  const { transceivers, sound } = make();
  const used = transceivers.add('audio', 'recvonly');
  used.hasSent = true;
  transceivers.add('video', 'recvonly');
  const free = transceivers.add('audio', 'recvonly');
  const first = transceivers.addTrack(sound(), []);
  expect([first, first.direction, first.addedTrack]).toEqual([free, 'sendrecv', true]);
  const second = transceivers.addTrack(sound(), []);
  expect(transceivers.lines.indexOf(second)).toBe(3);
});

test('a track is sent once, and its sender stays when it is removed', () => {
  const { transceivers, sound } = make();
  const track = sound();
  const line = transceivers.addTrack(track, []);
  expect(() => transceivers.addTrack(track, [])).toThrow(
    expect.objectContaining({ name: 'InvalidAccessError' }),
  );
  const { sender } = transceivers.show(line);
  line.stopped = true;
  const other = transceivers.addTrack(track, []);
  expect(other).not.toBe(line);
  transceivers.lines.splice(transceivers.lines.indexOf(other), 1);
  line.stopped = false;
  expect([transceivers.removeTrack(sender), line.direction]).toEqual([line, 'recvonly']);
  expect(transceivers.removeTrack(sender)).toBe(null);
  expect(() => make().transceivers.removeTrack(sender)).toThrow(
    expect.objectContaining({ name: 'InvalidAccessError' }),
  );
});

test('a track that replaces another is sent at once, and is the sender’s a task later', async () => {
  const { transceivers, sound, posted } = make();
  const line = transceivers.add('audio', 'sendrecv');
  Object.assign(line, { slot: 0, current: 'sendrecv', codecs: [{ pt: 111, mime: 'audio/opus' }] });
  const { sender } = transceivers.show(line);
  const told = () => posted.filter(({ to }) => to === 'sendAudio' || to === 'stopSending').at(-1);
  const [before, track] = [sound(), sound()];
  line.setTrack(before);
  const replaced = sender.replaceTrack(track);
  expect(told()).toMatchObject({ to: 'sendAudio', pc: 7, slot: 0 });
  expect(sender.track).toBe(before);
  // What comes between has its say, and then the task.
  expect(transceivers.removeTrack(sender)).toBe(line);
  line.apply(7, true);
  expect(told()).toMatchObject({ to: 'stopSending' });
  await replaced;
  expect(sender.track).toBe(track);
  expect(told()).toMatchObject({ to: 'sendAudio', pc: 7, slot: 0 });
});

test('a video track goes to the worker with its settings, and once', () => {
  const { transceivers, posted } = make();
  const line = transceivers.add('video', 'sendrecv');
  Object.assign(line, { slot: 0, current: 'sendonly', codecs: [{ pt: 96, mime: 'video/VP8' }] });
  const clone = { enabled: false };
  const camera = { kind: 'video', readyState: 'live', enabled: true, clone: () => clone };
  const track = Object.assign(new EventTarget(), camera) as unknown as MediaStreamTrack;
  line.setTrack(track);
  line.apply(7, true);
  track.enabled = false;
  line.apply(7, true);
  expect(posted).toMatchObject([
    { to: 'sendVideo', settings: { enabled: true }, track: { enabled: true } },
    { to: 'sendVideo', settings: { enabled: false }, track: null },
  ]);
});

test('what is stopped is there until both have agreed to it', () => {
  const { transceivers } = make();
  const line = transceivers.add('audio', 'sendrecv');
  line.stopped = true;
  expect(transceivers.current).toEqual([transceivers.show(line)]);
  line.ended = true;
  expect([transceivers.current, transceivers.all.length]).toEqual([[], 1]);
});

test('a page of old offers to receive, or no more', () => {
  const { transceivers } = make();
  const directions = () => transceivers.lines.map(({ kind, direction }) => `${kind} ${direction}`);
  transceivers.offerToReceive('audio', true);
  transceivers.offerToReceive('audio', true);
  transceivers.offerToReceive('video', undefined);
  expect(directions()).toEqual(['audio recvonly']);
  transceivers.offerToReceive('audio', false);
  expect(directions()).toEqual(['audio inactive']);
});
