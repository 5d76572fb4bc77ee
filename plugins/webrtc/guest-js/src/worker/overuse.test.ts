import { expect, it } from 'vitest';

import { MAX_STEPS } from '../shared/rate';
import { Overuse } from './overuse';

/** `seconds` of pictures, thirty of them a second; of ten, there is no room for `without`. */
function run(overuse: Overuse, from: number, seconds: number, without: number): number {
  for (let i = 0; i < seconds * 30; i++) overuse.count(from + (i * 1000) / 30, i % 10 >= without);
  return from + seconds * 1000;
}

it('gives nothing up for a few that find no room', () => {
  const overuse = new Overuse();
  run(overuse, 0, 600, 2);
  expect(overuse.steps).toBe(0);
});

it('gives one thing up after two windows of too much, and not after one', () => {
  const overuse = new Overuse();
  let at = run(overuse, 0, 7, 5);
  at = run(overuse, at, 8, 0);
  expect(overuse.steps).toBe(0);
  run(overuse, at, 16, 3);
  expect(overuse.steps).toBe(1);
});

it('goes on giving up while it is not enough, and ends', () => {
  const overuse = new Overuse();
  run(overuse, 0, 600, 6);
  expect(overuse.steps).toBe(MAX_STEPS);
});

it('tries again after a while, and then one after the other', () => {
  const overuse = new Overuse();
  let at = run(overuse, 0, 21, 5);
  expect(overuse.steps).toBe(2);
  at = run(overuse, at, 35, 0);
  expect(overuse.steps).toBe(2);
  at = run(overuse, at, 11, 0);
  expect(overuse.steps).toBe(1);
  run(overuse, at, 11, 0);
  expect(overuse.steps).toBe(0);
});

it('does not try while there is too much', () => {
  const overuse = new Overuse();
  let at = run(overuse, 0, 600, 6);
  at = run(overuse, at, 600, 6);
  expect(overuse.steps).toBe(MAX_STEPS);
  run(overuse, at, 60, 0);
  expect(overuse.steps).toBeLessThan(MAX_STEPS);
});

it('tries again later each time that it was in vain', () => {
  const overuse = new Overuse();
  /** Seconds from giving something up until it is tried again, when that is too much at once. */
  const tried: number[] = [];
  let at = 0;
  for (let round = 0; round < 4; round++) {
    while (overuse.steps === 0) at = run(overuse, at, 1, 5);
    const from = at;
    while (overuse.steps === 1) at = run(overuse, at, 1, 0);
    tried.push((at - from) / 1000);
  }
  for (const [round, least] of [40, 80, 160, 240].entries()) {
    expect(tried[round]).toBeGreaterThanOrEqual(least - 1);
    expect(tried[round]).toBeLessThan(least + 10);
  }
});

it('begins anew after a pause', () => {
  const overuse = new Overuse();
  let at = run(overuse, 0, 9, 5);
  at = run(overuse, at + 60_000, 9, 5);
  expect(overuse.steps).toBe(0);
  run(overuse, at, 2, 5);
  expect(overuse.steps).toBe(1);
});
