/**
 * One `RTCPeerConnection` to one participant, negotiated by the W3C's perfect-negotiation pattern
 * (WebRTC 1.0, section 10.7). One epoch of a call; `session.ts` replaces it by the next.
 */
import type { Signal } from '../protocol';
import { preferVideoCodecs } from './codecs';
import { withStartBitrate } from './sdp';
import {
  growVideo,
  setSoundActive,
  SOUND_WAITS_MS,
  START_KILOBITS,
  tuneVideoSender,
} from './tuning';

/** Candidates kept until there is a remote description. A browser with a dozen interfaces has 50. */
const MAX_EARLY_CANDIDATES = 128;

/** What a person sends: nothing of a kind that is off. */
export interface Tracks {
  readonly audio: MediaStreamTrack | null;
  readonly video: MediaStreamTrack | null;
}

/** Who is told. */
export interface ConnectionListener {
  handleSignal(signal: Signal): void;
  handleConnectionState(state: RTCPeerConnectionState): void;
}

type Candidate = Extract<Signal, { type: 'candidate' }>;
type Description = Exclude<Signal, Candidate>;

export class Connection {
  /** What is received. The senders have no tracks at first, so no stream ids are negotiated. */
  readonly remoteStream = new MediaStream();
  #makingOffer = false;
  #ignoringOffer = false;
  #negotiated = false;
  #closed = false;
  /** Once there is a picture to send: resolves when the first has gone out, and whole ones follow. */
  #pictured: Promise<void> | null = null;
  /** There is sound, or was. */
  #sounding = false;
  #early: Candidate[] = [];
  #tracks: Tracks = { audio: null, video: null };

  constructor(
    readonly pc: RTCPeerConnection,
    readonly epoch: number,
    private readonly polite: () => boolean,
    private readonly listener: ConnectionListener,
  ) {
    pc.onicecandidate = ({ candidate }) => {
      if (!candidate || this.#closed) return;
      listener.handleSignal({
        type: 'candidate',
        epoch,
        candidate: candidate.candidate,
        sdp_mid: candidate.sdpMid,
        sdp_m_line_index: candidate.sdpMLineIndex,
        username_fragment: candidate.usernameFragment,
      });
    };
    pc.onconnectionstatechange = () => {
      if (!this.#closed) listener.handleConnectionState(pc.connectionState);
    };
    pc.onnegotiationneeded = () => {
      // The first offer is asked for, not needed: see `offer`.
      if (this.#negotiated) void this.#renegotiate();
    };
  }

  /**
   * The first offer: one section for sound and one for pictures, both ways, and no track in either.
   * Rejects if the browser can't make one.
   */
  async offer(): Promise<Signal> {
    for (const kind of ['audio', 'video'] as const) {
      const transceiver = this.pc.addTransceiver(kind, { direction: 'sendrecv' });
      if (kind === 'video') preferVideoCodecs(transceiver);
    }
    this.#makingOffer = true;
    try {
      await this.#silence();
      await this.pc.setLocalDescription();
    } finally {
      this.#makingOffer = false;
    }
    await this.#putTracks();
    return { type: 'offer', epoch: this.epoch, sdp: this.pc.localDescription?.sdp ?? '' };
  }

  /**
   * Whether an offer can't be taken by this connection, but by a new one of the same epoch: both
   * sides made their first offer at once, and this side yields. Rolled back, its transceivers would
   * stay beside those of the other's offer (RFC 8829, section 5.10).
   */
  yieldsTo(signal: Signal): boolean {
    return signal.type === 'offer' && this.polite() && this.#collides() && !this.#negotiated;
  }

  /** Takes a signal of this epoch; one at a time. Rejects if the description is of no use. */
  async receive(signal: Signal): Promise<void> {
    if (signal.type === 'candidate') await this.#receiveCandidate(signal);
    else await this.#receiveDescription(signal);
  }

  /** What is sent from now on. No negotiation comes of it. */
  async setTracks(tracks: Tracks): Promise<void> {
    this.#tracks = tracks;
    await this.#putTracks();
  }

  /** New candidates, and a new offer with them. */
  restartIce(): void {
    if (this.#negotiated && !this.#closed) this.pc.restartIce();
  }

  close(): void {
    this.#closed = true;
    this.#early = [];
    this.pc.onicecandidate = null;
    this.pc.onconnectionstatechange = null;
    this.pc.onnegotiationneeded = null;
    this.pc.close();
  }

  #collides(): boolean {
    return this.#makingOffer || this.pc.signalingState !== 'stable';
  }

  async #receiveDescription(signal: Description): Promise<void> {
    if (signal.type === 'offer') {
      this.#ignoringOffer = this.#collides() && !this.polite();
      if (this.#ignoringOffer) {
        // What came early belongs to the ignored offer.
        this.#early = [];
        return;
      }
    } else {
      // An answer to an offer that was rolled back, or a second one.
      if (this.pc.signalingState !== 'have-local-offer') return;
      this.#ignoringOffer = false;
    }
    await this.pc.setRemoteDescription({
      type: signal.type,
      sdp: withStartBitrate(signal.sdp, START_KILOBITS),
    });
    if (this.#closed) return;
    this.#collectRemoteTracks();
    if (signal.type === 'offer') await this.#answer();
    const early = this.#early;
    this.#early = [];
    for (const candidate of early) await this.#addCandidate(candidate);
    if (!this.#negotiated) {
      this.#negotiated = true;
      await this.#tune();
    }
  }

  async #answer(): Promise<void> {
    for (const transceiver of this.pc.getTransceivers()) {
      if (transceiver.direction !== 'recvonly') continue;
      transceiver.direction = 'sendrecv';
      if (transceiver.receiver.track.kind === 'video') preferVideoCodecs(transceiver);
    }
    await this.pc.setLocalDescription();
    this.#sendLocalDescription();
    // Not before: Chromium's senders of a remote offer have no encodings until it is answered.
    await this.#silence();
    await this.#putTracks();
  }

  async #renegotiate(): Promise<void> {
    this.#makingOffer = true;
    try {
      await this.pc.setLocalDescription();
      this.#sendLocalDescription();
    } catch {
      // The state changed under it (a remote offer came): negotiation is needed again, or not.
    } finally {
      this.#makingOffer = false;
    }
  }

  #sendLocalDescription(): void {
    const description = this.pc.localDescription;
    if (!description || this.#closed) return;
    if (description.type !== 'offer' && description.type !== 'answer') return;
    this.listener.handleSignal({
      type: description.type,
      epoch: this.epoch,
      sdp: description.sdp,
    });
  }

  async #receiveCandidate(signal: Candidate): Promise<void> {
    if (this.#ignoringOffer) return;
    if (this.pc.remoteDescription) await this.#addCandidate(signal);
    else if (this.#early.length < MAX_EARLY_CANDIDATES) this.#early.push(signal);
  }

  async #addCandidate(signal: Candidate): Promise<void> {
    try {
      await this.pc.addIceCandidate({
        candidate: signal.candidate,
        sdpMid: signal.sdp_mid,
        sdpMLineIndex: signal.sdp_m_line_index,
        usernameFragment: signal.username_fragment,
      });
    } catch {
      // Of an ICE generation that is over, or nonsense: the others may do.
    }
  }

  #collectRemoteTracks(): void {
    const known = this.remoteStream.getTracks();
    for (const { receiver } of this.pc.getTransceivers()) {
      if (!known.includes(receiver.track)) this.remoteStream.addTrack(receiver.track);
    }
  }

  #sender(kind: 'audio' | 'video'): RTCRtpSender | undefined {
    return this.pc.getTransceivers().find(({ receiver }) => receiver.track.kind === kind)?.sender;
  }

  async #putTracks(): Promise<void> {
    if (this.#closed) return;
    const put = async (kind: 'audio' | 'video') => {
      const sender = this.#sender(kind);
      const track = this.#tracks[kind];
      if (!sender || sender.track === track) return;
      const replaced = sender.replaceTrack(track);
      if (track && kind === 'video') {
        this.#pictured ??= growVideo(sender, () => this.#closed).catch(() => undefined);
      }
      if (track && kind === 'audio' && !this.#sounding) {
        this.#sounding = true;
        void this.#startSound(sender);
      }
      await replaced;
    };
    // Pictures first: a call is waited for until they are there, and the one that comes second waits for the first.
    await Promise.all([put('video'), put('audio')]);
  }

  async #startSound(sender: RTCRtpSender): Promise<void> {
    const late = new Promise((resolve) => setTimeout(resolve, SOUND_WAITS_MS));
    await Promise.race([this.#pictured, late]);
    if (!this.#closed) await setSoundActive(sender, true);
  }

  async #silence(): Promise<void> {
    const sender = this.#sender('audio');
    if (sender && !this.#sounding) await setSoundActive(sender, false);
  }

  async #tune(): Promise<void> {
    const sender = this.#sender('video');
    if (sender) await tuneVideoSender(sender);
  }
}
