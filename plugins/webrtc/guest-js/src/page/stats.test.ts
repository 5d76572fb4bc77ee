import { expect, test } from 'vitest';
import type { TransportStats } from '../shared/bridge';
import type { SlotCounters } from '../shared/messages';
import { Channels } from './channels';
import type { Engine } from './engine';
import type { Line } from './line';
import type { Requests } from './requests';
import { buildReport, type Entry } from './stats';
import type { Transport } from './transport';

const sound = {
  slot: 0,
  kind: 'audio',
  codecs: [{ pt: 111, mime: 'audio/opus', clockRate: 48_000 }],
  track: null,
  remote: { track: { id: 't' } },
};
const line = sound as unknown as Line;
const address = { address: '10.0.0.1', port: 5000, protocol: 'udp', candidateType: 'host' };

function told(change: object, transport: object = {}): TransportStats {
  return {
    now: 1,
    transport: {
      bytesSent: 0,
      bytesReceived: 0,
      packetsSent: 0,
      packetsReceived: 0,
      iceState: 'connected',
      dtlsState: 'connected',
      controlling: false,
      ufrag: 'U',
      pairChanges: 1,
      ...transport,
    },
    outbound: [],
    inbound: [
      {
        slot: 0,
        mid: '0',
        kind: 'audio',
        ssrc: 7,
        nacks: 0,
        plis: 0,
        firs: 0,
        packetsReceived: 9,
        bytesReceived: 90,
        packetsLost: 1,
        ...change,
      },
    ],
  };
}

function report(
  stats: TransportStats,
  certificates: Transport['certificates'] = null,
): Record<string, Entry> {
  const entries = buildReport(stats, [], [line], 'both', null, certificates);
  const byType: Record<string, Entry> = {};
  for (const entry of entries.values()) byType[String(entry.type)] = entry;
  return byType;
}

test('what the sender says it has sent goes with what came of it', () => {
  const { 'inbound-rtp': inbound, 'remote-outbound-rtp': remote } = report(
    told({ reported: { packets: 10, bytes: 100, at: 1234 } }),
  );
  expect(remote).toMatchObject({ packetsSent: 10, bytesSent: 100, remoteTimestamp: 1234 });
  expect([remote?.localId, inbound?.remoteId]).toEqual([inbound?.id, remote?.id]);
});

test('without a report of the sender nothing is said of it', () => {
  const entries = report(told({}));
  expect(entries['remote-outbound-rtp']).toBeUndefined();
  expect(entries['inbound-rtp']).not.toHaveProperty('remoteId');
});

test('the transport tells of its pair, once there is one', () => {
  const before = report(told({}, { iceState: 'new', pairChanges: 0 }));
  expect(before.transport).toMatchObject({ iceRole: 'unknown', selectedCandidatePairChanges: 0 });
  expect(before['candidate-pair']).toBeUndefined();
  const pair = { localCandidate: address, remoteCandidate: { ...address, candidateType: 'prflx' } };
  const times = { rttMs: 2, totalRttMs: 6, responsesReceived: 3 };
  const after = report(told({}, { ...pair, ...times, version: 0xfefd }));
  expect(after.transport).toMatchObject({ iceRole: 'controlled', tlsVersion: 'FEFD' });
  expect(after.transport?.selectedCandidatePairId).toBe(after['candidate-pair']?.id);
  expect(after['candidate-pair']).toMatchObject({
    currentRoundTripTime: 0.002,
    totalRoundTripTime: 0.006,
    responsesReceived: 3,
  });
  expect(after['remote-candidate']).toMatchObject({ candidateType: 'prflx' });
});

test('certificates are there when both have shown them', () => {
  expect(report(told({})).transport).not.toHaveProperty('localCertificateId');
  const own = { fingerprint: 'sha-256 AA:BB', der: '00ff' };
  const peer = { fingerprint: 'sha-256 CC:DD', der: '0102' };
  const { transport, certificate } = report(told({}), { own, peer });
  expect(certificate).toMatchObject({
    id: transport?.remoteCertificateId,
    fingerprint: 'CC:DD',
    fingerprintAlgorithm: 'sha-256',
    base64Certificate: 'AQI=',
  });
});

test('a data channel keeps its id when another is closed', () => {
  const channels = new Channels(
    { post: () => undefined } as unknown as Engine,
    { send: () => new Promise(() => undefined) } as unknown as Requests,
    () => 0,
    { maxMessageSize: 1 },
    () => undefined,
  );
  for (const label of ['first', 'second']) channels.create(label, {});
  const labelOf = (id: string) =>
    buildReport(told({}), [], [], 'both', channels, null).get(id)?.label;
  expect([labelOf('D0'), labelOf('D1')]).toEqual(['first', 'second']);
  channels.receive({ ev: 'channelClosed', handle: 0 });
  expect([labelOf('D0'), labelOf('D1')]).toEqual([undefined, 'second']);
});

test('a source of pictures is told of as it is, not as it is encoded', () => {
  const video = { ...sound, kind: 'video', track: { id: 'v' } } as unknown as Line;
  const own = { slot: 0, mid: '0', kind: 'video', ssrc: 8, nacks: 0, plis: 0, firs: 0 } as const;
  const stats = told({});
  const counted = { ...stats, outbound: [{ ...own, packetsSent: 1, bytesSent: 1 }] };
  const sent = { width: 320, height: 180, framesPerSecond: 7, framesCaptured: 90 };
  const source = { sourceWidth: 1280, sourceHeight: 720, capturedPerSecond: 30 };
  const counters = [{ slot: 0, sending: true, sent: { ...sent, ...source }, received: null }];
  const entries = buildReport(
    counted,
    counters as unknown as SlotCounters[],
    [video],
    'out',
    null,
    null,
  );
  expect(entries.get('O8')).toMatchObject({ frameWidth: 320, framesPerSecond: 7 });
  const expected = { width: 1280, height: 720, framesPerSecond: 30 };
  expect(entries.get('S0')).toMatchObject(expected);
});
