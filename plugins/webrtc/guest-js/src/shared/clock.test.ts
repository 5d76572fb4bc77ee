import { expect, it } from 'vitest';

import { ClockMap } from './clock';

it('follows the frames that were not delayed', () => {
  const clock = new ClockMap();
  expect(clock.map(0, 1_000_000)).toBe(1_000_000);
  expect(clock.map(33_000, 1_045_000)).toBeCloseTo(1_033_004, 0);
  expect(clock.map(66_000, 1_066_000)).toBe(1_066_000);
});

it('rises though the clock it maps jumps back', () => {
  const clock = new ClockMap();
  const before = clock.map(90_000_000, 1_000_000);
  expect(clock.map(0, 1_000_500)).toBeGreaterThan(before);
  expect(clock.map(33_000, 1_033_000)).toBeGreaterThanOrEqual(1_033_000);
});

it('stays with a clock that is slower', () => {
  const clock = new ClockMap();
  let mapped = 0;
  for (let frame = 0; frame < 3_000; frame++) mapped = clock.map(frame * 33_330, frame * 33_333);
  expect(Math.abs(mapped - 2_999 * 33_333)).toBeLessThan(20_000);
});
