import { describe, expect, it } from 'vitest';

import type { VideoSettings } from './messages';
import { plan, scaled, share, wished } from './rate';

const SETTINGS: VideoSettings = {
  active: true,
  maxBitrate: 4_000_000,
  maxFramerate: null,
  scaleResolutionDownBy: 1,
  degradationPreference: 'balanced',
  enabled: true,
};

describe('plan', () => {
  it('sends all of the picture when there is room', () => {
    expect(plan(SETTINGS, 4_000_000, 0, 1280, 720, null)).toEqual({
      bitrate: 4_000_000,
      scale: 1,
      reduction: 1,
      framerate: 30,
      limitation: 'none',
    });
  });

  it('shrinks the picture when there is not, and says why', () => {
    const small = plan(SETTINGS, 200_000, 0, 1280, 720, null);
    expect(small).toMatchObject({ scale: 2, framerate: 30, limitation: 'bandwidth' });
  });

  it('grows it again only with room to spare', () => {
    const small = plan(SETTINGS, 200_000, 0, 1280, 720, null);
    expect(plan(SETTINGS, 620_000, 0, 1280, 720, small).scale).toBeGreaterThan(1);
    expect(plan(SETTINGS, 900_000, 0, 1280, 720, small).scale).toBe(1);
  });

  it('sends none where the page wants none', () => {
    const sharp = { ...SETTINGS, degradationPreference: 'maintain-resolution' as const };
    for (const settings of [SETTINGS, sharp]) {
      const none = plan({ ...settings, maxFramerate: 0 }, 300_000, 0, 1280, 720, null);
      expect(none.framerate).toBe(0);
    }
  });

  it('gives up frames and not size when the page wants that', () => {
    const sharp = { ...SETTINGS, degradationPreference: 'maintain-resolution' as const };
    const next = plan(sharp, 300_000, 0, 1280, 720, null);
    expect(next).toMatchObject({ scale: 1, limitation: 'bandwidth' });
    expect(next.framerate).toBeLessThan(20);
    expect(next.framerate).toBeGreaterThanOrEqual(5);
  });

  it('gives up size when the processor is short of time, and says why', () => {
    const of = (steps: number) => plan(SETTINGS, 4_000_000, steps, 1280, 720, null);
    expect([1, 2, 3, 4].map((steps) => of(steps).scale)).toEqual([4 / 3, 2, 8 / 3, 4]);
    expect(of(2)).toMatchObject({ framerate: 30, limitation: 'cpu', reduction: 2 });
  });

  it('makes no picture so small that it helps no more', () => {
    const small = plan(SETTINGS, 4_000_000, 4, 640, 360, null);
    expect(small).toMatchObject({ scale: 2, limitation: 'cpu' });
    expect(plan(SETTINGS, 4_000_000, 4, 320, 180, null)).toMatchObject({
      scale: 1,
      limitation: 'none',
    });
  });

  it('gives up frames for the processor when the page wants the size', () => {
    const sharp = { ...SETTINGS, degradationPreference: 'maintain-resolution' as const };
    const of = (steps: number) => plan(sharp, 4_000_000, steps, 1280, 720, null);
    expect([0, 1, 2, 3, 4, 5].map((steps) => of(steps).framerate)).toEqual([30, 20, 13, 9, 6, 5]);
    expect(of(1)).toMatchObject({ scale: 1, limitation: 'cpu' });
  });

  it('says bandwidth where both limit it', () => {
    expect(plan(SETTINGS, 200_000, 1, 1280, 720, null)).toMatchObject({
      scale: 2,
      limitation: 'bandwidth',
    });
  });

  it("keeps the page's own bounds", () => {
    const bounded = {
      ...SETTINGS,
      maxFramerate: 15,
      scaleResolutionDownBy: 2,
      maxBitrate: 300_000,
    };
    expect(plan(bounded, 4_000_000, 0, 1280, 720, null)).toEqual({
      bitrate: 300_000,
      scale: 2,
      reduction: 1,
      framerate: 15,
      limitation: 'none',
    });
  });
});

describe('share', () => {
  it('divides what there is in proportion to what each wishes', () => {
    const own = wished(SETTINGS);
    expect(share(1_000_000, own, 2 * own)).toBe(450_000);
    expect(share(100_000_000, own, 2 * own)).toBe(own);
  });
});

it('makes sizes even', () => {
  expect(scaled(1280, 4 / 3)).toBe(960);
  expect(scaled(333, 2)).toBe(166);
  expect(scaled(1, 4)).toBe(16);
});
