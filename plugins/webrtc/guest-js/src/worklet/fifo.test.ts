import { expect, it } from 'vitest';

import { Fifo } from './fifo';

/** `length` samples that count from `first`. */
function counting(first: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => first + index);
}

function taken(fifo: Fifo): Float32Array {
  const output = new Float32Array(128).fill(-1);
  fifo.read(output);
  return output;
}

it('waits for 60 ms, and then gives what came, in order', () => {
  const fifo = new Fifo();
  fifo.write(counting(1, 2_000));
  expect(Math.max(...taken(fifo))).toBe(0);
  fifo.write(counting(2_001, 1_000));
  expect([...taken(fifo)]).toEqual([...counting(1, 128)]);
  expect([...taken(fifo)]).toEqual([...counting(129, 128)]);
});

it('is silent when it ran dry, until there are 60 ms again', () => {
  const fifo = new Fifo();
  fifo.write(counting(1, 2_880));
  for (let block = 0; block < 22; block++) expect(taken(fifo)[0]).toBe(1 + 128 * block);
  expect(Math.max(...taken(fifo))).toBe(0);
  fifo.write(counting(3_000, 200));
  expect(Math.max(...taken(fifo))).toBe(0);
  fifo.write(counting(3_200, 2_880));
  expect(taken(fifo)[0]).toBe(2_817);
});

it('keeps half a second at most, and goes on with the newest', () => {
  const fifo = new Fifo();
  fifo.write(counting(1, 24_001));
  expect(taken(fifo)[0]).toBe(24_001 - 2_880 + 1);
});
