/** RTCRtpTransceiver, RTCRtpSender and RTCRtpReceiver (WebRTC 1.0, section 5). */
import type { Kind } from '../shared/bridge';
import { invalidState, notSupported } from './errors';
import type { Line } from './line';
import {
  capabilities,
  codecParameters,
  readEncoding,
  readPreference,
  readPreferences,
  type SendParameters,
} from './parameters';

/** What they need of their connection. */
export interface LineOwner {
  readonly closed: boolean;
  readonly dtlsTransport: RTCDtlsTransport | null;
  /** One after the other with all that negotiates. */
  enqueue<T>(operation: () => Promise<T>): Promise<T>;
  /** What is sent or received may be another from now on. */
  updateMedia(line: Line): void;
  updateNegotiationNeeded(): void;
  stats(line: Line | null, direction: 'in' | 'out' | 'both'): Promise<RTCStatsReport>;
}

const DIRECTIONS: readonly unknown[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

export class RtpSender {
  readonly #line: Line;
  readonly #owner: LineOwner;
  #parameters: SendParameters | null = null;

  constructor(line: Line, owner: LineOwner) {
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
    return this.#line.mid === null ? null : this.#owner.dtlsTransport;
  }

  /** No tones: `insertDTMF` has no one to hear it on a LAN. */
  readonly dtmf = null;

  readonly transform = null;

  getParameters(): SendParameters {
    const line = this.#line;
    const parameters: SendParameters = {
      transactionId: crypto.randomUUID(),
      encodings: [{ ...line.encoding }],
      codecs: codecParameters(line.codecs),
      headerExtensions: [],
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
    if (!last) throw invalidState('getParameters was not called in this task');
    this.#parameters = null;
    if (parameters.transactionId !== last.transactionId || parameters.encodings.length !== 1) {
      throw new DOMException('not what getParameters returned', 'InvalidModificationError');
    }
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
    await this.#owner.enqueue(() => {
      if (line.stopped) throw invalidState('the transceiver is stopped');
      line.setTrack(track);
      this.#owner.updateMedia(line);
      return Promise.resolve();
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
  jitterBufferTarget: number | null = null;

  constructor(line: Line, owner: LineOwner) {
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
    return this.#line.mid === null ? null : this.#owner.dtlsTransport;
  }

  readonly transform = null;

  getParameters(): RTCRtpReceiveParameters {
    return {
      codecs: codecParameters(this.#line.codecs),
      headerExtensions: [],
      rtcp: { reducedSize: true },
    };
  }

  /** Sources are not told apart: there is one. */
  getContributingSources(): RTCRtpContributingSource[] {
    return [];
  }

  getSynchronizationSources(): RTCRtpSynchronizationSource[] {
    return [];
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#owner.stats(this.#line, 'in');
  }
}

export class RtpTransceiver {
  readonly sender: RTCRtpSender;
  readonly receiver: RTCRtpReceiver;
  readonly #line: Line;
  readonly #owner: LineOwner;

  constructor(line: Line, owner: LineOwner) {
    this.#line = line;
    this.#owner = owner;
    this.sender = new RtpSender(line, owner);
    this.receiver = new RtpReceiver(line, owner);
  }

  get mid(): string | null {
    return this.#line.mid;
  }

  get direction(): RTCRtpTransceiverDirection {
    return this.#line.stopped ? 'stopped' : this.#line.direction;
  }

  set direction(direction: RTCRtpTransceiverDirection) {
    if (!DIRECTIONS.includes(direction) || direction === 'stopped') {
      throw new TypeError(`'${direction}' is no direction`);
    }
    if (this.#line.stopped) throw invalidState('the transceiver is stopped');
    if (direction === this.#line.direction) return;
    this.#line.direction = direction;
    this.#owner.updateNegotiationNeeded();
  }

  get currentDirection(): RTCRtpTransceiverDirection | null {
    return this.#line.stopped ? 'stopped' : this.#line.current;
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
