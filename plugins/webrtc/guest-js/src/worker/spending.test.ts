import { expect, it } from 'vitest';

import { Spending } from './spending';

/** `seconds` at 30 pictures a second that take so many bits a second. */
function film(spending: Spending, from: number, seconds: number, bps: number): void {
  for (let picture = 0; picture <= 30 * seconds; picture++) {
    spending.spent(from + (picture * 1000) / 30, bps / 240, 1_000_000);
  }
}

it('believes what it is told while the encoder keeps to what it may', () => {
  const spending = new Spending(2);
  film(spending, 0, 20, 1_000_000);
  film(spending, 20_000, 20, 200_000);
  expect(spending.factor).toBe(2);
});

it('bears one second that is too much, and no second one', () => {
  const spending = new Spending(2);
  film(spending, 0, 1, 6_000_000);
  film(spending, 1_000, 5, 1_000_000);
  expect(spending.factor).toBe(2);
  film(spending, 7_000, 3, 2_000_000);
  expect(spending.factor).toBe(1);
});
