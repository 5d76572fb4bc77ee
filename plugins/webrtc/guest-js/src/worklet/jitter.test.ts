import { describe, expect, it } from 'vitest';

import { BLOCK } from '../shared/sound';
import { JitterBuffer } from './jitter';

const QUANTUM = 128;

/** A voice of 200 Hz, from sample `at` on. */
function voice(at: number, length = BLOCK): Float32Array {
  return Float32Array.from(
    { length },
    (_, index) => 0.5 * Math.sin(((at + index) * 2 * Math.PI * 200) / 48_000),
  );
}

function read(buffer: JitterBuffer, samples: number): Float32Array {
  const all = new Float32Array(samples);
  for (let at = 0; at < samples; at += QUANTUM) {
    const quantum = new Float32Array(Math.min(QUANTUM, samples - at));
    buffer.read(quantum);
    all.set(quantum, at);
  }
  return all;
}

/** Largest step from one sample to the next: a click is far above that of the voice itself. */
function roughest(samples: Float32Array): number {
  let most = 0;
  for (let index = 1; index < samples.length; index++) {
    most = Math.max(most, Math.abs((samples[index] ?? 0) - (samples[index - 1] ?? 0)));
  }
  return most;
}

describe('JitterBuffer', () => {
  it('is silent until two blocks are there, and then plays them whole', () => {
    const buffer = new JitterBuffer();
    buffer.write(0, voice(0));
    expect(read(buffer, QUANTUM).every((value) => value === 0)).toBe(true);
    buffer.write(BLOCK, voice(BLOCK));
    expect(read(buffer, 2 * BLOCK)).toEqual(voice(0, 2 * BLOCK));
    expect(buffer.counts.concealed).toBe(0);
  });

  it('goes on with the voice when the next block is late, and then plays that', () => {
    const buffer = new JitterBuffer();
    for (const at of [0, BLOCK]) buffer.write(at, voice(at));
    const before = read(buffer, 2 * BLOCK);
    const bridged = read(buffer, 384);
    buffer.write(2 * BLOCK, voice(2 * BLOCK));
    const after = read(buffer, BLOCK);
    expect(buffer.counts).toMatchObject({ concealed: 384, events: 1, removed: 0 });
    expect(Math.max(...bridged)).toBeGreaterThan(0.3);
    expect(roughest(Float32Array.from([...before, ...bridged, ...after]))).toBeLessThan(0.05);
  });

  it('fills a hole with as much sound as was lost', () => {
    const buffer = new JitterBuffer();
    for (const at of [0, BLOCK]) buffer.write(at, voice(at));
    read(buffer, QUANTUM);
    const level = buffer.level;
    buffer.write(3 * BLOCK, voice(3 * BLOCK));
    expect(buffer.level).toBe(level + 2 * BLOCK);
    expect(buffer.counts).toMatchObject({ concealed: BLOCK, events: 1 });
  });

  it('falls silent, and waits for two blocks again, when nothing comes', () => {
    const buffer = new JitterBuffer();
    for (const at of [0, BLOCK]) buffer.write(at, voice(at));
    const all = read(buffer, 48_000);
    expect(Math.max(...all.subarray(24_000))).toBeLessThan(0.01);
    buffer.write(100 * BLOCK, voice(0));
    expect(Math.max(...read(buffer, QUANTUM))).toBe(0);
  });

  it('cuts a delay that is not needed, and plays again what is played too soon, without a click', () => {
    const buffer = new JitterBuffer();
    let at = 0;
    let last = 0;
    const play = (blocks: number) => {
      for (let block = 0; block < blocks; block++, at += BLOCK) {
        buffer.write(at, voice(at));
        const played = read(buffer, BLOCK);
        expect(Math.abs((played[0] ?? 0) - last)).toBeLessThan(0.05);
        expect(roughest(played)).toBeLessThan(0.05);
        last = played.at(-1) ?? 0;
      }
    };
    for (; at < 15 * BLOCK; at += BLOCK) buffer.write(at, voice(at));
    play(150);
    expect(buffer.delay).toBeLessThan(2 * BLOCK);
    expect(buffer.counts.removed).toBeGreaterThan(12 * BLOCK);
    buffer.setFloor(4_800);
    play(100);
    expect(buffer.delay).toBeGreaterThan(4_300);
    expect(buffer.counts.inserted).toBeGreaterThan(3_000);
    expect(buffer.counts.concealed).toBe(0);
  });

  it('keeps no more than a second', () => {
    const buffer = new JitterBuffer();
    for (let at = 0; at < 200 * BLOCK; at += BLOCK) buffer.write(at, voice(at));
    expect(buffer.level).toBe(48_000);
  });

  it('ignores what comes again', () => {
    const buffer = new JitterBuffer();
    for (const at of [0, BLOCK, BLOCK, 0]) buffer.write(at, voice(at));
    expect(buffer.level).toBe(2 * BLOCK);
  });
});
