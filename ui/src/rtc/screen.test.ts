import { beforeEach, expect, test } from 'vitest';

import { FakeStream, FakeTrack, settle } from '../testing/fake-rtc';
import { ScreenCapture } from './screen';

type Answer = FakeTrack | DOMException;

let give: (answer: Answer) => void;
let states: string[];
let screen: ScreenCapture;

beforeEach(() => {
  states = [];
  const source = {
    getDisplayMedia: () =>
      new Promise<MediaStream>((resolve, reject) => {
        give = (answer) => {
          if (answer instanceof DOMException) reject(answer);
          else resolve(new FakeStream([answer]) as unknown as MediaStream);
        };
      }),
  };
  screen = new ScreenCapture(source, () => states.push(screen.state.state));
});

async function picks(answer: Answer): Promise<FakeTrack | null> {
  void screen.start();
  give(answer);
  await settle();
  return answer instanceof FakeTrack ? answer : null;
}

test('what is picked is shared, with letters kept sharp, until it is stopped', async () => {
  const track = new FakeTrack('video');
  await picks(track);
  expect(states).toEqual(['asking', 'on']);
  expect(screen.track).toBe(track);
  expect(screen.track?.contentHint).toBe('detail');
  screen.stop();
  expect(track.readyState).toBe('ended');
  expect(screen.state).toEqual({ state: 'off', problem: null });
});

test('stopped in the browser’s own bar, it is off', async () => {
  (await picks(new FakeTrack('video')))?.end();
  expect(screen.track).toBeNull();
  expect(screen.state).toEqual({ state: 'off', problem: null });
});

test.each([
  ['NotAllowedError', 'Permission denied', null],
  ['NotAllowedError', 'Permission denied by system', 'screen_denied'],
  ['NotFoundError', '', 'screen_missing'],
  ['NotReadableError', '', 'screen_failed'],
  ['InvalidStateError', '', 'screen_failed'],
])('%s (%s) is the problem %s', async (name, message, problem) => {
  await picks(new DOMException(message, name));
  expect(screen.state).toEqual({ state: 'off', problem });
  await picks(new FakeTrack('video'));
  expect(screen.state).toEqual({ state: 'on', problem: null });
});

test('what is picked after the call is over is not captured', async () => {
  const track = new FakeTrack('video');
  void screen.start();
  screen.stop();
  give(track);
  await settle();
  expect(track.readyState).toBe('ended');
  expect(screen.track).toBeNull();
});

test('asked twice, the person picks once', async () => {
  const track = new FakeTrack('video');
  void screen.start();
  const first = give;
  void screen.start();
  expect(give).toBe(first);
  first(track);
  await settle();
  expect(screen.track).toBe(track);
});

test('where it can’t be, nothing happens', async () => {
  const none = new ScreenCapture(undefined, () => states.push('changed'));
  await none.start();
  expect(states).toEqual([]);
});
