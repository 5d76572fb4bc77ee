import { expect, test } from 'vitest';
import type { Engine } from './engine';
import { Requests } from './requests';

const make = () => new Requests({ post: () => undefined } as unknown as Engine, () => 0);

test('who wants statistics gets an answer, though the connection be closed or fail', async () => {
  const closing = make();
  const asked = closing.stats();
  closing.close();
  expect([await asked, await closing.stats()]).toEqual([null, null]);
  const failing = make();
  const before = failing.stats();
  failing.fail(new Error('gone'));
  expect([await before, await failing.stats()]).toEqual([null, null]);
});

test('statistics are what Rust says', async () => {
  const requests = make();
  const asked = requests.stats();
  requests.handleReply({ id: 0, ok: { now: 1 } });
  expect(await asked).toEqual({ now: 1 });
});
