import { expect, it } from 'vitest';

import { RecentMinimum } from './minimum';

it('forgets a value when it is old', () => {
  const recent = new RecentMinimum(2_000);
  expect(recent.add(5, 100)).toBe(5);
  expect(recent.add(9, 600)).toBe(5);
  expect(recent.add(8, 1_600)).toBe(5);
  expect(recent.add(9, 2_100)).toBe(8);
  expect(recent.add(9, 100_000)).toBe(9);
});

it('takes values of the past for those of now', () => {
  const recent = new RecentMinimum(2_000);
  recent.add(9, 5_000);
  expect(recent.add(7, 100)).toBe(7);
  expect(recent.add(9, 6_400)).toBe(7);
});
