import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { DISCONNECTED_MS, GIVE_UP_MS, POLITE_EXTRA_MS, Recovery, RETRY_MS } from './recovery';

const restartIce = vi.fn();
const report = vi.fn();

function recovery(polite = false): Recovery {
  return new Recovery({ restartIce, report }, () => polite);
}

beforeEach(() => {
  vi.useFakeTimers();
  restartIce.mockClear();
  report.mockClear();
});

afterEach(() => {
  vi.useRealTimers();
});

test('a short silence is left to heal by itself', () => {
  const it = recovery();
  it.handleConnectionState('connected');
  it.handleConnectionState('disconnected');
  vi.advanceTimersByTime(DISCONNECTED_MS - 1);
  it.handleConnectionState('connected');
  vi.advanceTimersByTime(GIVE_UP_MS);
  expect(restartIce).not.toHaveBeenCalled();
  expect(report.mock.calls).toEqual([['connected'], ['interrupted'], ['connected']]);
});

test('restarts come at growing distances, until it is given up', () => {
  const it = recovery();
  it.handleConnectionState('connected');
  it.handleConnectionState('failed');
  const at: number[] = [];
  restartIce.mockImplementation(() => at.push(Date.now()));
  const start = Date.now();
  vi.advanceTimersByTime(GIVE_UP_MS * 2);
  expect(at.map((time) => time - start)).toEqual(
    [0, 2_000, 6_000, 14_000, 22_000, 30_000].slice(0, at.length),
  );
  expect(at.length).toBeGreaterThanOrEqual(5);
  expect(report.mock.calls.at(-1)).toEqual(['failed']);
});

test('failing cuts the wait for healing short', () => {
  const it = recovery();
  it.handleConnectionState('connected');
  it.handleConnectionState('disconnected');
  it.handleConnectionState('failed');
  vi.advanceTimersByTime(0);
  expect(restartIce).toHaveBeenCalledTimes(1);
});

test('the polite side leaves the first restart to the other', () => {
  const it = recovery(true);
  it.handleConnectionState('connected');
  it.handleConnectionState('disconnected');
  vi.advanceTimersByTime(DISCONNECTED_MS + POLITE_EXTRA_MS - 1);
  expect(restartIce).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(restartIce).toHaveBeenCalledTimes(1);
});

test('another address restarts at once, whatever ICE believes', () => {
  const it = recovery();
  it.handleConnectionState('connected');
  it.handleNetworkChanged();
  expect(restartIce).toHaveBeenCalledTimes(1);
  expect(report.mock.calls).toEqual([['connected']]);
});

test('a path that never was is not called interrupted', () => {
  const it = recovery();
  it.handleConnectionState('connecting');
  it.handleConnectionState('failed');
  vi.advanceTimersByTime(RETRY_MS);
  expect(report).not.toHaveBeenCalled();
  it.handleConnectionState('connected');
  expect(report.mock.calls).toEqual([['connected']]);
});

test('closed, it does nothing more', () => {
  const it = recovery();
  it.handleConnectionState('failed');
  it.close();
  vi.advanceTimersByTime(GIVE_UP_MS);
  expect(restartIce).not.toHaveBeenCalled();
  expect(report).not.toHaveBeenCalled();
});
