import { expect, it } from 'vitest';

import { Pacing } from './pacing';

/** When pictures of 25 a second are shown that are ready at these times. */
function shown(ready: readonly number[], hold: (index: number) => number = () => 0): number[] {
  const pacing = new Pacing();
  return ready.map((at, index) => pacing.next(at, index * 40_000, hold(index)));
}

it('shows a picture that comes by itself at once', () => {
  expect(shown([0, 42, 79, 121, 160])).toEqual([0, 42, 79, 121, 160]);
});

it('shows pictures that come together one after the other, and catches up', () => {
  expect(shown([0, 120, 120, 120, 160, 200, 240])).toEqual([0, 120, 140, 160, 180, 200, 240]);
});

it('does not stay behind for pictures that it can not catch up with', () => {
  const ready = Array.from({ length: 60 }, (_, index) => Math.max(1000, index * 40));
  const times = shown(ready);
  expect(times.every((time, index) => time - (ready[index] ?? 0) <= 51)).toBe(true);
  expect(times.at(-1)).toBe(59 * 40);
});

it('keeps them in order when they are held back less than before', () => {
  const times = shown([0, 40, 80, 120], (index) => (index < 2 ? 80 : 0));
  expect(times).toEqual([80, 120, 120, 140]);
});
