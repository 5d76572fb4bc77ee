/** RTCStatsReport (W3C Identifiers for WebRTC's Statistics API). */
import type {
  CandidateStats,
  Certificate,
  Codec,
  InboundStats,
  TransportStats,
} from '../shared/bridge';
import type { SlotCounters } from '../shared/messages';
import { SAMPLE_RATE } from '../shared/sound';
import { controlOf } from './channel';
import type { Channels } from './channels';
import { base64Of } from './hexadecimal';
import type { Line } from './line';
import type { Transport } from './transport';
import { mustBePermitted, PERMIT } from './webidl';

/** Entries by id, as a page reads them. */
export type Entry = Readonly<Record<string, unknown>>;

export class StatsReport {
  readonly #entries: ReadonlyMap<string, Entry>;

  constructor(permit: typeof PERMIT, entries: ReadonlyMap<string, Entry>) {
    mustBePermitted(permit);
    this.#entries = entries;
  }

  get size(): number {
    return this.#entries.size;
  }
  entries(): MapIterator<[string, Entry]> {
    return this.#entries.entries();
  }
  keys(): MapIterator<string> {
    return this.#entries.keys();
  }
  values(): MapIterator<Entry> {
    return this.#entries.values();
  }
  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }
  has(id: string): boolean {
    return this.#entries.has(id);
  }
  forEach(callback: (entry: Entry, id: string, report: this) => void, target?: unknown): void {
    for (const [id, entry] of this.#entries) Reflect.apply(callback, target, [entry, id, this]);
  }
  [Symbol.iterator](): MapIterator<[string, Entry]> {
    return this.#entries.entries();
  }
}

const TRANSPORT = 'T0';
const PAIR = 'CP0';
const OWN_CERTIFICATE = 'F0';
const PEER_CERTIFICATE = 'F1';

/** Builds a report of the given lines; the transport's entries are always there. */
export function buildReport(
  rust: TransportStats,
  counters: readonly SlotCounters[],
  lines: readonly Line[],
  direction: 'in' | 'out' | 'both',
  channels: Channels | null,
  certificates: Transport['certificates'],
): StatsReport {
  const report = new Map<string, Entry>();
  const put = (type: string, id: string, fields: Record<string, unknown>) => {
    const present = Object.entries(fields).filter(([, value]) => value !== undefined);
    report.set(id, { id, type, timestamp: rust.now, ...Object.fromEntries(present) });
  };
  putTransport(rust, certificates, put);
  if (channels) putChannels(channels, put);
  const bySlot = new Map(counters.map((one) => [one.slot, one]));
  const lineOf = new Map(lines.map((line) => [line.slot, line]));
  if (direction !== 'in') {
    for (const stream of rust.outbound) {
      const line = lineOf.get(stream.slot);
      const codec = line?.codecs[0];
      if (!line || !codec) continue;
      const sent = bySlot.get(stream.slot)?.sent;
      const codecId = putCodec(codec, 'O', put);
      const video = line.kind === 'video';
      put('outbound-rtp', `O${stream.ssrc}`, {
        ...common(stream, codecId),
        ...(line.track ? { mediaSourceId: `S${stream.slot}` } : {}),
        ...(stream.rttMs !== undefined ? { remoteId: `RI${stream.ssrc}` } : {}),
        packetsSent: stream.packetsSent,
        bytesSent: stream.bytesSent,
        retransmittedPacketsSent: stream.retransmittedPackets ?? 0,
        targetBitrate: sent?.targetBitrate ?? stream.sound?.targetBitrate ?? 0,
        active: bySlot.get(stream.slot)?.sending ?? false,
        ...(video
          ? {
              firCount: stream.firs,
              pliCount: stream.plis,
              framesSent: sent?.framesEncoded ?? 0,
              framesEncoded: sent?.framesEncoded ?? 0,
              keyFramesEncoded: sent?.keyFramesEncoded ?? 0,
              frameWidth: some(sent?.width),
              frameHeight: some(sent?.height),
              framesPerSecond: sent?.framesPerSecond,
              totalEncodeTime: sent?.totalEncodeTime ?? 0,
              qualityLimitationReason: sent?.limitation ?? 'none',
              qualityLimitationDurations: sent?.limitationSeconds,
              qualityLimitationResolutionChanges: sent?.limitationChanges ?? 0,
            }
          : {}),
      });
      if (stream.rttMs !== undefined) {
        put('remote-inbound-rtp', `RI${stream.ssrc}`, {
          ssrc: stream.ssrc,
          kind: stream.kind,
          transportId: TRANSPORT,
          localId: `O${stream.ssrc}`,
          packetsLost: stream.remotePacketsLost,
          jitter: seconds(stream.remoteJitterMs),
          fractionLost: stream.remoteLoss ?? undefined,
          roundTripTime: stream.rttMs === null ? undefined : stream.rttMs / 1000,
        });
      }
      if (line.track) {
        put('media-source', `S${stream.slot}`, {
          kind: line.kind,
          trackIdentifier: line.track.id,
          ...(video
            ? {
                frames: sent?.framesCaptured ?? 0,
                framesPerSecond: sent?.capturedPerSecond,
                width: some(sent?.sourceWidth),
                height: some(sent?.sourceHeight),
              }
            : {
                audioLevel: stream.sound?.level ?? 0,
                totalAudioEnergy: stream.sound?.energy ?? 0,
                totalSamplesDuration: stream.sound?.seconds ?? 0,
              }),
        });
      }
    }
  }
  if (direction !== 'out') {
    for (const stream of rust.inbound) {
      const line = lineOf.get(stream.slot);
      const codec = line?.codecs[0];
      if (!line || !codec) continue;
      const got = bySlot.get(stream.slot)?.received;
      const codecId = putCodec(codec, 'I', put);
      put('inbound-rtp', `I${stream.ssrc}`, {
        ...common(stream, codecId),
        trackIdentifier: line.remote.track.id,
        packetsReceived: stream.packetsReceived,
        bytesReceived: stream.bytesReceived,
        packetsLost: stream.packetsLost,
        jitter: seconds(stream.jitterMs) ?? 0,
        ...(stream.reported ? { remoteId: `RO${stream.ssrc}` } : {}),
        ...(line.kind === 'video'
          ? {
              firCount: stream.firs,
              pliCount: stream.plis,
              framesReceived: got?.framesReceived ?? 0,
              framesDecoded: got?.framesDecoded ?? 0,
              keyFramesDecoded: got?.keyFramesDecoded ?? 0,
              framesDropped: (got?.framesDropped ?? 0) + (stream.framesDropped ?? 0),
              frameWidth: some(got?.width),
              frameHeight: some(got?.height),
              framesPerSecond: got?.framesPerSecond,
              freezeCount: got?.freezeCount ?? 0,
              totalFreezesDuration: got?.freezeSeconds ?? 0,
              totalDecodeTime: got?.totalDecodeTime ?? 0,
            }
          : heard(stream.sound)),
      });
      if (stream.reported) {
        put('remote-outbound-rtp', `RO${stream.ssrc}`, {
          ssrc: stream.ssrc,
          kind: stream.kind,
          transportId: TRANSPORT,
          codecId,
          localId: `I${stream.ssrc}`,
          packetsSent: stream.reported.packets,
          bytesSent: stream.reported.bytes,
          remoteTimestamp: stream.reported.at,
        });
      }
    }
  }
  return new StatsReport(PERMIT, report);
}

/** What is told of remote sound. */
function heard(sound: InboundStats['sound']): Record<string, unknown> {
  return {
    audioLevel: sound?.level ?? 0,
    totalAudioEnergy: sound?.energy ?? 0,
    totalSamplesDuration: (sound?.samples ?? 0) / SAMPLE_RATE,
    totalSamplesReceived: sound?.samples ?? 0,
    concealedSamples: sound?.concealedSamples ?? 0,
    concealmentEvents: sound?.concealmentEvents ?? 0,
    insertedSamplesForDeceleration: sound?.insertedSamples ?? 0,
    removedSamplesForAcceleration: sound?.removedSamples ?? 0,
    jitterBufferDelay: sound?.waited ?? 0,
    jitterBufferEmittedCount: sound?.samples ?? 0,
  };
}

type Put = (type: string, id: string, fields: Record<string, unknown>) => void;

function putTransport(
  { transport, outbound }: TransportStats,
  certificates: Transport['certificates'],
  put: Put,
): void {
  const { localCandidate: local, remoteCandidate: remote } = transport;
  const paired = local !== null && local !== undefined && remote !== null && remote !== undefined;
  put('peer-connection', 'P', { dataChannelsOpened: 0, dataChannelsClosed: 0 });
  put('transport', TRANSPORT, {
    bytesSent: transport.bytesSent,
    bytesReceived: transport.bytesReceived,
    packetsSent: transport.packetsSent,
    packetsReceived: transport.packetsReceived,
    iceState: transport.iceState,
    dtlsState: transport.dtlsState,
    tlsVersion: transport.version?.toString(16).toUpperCase().padStart(4, '0'),
    iceRole:
      transport.iceState === 'new'
        ? 'unknown'
        : transport.controlling
          ? 'controlling'
          : 'controlled',
    iceLocalUsernameFragment: transport.ufrag,
    selectedCandidatePairChanges: transport.pairChanges,
    localCertificateId: certificates ? OWN_CERTIFICATE : undefined,
    remoteCertificateId: certificates ? PEER_CERTIFICATE : undefined,
    selectedCandidatePairId: paired ? PAIR : undefined,
  });
  if (certificates) {
    put('certificate', OWN_CERTIFICATE, certificate(certificates.own));
    put('certificate', PEER_CERTIFICATE, certificate(certificates.peer));
  }
  if (!paired) return;
  put('local-candidate', 'L0', candidate(local));
  put('remote-candidate', 'R0', candidate(remote));
  put('candidate-pair', PAIR, {
    transportId: TRANSPORT,
    localCandidateId: 'L0',
    remoteCandidateId: 'R0',
    state: 'succeeded',
    nominated: true,
    bytesSent: transport.bytesSent,
    bytesReceived: transport.bytesReceived,
    currentRoundTripTime:
      seconds(transport.rttMs) ??
      seconds(outbound.find(({ rttMs }) => typeof rttMs === 'number')?.rttMs),
    totalRoundTripTime: seconds(transport.totalRttMs),
    responsesReceived: transport.responsesReceived,
    availableOutgoingBitrate: transport.availableOutgoingBps ?? undefined,
  });
}

function putChannels(channels: Channels, put: Put): void {
  const { opened, closed } = channels.counts;
  put('peer-connection', 'P', { dataChannelsOpened: opened, dataChannelsClosed: closed });
  for (const [handle, channel] of channels.all) {
    put('data-channel', `D${handle}`, {
      label: channel.label,
      protocol: channel.protocol,
      dataChannelIdentifier: channel.id ?? undefined,
      state: channel.readyState,
      ...controlOf(channel).counters(),
    });
  }
}

function candidate({ address, port, protocol, candidateType }: CandidateStats) {
  return { transportId: TRANSPORT, address, ip: address, port, protocol, candidateType };
}

function certificate({ fingerprint, der }: Certificate) {
  const [fingerprintAlgorithm, value] = fingerprint.split(' ');
  return { fingerprint: value, fingerprintAlgorithm, base64Certificate: base64Of(der) };
}

function common(
  stream: { ssrc: number; kind: string; mid: string; nacks: number },
  codecId: string,
): Record<string, unknown> {
  return {
    ssrc: stream.ssrc,
    kind: stream.kind,
    mediaType: stream.kind,
    mid: stream.mid,
    transportId: TRANSPORT,
    codecId,
    nackCount: stream.nacks,
  };
}

function putCodec(codec: Codec, prefix: string, put: Put): string {
  const id = `C${prefix}${codec.pt}`;
  put('codec', id, {
    payloadType: codec.pt,
    transportId: TRANSPORT,
    mimeType: codec.mime,
    clockRate: codec.clockRate,
    channels: codec.channels ?? undefined,
    sdpFmtpLine: some(codec.fmtp),
  });
  return id;
}

function seconds(ms: number | null | undefined): number | undefined {
  return ms === null || ms === undefined ? undefined : ms / 1000;
}

/** Nothing for what is empty or not known yet. */
function some<T extends number | string>(value: T | null | undefined): T | undefined {
  return value === 0 || value === '' || value === null ? undefined : value;
}
