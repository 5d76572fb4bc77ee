import { expect, test } from 'vitest';
import { dictionary, enumeration, expose, inRange, scalarText, sequence, wrapped } from './webidl';

test('integers are wrapped around, or refused where the standard says so', () => {
  expect([wrapped(-1, 16), wrapped(65_537, 16), wrapped('7', 32), wrapped(Number.NaN, 32)]).toEqual(
    [65_535, 1, 7, 0],
  );
  expect([inRange('n', 0, 9), inRange('n', 9.7, 9), inRange('n', -0, 9)]).toEqual([0, 9, 0]);
  for (const value of [-1, 10, Number.NaN, 'x', Infinity]) {
    expect(() => inRange('n', value, 9)).toThrow(TypeError);
  }
});

test('sequences, dictionaries and enumerations refuse what they are not', () => {
  expect(sequence('s', new Set([1]))).toEqual([1]);
  expect(() => sequence('s', 'text')).toThrow(TypeError);
  expect(() => sequence('s', null)).toThrow(TypeError);
  expect(dictionary('d', null)).toEqual({});
  expect(() => dictionary('d', 5)).toThrow(TypeError);
  expect(enumeration('e', 'a', ['a', 'b'])).toBe('a');
  expect(() => enumeration('e', null, ['a', 'b'])).toThrow(TypeError);
});

test('half a pair of surrogates becomes a replacement character', () => {
  expect(scalarText('a\uD800b\uDC00 \u{1F600}')).toBe('a\uFFFDb\uFFFD \u{1F600}');
});

test('a class looks as an interface does', async () => {
  class Thing {
    #own = 1;
    get value(): number {
      return this.#own;
    }
    plain(given: unknown): unknown {
      return [this.#own, given];
    }
    later(given: unknown): Promise<unknown> {
      return Promise.resolve([this.#own, given]);
    }
  }
  expose(Thing, 'RTCThing', { required: { plain: 1, later: 1 }, promises: ['later'] });
  const thing = new Thing();
  expect([Thing.name, Object.prototype.toString.call(thing)]).toEqual([
    'RTCThing',
    '[object RTCThing]',
  ]);
  expect(Object.keys(Thing.prototype)).toEqual(['value', 'plain', 'later']);
  expect(thing.plain(2)).toEqual([1, 2]);
  const { plain, later } = Thing.prototype as unknown as Record<string, () => unknown>;
  expect([plain?.length, plain?.name]).toEqual([1, 'plain']);
  expect(() => plain?.call(thing)).toThrow(TypeError);
  await expect(later?.call(thing)).rejects.toThrow(TypeError);
  await expect(later?.call({})).rejects.toThrow(TypeError);
  expect(() => Thing.prototype.value).toThrow(TypeError);
});
