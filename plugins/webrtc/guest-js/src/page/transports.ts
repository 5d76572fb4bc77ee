/** RTCDtlsTransport, RTCIceTransport and RTCSctpTransport (WebRTC 1.0, sections 5.5, 5.6, 6.1). */
import { type DtlsState, type IceState, MAX_MESSAGE_BYTES } from '../shared/bridge';
import { defineHandlers } from './events';

export class IceTransport extends EventTarget {
  #state: IceState = 'new';

  static {
    defineHandlers(this.prototype, [
      'statechange',
      'gatheringstatechange',
      'selectedcandidatepairchange',
    ]);
  }

  readonly component: RTCIceComponent = 'rtp';

  get state(): RTCIceTransportState {
    return this.#state;
  }

  set(state: IceState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

export class DtlsTransport extends EventTarget {
  readonly iceTransport = new IceTransport();
  #state: DtlsState = 'new';

  static {
    defineHandlers(this.prototype, ['statechange', 'error']);
  }

  get state(): RTCDtlsTransportState {
    return this.#state;
  }

  set(ice: IceState, dtls: DtlsState): void {
    this.iceTransport.set(ice);
    if (dtls === this.#state) return;
    this.#state = dtls;
    this.dispatchEvent(new Event('statechange'));
  }
}

export class SctpTransport extends EventTarget {
  readonly maxMessageSize = MAX_MESSAGE_BYTES;
  readonly maxChannels = 65_535;
  #state: RTCSctpTransportState = 'connecting';

  static {
    defineHandlers(this.prototype, ['statechange']);
  }

  constructor(readonly transport: DtlsTransport) {
    super();
  }

  get state(): RTCSctpTransportState {
    return this.#state;
  }

  set(dtls: DtlsState): void {
    const over = dtls === 'closed' || dtls === 'failed';
    const state = over ? 'closed' : dtls === 'connected' ? 'connected' : 'connecting';
    if (state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}
