/** `RTCError` (WebRTC 1.0, section 11). */
import { defineAttributes, dictionary, enumeration, setAttributes, wrapped } from './webidl';

const DETAILS = [
  'data-channel-failure',
  'dtls-failure',
  'fingerprint-failure',
  'sctp-failure',
  'sdp-syntax-error',
  'hardware-encoder-not-available',
  'hardware-encoder-error',
] as const;

const SIGNED = ['sdpLineNumber', 'httpRequestStatusCode', 'sctpCauseCode'] as const;
const UNSIGNED = ['receivedAlert', 'sentAlert'] as const;

interface Init {
  readonly errorDetail: (typeof DETAILS)[number];
  readonly sdpLineNumber?: number;
  readonly sctpCauseCode?: number;
  readonly receivedAlert?: number;
  readonly sentAlert?: number;
}

export class RtcError extends DOMException {
  declare readonly errorDetail: Init['errorDetail'];
  declare readonly sdpLineNumber: number | null;
  declare readonly httpRequestStatusCode: number | null;
  declare readonly sctpCauseCode: number | null;
  declare readonly receivedAlert: number | null;
  declare readonly sentAlert: number | null;

  static {
    defineAttributes(this.prototype, ['errorDetail', ...SIGNED, ...UNSIGNED]);
  }

  constructor(init: Init, message = '') {
    const given = dictionary('the init', init);
    if (given.errorDetail === undefined) throw new TypeError('errorDetail is missing');
    const errorDetail = enumeration('errorDetail', given.errorDetail, DETAILS);
    super(message, 'OperationError');
    const number = (name: string, signed: boolean): number | null => {
      if (given[name] === undefined) return null;
      const value = wrapped(given[name], 32);
      return signed ? value | 0 : value;
    };
    setAttributes(this, {
      errorDetail,
      ...Object.fromEntries(SIGNED.map((name) => [name, number(name, true)])),
      ...Object.fromEntries(UNSIGNED.map((name) => [name, number(name, false)])),
    });
  }
}
