/** RTCRtpTransceiver, RTCRtpSender and RTCRtpReceiver (WebRTC 1.0, section 5). */
import type { Kind } from '../shared/bridge';
import { invalidState, notSupported } from './errors';
import type { Line } from './line';
import {
  capabilities,
  checkShape,
  checkUnchanged,
  codecParameters,
  readEncoding,
  readPreference,
  readPreferences,
  type SendParameters,
} from './parameters';
import { nextTask } from './tasks';
import { mustBePermitted, PERMIT } from './webidl';

/** What they need of their connection. */
export interface LineOwner {
  readonly closed: boolean;
  readonly dtlsTransport: RTCDtlsTransport | null;
  /** One after the other with all that negotiates. */
  enqueue<T>(operation: () => Promise<T>): Promise<T>;
  /** What is sent or received may be another from now on. */
  updateMedia(line: Line): void;
  updateNegotiationNeeded(): void;
  /** From whom is received, by the number on the bridge. */
  sources(slot: number): RTCRtpSynchronizationSource[];
  stats(line: Line | null, direction: 'in' | 'out' | 'both'): Promise<RTCStatsReport>;
}

const DIRECTIONS: readonly unknown[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive', 'stopped'];

export class RtpSender {
  readonly #line: Line;
  readonly #owner: LineOwner;
  #parameters: SendParameters | null = null;

  constructor(permit: typeof PERMIT, line: Line, owner: LineOwner) {
    mustBePermitted(permit);
    this.#line = line;
    this.#owner = owner;
  }

  static getCapabilities(kind: string): RTCRtpCapabilities | null {
    return capabilities(kind);
  }

  get track(): MediaStreamTrack | null {
    return this.#line.track;
  }

  get transport(): RTCDtlsTransport | null {
    return this.#line.transported ? this.#owner.dtlsTransport : null;
  }

  /** No tones: `insertDTMF` has no one to hear it on a LAN. */
  get dtmf(): null {
    if (!(#line in this)) throw new TypeError('Illegal invocation');
    return null;
  }

  getParameters(): SendParameters {
    const line = this.#line;
    const parameters: SendParameters = {
      transactionId: crypto.randomUUID(),
      encodings: [{ ...line.encoding }],
      codecs: codecParameters(line.codecs),
      headerExtensions: line.extensions.map((extension) => ({ ...extension })),
      rtcp: { cname: '', reducedSize: true },
      ...(line.preference ? { degradationPreference: line.preference } : {}),
    };
    this.#parameters = parameters;
    // Valid for this turn of the event loop (section 5.2, `getParameters`).
    setTimeout(() => {
      if (this.#parameters === parameters) this.#parameters = null;
    });
    return structuredClone(parameters);
  }

  async setParameters(parameters: SendParameters): Promise<void> {
    const last = this.#parameters;
    const line = this.#line;
    if (line.stopped || this.#owner.closed) throw invalidState('the transceiver is stopped');
    checkShape(parameters);
    if (!last) throw invalidState('getParameters was not called in this task');
    this.#parameters = null;
    checkUnchanged(last, parameters);
    const encoding = readEncoding(line.kind, parameters.encodings[0]);
    const preference = readPreference(parameters.degradationPreference);
    line.encoding = encoding;
    line.preference = preference;
    this.#owner.updateMedia(line);
    await Promise.resolve();
  }

  async replaceTrack(track: MediaStreamTrack | null): Promise<void> {
    const line = this.#line;
    if (track && (track.kind as Kind) !== line.kind) {
      throw new TypeError(`a ${track.kind} track can't replace one of ${line.kind}`);
    }
    await this.#owner.enqueue(async () => {
      const stopped = () => line.stopped;
      if (stopped()) throw invalidState('the transceiver is stopped');
      // It is sent from here on, "in parallel": a task may come late in a page that has just begun to show a call.
      line.setSource(track);
      this.#owner.updateMedia(line);
      await nextTask();
      if (stopped()) return;
      line.setTrack(track);
      // Once more: removeTrack may have come between.
      this.#owner.updateMedia(line);
    });
  }

  setStreams(...streams: MediaStream[]): void {
    if (this.#owner.closed) throw invalidState('the connection is closed');
    this.#line.streams = [...new Set(streams.map(({ id }) => id))];
    this.#owner.updateNegotiationNeeded();
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#owner.stats(this.#line, 'out');
  }
}

export class RtpReceiver {
  readonly #line: Line;
  readonly #owner: LineOwner;

  constructor(permit: typeof PERMIT, line: Line, owner: LineOwner) {
    mustBePermitted(permit);
    this.#line = line;
    this.#owner = owner;
  }

  static getCapabilities(kind: string): RTCRtpCapabilities | null {
    return capabilities(kind);
  }

  get track(): MediaStreamTrack {
    return this.#line.remote.track;
  }

  get transport(): RTCDtlsTransport | null {
    return this.#line.transported ? this.#owner.dtlsTransport : null;
  }

  /** Milliseconds that what comes waits at least, up to 400; it waits longer where the network needs it. */
  get jitterBufferTarget(): number | null {
    return this.#line.target;
  }

  set jitterBufferTarget(milliseconds: number | null) {
    if (milliseconds !== null && !(milliseconds >= 0 && milliseconds <= 4000)) {
      throw new RangeError('jitterBufferTarget is not from 0 to 4000');
    }
    this.#line.target = milliseconds;
    this.#owner.updateMedia(this.#line);
  }

  getParameters(): RTCRtpReceiveParameters {
    return {
      codecs: codecParameters(this.#line.codecs),
      headerExtensions: this.#line.extensions.map((extension) => ({ ...extension })),
      rtcp: { reducedSize: true },
    };
  }

  /** Nobody on a LAN mixes several into one. */
  getContributingSources(): RTCRtpContributingSource[] {
    if (!(#line in this)) throw new TypeError('Illegal invocation');
    return [];
  }

  getSynchronizationSources(): RTCRtpSynchronizationSource[] {
    const { slot } = this.#line;
    return slot === null ? [] : this.#owner.sources(slot);
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#owner.stats(this.#line, 'in');
  }
}

export class RtpTransceiver {
  readonly #sender: RTCRtpSender;
  readonly #receiver: RTCRtpReceiver;
  readonly #line: Line;
  readonly #owner: LineOwner;

  constructor(permit: typeof PERMIT, line: Line, owner: LineOwner) {
    mustBePermitted(permit);
    this.#line = line;
    this.#owner = owner;
    this.#sender = new RtpSender(PERMIT, line, owner) as unknown as RTCRtpSender;
    this.#receiver = new RtpReceiver(PERMIT, line, owner) as unknown as RTCRtpReceiver;
  }

  get sender(): RTCRtpSender {
    return this.#sender;
  }

  get receiver(): RTCRtpReceiver {
    return this.#receiver;
  }

  get mid(): string | null {
    return this.#line.ended ? null : this.#line.mid;
  }

  get direction(): RTCRtpTransceiverDirection {
    return this.#line.stopped ? 'stopped' : this.#line.direction;
  }

  set direction(direction: RTCRtpTransceiverDirection) {
    const line = this.#line;
    // An enumeration's attribute ignores what isn't in it (Web IDL, section 3.7.6).
    if (!DIRECTIONS.includes(direction)) return;
    if (direction === 'stopped') throw new TypeError("'stopped' is no direction to set");
    if (line.stopped) throw invalidState('the transceiver is stopped');
    if (direction === line.direction) return;
    line.direction = direction;
    this.#owner.updateNegotiationNeeded();
  }

  get currentDirection(): RTCRtpTransceiverDirection | null {
    if (this.#owner.closed) return null;
    return this.#line.ended ? 'stopped' : this.#line.current;
  }

  /** No more in the standard, and in all browsers. */
  get stopped(): boolean {
    return this.#line.ended;
  }

  /** Both ends stop; the section stays, without media. */
  stop(): void {
    if (this.#owner.closed) throw invalidState('the connection is closed');
    if (this.#line.stopped) return;
    this.#line.stop();
    this.#owner.updateMedia(this.#line);
    this.#owner.updateNegotiationNeeded();
  }

  setCodecPreferences(codecs: readonly RTCRtpCodec[]): void {
    this.#line.preferred = readPreferences(this.#line.kind, codecs);
  }

  getHeaderExtensionsToNegotiate(): never {
    throw notSupported('header extensions are not to be chosen');
  }
}
