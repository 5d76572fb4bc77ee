import { describe, expect, it } from 'vitest';

import { Transit, waits } from './sync';

/** Two streams of one sender, whose clock is an hour off. */
function call(soundTransit: (at: number) => number, pictureTransit: (at: number) => number) {
  const hour = 3_600_000_000;
  const sound = new Transit();
  const picture = new Transit();
  for (let at = 0; at < 10_000; at += 20) {
    sound.seen(hour + at * 1000, (at + soundTransit(at)) * 1000);
    if (at % 40 === 0) picture.seen(hour + at * 1000, (at + pictureTransit(at)) * 1000);
  }
  return { sound, picture };
}

/** How much later sound is heard than its picture is seen, when both do as they are told. */
function apart(
  { sound, picture }: ReturnType<typeof call>,
  soundDelay: number,
  pictureDelay: number,
): number {
  const wait = waits(sound, picture, soundDelay, pictureDelay);
  const heard = (sound.value ?? NaN) + Math.max(soundDelay, wait.sound);
  return heard - ((picture.value ?? NaN) + pictureDelay + wait.pictures);
}

describe('waits', () => {
  it('leaves sound and picture alone while nobody notices', () => {
    const streams = call(
      () => 5,
      () => 10,
    );
    expect(waits(streams.sound, streams.picture, 20, 10)).toEqual({ pictures: 0, sound: 0 });
  });

  it.each([
    ['a deep jitter buffer', 5, 5, 300, 10],
    ['slow decoding', 5, 5, 20, 150],
    ['pictures that are longer under way', 5, 200, 20, 10],
    ['sound that is longer under way', 150, 5, 40, 10],
    ['both', 5, 120, 100, 90],
  ])(
    'keeps them within 80 ms in spite of %s, and sound that is early within 45',
    (_, sound, picture, soundDelay, pictureDelay) => {
      const streams = call(
        () => sound,
        () => picture,
      );
      const late = apart(streams, soundDelay, pictureDelay);
      expect(late).toBeLessThan(80);
      expect(late).toBeGreaterThan(-45);
    },
  );

  it('is not misled by what came late', () => {
    const late = (at: number) => 5 + (at % 500 === 0 ? 0 : (at * 7919) % 60);
    const misled = apart(call(late, late), 70, 10);
    expect(misled).toBeLessThan(80);
    expect(misled).toBeGreaterThan(-45);
  });

  it('forgets within seconds how fast the way was before it became longer', () => {
    const streams = call(
      (at) => (at < 5_000 ? 5 : 305),
      () => 5,
    );
    expect(streams.sound.value).toBeCloseTo(-3_600_000 + 305, 0);
    expect(apart(streams, 20, 10)).toBeLessThan(80);
  });

  it('keeps still until the sender has told its clock', () => {
    const unknown = new Transit();
    unknown.seen(0, 1_000);
    expect(unknown.value).toBeNull();
    expect(waits(unknown, unknown, 500, 0)).toEqual({ pictures: 0, sound: 0 });
  });
});
