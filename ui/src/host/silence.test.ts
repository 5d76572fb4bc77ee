import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { FakePage } from '../testing/fake-page';
import { DEAD_AFTER_MS, Silence } from './silence';

const fell = vi.fn();
let page: FakePage;
let silence: Silence;

beforeEach(() => {
  vi.useFakeTimers();
  page = new FakePage();
  silence = new Silence(page, fell);
});

afterEach(() => {
  silence.stop();
  vi.useRealTimers();
  vi.clearAllMocks();
});

test('it waits anew for every word', () => {
  vi.advanceTimersByTime(DEAD_AFTER_MS - 1);
  silence.heard();
  vi.advanceTimersByTime(DEAD_AFTER_MS - 1);
  expect(fell).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(fell).toHaveBeenCalledTimes(1);
});

const wakes: [string, (page: FakePage) => void][] = [
  [
    'is looked at',
    (page) => {
      page.wake();
    },
  ],
  ['is shown', (page) => page.dispatchEvent(new Event('pageshow'))],
  ['has a network', (page) => page.dispatchEvent(new Event('online'))],
];

test.each(wakes)('after a sleep, silence shows as soon as the page %s again', (_, wake) => {
  page.sleep(DEAD_AFTER_MS - 1);
  wake(page);
  expect(fell).not.toHaveBeenCalled();
  page.sleep(1);
  wake(page);
  expect(fell).toHaveBeenCalledTimes(1);
});

test('stopped, it waits for nothing', () => {
  silence.stop();
  page.sleep(DEAD_AFTER_MS);
  for (const [, wake] of wakes) wake(page);
  vi.advanceTimersByTime(DEAD_AFTER_MS);
  expect(fell).not.toHaveBeenCalled();
});
