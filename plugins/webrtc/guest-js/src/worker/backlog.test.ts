import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Backlog } from './backlog';

/** A player that shows what it was given when it is told to, and a page that answers when it is asked. */
class Player {
  readonly given: number[] = [];
  readonly closed: number[] = [];
  shown: number | null = 0;
  takes = true;
  readonly backlog: Backlog = new Backlog(
    (frame) => {
      if (!this.takes) return false;
      this.given.push(frame.timestamp);
      return true;
    },
    () => {
      queueMicrotask(() => {
        this.backlog.told(this.shown);
      });
    },
  );

  async put(timestamp: number): Promise<void> {
    const close = () => this.closed.push(timestamp);
    this.backlog.put({ timestamp, close } as unknown as VideoFrame);
    await vi.advanceTimersByTimeAsync(0);
  }
}

/** Ten seconds of pictures, of which a player shows one of so many; and how many it had in advance after each. */
async function plays(every: number): Promise<{ player: Player; ahead: number[] }> {
  const player = new Player();
  const ahead: number[] = [];
  for (let at = 0; at < 300; at++) {
    await player.put(at);
    if (at % every === 0) player.shown = (player.shown ?? 0) + 1;
    await vi.advanceTimersByTimeAsync(33);
    ahead.push(player.given.length - (player.shown ?? 0));
  }
  return { player, ahead };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('gives a player that keeps up every picture at once', async () => {
  const player = new Player();
  for (let at = 0; at < 10; at++) {
    await player.put(at);
    player.shown = at + 1;
    await vi.advanceTimersByTimeAsync(33);
  }
  expect(player.given).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(player.closed).toEqual([]);
});

it('keeps the newest for a player that is behind, and gives it as soon as there is room', async () => {
  const player = new Player();
  for (let at = 0; at < 8; at++) await player.put(at);
  const first = player.given.length;
  expect(first).toBeLessThanOrEqual(4);
  expect(player.closed).toHaveLength(8 - first - 1);
  player.shown = 1;
  await vi.advanceTimersByTimeAsync(10);
  expect(player.given.at(-1)).toBe(7);
  expect(player.given).toHaveLength(first + 1);
});

it('gives no more than the player shows, however long it goes on', async () => {
  const { player, ahead } = await plays(3);
  expect(Math.max(...ahead)).toBeLessThanOrEqual(4);
  expect(player.given.length).toBeGreaterThan(95);
});

it('gives a player that is very slow less in advance', async () => {
  const { player, ahead } = await plays(6);
  expect(Math.max(...ahead.slice(61))).toBeLessThanOrEqual(3);
  expect(player.given.length).toBeGreaterThan(45);
});

it('begins anew with another player, and with none', async () => {
  const player = new Player();
  player.shown = 1000;
  for (let at = 0; at < 7; at++) await player.put(at);
  player.shown = 0;
  await vi.advanceTimersByTimeAsync(10);
  expect(player.given.at(-1)).toBe(6);
  player.shown = null;
  for (let at = 7; at < 12; at++) await player.put(at);
  expect(player.given.slice(-5)).toEqual([7, 8, 9, 10, 11]);
});

it('goes on when the player has lost what it was given', async () => {
  const player = new Player();
  for (let at = 0; at < 7; at++) await player.put(at);
  expect(player.given).not.toContain(6);
  const lost = player.given.length;
  for (let at = 7; at < 60; at++) {
    await player.put(at);
    await vi.advanceTimersByTimeAsync(33);
    player.shown = player.given.length - lost;
  }
  expect(player.given.slice(-20)).toEqual(Array.from({ length: 20 }, (_, index) => 40 + index));
});

it('gives a player that stood still no more for it', async () => {
  const player = new Player();
  for (let stall = 0; stall < 3; stall++) {
    for (let at = 0; at < 20; at++) {
      await player.put(at);
      await vi.advanceTimersByTimeAsync(33);
    }
    for (let at = 0; at < 30; at++) {
      player.shown = Math.min(player.given.length, (player.shown ?? 0) + 1);
      await player.put(at);
      await vi.advanceTimersByTimeAsync(33);
    }
    expect(player.given.length - (player.shown ?? 0)).toBeLessThanOrEqual(4);
  }
});

it('does not count what could not be given', async () => {
  const player = new Player();
  player.takes = false;
  for (let at = 0; at < 9; at++) await player.put(at);
  player.takes = true;
  for (let at = 9; at < 12; at++) await player.put(at);
  expect(player.given).toEqual([9, 10, 11]);
});

it('gives nothing more once it is closed, and keeps nothing', async () => {
  const player = new Player();
  for (let at = 0; at < 7; at++) await player.put(at);
  player.backlog.close();
  expect(player.closed).toContain(6);
  player.shown = 7;
  await player.put(7);
  await vi.advanceTimersByTimeAsync(400);
  expect(player.given).not.toContain(7);
  expect(player.closed).toContain(7);
});
