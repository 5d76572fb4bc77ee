import { describe, expect, test } from 'vitest';

import { qualityOf, ratesBetween, summarise, type Rates } from './stats';

function report(entries: Record<string, unknown>[]): RTCStatsReport {
  return new Map(entries.map((entry) => [entry.id as string, entry]));
}

const INBOUND = [
  {
    id: 'p',
    type: 'candidate-pair',
    localCandidateId: 'l',
    remoteCandidateId: 'r',
    currentRoundTripTime: 0.002,
  },
  { id: 'l', type: 'local-candidate', candidateType: 'host' },
  { id: 'r', type: 'remote-candidate', candidateType: 'prflx' },
  {
    id: 'v',
    type: 'inbound-rtp',
    kind: 'video',
    bytesReceived: 1000,
    packetsReceived: 10,
    packetsLost: 1,
    framesDecoded: 30,
    framesDropped: 2,
    frameWidth: 1280,
    frameHeight: 720,
    totalFreezesDuration: 0.5,
  },
  {
    id: 'a',
    type: 'inbound-rtp',
    kind: 'audio',
    bytesReceived: 500,
    packetsReceived: 50,
    packetsLost: 0,
    totalAudioEnergy: 0.25,
  },
];

describe('a sample', () => {
  test('is what is received, over the selected pair', () => {
    const chromium = [{ id: 't', type: 'transport', selectedCandidatePairId: 'p' }, ...INBOUND];
    expect(summarise(report(chromium), 7)).toEqual({
      at: 7,
      localCandidate: 'host',
      remoteCandidate: 'prflx',
      roundTrip: 0.002,
      bytesReceived: 1500,
      packetsReceived: 60,
      packetsLost: 1,
      framesDecoded: 30,
      framesDropped: 2,
      width: 1280,
      height: 720,
      frozen: 0.5,
      audioEnergy: 0.25,
    });
  });

  test('reads Firefox, which marks the pair itself', () => {
    const firefox = INBOUND.map((entry) =>
      entry.id === 'p' ? { ...entry, selected: true } : entry,
    );
    expect(summarise(report(firefox), 0).localCandidate).toBe('host');
  });

  test('of nothing is nothing', () => {
    expect(summarise(report([]), 0)).toMatchObject({ localCandidate: null, bytesReceived: 0 });
  });
});

test('rates are differences over time, and none across a new connection', () => {
  const base = summarise(report(INBOUND), 0);
  const later = {
    ...base,
    at: 2000,
    bytesReceived: 3500,
    packetsReceived: 150,
    packetsLost: 11,
    framesDecoded: 90,
    frozen: 0.9,
  };
  expect(ratesBetween(base, later)).toEqual({
    framesPerSecond: 30,
    bitsPerSecond: 8000,
    loss: 0.1,
    frozen: 0.2,
    roundTrip: null,
  });
  expect(ratesBetween(later, { ...base, at: 4000 })).toBeNull();
  expect(ratesBetween(base, base)).toBeNull();
});

describe('quality', () => {
  const good: Rates = {
    framesPerSecond: 30,
    bitsPerSecond: 1e6,
    loss: 0,
    frozen: 0,
    roundTrip: 0.002,
  };
  test.each<[Partial<Rates>, boolean, string]>([
    [{}, true, 'good'],
    [{ framesPerSecond: 0 }, false, 'good'],
    [{ framesPerSecond: 0 }, true, 'poor'],
    [{ framesPerSecond: 10 }, true, 'fair'],
    [{ loss: 0.05 }, true, 'fair'],
    [{ loss: 0.2 }, true, 'poor'],
    [{ roundTrip: 0.2 }, true, 'fair'],
    [{ frozen: 0.5 }, true, 'poor'],
    [{ roundTrip: null }, true, 'good'],
  ])('%j, video %s: %s', (rates, video, quality) => {
    expect(qualityOf({ ...good, ...rates }, video)).toBe(quality);
  });
});
