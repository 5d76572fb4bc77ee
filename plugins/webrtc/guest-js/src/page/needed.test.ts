import { expect, test } from 'vitest';
import { NegotiationNeeded } from './needed';
import { nextTask } from './tasks';

function connection() {
  const state = { closed: false, idle: true, stable: true, needed: true, told: 0 };
  const owner = { tell: () => (state.told += 1) };
  // What it looks at changes under it, as with the real one.
  const needed = new NegotiationNeeded(
    new Proxy(owner as never, {
      get: (target, name) => Reflect.get(name === 'tell' ? target : state, name) as unknown,
    }),
  );
  return { state, needed };
}

test('the page is told once, in a task of its own', async () => {
  const { state, needed } = connection();
  needed.update();
  needed.update();
  expect(state.told).toBe(0);
  await nextTask();
  expect(state.told).toBe(1);
  needed.update();
  await nextTask();
  expect(state.told).toBe(1);
});

test('what is wanted while something is under way is told after it', async () => {
  const { state, needed } = connection();
  state.idle = false;
  needed.update();
  await nextTask();
  expect(state.told).toBe(0);
  state.idle = true;
  needed.handleIdle();
  await nextTask();
  expect(state.told).toBe(1);
});

test('nothing is told when it has been settled, or the connection is closed, meanwhile', async () => {
  const { state, needed } = connection();
  needed.update();
  state.needed = false;
  await nextTask();
  state.needed = true;
  needed.update();
  state.closed = true;
  await nextTask();
  expect(state.told).toBe(0);
});

test('after a negotiation what is still wanted is told anew', async () => {
  const { state, needed } = connection();
  needed.update();
  await nextTask();
  needed.handleStable();
  needed.handleIdle();
  await nextTask();
  expect(state.told).toBe(2);
});
