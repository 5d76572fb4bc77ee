import { expect, it } from 'vitest';

import { AudioReceiver } from './audio-receiver';

it('lets sound wait for its pictures or as the page wants, whichever is longer', () => {
  const told: unknown[] = [];
  const receiver = new AudioReceiver(
    3,
    (request) => told.push(request),
    () => undefined,
  );
  const floors = () => told.splice(0).map((request) => (request as { ms: number }).ms);
  receiver.setFloor(50);
  receiver.setTarget(30);
  expect(floors()).toEqual([50]);
  receiver.setTarget(200);
  receiver.setFloor(120);
  expect(floors()).toEqual([200]);
  receiver.setTarget(0);
  receiver.setFloor(0);
  expect(floors()).toEqual([120, 0]);
  receiver.setTarget(4_000);
  expect(floors()).toEqual([400]);
});
