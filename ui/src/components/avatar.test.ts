import { describe, expect, it } from 'vitest';

import { AVATAR_COLOURS, avatarColours, initials } from './avatar';

describe('initials', () => {
  it.each([
    ['Amelia Okafor', 'AO'],
    ['ben', 'B'],
    ['Ludwig van Beethoven', 'LB'],
    ['王小明', '小明'],
    ['王明', '王明'],
    ['  Zoë ', 'Z'],
    ['👩‍👩‍👧 ', '👩‍👩‍👧'],
    ['4 Seasons', '4S'],
    ['', '?'],
  ])('of %j are %j', (name, letters) => {
    expect(initials(name)).toBe(letters);
  });
});

describe('colours', () => {
  it('stay the same for an id, and differ between ids', () => {
    expect(avatarColours('abc')).toBe(avatarColours('abc'));
    const used = new Set(Array.from({ length: 200 }, (_, i) => avatarColours(`peer-${i}`)));
    expect(used.size).toBe(AVATAR_COLOURS.length);
  });

  it.each(AVATAR_COLOURS.flat())('%s carries white text (WCAG AA)', (colour) => {
    expect(1.05 / (luminance(colour) + 0.05)).toBeGreaterThanOrEqual(4.5);
  });
});

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
