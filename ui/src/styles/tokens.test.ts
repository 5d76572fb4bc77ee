import { describe, expect, it } from 'vitest';

import tokens from './tokens.css?raw';

/** Text on what it is written on, in both themes. */
const PAIRS = [
  ['ink', 'ground'],
  ['ink', 'surface'],
  ['ink', 'surface-soft'],
  ['ink', 'surface-hover'],
  ['ink', 'warn-soft'],
  ['ink', 'bad-soft'],
  ['ink', 'accent-soft'],
  ['ink-soft', 'ground'],
  ['ink-soft', 'surface'],
  ['ink-soft', 'surface-soft'],
  ['accent', 'surface'],
  ['accent', 'accent-soft'],
  ['accent', 'accent-soft-hover'],
  ['accent-ink', 'accent'],
  ['accent-ink', 'accent-strong'],
  ['bad', 'surface'],
  ['bad', 'bad-soft'],
  ['bad-ink', 'bad'],
  ['bad-ink', 'bad-strong'],
  ['warn', 'warn-soft'],
] as const;

describe.each(['light', 'dark'])('%s theme', (theme) => {
  const block = new RegExp(`\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(tokens)?.[1] ?? '';
  const colours = new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
  );

  it.each(PAIRS)('%s on %s reaches 4.5:1 (WCAG AA)', (text, ground) => {
    const [light, dark] = [luminance(colours.get(text)), luminance(colours.get(ground))].sort(
      (a, b) => b - a,
    );
    expect(((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05)).toBeGreaterThanOrEqual(4.5);
  });
});

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string | undefined): number {
  if (colour === undefined) throw new Error('no such token');
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
