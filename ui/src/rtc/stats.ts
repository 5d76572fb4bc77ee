/** A small summary of `getStats` (W3C Identifiers for WebRTC's Statistics API). */

/** Counters since the connection was made, and states now. Nothing where the browser doesn't say. */
export interface Sample {
  /** Milliseconds, of whichever clock; only differences are used. */
  readonly at: number;
  /** Candidate types of the selected pair. */
  readonly localCandidate: string | null;
  readonly remoteCandidate: string | null;
  /** Seconds. */
  readonly roundTrip: number | null;
  readonly bytesReceived: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly framesDecoded: number;
  readonly framesDropped: number;
  readonly width: number | null;
  readonly height: number | null;
  /** Seconds the picture stood still. */
  readonly frozen: number;
  /** Sum of squares of the sound's level: grows as soon as there is any sound. */
  readonly audioEnergy: number;
}

/** How it went between two samples. */
export interface Rates {
  /** Pictures decoded a second. */
  readonly framesPerSecond: number;
  /** Bits received a second. */
  readonly bitsPerSecond: number;
  /** Share of packets lost, 0 to 1. */
  readonly loss: number;
  /** Share of the time the picture stood still, 0 to 1. */
  readonly frozen: number;
  /** Seconds. */
  readonly roundTrip: number | null;
}

/** How the media path does, for an indicator. */
export type Quality = 'unknown' | 'good' | 'fair' | 'poor';

/** Reads a report. */
export function summarise(report: RTCStatsReport, at: number): Sample {
  const all = new Map<string, Record<string, unknown>>();
  report.forEach((value: Record<string, unknown>, id) => all.set(id, value));
  const entries = [...all.values()];
  const pair = selectedPair(entries, all);
  const sample = {
    at,
    localCandidate: text(all.get(text(pair?.localCandidateId) ?? '')?.candidateType),
    remoteCandidate: text(all.get(text(pair?.remoteCandidateId) ?? '')?.candidateType),
    roundTrip: optionalNumber(pair?.currentRoundTripTime),
    bytesReceived: 0,
    packetsReceived: 0,
    packetsLost: 0,
    framesDecoded: 0,
    framesDropped: 0,
    width: null as number | null,
    height: null as number | null,
    frozen: 0,
    audioEnergy: 0,
  };
  for (const entry of entries) {
    if (entry.type !== 'inbound-rtp') continue;
    sample.bytesReceived += number(entry.bytesReceived);
    sample.packetsReceived += number(entry.packetsReceived);
    sample.packetsLost += number(entry.packetsLost);
    if (entry.kind === 'audio') {
      sample.audioEnergy += number(entry.totalAudioEnergy);
    } else {
      sample.framesDecoded += number(entry.framesDecoded);
      sample.framesDropped += number(entry.framesDropped);
      sample.frozen += number(entry.totalFreezesDuration);
      sample.width = optionalNumber(entry.frameWidth) ?? sample.width;
      sample.height = optionalNumber(entry.frameHeight) ?? sample.height;
    }
  }
  return sample;
}

/** Nothing if the two are not of one connection, in order. */
export function ratesBetween(earlier: Sample, later: Sample): Rates | null {
  const seconds = (later.at - earlier.at) / 1000;
  const bytes = later.bytesReceived - earlier.bytesReceived;
  if (seconds <= 0 || bytes < 0) return null;
  const lost = Math.max(0, later.packetsLost - earlier.packetsLost);
  const packets = lost + Math.max(0, later.packetsReceived - earlier.packetsReceived);
  return {
    framesPerSecond: Math.max(0, later.framesDecoded - earlier.framesDecoded) / seconds,
    bitsPerSecond: (bytes * 8) / seconds,
    loss: packets === 0 ? 0 : lost / packets,
    frozen: Math.min(1, Math.max(0, later.frozen - earlier.frozen) / seconds),
    roundTrip: later.roundTrip,
  };
}

/**
 * What a person notices: on a LAN loss is near 0 and a round trip a few milliseconds, so the bounds
 * are those from which speech suffers. `expectVideo`: pictures should come, one after the other.
 */
export function qualityOf(rates: Rates, expectVideo: boolean): Quality {
  const { loss, roundTrip, framesPerSecond } = rates;
  const frozen = expectVideo ? rates.frozen : 0;
  const delay = roundTrip ?? 0;
  if (loss > 0.1 || delay > 0.4 || frozen > 0.3) return 'poor';
  if (expectVideo && framesPerSecond < 5) return 'poor';
  if (loss > 0.03 || delay > 0.15 || frozen > 0.05) return 'fair';
  if (expectVideo && framesPerSecond < 15) return 'fair';
  return 'good';
}

function selectedPair(
  entries: readonly Record<string, unknown>[],
  all: ReadonlyMap<string, Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const transport = entries.find(
    (entry) => entry.type === 'transport' && text(entry.selectedCandidatePairId) !== null,
  );
  const selected = all.get(text(transport?.selectedCandidatePairId) ?? '');
  // Firefox marks the pair itself.
  return (
    selected ?? entries.find((entry) => entry.type === 'candidate-pair' && entry.selected === true)
  );
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function optionalNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function number(value: unknown): number {
  return optionalNumber(value) ?? 0;
}
