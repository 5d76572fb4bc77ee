import { describe, expect, it } from 'vitest';

import { en } from './en';
import { zhHans } from './zh-Hans';

/** Every text by its path, functions called with arguments that can be recognised. */
function texts(value: unknown, path: string): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function')
    return [[path, (value as (...about: unknown[]) => string)('«1»', true)]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

const english = texts(en, 'en');
const chinese = new Map(texts(zhHans, 'en'));

describe('catalogues', () => {
  it('have the same texts, and none is empty', () => {
    expect([...chinese.keys()].sort()).toEqual(english.map(([path]) => path).sort());
    for (const [path, text] of [...english, ...chinese]) expect(text.trim(), path).not.toBe('');
  });

  it.each(english)('%s speaks of the same things in Chinese', (path, text) => {
    expect(chinese.get(path)?.includes('«1»')).toBe(text.includes('«1»'));
  });

  it('is in Chinese where it says more than a name', () => {
    const names = new Set(['en.app.name', 'en.app.titleMissed']);
    const untranslated = [...chinese].filter(
      ([path, text]) => !names.has(path) && !/\p{Script=Han}/u.test(text),
    );
    expect(untranslated).toEqual([]);
  });

  it('keeps the accessible names that tests and assistive tools know', () => {
    expect(en.home.peopleNearby).toBe('People nearby');
    expect(en.home.videoCall('Ada')).toBe('Video call Ada');
    expect(en.home.audioCall('Ada')).toBe('Audio call Ada');
    const { accept, decline, cancel, hangUp, mute, unmute, cameraOff, cameraOn } = en.call;
    expect([accept, decline, cancel, hangUp, mute, unmute, cameraOff, cameraOn]).toEqual([
      'Accept',
      'Decline',
      'Cancel call',
      'Hang up',
      'Mute',
      'Unmute',
      'Camera off',
      'Camera on',
    ]);
  });

  it('counts one and many', () => {
    expect(en.home.peopleCount(1)).toBe('1 person');
    expect(en.home.peopleCount(2)).toBe('2 people');
    expect(en.home.found(1)).toBe('1 person found');
    expect(en.home.found(2)).toBe('2 people found');
    expect(en.recent.missedCount(1)).toBe('1 missed call');
    expect(zhHans.recent.missedCount(2)).toBe('2 个未接来电');
  });
});
