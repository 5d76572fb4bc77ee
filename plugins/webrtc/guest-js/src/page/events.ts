/** Events, and the `on…` attributes that go with them. */
import { IceCandidate } from './description';
import { defineAttributes, dictionary, nullableText, setAttributes, wrapped } from './webidl';
import { RtcError } from './rtc-error';

/** Whatever a page sets an `on…` attribute to. */
export type Handler = ((event: Event) => unknown) | object | null;

/**
 * Gives a class `on…` attributes, each a listener like any other, called in the order in which it was
 * first set (HTML, section 8.1.8.1).
 */
export function defineHandlers(prototype: EventTarget, types: readonly string[]): void {
  const all = new WeakMap<object, Map<string, { handler: Handler }>>();
  for (const type of types) {
    const attribute = {
      get(this: EventTarget): Handler {
        mustBeOf(prototype, this);
        return all.get(this)?.get(type)?.handler ?? null;
      },
      set(this: EventTarget, value: unknown) {
        mustBeOf(prototype, this);
        const any = typeof value === 'function' || (typeof value === 'object' && value !== null);
        const handler = any ? (value as Handler) : null;
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
        if (!handler) return;
        const fresh = { handler: handler as Handler };
        own.set(type, fresh);
        this.addEventListener(type, (event) => {
          if (typeof fresh.handler !== 'function') return;
          const result: unknown = Reflect.apply(fresh.handler, this, [event]);
          if (result === false) event.preventDefault();
        });
      },
    };
    Object.defineProperty(prototype, `on${type}`, {
      ...attribute,
      configurable: true,
      enumerable: true,
    });
  }
}

/** Only an object of the class has its attributes; its prototype has not. */
function mustBeOf(prototype: EventTarget, target: unknown): asserts target is EventTarget {
  if (!Object.prototype.isPrototypeOf.call(prototype, target as object)) {
    throw new TypeError('Illegal invocation');
  }
  // The platform's own check, which an object without a constructor's work doesn't pass.
  EventTarget.prototype.removeEventListener.call(target as EventTarget, '', null);
}

function required(given: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  for (const name of names) {
    if (typeof given[name] !== 'object' || given[name] === null) {
      throw new TypeError(`${name} is missing`);
    }
  }
}

export class TrackEvent extends Event {
  declare readonly receiver: RTCRtpReceiver;
  declare readonly track: MediaStreamTrack;
  declare readonly streams: readonly MediaStream[];
  declare readonly transceiver: RTCRtpTransceiver;

  static {
    defineAttributes(this.prototype, ['receiver', 'track', 'streams', 'transceiver']);
  }

  constructor(type: string, init: RTCTrackEventInit) {
    required(dictionary('the init', init), ['receiver', 'track', 'transceiver']);
    super(type, init);
    const { receiver, track, streams, transceiver } = init;
    setAttributes(this, {
      receiver,
      track,
      streams: Object.freeze([...(streams ?? [])]),
      transceiver,
    });
  }
}

export class PeerConnectionIceEvent extends Event {
  declare readonly candidate: RTCIceCandidate | null;
  declare readonly url: string | null;

  static {
    defineAttributes(this.prototype, ['candidate', 'url']);
  }

  constructor(type: string, init: RTCPeerConnectionIceEventInit & { url?: string | null } = {}) {
    super(type, init);
    const candidate = init.candidate ?? null;
    if (candidate !== null && !(candidate instanceof IceCandidate)) {
      throw new TypeError('this is no RTCIceCandidate');
    }
    setAttributes(this, { candidate, url: nullableText(init.url) });
  }
}

export class PeerConnectionIceErrorEvent extends Event {
  declare readonly address: string | null;
  declare readonly port: number | null;
  declare readonly url: string;
  declare readonly errorCode: number;
  declare readonly errorText: string;

  static {
    defineAttributes(this.prototype, ['address', 'port', 'url', 'errorCode', 'errorText']);
  }

  constructor(type: string, init: RTCPeerConnectionIceErrorEventInit) {
    const given = dictionary('the init', init);
    if (given.errorCode === undefined) throw new TypeError('errorCode is missing');
    super(type, init);
    setAttributes(this, {
      address: nullableText(given.address),
      port: given.port === undefined || given.port === null ? null : wrapped(given.port, 16),
      url: nullableText(given.url) ?? '',
      errorCode: wrapped(given.errorCode, 16),
      errorText: nullableText(given.errorText) ?? '',
    });
  }
}

export class DataChannelEvent extends Event {
  declare readonly channel: RTCDataChannel;

  static {
    defineAttributes(this.prototype, ['channel']);
  }

  constructor(type: string, init: RTCDataChannelEventInit) {
    required(dictionary('the init', init), ['channel']);
    super(type, init);
    setAttributes(this, { channel: init.channel });
  }
}

export class ErrorEvent_ extends Event {
  declare readonly error: RtcError;

  static {
    defineAttributes(this.prototype, ['error']);
  }

  constructor(type: string, init: EventInit & { error: RtcError }) {
    if (!(dictionary('the init', init).error instanceof RtcError)) {
      throw new TypeError('error is missing');
    }
    super(type, init);
    setAttributes(this, { error: init.error });
  }
}
