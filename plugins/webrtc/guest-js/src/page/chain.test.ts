import { expect, test } from 'vitest';
import { Chain } from './chain';

test('the first operation begins at once, others after it, whatever becomes of it', async () => {
  const begun: number[] = [];
  let idle = 0;
  const chain = new Chain(() => (idle += 1));
  let fail!: (error: Error) => void;
  const first = chain.enqueue(() => {
    begun.push(1);
    return new Promise((_, reject) => (fail = reject));
  });
  const second = chain.enqueue(() => {
    begun.push(2);
    return Promise.resolve('done');
  });
  expect(begun).toEqual([1]);
  expect(chain.empty).toBe(false);
  fail(new Error('no'));
  await expect(first).rejects.toThrow('no');
  await expect(second).resolves.toBe('done');
  await Promise.resolve();
  expect([chain.empty, idle]).toEqual([true, 1]);
});

test('what an operation throws rejects its promise', async () => {
  const chain = new Chain(() => undefined);
  const failing = chain.enqueue(() => {
    throw new TypeError('at once');
  });
  await expect(failing).rejects.toThrow(TypeError);
});
