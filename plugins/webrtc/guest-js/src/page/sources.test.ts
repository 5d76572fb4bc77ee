import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { InboundStats } from '../shared/bridge';
import { Sources } from './sources';

/** Those that were asked for and not answered yet. */
let asked: ((stats: unknown) => void)[] = [];
let refuse: ((error: Error) => void)[] = [];
let sources: Sources;

const requests = {
  send: () =>
    new Promise<never>((resolve, reject) => {
      asked.push(resolve as (stats: unknown) => void);
      refuse.push(reject);
    }),
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  asked = [];
  refuse = [];
  sources = new Sources(requests);
});
afterEach(() => {
  vi.useRealTimers();
});

const now = () => performance.timeOrigin + performance.now();

/** The plugin answers that it received these. */
async function answers(...streams: Partial<InboundStats>[]): Promise<void> {
  asked.shift()?.({ inbound: streams });
  await Promise.resolve();
  await Promise.resolve();
}

it('tells what the plugin said last, and asks it anew', async () => {
  expect(sources.of(1)).toEqual([]);
  await answers(
    { slot: 0, kind: 'video', ssrc: 7, latest: { ageMs: 5, rtpTimestamp: 90 } },
    { slot: 1, kind: 'audio', ssrc: 8, latest: { ageMs: 20, rtpTimestamp: 48, level: 20 } },
  );
  expect(sources.of(1)).toEqual([
    { source: 8, timestamp: now() - 20, rtpTimestamp: 48, audioLevel: 0.1 },
  ]);
  expect(sources.of(0)).toEqual([{ source: 7, timestamp: now() - 5, rtpTimestamp: 90 }]);
  expect(sources.of(2)).toEqual([]);
  expect(asked).toHaveLength(1);
});

it('asks once at a time', async () => {
  sources.of(0);
  sources.of(0);
  expect(asked).toHaveLength(1);
  await answers();
  sources.of(0);
  expect(asked).toHaveLength(1);
});

it('takes silence, and what was heard where the packet says nothing', async () => {
  sources.of(0);
  const latest = { ageMs: 0, rtpTimestamp: 0 };
  const sound = { level: 0.25 } as NonNullable<InboundStats['sound']>;
  await answers(
    { slot: 0, kind: 'audio', ssrc: 1, latest: { ...latest, level: 127 } },
    { slot: 1, kind: 'audio', ssrc: 2, latest, sound },
    { slot: 2, kind: 'audio', ssrc: 3 },
  );
  expect(sources.of(0)[0]?.audioLevel).toBe(0);
  expect(sources.of(1)[0]?.audioLevel).toBe(0.25);
  expect(sources.of(2)).toEqual([]);
});

it('forgets who has not been received for ten seconds, also when the connection is over', async () => {
  sources.of(0);
  await answers({ slot: 0, kind: 'video', ssrc: 1, latest: { ageMs: 0, rtpTimestamp: 0 } });
  vi.advanceTimersByTime(10_000);
  expect(sources.of(0)).toHaveLength(1);
  refuse.at(-1)?.(new Error('over'));
  await Promise.resolve();
  vi.advanceTimersByTime(1);
  expect(sources.of(0)).toEqual([]);
});
