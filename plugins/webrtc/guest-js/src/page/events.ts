/** Events, and the `on…` attributes that go with them. */

/** Whatever a page sets an `on…` attribute to. */
export type Handler = ((event: Event) => unknown) | null;

/**
 * Gives a class `on…` attributes, each a listener like any other, called in the order in which it was
 * first set (HTML, section 8.1.8.1).
 */
export function defineHandlers(prototype: EventTarget, types: readonly string[]): void {
  const all = new WeakMap<object, Map<string, { handler: Handler }>>();
  for (const type of types) {
    Object.defineProperty(prototype, `on${type}`, {
      configurable: true,
      enumerable: true,
      get(this: EventTarget): Handler {
        return all.get(this)?.get(type)?.handler ?? null;
      },
      set(this: EventTarget, value: unknown) {
        const handler = typeof value === 'function' ? (value as Handler) : null;
        let own = all.get(this);
        if (!own) {
          own = new Map();
          all.set(this, own);
        }
        const slot = own.get(type);
        if (slot) {
          slot.handler = handler;
          return;
        }
        const fresh = { handler };
        own.set(type, fresh);
        this.addEventListener(type, (event) => {
          const result: unknown = fresh.handler?.call(this, event);
          if (result === false) event.preventDefault();
        });
      },
    });
  }
}

/** Names a class as the standard does, whatever a minifier made of it. */
export function nameClass(type: { readonly prototype: object }, name: string): void {
  Object.defineProperty(type, 'name', { value: name, configurable: true });
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: name, configurable: true });
}

export class TrackEvent extends Event {
  readonly receiver: RTCRtpReceiver;
  readonly track: MediaStreamTrack;
  readonly streams: readonly MediaStream[];
  readonly transceiver: RTCRtpTransceiver;

  constructor(type: string, init: RTCTrackEventInit) {
    super(type, init);
    this.receiver = init.receiver;
    this.track = init.track;
    this.streams = Object.freeze([...(init.streams ?? [])]);
    this.transceiver = init.transceiver;
  }
}

export class PeerConnectionIceEvent extends Event {
  readonly candidate: RTCIceCandidate | null;
  readonly url: string | null;

  constructor(type: string, init: RTCPeerConnectionIceEventInit & { url?: string | null } = {}) {
    super(type, init);
    this.candidate = init.candidate ?? null;
    this.url = init.url ?? null;
  }
}

export class DataChannelEvent extends Event {
  readonly channel: RTCDataChannel;

  constructor(type: string, init: RTCDataChannelEventInit) {
    super(type, init);
    this.channel = init.channel;
  }
}

export class ErrorEvent_ extends Event {
  readonly error: DOMException;

  constructor(type: string, init: EventInit & { error: DOMException }) {
    super(type, init);
    this.error = init.error;
  }
}

/** `RTCError` (WebRTC 1.0, section 11). */
export class RtcError extends DOMException {
  readonly errorDetail: string;
  readonly sdpLineNumber: number | null;
  readonly sctpCauseCode: number | null = null;
  readonly receivedAlert: number | null = null;
  readonly sentAlert: number | null = null;
  readonly httpRequestStatusCode: number | null = null;

  constructor(init: { errorDetail: string; sdpLineNumber?: number }, message = '') {
    super(message, 'OperationError');
    this.errorDetail = init.errorDetail;
    this.sdpLineNumber = init.sdpLineNumber ?? null;
  }
}
