import { afterAll, expect, it, vi } from 'vitest';

vi.mock('./probe', () => ({ probe: () => new Promise(() => undefined) }));

afterAll(() => {
  vi.unstubAllGlobals();
});

it('has no counters of a connection that is closed, and says so', async () => {
  const post = vi.fn();
  vi.stubGlobal('postMessage', post);
  vi.stubGlobal('onmessage', null);
  await import('./main');
  const { onmessage } = globalThis as unknown as { onmessage: (event: object) => void };
  onmessage({ data: { to: 'counters', pc: 9, id: 3 } });
  expect(post).toHaveBeenCalledWith({ to: 'counters', pc: 9, id: 3, counters: [] }, []);
});
