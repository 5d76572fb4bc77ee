/** Calls on virtual time: what comes when, what is heard, and how late. */
import { describe, expect, it, vi } from 'vitest';

import { BLOCK } from '../shared/sound';
import { JitterBuffer } from './jitter';

const QUANTUM = 128;
const RATE = 48_000;
/** 150 Hz: three periods a block, so that blocks join. */
const VOICE = Float32Array.from(
  { length: BLOCK },
  (_, index) => 0.5 * Math.sin((index * 2 * Math.PI * 150) / RATE),
);

// Minutes of sound are played: on a busy machine that takes longer than a unit test may.
vi.setConfig({ testTimeout: 60_000 });

/** Numbers from 0 to 1, the same in each run (mulberry32). */
function randomness(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Call {
  readonly seconds: number;
  /** Milliseconds that the block of this time (milliseconds) is under way; nothing: it is lost. */
  readonly transit: (sent: number) => number | null;
  /** Milliseconds that playing stands still at this time; what isn't played then isn't made up for. */
  readonly stall?: (at: number) => number;
  /** By how much the sender's clock is fast, parts in a million. */
  readonly ppm?: number;
  readonly floor?: number;
}

/** What a part of a call was like, in milliseconds and shares. */
interface Heard {
  /** From a block's being sent to its being heard, over its fastest way. */
  readonly delay: number;
  readonly most: number;
  readonly concealed: number;
  readonly stretched: number;
}

/** Plays a call and tells how each `part` (seconds) of it was. */
function play(call: Call, part: number): Heard[] {
  const buffer = new JitterBuffer();
  buffer.setFloor(((call.floor ?? 0) * RATE) / 1000);
  // In order, as Rust hands them over: a block waits for the one before it.
  const blocks: { at: number; when: number }[] = [];
  let before = 0;
  for (let number = 0; number * 20 < call.seconds * 1000; number++) {
    const sent = (number * 20) / (1 + (call.ppm ?? 0) / 1e6);
    const transit = call.transit(sent);
    if (transit === null) continue;
    before = Math.max(before, sent + transit);
    blocks.push({ at: number * BLOCK, when: before });
  }
  const output = new Float32Array(QUANTUM);
  const heard: Heard[] = [];
  let next = 0;
  let now = 0;
  let sum = 0;
  let reads = 0;
  let most = 0;
  let last = { ...buffer.counts };
  for (let from = 0; from < call.seconds; from += part) {
    while (now < (from + part) * 1000) {
      now += (QUANTUM * 1000) / RATE + (call.stall?.(now) ?? 0);
      for (let block = blocks[next]; block && block.when <= now; block = blocks[++next]) {
        buffer.write(block.at, VOICE);
      }
      buffer.read(output);
      const delay = (buffer.delay * 1000) / RATE;
      sum += delay;
      most = Math.max(most, delay);
      reads += 1;
    }
    const { concealed, removed, inserted } = buffer.counts;
    const samples = reads * QUANTUM;
    heard.push({
      delay: sum / reads,
      most,
      concealed: (concealed - last.concealed) / samples,
      stretched: (removed - last.removed + inserted - last.inserted) / samples,
    });
    last = { ...buffer.counts };
    sum = reads = most = 0;
  }
  return heard;
}

/** Delays as of a busy radio network: mostly short, sometimes long. */
function radio(seed: number, mean: number): () => number {
  const random = randomness(seed);
  return () => 2 - mean * Math.log(1 - random());
}

describe('on a quiet network', () => {
  it.each([0, 200, -200])('waits 20 ms or less, with clocks %i ppm apart', (ppm) => {
    const random = randomness(1);
    const [, ...later] = play({ seconds: 120, transit: () => 1 + 2 * random(), ppm }, 10);
    for (const part of later) {
      expect(part.delay).toBeLessThan(25);
      expect(part.concealed).toBeLessThan(0.002);
      expect(part.stretched).toBeLessThan(0.01);
    }
  });
});

describe('with jitter', () => {
  it('waits as long as nearly all blocks need', () => {
    const [, ...later] = play({ seconds: 90, transit: radio(7, 15) }, 30);
    for (const part of later) {
      expect(part.concealed).toBeLessThan(0.01);
      expect(part.delay).toBeGreaterThan(40);
      expect(part.delay).toBeLessThan(130);
    }
  });

  it('waits no longer than before when it is over', () => {
    const jitter = radio(7, 15);
    const call: Call = { seconds: 90, transit: (sent) => (sent < 30_000 ? jitter() : 2) };
    const parts = play(call, 15);
    expect(parts[1]?.delay).toBeGreaterThan(40);
    expect(parts[4]?.delay).toBeLessThan(25);
    expect(parts[5]?.concealed).toBe(0);
  });

  it('conceals what is lost, and no more', () => {
    const random = randomness(5);
    const [, ...later] = play({ seconds: 60, transit: () => (random() < 0.05 ? null : 2) }, 20);
    for (const part of later) {
      expect(part.concealed).toBeGreaterThan(0.03);
      expect(part.concealed).toBeLessThan(0.07);
      expect(part.delay).toBeLessThan(30);
    }
  });
});

describe('with stalls', () => {
  /** Nothing comes for `length` ms from each of these times (ms) on, and then all at once. */
  const held = (length: number, times: readonly number[]) => (sent: number) => {
    const from = times.find((time) => sent >= time && sent < time + length);
    return from === undefined ? 2 : from + length - sent + 2;
  };

  it('is prompt again three seconds after a single one of 300 ms', () => {
    const parts = play({ seconds: 20, transit: held(300, [10_000]) }, 1);
    expect(parts[10]?.most).toBeGreaterThan(200);
    expect(parts[13]?.delay).toBeLessThan(40);
    expect(parts[19]?.delay).toBeLessThan(25);
  });

  it('waits for those of 120 ms that come each second, and no longer when they end', () => {
    const times = Array.from({ length: 30 }, (_, index) => 1_000 + index * 1_000);
    const parts = play({ seconds: 60, transit: held(120, times) }, 5);
    const whole = parts.slice(2, 6);
    for (const part of whole) {
      expect(part.concealed).toBeLessThan(0.01);
      expect(part.delay).toBeGreaterThan(90);
      expect(part.delay).toBeLessThan(170);
    }
    expect(parts[11]?.delay).toBeLessThan(25);
  });

  it('does not stay late when playing itself stood still', () => {
    let stalled = 0;
    const stall = (at: number) => {
      if (at < 10_000 + stalled * 2_000 || stalled === 5) return 0;
      stalled += 1;
      return 250;
    };
    const parts = play({ seconds: 30, transit: () => 2, stall }, 1);
    // The stalls are at 10, 12, 14, 16 and 18 s: what is left of each is gone before the next.
    for (const second of [11, 13, 15, 17, 19]) expect(parts[second]?.delay).toBeLessThan(60);
    expect(parts[24]?.delay).toBeLessThan(25);
    expect(Math.max(...parts.map(({ concealed }) => concealed))).toBeLessThan(0.01);
  });
});

describe('when pictures are late', () => {
  it('lets sound wait for them', () => {
    const [, , last] = play({ seconds: 30, transit: () => 2, floor: 150 }, 10);
    expect(last?.delay).toBeGreaterThan(140);
    expect(last?.delay).toBeLessThan(165);
    expect(last?.concealed).toBe(0);
  });
});
