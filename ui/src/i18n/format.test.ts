import { describe, expect, it } from 'vitest';

import { en } from './en';
import { clock, shortId, when } from './format';
import { bestLanguage, Language } from './language.svelte';
import { zhHans } from './zh-Hans';

describe('clock', () => {
  it.each([
    [0, '0:00'],
    [7.9, '0:07'],
    [754, '12:34'],
    [3600, '1:00:00'],
    [3754, '1:02:34'],
    [-1, '0:00'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(clock(seconds)).toBe(text);
  });
});

describe('when', () => {
  const now = new Date(2026, 10, 22, 0, 10).getTime();
  it('knows today, yesterday over midnight, the week and before', () => {
    expect(when(new Date(2026, 10, 22, 0, 5).getTime(), now, 'zh-Hans', zhHans)).toMatch(
      /^0?0:05$/,
    );
    expect(when(new Date(2026, 10, 21, 23, 50).getTime(), now, 'en', en)).toMatch(
      /^Yesterday 11:50/,
    );
    expect(when(new Date(2026, 10, 18, 9, 0).getTime(), now, 'en', en)).toMatch(/^Wed 9:00/);
    expect(when(new Date(2026, 9, 3, 9, 0).getTime(), now, 'zh-Hans', zhHans)).toBe('10月3日');
  });
});

describe('language', () => {
  it('is the first of the preferred ones there is', () => {
    expect(bestLanguage(['fr-FR', 'zh-CN', 'en'])).toBe('zh-Hans');
    expect(bestLanguage(['en-GB', 'zh'])).toBe('en');
    expect(bestLanguage([])).toBe('en');
  });

  it('is remembered once chosen, and forgotten for the system', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    } as unknown as Storage;
    const language = new Language(storage, ['en']);
    language.choice = 'zh-Hans';
    expect(new Language(storage, ['en']).t).toBe(zhHans);
    language.choice = 'system';
    expect(new Language(storage, ['en']).t).toBe(en);
  });

  it('takes nothing unknown from the storage', () => {
    const storage = { getItem: () => 'constructor' } as unknown as Storage;
    expect(new Language(storage, ['en']).choice).toBe('system');
  });
});

it('writes an id in groups', () => {
  expect(shortId('abcdefghijkl')).toBe('abcd efgh');
});
