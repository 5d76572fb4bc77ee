import { expect, test } from 'vitest';
import { IceCandidate } from './description';
import {
  iceControlOf,
  DtlsTransport,
  IceTransport,
  sctpControlOf,
  SctpTransport,
} from './transports';
import { PERMIT } from './webidl';

function make() {
  const ice = new IceTransport(PERMIT, {
    local: () => [],
    remote: () => [],
    parameters: () => null,
  });
  return { ice, sctp: new SctpTransport(PERMIT, new DtlsTransport(PERMIT, ice)) };
}

function candidate(address: string): IceCandidate {
  return new IceCandidate({
    candidate: `candidate:1 1 udp 1 ${address} 5000 typ host`,
    sdpMLineIndex: 0,
  });
}

test('the pair that is used is told, and the next', () => {
  const { ice } = make();
  expect(ice.getSelectedCandidatePair()).toBe(null);
  const told: unknown[] = [];
  ice.addEventListener('selectedcandidatepairchange', () => {
    told.push(ice.getSelectedCandidatePair()?.remote.address);
  });
  const local = candidate('10.0.0.1');
  for (const address of ['10.0.0.2', 'fd00::2']) {
    iceControlOf(ice).select({ local, remote: candidate(address) });
  }
  expect(told).toEqual(['10.0.0.2', 'fd00::2']);
  expect(ice.getSelectedCandidatePair()?.local).toBe(local);
});

test('a message is as long as both ends allow', () => {
  const { sctp } = make();
  const control = sctpControlOf(sctp);
  const sizes = [1, 65_536, 0, 1_000_000].map((bytes) => {
    control.limit(bytes);
    return sctp.maxMessageSize;
  });
  expect(sizes).toEqual([1, 65_536, 262_144, 262_144]);
});
