/**
 * From whom the receivers of a connection receive (WebRTC 1.0, section 5.3). Pages ask at once, as often as they draw a
 * level, and only the plugin knows: they get what it said last, and it is asked anew meanwhile.
 */
import type { InboundStats } from '../shared/bridge';
import { now } from '../shared/now';
import type { Requests } from './requests';

/** Milliseconds for which a source is told after its last frame (section 5.3). */
const KEPT = 10_000;
/** −dBov of silence (RFC 6464). */
const SILENCE = 127;

export class Sources {
  readonly #bySlot = new Map<number, RTCRtpSynchronizationSource>();
  #asking = false;

  constructor(private readonly requests: Pick<Requests, 'send'>) {}

  /** Of the receiver with that number on the bridge. */
  of(slot: number): RTCRtpSynchronizationSource[] {
    void this.#ask();
    const known = this.#bySlot.get(slot);
    return known && now() - known.timestamp <= KEPT ? [{ ...known }] : [];
  }

  /** Asks the plugin, unless it is being asked. */
  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const { inbound } = await this.requests.send('stats', {});
      for (const stream of inbound) {
        const source = sourceOf(stream);
        if (source) this.#bySlot.set(stream.slot, source);
      }
    } catch {
      // The connection is over; what was received last fades away.
    } finally {
      this.#asking = false;
    }
  }
}

function sourceOf(stream: InboundStats): RTCRtpSynchronizationSource | null {
  const { latest } = stream;
  if (!latest) return null;
  return {
    source: stream.ssrc,
    timestamp: now() - latest.ageMs,
    rtpTimestamp: latest.rtpTimestamp,
    ...(stream.kind === 'audio' ? { audioLevel: levelOf(stream) } : {}),
  };
}

/** 0 to 1: what the packet says, or what was heard. */
function levelOf({ latest, sound }: InboundStats): number {
  const level = latest?.level;
  if (level === undefined) return Math.min(1, sound?.level ?? 0);
  return level >= SILENCE ? 0 : 10 ** (-level / 20);
}
