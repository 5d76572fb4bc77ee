/** RTCDtlsTransport, RTCIceTransport and RTCSctpTransport (WebRTC 1.0, sections 5.5, 5.6, 6.1). */
import { type DtlsState, type IceState, MAX_MESSAGE_BYTES } from '../shared/bridge';
import type { IceCandidate } from './description';
import { defineHandlers } from './events';
import { mustBePermitted, PERMIT } from './webidl';

/** Streams of an association (RFC 8831, section 6.2). */
const MAX_CHANNELS = 65_535;

/** lib.dom lacks it. */
export interface IceParameters {
  readonly usernameFragment: string;
  readonly password: string;
}

/** What its connection tells a transport; the page has no way to it. */
export interface IceControl {
  set(state: IceState): void;
  gathering(state: RTCIceGatheringState): void;
  role(role: RTCIceRole): void;
  select(pair: CandidatePair): void;
}

/** What its connection tells a DTLS transport. */
export interface DtlsControl {
  set(dtls: DtlsState): void;
  /** What the remote has shown, DER. */
  certificate(der: Uint8Array<ArrayBuffer>): void;
}

/** What its connection tells an SCTP transport. */
export interface SctpControl {
  set(dtls: DtlsState): void;
  /** Bytes that the remote takes in a message; 0: any number. */
  limit(bytes: number): void;
}

export interface CandidatePair {
  readonly local: IceCandidate;
  readonly remote: IceCandidate;
}

export let iceControlOf: (transport: IceTransport) => IceControl;
export let dtlsControlOf: (transport: DtlsTransport) => DtlsControl;
export let sctpControlOf: (transport: SctpTransport) => SctpControl;

/** Where the candidates and parameters of a transport are asked. */
export interface IceSource {
  local(): IceCandidate[];
  remote(): IceCandidate[];
  parameters(of: 'local' | 'remote'): IceParameters | null;
}

export class IceTransport extends EventTarget {
  readonly #source: IceSource;
  #state: IceState = 'new';
  #gathering: RTCIceGatheringState = 'new';
  #role: RTCIceRole = 'unknown';
  #pair: CandidatePair | null = null;

  static {
    defineHandlers(this.prototype, [
      'statechange',
      'gatheringstatechange',
      'selectedcandidatepairchange',
    ]);
    iceControlOf = (transport) => ({
      set: (state) => {
        if (state === transport.#state) return;
        transport.#state = state;
        transport.dispatchEvent(new Event('statechange'));
      },
      gathering: (state) => {
        if (state === transport.#gathering) return;
        transport.#gathering = state;
        transport.dispatchEvent(new Event('gatheringstatechange'));
      },
      role: (role) => {
        transport.#role = role;
      },
      select: (pair) => {
        transport.#pair = pair;
        transport.dispatchEvent(new Event('selectedcandidatepairchange'));
      },
    });
  }

  constructor(permit: typeof PERMIT, source: IceSource) {
    mustBePermitted(permit);
    super();
    this.#source = source;
  }

  get role(): RTCIceRole {
    return this.#role;
  }
  get component(): RTCIceComponent {
    if (!(#state in this)) throw new TypeError('Illegal invocation');
    return 'rtp';
  }
  get state(): RTCIceTransportState {
    return this.#state;
  }
  get gatheringState(): RTCIceGatheringState {
    return this.#gathering;
  }
  getLocalCandidates(): IceCandidate[] {
    return this.#source.local();
  }
  getRemoteCandidates(): IceCandidate[] {
    return this.#source.remote();
  }
  getSelectedCandidatePair(): CandidatePair | null {
    return this.#pair && { ...this.#pair };
  }
  getLocalParameters(): IceParameters | null {
    return this.#source.parameters('local');
  }
  getRemoteParameters(): IceParameters | null {
    return this.#source.parameters('remote');
  }
}

export class DtlsTransport extends EventTarget {
  readonly #ice: IceTransport;
  #state: DtlsState = 'new';
  #certificate: Uint8Array<ArrayBuffer> | null = null;

  static {
    defineHandlers(this.prototype, ['statechange', 'error']);
    dtlsControlOf = (transport) => ({
      set: (dtls) => {
        if (dtls === transport.#state) return;
        transport.#state = dtls;
        transport.dispatchEvent(new Event('statechange'));
      },
      certificate: (der) => {
        transport.#certificate = der;
      },
    });
  }

  constructor(permit: typeof PERMIT, ice: IceTransport) {
    mustBePermitted(permit);
    super();
    this.#ice = ice;
  }

  get iceTransport(): IceTransport {
    return this.#ice;
  }
  get state(): RTCDtlsTransportState {
    return this.#state;
  }
  /** DER; the remote's own only, without those that signed it. */
  getRemoteCertificates(): ArrayBuffer[] {
    return this.#certificate ? [this.#certificate.slice().buffer] : [];
  }
}

export class SctpTransport extends EventTarget {
  readonly #transport: DtlsTransport;
  #state: RTCSctpTransportState = 'connecting';
  #limit = MAX_MESSAGE_BYTES;

  static {
    defineHandlers(this.prototype, ['statechange']);
    sctpControlOf = (transport) => ({
      set: (dtls) => {
        const over = dtls === 'closed' || dtls === 'failed';
        const state = over ? 'closed' : dtls === 'connected' ? 'connected' : 'connecting';
        if (state === transport.#state) return;
        transport.#state = state;
        transport.dispatchEvent(new Event('statechange'));
      },
      limit: (bytes) => {
        transport.#limit = Math.min(MAX_MESSAGE_BYTES, bytes || Infinity);
      },
    });
  }

  constructor(permit: typeof PERMIT, transport: DtlsTransport) {
    mustBePermitted(permit);
    super();
    this.#transport = transport;
  }

  get transport(): DtlsTransport {
    return this.#transport;
  }
  get state(): RTCSctpTransportState {
    return this.#state;
  }
  get maxMessageSize(): number {
    return this.#limit;
  }
  get maxChannels(): number | null {
    return this.#state === 'connected' ? MAX_CHANNELS : null;
  }
}
