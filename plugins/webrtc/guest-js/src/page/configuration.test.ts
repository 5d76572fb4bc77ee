import { expect, test } from 'vitest';
import { checkChange, readConfiguration } from './configuration';

test('what is left out has the value of the standard', () => {
  expect(readConfiguration(undefined)).toEqual({
    bundlePolicy: 'balanced',
    iceCandidatePoolSize: 0,
    iceServers: [],
    iceTransportPolicy: 'all',
    rtcpMuxPolicy: 'require',
  });
});

test.each([
  [{ iceServers: null }, 'TypeError'],
  [{ iceServers: [{}] }, 'TypeError'],
  [{ iceServers: [{ urls: [] }] }, 'SyntaxError'],
  [{ iceServers: [{ urls: 'http://a' }] }, 'SyntaxError'],
  [{ iceServers: [{ urls: 'stun:a:70000' }] }, 'SyntaxError'],
  [{ iceServers: [{ urls: 'turn:a' }] }, 'InvalidAccessError'],
  [{ bundlePolicy: 'none' }, 'TypeError'],
  [{ iceCandidatePoolSize: 256 }, 'TypeError'],
  [{ iceTransportPolicy: 'relay' }, 'NotSupportedError'],
  [{ certificates: [{}] }, 'TypeError'],
])('%j is refused with %s', (given, name) => {
  expect(() => readConfiguration(given)).toThrow(expect.objectContaining({ name }));
});

test('servers are kept as a page gave them', () => {
  const turn = { urls: 'turn:a.example:3478?transport=udp', username: 'u', credential: 'c' };
  const { iceServers } = readConfiguration({ iceServers: [{ urls: ['stun:[::1]'] }, turn] });
  expect(iceServers).toEqual([
    { urls: ['stun:[::1]'], credentialType: 'password' },
    { ...turn, urls: [turn.urls], credentialType: 'password' },
  ]);
});

test('the bundle policy stays', () => {
  const [one, other] = [readConfiguration({}), readConfiguration({ bundlePolicy: 'max-bundle' })];
  expect(() => {
    checkChange(one, other, false);
  }).toThrow(expect.objectContaining({ name: 'InvalidModificationError' }));
});
