import { expect, it } from 'vitest';

import { MAX_STEPS, Overuse } from './overuse';

/** `seconds` of pictures, `fps` of them a second, each `took` milliseconds in the encoder. */
function run(
  overuse: Overuse,
  from: number,
  seconds: number,
  took: number,
  { fps = 30, target, kept = false }: { fps?: number; target?: number; kept?: boolean } = {},
): number {
  const count = seconds * fps;
  for (let i = 0; i < count; i++)
    overuse.encoded(from + (i * 1000) / fps, took, target ?? fps, kept);
  return from + seconds * 1000;
}

it('gives nothing up while the encoder keeps up', () => {
  const overuse = new Overuse();
  run(overuse, 0, 600, 25);
  expect(overuse.steps).toBe(0);
});

it('gives one thing up after two windows of too much, and not after one', () => {
  const overuse = new Overuse();
  let at = run(overuse, 0, 7, 30);
  at = run(overuse, at, 8, 10);
  expect(overuse.steps).toBe(0);
  run(overuse, at, 16, 30);
  expect(overuse.steps).toBe(1);
});

it('goes on giving up while it is not enough, and ends', () => {
  const overuse = new Overuse();
  run(overuse, 0, 600, 300, { fps: 10, target: 30 });
  expect(overuse.steps).toBe(MAX_STEPS);
});

it('takes a camera that is slow for no rest', () => {
  const overuse = new Overuse();
  run(overuse, 0, 12, 42, { fps: 10, target: 30 });
  expect(overuse.steps).toBe(1);
  const patient = new Overuse();
  run(patient, 0, 12, 42, { fps: 10 });
  expect(patient.steps).toBe(0);
});

it('grants a picture more to an encoder that gives one when it has the next', () => {
  const overuse = new Overuse();
  let at = run(overuse, 0, 60, 45, { kept: true });
  expect(overuse.steps).toBe(0);
  at = run(overuse, at, 16, 90, { kept: true });
  expect(overuse.steps).toBe(1);
  run(overuse, at, 60, 55, { fps: 20, kept: true });
  expect(overuse.steps).toBe(0);
});

it('takes it back when there is room, one after the other', () => {
  const overuse = new Overuse();
  let at = run(overuse, 0, 21, 60, { fps: 20 });
  expect(overuse.steps).toBe(2);
  at = run(overuse, at, 35, 10, { fps: 20 });
  expect(overuse.steps).toBe(2);
  at = run(overuse, at, 8, 10, { fps: 20 });
  expect(overuse.steps).toBe(1);
  run(overuse, at, 11, 10, { fps: 20 });
  expect(overuse.steps).toBe(0);
});

it('tries again later each time that it was in vain', () => {
  const overuse = new Overuse();
  /** Seconds from giving something up until it is tried again, when that is too much at once. */
  const tried: number[] = [];
  let at = 0;
  for (let round = 0; round < 4; round++) {
    while (overuse.steps === 0) at = run(overuse, at, 1, 30);
    const from = at;
    while (overuse.steps === 1) at = run(overuse, at, 1, 15, { fps: 20 });
    tried.push((at - from) / 1000);
  }
  expect(tried[0]).toBeGreaterThanOrEqual(39);
  expect(tried[0]).toBeLessThan(50);
  for (const [round, least] of [80, 160, 240].entries()) {
    expect(tried[round + 1]).toBeGreaterThanOrEqual(least - 1);
    expect(tried[round + 1]).toBeLessThan(least + 10);
  }
});

it('begins anew after a pause', () => {
  const overuse = new Overuse();
  let at = run(overuse, 0, 9, 30);
  at = run(overuse, at + 60_000, 9, 30);
  expect(overuse.steps).toBe(0);
  run(overuse, at, 2, 30);
  expect(overuse.steps).toBe(1);
});
