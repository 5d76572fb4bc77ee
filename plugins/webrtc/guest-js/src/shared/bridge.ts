/** The protocol spoken with the plugin's Rust side, version 1; the other end is `src/bridge`. */

/** WebSocket subprotocol. */
export const SUBPROTOCOL = 'tauri-webrtc.1';
/** Version told in `init`. */
export const VERSION = 1;
/** Largest message of a data channel, bytes. */
export const MAX_MESSAGE_BYTES = 262_144;
/** Handles of channels opened here are below, those the remote opened from it on. */
export const FIRST_REMOTE_HANDLE = 32_768;

export type Kind = 'audio' | 'video';
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** Answer of the command `plugin:webrtc|open`. */
export interface Opened {
  readonly protocol: number;
  readonly url: string;
  readonly token: string;
}

export interface CandidateInfo {
  readonly candidate: string;
  readonly mid: string | null;
  readonly mLine: number | null;
  readonly ufrag: string | null;
}

/** A codec both ends have. */
export interface Codec {
  readonly pt: number;
  /** For instance `video/VP8`. */
  readonly mime: string;
  readonly clockRate: number;
  readonly channels?: number | null;
  readonly fmtp?: string | null;
}

/** A section of a remote offer. */
export interface RemoteMedia {
  readonly mid: string;
  readonly mLine: number;
  readonly kind: Kind;
  /** As written: the remote's view. */
  readonly direction: Direction;
  readonly rejected: boolean;
  readonly streams: readonly string[];
  readonly track: string | null;
  readonly codecs: readonly Codec[];
}

/** A section both ends have agreed on. */
export interface Negotiated {
  readonly mid: string;
  /** Number of the section in binary messages, for the life of the connection. */
  readonly slot: number;
  readonly kind: Kind;
  /** Our view. */
  readonly direction: Direction;
  readonly rejected: boolean;
  readonly streams: readonly string[];
  readonly track: string | null;
  /** The first is the one to send. */
  readonly codecs: readonly Codec[];
}

/** A transceiver in an `offer`. */
export interface OfferTransceiver {
  readonly key: number;
  readonly mid: string | null;
  readonly kind: Kind;
  readonly direction: Direction;
  readonly streams: readonly string[];
  readonly track: string | null;
  readonly codecs?: readonly string[];
  /** Its section is rejected from now on. */
  readonly stopped: boolean;
}

/** A transceiver in an `answer`. */
export interface AnswerTransceiver {
  readonly mid: string;
  readonly direction: Direction;
  readonly streams: readonly string[];
  readonly track: string | null;
  readonly codecs?: readonly string[];
}

/** No fields. */
type Nothing = Readonly<Record<string, never>>;

/** What is asked, and what comes back. */
export interface Requests {
  init: {
    in: { v: number; codecs: { audio: readonly string[]; video: readonly string[] } };
    out: { fingerprint: string };
  };
  offer: {
    in: { transceivers: readonly OfferTransceiver[]; data: boolean; iceRestart: boolean };
    out: {
      sdp: string | null;
      mids: Readonly<Record<string, string>>;
      candidates: readonly CandidateInfo[];
    };
  };
  discard: { in: Nothing; out: unknown };
  remoteOffer: {
    in: { type: 'offer'; sdp: string };
    out: { media: readonly RemoteMedia[]; data: boolean };
  };
  remoteAnswer: {
    in: { type: 'answer'; sdp: string };
    out: { media: readonly Negotiated[] };
  };
  answer: {
    in: { transceivers: readonly AnswerTransceiver[] };
    out: {
      sdp: string;
      media: readonly Negotiated[];
      candidates: readonly CandidateInfo[];
    };
  };
  candidate: {
    in: {
      candidate: string;
      mid?: string;
      mLine?: number;
      ufrag?: string;
    };
    out: unknown;
  };
  channel: {
    in: {
      handle: number;
      label: string;
      protocol: string;
      ordered: boolean;
      maxRetransmits?: number;
      maxPacketLifeTime?: number;
      negotiated: boolean;
      streamId?: number;
    };
    out: unknown;
  };
  channelClose: { in: { handle: number }; out: unknown };
  desire: { in: { bps: number }; out: unknown };
  stats: { in: Nothing; out: TransportStats };
  close: { in: Nothing; out: unknown };
}

/** The name on the wire of each request. */
export function operation(request: keyof Requests): string {
  return request === 'remoteOffer' || request === 'remoteAnswer' ? 'remote' : request;
}

export interface Failure {
  readonly name: string;
  readonly message: string;
}

export type IceState =
  'new' | 'checking' | 'connected' | 'completed' | 'disconnected' | 'failed' | 'closed';
export type DtlsState = 'new' | 'connecting' | 'connected' | 'closed' | 'failed';

/** What an end has shown of itself. */
export interface Certificate {
  /** As in descriptions: the hash's name and its value. */
  readonly fingerprint: string;
  /** Hexadecimal. */
  readonly der: string;
}

/** How late a remote sound is: with its first packet, and twice a second while packets come. */
export interface SoundEvent {
  readonly ev: 'sound';
  readonly slot: number;
  /** Of the fastest packet since the last of these, as in media messages; 0 if not known yet. */
  readonly captured: number;
  readonly arrival: number;
  /** From the coming of a packet that is on time to its being heard. */
  readonly delayMs: number;
}

/** What Rust tells of its own accord. */
export type BridgeEvent =
  | { readonly ev: 'ice'; readonly state: IceState }
  | { readonly ev: 'dtls'; readonly state: DtlsState }
  /** Before DTLS is connected. */
  | { readonly ev: 'certificates'; readonly own: Certificate; readonly peer: Certificate }
  | ({ readonly ev: 'candidate' } & CandidateInfo)
  /** Which pair ICE uses: our candidate by its address, the remote's as it was told. */
  | {
      readonly ev: 'pair';
      readonly address: string;
      readonly port: number;
      readonly remote: string;
    }
  | { readonly ev: 'keyframe'; readonly slot: number }
  | { readonly ev: 'estimate'; readonly bps: number }
  | { readonly ev: 'mediaLost'; readonly slot: number }
  | SoundEvent
  /** Whether Rust takes the microphone of a slot itself; if it does not, or no longer, the page sends its sound. */
  | { readonly ev: 'microphone'; readonly slot: number; readonly open: boolean }
  | {
      readonly ev: 'channelNew';
      readonly handle: number;
      readonly label: string;
      readonly protocol: string;
      readonly ordered: boolean;
      readonly maxRetransmits?: number | null;
      readonly maxPacketLifeTime?: number | null;
      readonly streamId: number;
    }
  | { readonly ev: 'channelPlaced'; readonly handle: number; readonly streamId: number }
  | { readonly ev: 'channelOpen'; readonly handle: number; readonly streamId: number }
  | { readonly ev: 'channelClosed'; readonly handle: number }
  | { readonly ev: 'released'; readonly handle: number; readonly bytes: number }
  | { readonly ev: 'failed'; readonly error: Failure };

/** A reply to a request. */
export type Reply =
  { readonly id: number; readonly ok: unknown } | { readonly id: number; readonly error: Failure };

export interface CandidateStats {
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
  readonly candidateType: string;
}

export interface StreamStats {
  readonly slot: number;
  readonly mid: string;
  readonly kind: Kind;
  readonly ssrc: number;
  readonly nacks: number;
  readonly plis: number;
  readonly firs: number;
}

export interface OutboundStats extends StreamStats {
  readonly packetsSent: number;
  readonly bytesSent: number;
  readonly retransmittedPackets?: number;
  /** Share, 0 to 1. */
  readonly remoteLoss?: number | null;
  readonly remotePacketsLost?: number;
  readonly remoteJitterMs?: number;
  readonly rttMs?: number | null;
  /** Of sound: what was captured. */
  readonly sound?: {
    readonly seconds: number;
    readonly energy: number;
    readonly level: number;
    readonly targetBitrate: number;
  };
}

export interface InboundStats extends StreamStats {
  readonly packetsReceived: number;
  readonly bytesReceived: number;
  readonly packetsLost: number;
  readonly jitterMs?: number | null;
  readonly framesDropped?: number;
  /** What the sender says it has sent; `at` in milliseconds since 1970, by its clock. */
  readonly reported?: { readonly packets: number; readonly bytes: number; readonly at?: number };
  /** The last frame that was given on. */
  readonly latest?: {
    /** Milliseconds since then. */
    readonly ageMs: number;
    readonly rtpTimestamp: number;
    /** −dBov, if it says (RFC 6464). */
    readonly level?: number;
  };
  /** Of sound: what was heard. */
  readonly sound?: {
    readonly samples: number;
    readonly concealedSamples: number;
    readonly concealmentEvents: number;
    readonly removedSamples: number;
    readonly insertedSamples: number;
    /** Sum over all samples of the seconds that each waited in the jitter buffer. */
    readonly waited: number;
    /** Sum of squares times seconds. */
    readonly energy: number;
    /** 0 to 1. */
    readonly level: number;
  };
}

export interface TransportStats {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly transport: {
    readonly bytesSent: number;
    readonly bytesReceived: number;
    readonly packetsSent: number;
    readonly packetsReceived: number;
    readonly iceState: string;
    readonly dtlsState: string;
    /** Of DTLS, as on the wire. */
    readonly version?: number;
    readonly controlling: boolean;
    readonly ufrag: string;
    readonly pairChanges: number;
    readonly localCandidate?: CandidateStats | null;
    readonly remoteCandidate?: CandidateStats | null;
    readonly rttMs?: number | null;
    readonly totalRttMs?: number;
    readonly responsesReceived?: number;
    readonly availableOutgoingBps?: number | null;
  };
  readonly outbound: readonly OutboundStats[];
  readonly inbound: readonly InboundStats[];
}
