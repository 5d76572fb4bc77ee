/** RTCSessionDescription and RTCIceCandidate (WebRTC 1.0, sections 4.6 and 4.8). */

import {
  attributesOf,
  defineAttributes,
  dictionary,
  enumeration,
  nullableText,
  setAttributes,
  text,
  wrapped,
} from './webidl';

const TYPES = ['offer', 'pranswer', 'answer', 'rollback'] as const;

export class SessionDescription {
  declare readonly type: RTCSdpType;
  declare readonly sdp: string;

  static {
    defineAttributes(this.prototype, ['type', 'sdp']);
  }

  constructor(init: RTCSessionDescriptionInit) {
    setAttributes(this, readDescription(init));
  }

  toJSON(): RTCSessionDescriptionInit {
    attributesOf(this);
    return { type: this.type, sdp: this.sdp };
  }
}

/** An RTCSessionDescriptionInit. Throws TypeError. */
export function readDescription(init: unknown): { type: RTCSdpType; sdp: string } {
  const { type, sdp } = readLocalDescription(init);
  if (type === undefined) throw new TypeError('a session description has a type');
  return { type, sdp };
}

/** An RTCLocalSessionDescriptionInit: the type may be left out. Throws TypeError. */
export function readLocalDescription(init: unknown): { type?: RTCSdpType; sdp: string } {
  const given = dictionary('the session description', init);
  const sdp = given.sdp === undefined ? '' : text(given.sdp);
  if (given.type === undefined) return { sdp };
  return { type: enumeration('type of a session description', given.type, TYPES), sdp };
}

/** The fields of a candidate's text (RFC 8839, section 5.1). */
interface Parsed {
  readonly foundation: string | null;
  readonly component: RTCIceComponent | null;
  readonly priority: number | null;
  readonly address: string | null;
  readonly protocol: RTCIceProtocol | null;
  readonly port: number | null;
  readonly type: RTCIceCandidateType | null;
  readonly tcpType: RTCIceTcpCandidateType | null;
  readonly relatedAddress: string | null;
  readonly relatedPort: number | null;
}

const NOTHING: Parsed = {
  foundation: null,
  component: null,
  priority: null,
  address: null,
  protocol: null,
  port: null,
  type: null,
  tcpType: null,
  relatedAddress: null,
  relatedPort: null,
};

/** An RTCIceCandidateInit, read. */
export interface CandidateInit {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
  readonly usernameFragment: string | null;
}

export function readCandidate(init: unknown): CandidateInit {
  const given = dictionary('the candidate', init);
  const mLine = given.sdpMLineIndex;
  return {
    candidate: given.candidate === undefined ? '' : text(given.candidate),
    sdpMid: nullableText(given.sdpMid),
    sdpMLineIndex: mLine === undefined || mLine === null ? null : wrapped(mLine, 16),
    usernameFragment: nullableText(given.usernameFragment),
  };
}

export class IceCandidate implements Parsed {
  declare readonly candidate: string;
  declare readonly sdpMid: string | null;
  declare readonly sdpMLineIndex: number | null;
  declare readonly usernameFragment: string | null;
  declare readonly foundation: string | null;
  declare readonly component: RTCIceComponent | null;
  declare readonly priority: number | null;
  declare readonly address: string | null;
  declare readonly protocol: RTCIceProtocol | null;
  declare readonly port: number | null;
  declare readonly type: RTCIceCandidateType | null;
  declare readonly tcpType: RTCIceTcpCandidateType | null;
  declare readonly relatedAddress: string | null;
  declare readonly relatedPort: number | null;

  static {
    const own = ['candidate', 'sdpMid', 'sdpMLineIndex', 'usernameFragment'];
    defineAttributes(this.prototype, [...own, ...Object.keys(NOTHING)]);
  }

  constructor(init: RTCIceCandidateInit = {}) {
    const given = readCandidate(init);
    if (given.sdpMid === null && given.sdpMLineIndex === null) {
      throw new TypeError('sdpMid and sdpMLineIndex are both missing');
    }
    setAttributes(this, { ...given, ...parseCandidate(given.candidate) });
  }

  toJSON(): RTCIceCandidateInit {
    attributesOf(this);
    const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = this;
    return { candidate, sdpMid, sdpMLineIndex, usernameFragment };
  }
}

/** What can be read of it; nothing at all of what isn't a candidate. */
export function parseCandidate(line: string): Parsed {
  const words = line.replace(/^(a=)?candidate:/, '').split(' ');
  const [foundation, component, protocol, priority, address, port, typ, type, ...rest] = words;
  if (!foundation || typ !== 'typ' || type === undefined || address === undefined) return NOTHING;
  const extra = (name: string) => {
    const at = rest.indexOf(name);
    return at < 0 ? null : (rest[at + 1] ?? null);
  };
  const relatedPort = extra('rport');
  return {
    foundation,
    component: component === '2' ? 'rtcp' : 'rtp',
    priority: Number(priority),
    address,
    protocol: protocol?.toLowerCase() === 'tcp' ? 'tcp' : 'udp',
    port: Number(port),
    type: type as RTCIceCandidateType,
    tcpType: extra('tcptype') as RTCIceTcpCandidateType | null,
    relatedAddress: extra('raddr'),
    relatedPort: relatedPort === null ? null : Number(relatedPort),
  };
}
