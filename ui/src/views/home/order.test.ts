import { expect, it } from 'vitest';

import type { Peer } from '../../protocol';
import { peer } from '../../testing/world';
import { byName, called } from './order';

function named(...names: string[]): Peer[] {
  return names.map((name, index) => peer({ id: String(index), node: String(index), name }));
}

const names = (peers: readonly Peer[]) => peers.map(({ name }) => name);

it('lists people by name, numbers by what they are worth', () => {
  const peers = named('room 10', 'Zoë', 'émile', 'Room 9', 'Eve');
  expect(names(byName(peers, 'en'))).toEqual(['émile', 'Eve', 'Room 9', 'room 10', 'Zoë']);
});

it('orders Chinese names as Chinese readers do', () => {
  expect(names(byName(named('张伟', '李娜', '王芳'), 'zh-Hans'))).toEqual(['李娜', '王芳', '张伟']);
});

it('keeps those with one name in one order, whatever the order they came in', () => {
  const peers = named('Ada', 'Ada', 'Ada');
  const ids = (list: readonly Peer[]) => byName(list, 'en').map(({ id }) => id);
  expect(ids(peers)).toEqual(['0', '1', '2']);
  expect(ids([...peers].reverse())).toEqual(['0', '1', '2']);
});

it('finds people by a part of their name, whatever the case and the accents', () => {
  const peers = named('José', 'Joseph', 'Ada', '王芳');
  expect(names(called(peers, ' jose '))).toEqual(['José', 'Joseph']);
  expect(names(called(peers, '芳'))).toEqual(['王芳']);
  expect(names(called(peers, ''))).toHaveLength(4);
  expect(called(peers, 'Bo')).toEqual([]);
});
