import { expect, it, vi } from 'vitest';

import { AudioReceiver } from './audio-receiver';

it('lets sound wait for its pictures or as the page wants, whichever is longer', () => {
  const told: unknown[] = [];
  const receiver = new AudioReceiver(
    3,
    (request) => told.push(request),
    () => undefined,
  );
  const floors = () => told.splice(0).map((request) => (request as { ms: number }).ms);
  receiver.setFloor(1, 50);
  receiver.setTarget(30);
  expect(floors()).toEqual([50]);
  receiver.setTarget(200);
  receiver.setFloor(1, 120);
  expect(floors()).toEqual([200]);
  receiver.setTarget(0);
  receiver.setFloor(1, 0);
  expect(floors()).toEqual([120, 0]);
  receiver.setTarget(4_000);
  expect(floors()).toEqual([400]);
});

it('waits for the latest of several pictures, and no longer than they come', () => {
  vi.useFakeTimers();
  const told: unknown[] = [];
  const receiver = new AudioReceiver(
    3,
    (request) => told.push(request),
    () => undefined,
  );
  const floors = () => told.splice(0).map((request) => (request as { ms: number }).ms);
  const packet = { ev: 'sound', slot: 3, captured: 0, arrival: 0, delayMs: 0 } as const;
  receiver.setFloor(1, 50);
  receiver.setFloor(2, 200);
  receiver.setFloor(1, 50);
  expect(floors()).toEqual([50, 200]);
  receiver.forgetFloor(2);
  expect(floors()).toEqual([50]);
  receiver.setFloor(2, 200);
  vi.advanceTimersByTime(1_500);
  receiver.setFloor(1, 50);
  vi.advanceTimersByTime(1_000);
  receiver.told(packet);
  expect(floors()).toEqual([200, 50]);
  vi.advanceTimersByTime(2_000);
  receiver.told(packet);
  expect(floors()).toEqual([0]);
  vi.useRealTimers();
});
