/** RTCSessionDescription and RTCIceCandidate (WebRTC 1.0, sections 4.6 and 4.8). */

const TYPES = ['offer', 'answer', 'pranswer', 'rollback'];

export class SessionDescription {
  readonly type: RTCSdpType;
  readonly sdp: string;

  constructor(init: RTCSessionDescriptionInit) {
    if (!TYPES.includes(init.type)) {
      throw new TypeError(`'${init.type}' is no type of a session description`);
    }
    this.type = init.type;
    this.sdp = init.sdp ?? '';
  }

  toJSON(): RTCSessionDescriptionInit {
    return { type: this.type, sdp: this.sdp };
  }
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

export class IceCandidate implements Parsed {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
  readonly usernameFragment: string | null;
  readonly foundation!: string | null;
  readonly component!: RTCIceComponent | null;
  readonly priority!: number | null;
  readonly address!: string | null;
  readonly protocol!: RTCIceProtocol | null;
  readonly port!: number | null;
  readonly type!: RTCIceCandidateType | null;
  readonly tcpType!: RTCIceTcpCandidateType | null;
  readonly relatedAddress!: string | null;
  readonly relatedPort!: number | null;

  constructor(init: RTCIceCandidateInit = {}) {
    this.sdpMid = init.sdpMid ?? null;
    this.sdpMLineIndex = init.sdpMLineIndex ?? null;
    if (this.sdpMid === null && this.sdpMLineIndex === null) {
      throw new TypeError('sdpMid and sdpMLineIndex are both missing');
    }
    this.candidate = init.candidate ?? '';
    this.usernameFragment = init.usernameFragment ?? ufragOf(this.candidate);
    Object.assign(this, parseCandidate(this.candidate));
  }

  toJSON(): RTCIceCandidateInit {
    const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = this;
    return { candidate, sdpMid, sdpMLineIndex, usernameFragment };
  }
}

/** What can be read of it; nothing at all of what isn't a candidate. */
export function parseCandidate(text: string): Parsed {
  const words = text.replace(/^(a=)?candidate:/, '').split(' ');
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

function ufragOf(text: string): string | null {
  return / ufrag (\S+)/.exec(text)?.[1] ?? null;
}
