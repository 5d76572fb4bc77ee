import { expect, it } from 'vitest';

import { Thinning } from './thinning';

/** How many of a source's pictures a second are taken; `noise`: by how much each comes late, milliseconds. */
function taken(source: number, wanted: number, noise: (i: number) => number = () => 0): number {
  const thinning = new Thinning();
  let count = 0;
  for (let i = 0; i < 10 * source; i++) {
    const at = (i * 1000) / source + noise(i);
    if (!thinning.isDue(at, wanted)) continue;
    thinning.take(at, wanted);
    count += 1;
  }
  return count / 10;
}

it.each([
  [30, 30],
  [29, 29],
  [30, 20],
  [30, 13],
  [30, 9],
  [30, 6],
  [60, 30],
  [25, 20],
])('of %i a second takes %i', (source, wanted) => {
  expect(Math.abs(taken(source, wanted) - wanted)).toBeLessThan(0.6);
});

it('takes all of a source that is slower than what is wanted, and uneven', () => {
  const uneven = (i: number) => (i * 7919) % 8;
  expect(taken(30, 30, uneven)).toBeGreaterThan(29);
  expect(taken(24, 30, uneven)).toBe(24);
});

it('takes none where none are wanted, and at once when more are', () => {
  const thinning = new Thinning();
  expect(thinning.isDue(0, 0)).toBe(false);
  expect(thinning.isDue(100, 30)).toBe(true);
  thinning.take(100, 0.01);
  expect(thinning.isDue(150, 0.01)).toBe(false);
  expect(thinning.isDue(200, 30)).toBe(false);
  expect(thinning.isDue(233, 30)).toBe(true);
});

it('does not make up for a pause', () => {
  const thinning = new Thinning();
  thinning.take(0, 10);
  expect(thinning.isDue(5_000, 10)).toBe(true);
  thinning.take(5_000, 10);
  expect(thinning.isDue(5_033, 10)).toBe(false);
  expect(thinning.isDue(5_080, 10)).toBe(true);
});
