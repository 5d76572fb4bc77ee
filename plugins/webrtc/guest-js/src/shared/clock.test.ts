import { expect, it } from 'vitest';

import { ClockMap } from './clock';

const BLOCK = 20_000;

it('keeps the distances of what was captured, however late it is seen', () => {
  const clock = new ClockMap();
  const late = [0, 3_000, 12_000, 900, 45_000, 30_000, 10_000, 0];
  const times = late.map((delay, block) =>
    clock.map(block * BLOCK, 1e6 + block * BLOCK + delay, BLOCK),
  );
  expect(times).toEqual(late.map((_, block) => 1e6 + block * BLOCK));
});

it('goes by what was not delayed', () => {
  const clock = new ClockMap();
  clock.map(0, 1_300_000, BLOCK);
  expect(clock.map(10 * BLOCK, 1_200_000, BLOCK)).toBeNull();
  expect(clock.map(16 * BLOCK, 1_320_000, BLOCK)).toBe(1_320_000);
  expect(clock.map(17 * BLOCK, 1_400_000, BLOCK)).toBe(1_340_000);
});

it('knows within two seconds that some of a track was never captured', () => {
  const clock = new ClockMap();
  const missing = 300_000;
  const lag = (block: number): number => {
    const now = 1e6 + block * BLOCK + (block < 100 ? 0 : missing);
    return now - (clock.map(block * BLOCK, now, BLOCK) ?? NaN);
  };
  for (let block = 0; block < 100; block++) expect(lag(block)).toBe(0);
  expect(lag(100)).toBe(missing);
  for (let block = 101; block < 205; block++) lag(block);
  expect(lag(205)).toBe(0);
});

it('stays with a clock that is slower or faster, and sends nothing twice', () => {
  for (const pace of [0.9995, 1.0005]) {
    const clock = new ClockMap();
    let last = -Infinity;
    let skipped = 0;
    for (let block = 0; block < 9_000; block++) {
      const now = block * BLOCK * pace;
      const mapped = clock.map(block * BLOCK, now, BLOCK);
      if (mapped === null) {
        skipped += 1;
        continue;
      }
      expect(mapped - last).toBeGreaterThanOrEqual(BLOCK);
      expect(Math.abs(mapped - now)).toBeLessThanOrEqual(2 * BLOCK);
      last = mapped;
    }
    expect(skipped).toBeLessThan(10);
  }
});

it('goes on when the clock it maps jumps back', () => {
  const clock = new ClockMap();
  clock.map(90_000_000, 1_000_000);
  const later = Array.from({ length: 80 }, (_, frame) =>
    clock.map(frame * 33_000, 1_033_000 + frame * 33_000),
  );
  expect(later.at(-1)).toBe(1_033_000 + 79 * 33_000);
});
