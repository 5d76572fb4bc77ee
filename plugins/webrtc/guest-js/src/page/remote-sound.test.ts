import { beforeEach, expect, it } from 'vitest';

import { RemoteSound, type SoundHost } from './remote-sound';

let told: string[];
let give: (port: MessagePort) => void;
const sink = {} as AudioNode;
const host: SoundHost = {
  silentTrack: () => ({ track: {} as MediaStreamTrack, sink }),
  flow: (from) => {
    told.push(from === sink ? 'flow' : 'flow elsewhere');
    return () => told.push('rest');
  },
  play: (into, port) => {
    told.push(into === sink ? 'play' : 'play elsewhere');
    give = port;
    return () => told.push('stop');
  },
  hear: (pc, slot, gain) => told.push(`hear ${pc} ${slot} ${gain}`),
  tap: (pc, slot) => told.push(`tap ${pc} ${slot}`),
};

beforeEach(() => {
  told = [];
});

it('tells Rust how loud it is, once there is somewhere to tell it', () => {
  const sound = new RemoteSound(host);
  const [one, other] = [{}, {}];
  sound.hear(one, 0.5);
  expect(told).toEqual([]);
  sound.attach(3, 1);
  sound.hear(other, 1);
  sound.hear(other, 1);
  sound.hear(one, null);
  sound.hear(other, 0);
  expect(told).toEqual(['hear 3 1 0.5', 'hear 3 1 1.5', 'hear 3 1 1', 'hear 3 1 0']);
});

it('is silent when it is over', () => {
  const sound = new RemoteSound(host);
  sound.attach(3, 1);
  sound.hear({}, 1);
  sound.close();
  sound.hear({}, 1);
  expect(told).toEqual(['hear 3 1 1', 'hear 3 1 0']);
});

it('gives its samples to the page that takes them, whatever comes first', () => {
  const early = new RemoteSound(host);
  early.tap();
  give({} as MessagePort);
  early.attach(3, 1);
  const late = new RemoteSound(host);
  late.attach(3, 2);
  late.tap();
  late.tap();
  give({} as MessagePort);
  late.close();
  expect(told).toEqual(['play', 'tap 3 1', 'play', 'tap 3 2', 'stop']);
});

it('flows silently for whoever needs that', () => {
  const sound = new RemoteSound(host);
  const rest = sound.flow();
  rest();
  expect(told).toEqual(['flow', 'rest']);
});
