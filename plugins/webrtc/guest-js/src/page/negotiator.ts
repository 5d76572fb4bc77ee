/**
 * Offers and answers (WebRTC 1.0, section 4.4.1.5; RFC 8829).
 *
 *     stable ──local offer──▶ have-local-offer ──remote answer──▶ stable
 *       │                            │ remote offer (rolls the own one back)
 *       └──remote offer──▶ have-remote-offer ──local answer──▶ stable
 *
 * Rust writes and reads the text, and holds what is pending; here is which section belongs to which
 * transceiver, and what the page is told.
 */
import type { CandidateInfo, Direction, Negotiated, RemoteMedia } from '../shared/bridge';
import { SessionDescription } from './description';
import { invalidState, notSupported } from './errors';
import type { Line } from './line';
import type { Requests } from './requests';
import { answered, receives, reversed, sends } from './states';

/** What it needs of its connection. */
export interface NegotiatorOwner {
  readonly closed: boolean;
  readonly lines: Line[];
  /** Whether an application section is wanted. */
  readonly wantsData: boolean;
  addLine(kind: 'audio' | 'video', direction: Direction): Line;
  removeLine(line: Line): void;
  handleSignalingState(): void;
  handleCandidates(candidates: readonly CandidateInfo[]): void;
  /** `added` begin to be received, `removed` cease; streams as the remote names them. */
  handleTracks(added: readonly RemoteTracks[], removed: readonly Line[]): void;
  updateMedia(line: Line): void;
}

export interface RemoteTracks {
  readonly line: Line;
  readonly streams: readonly string[];
}

interface OfferMade {
  readonly sdp: string;
  readonly mids: Readonly<Record<string, string>>;
  readonly candidates: readonly CandidateInfo[];
  readonly iceRestart: boolean;
  /** Rust has nothing to negotiate, so it is not asked about the answer either. */
  readonly unchanged: boolean;
}

interface AnswerMade {
  readonly sdp: string;
  readonly media: readonly Negotiated[];
  readonly candidates: readonly CandidateInfo[];
}

interface Held {
  readonly media: RemoteMedia;
  readonly line: Line;
  /** It was made for this offer, or had no section before. */
  readonly created: boolean;
  readonly associated: boolean;
}

export class Negotiator {
  state: RTCSignalingState = 'stable';
  currentLocal: SessionDescription | null = null;
  currentRemote: SessionDescription | null = null;
  pendingLocal: SessionDescription | null = null;
  pendingRemote: SessionDescription | null = null;
  restartWanted = false;
  dataNegotiated = false;
  #offer: OfferMade | null = null;
  #offered: OfferMade | null = null;
  #associated: Line[] = [];
  #answer: AnswerMade | null = null;
  #held: Held[] = [];
  #heldData = false;
  /** What Rust keeps until it is taken or discarded. */
  #rust: 'nothing' | 'offer' | 'remote' = 'nothing';

  constructor(
    private readonly owner: NegotiatorOwner,
    private readonly requests: Requests,
  ) {}

  /** Whether the agreed state differs from what the page wants (section 4.7.3). */
  get needed(): boolean {
    if (this.restartWanted) return true;
    if (this.owner.wantsData && !this.dataNegotiated) return true;
    return this.owner.lines.some((line) => {
      if (line.stopped) return line.described !== null && line.described.own !== 'inactive';
      const { described, direction } = line;
      if (!described) return true;
      const streams = line.streams.join(' ') !== described.streams.join(' ');
      if (sends(direction) && streams) return true;
      return described.offered
        ? direction !== described.own && direction !== reversed(described.remote)
        : answered(direction, described.remote) !== described.own;
    });
  }

  async createOffer(iceRestart: boolean): Promise<SessionDescription> {
    if (this.state !== 'stable' && this.state !== 'have-local-offer') {
      throw invalidState(`no offer can be made in ${this.state}`);
    }
    const restart = iceRestart || this.restartWanted;
    const made = await this.requests.send('offer', {
      transceivers: this.owner.lines.map((line) => ({
        key: line.key,
        mid: line.mid,
        kind: line.kind,
        direction: line.stopped ? 'inactive' : line.direction,
        streams: line.streams,
        track: line.track?.id ?? null,
        codecs: wanted(line),
      })),
      data: this.owner.wantsData || this.dataNegotiated,
      iceRestart: restart,
    });
    const unchanged = made.sdp === null;
    if (!unchanged) this.#rust = 'offer';
    const sdp =
      made.sdp ?? (this.currentLocal?.sdp ?? '').replace(/a=setup:\w+/g, 'a=setup:actpass');
    this.#offer = {
      sdp,
      mids: made.mids,
      candidates: made.candidates,
      iceRestart: restart,
      unchanged,
    };
    return new SessionDescription({ type: 'offer', sdp });
  }

  async createAnswer(): Promise<SessionDescription> {
    if (this.state !== 'have-remote-offer') {
      throw invalidState(`no answer can be made in ${this.state}`);
    }
    this.#answer ??= await this.requests.send('answer', {
      transceivers: this.#held
        .filter(({ media }) => !media.rejected)
        .map(({ media, line }) => ({
          mid: media.mid,
          direction: line.stopped ? 'inactive' : answered(line.direction, media.direction),
          streams: line.streams,
          track: line.track?.id ?? null,
          codecs: answerable(line, media),
        })),
    });
    this.#rust = 'nothing';
    return new SessionDescription({ type: 'answer', sdp: this.#answer.sdp });
  }

  async setLocal(given: RTCLocalSessionDescriptionInit | undefined): Promise<void> {
    const offering = this.state === 'stable' || this.state === 'have-local-offer';
    const type = given?.type ?? (offering ? 'offer' : 'answer');
    switch (type) {
      case 'rollback':
        await this.#rollback();
        return;
      case 'pranswer':
        throw notSupported('provisional answers are not there');
      case 'offer':
        await this.#setLocalOffer(given?.sdp ?? '');
        return;
      case 'answer':
        await this.#setLocalAnswer(given?.sdp ?? '');
    }
  }

  async setRemote(given: RTCSessionDescriptionInit): Promise<void> {
    switch (given.type) {
      case 'rollback':
        await this.#rollback();
        return;
      case 'pranswer':
        throw notSupported('provisional answers are not there');
      case 'offer':
        await this.#setRemoteOffer(given.sdp ?? '');
        return;
      case 'answer':
        await this.#setRemoteAnswer(given.sdp ?? '');
        return;
      default:
        throw new TypeError(`'${String(given.type)}' is no type of a session description`);
    }
  }

  async #setLocalOffer(text: string): Promise<void> {
    if (this.state !== 'stable' && this.state !== 'have-local-offer') {
      throw invalidState(`no local offer is taken in ${this.state}`);
    }
    if (text === '') await this.createOffer(false);
    const offer = this.#offer;
    if (!offer) {
      throw new DOMException('not what createOffer returned', 'InvalidModificationError');
    }
    if (this.owner.closed) return;
    this.#offered = offer;
    for (const line of this.owner.lines) {
      const mid = offer.mids[line.key];
      if (mid === undefined || line.mid !== null) continue;
      line.mid = mid;
      this.#associated.push(line);
    }
    this.pendingLocal = new SessionDescription({ type: 'offer', sdp: text || offer.sdp });
    this.#enter('have-local-offer');
    this.owner.handleCandidates(offer.candidates);
  }

  async #setLocalAnswer(text: string): Promise<void> {
    if (this.state !== 'have-remote-offer') {
      throw invalidState(`no local answer is taken in ${this.state}`);
    }
    const made = await this.createAnswer();
    const answer = this.#answer;
    if (this.owner.closed || !answer) return;
    const removed: Line[] = [];
    const heldByMid = new Map(this.#held.map((held) => [held.media.mid, held]));
    for (const media of answer.media) {
      const held = heldByMid.get(media.mid);
      if (!held) continue;
      this.#agree(held.line, media, false, held.media.direction);
      if (receives(held.line.fired) && !receives(media.direction)) {
        held.line.fired = media.direction;
        removed.push(held.line);
      }
    }
    if (this.#heldData) this.dataNegotiated = true;
    this.currentLocal = new SessionDescription({ type: 'answer', sdp: text || made.sdp });
    this.currentRemote = this.pendingRemote;
    this.#settle();
    this.owner.handleTracks([], removed);
    this.owner.handleCandidates(answer.candidates);
  }

  async #setRemoteOffer(sdp: string): Promise<void> {
    if (this.state !== 'stable' && this.state !== 'have-local-offer') {
      if (this.state !== 'have-remote-offer') {
        throw invalidState(`no remote offer is taken in ${this.state}`);
      }
    }
    if (this.state !== 'stable') await this.#rollback();
    else await this.#discard();
    const { media, data } = await this.requests.send('remoteOffer', { type: 'offer', sdp });
    this.#rust = 'remote';
    if (this.owner.closed) return;
    this.#heldData = data;
    this.#answer = null;
    this.#held = [];
    const added: RemoteTracks[] = [];
    const removed: Line[] = [];
    for (const section of media) {
      if (section.rejected) continue;
      const held = this.#hold(section);
      this.#held.push(held);
      this.#noteDirection(held.line, reversed(section.direction), section.streams, added, removed);
    }
    this.pendingRemote = new SessionDescription({ type: 'offer', sdp });
    this.#enter('have-remote-offer');
    this.owner.handleTracks(added, removed);
  }

  async #setRemoteAnswer(sdp: string): Promise<void> {
    const offered = this.#offered;
    if (this.state !== 'have-local-offer' || !offered) {
      throw invalidState(`no remote answer is taken in ${this.state}`);
    }
    const added: RemoteTracks[] = [];
    const removed: Line[] = [];
    if (!offered.unchanged) {
      const { media } = await this.requests.send('remoteAnswer', { type: 'answer', sdp });
      this.#rust = 'nothing';
      if (this.owner.closed) return;
      const byMid = new Map(this.owner.lines.map((line) => [line.mid, line]));
      for (const section of media) {
        const line = byMid.get(section.mid);
        if (!line) continue;
        this.#noteDirection(line, section.direction, section.streams, added, removed);
        this.#agree(line, section, true, reversed(section.direction));
      }
      if (this.owner.wantsData) this.dataNegotiated = true;
    }
    if (offered.iceRestart) this.restartWanted = false;
    this.currentLocal = this.pendingLocal;
    this.currentRemote = new SessionDescription({ type: 'answer', sdp });
    this.#settle();
    this.owner.handleTracks(added, removed);
  }

  /** Finds the transceiver for a section of a remote offer, or makes it (RFC 8829, section 5.10). */
  #hold(media: RemoteMedia): Held {
    const known = this.owner.lines.find(({ mid }) => mid === media.mid);
    if (known) return { media, line: known, created: false, associated: false };
    const waiting = this.owner.lines.find(
      (line) =>
        line.mid === null &&
        line.kind === media.kind &&
        line.byAddTrack &&
        !line.stopped &&
        sends(line.direction) &&
        receives(line.direction),
    );
    const line = waiting ?? this.owner.addLine(media.kind, 'recvonly');
    line.mid = media.mid;
    return { media, line, created: !waiting, associated: true };
  }

  #noteDirection(
    line: Line,
    direction: Direction,
    streams: readonly string[],
    added: RemoteTracks[],
    removed: Line[],
  ): void {
    if (line.stopped) return;
    const before = receives(line.fired);
    const changed = line.remoteStreams.map(({ id }) => id).join(' ') !== streams.join(' ');
    line.fired = direction;
    if (receives(direction) && (!before || changed)) added.push({ line, streams });
    else if (!receives(direction) && before) removed.push(line);
  }

  #agree(line: Line, media: Negotiated, offered: boolean, remote: Direction): void {
    line.slot = media.slot;
    line.codecs = media.codecs;
    line.current = media.rejected ? 'inactive' : media.direction;
    if (sends(line.current)) line.hasSent = true;
    const own = offered ? line.direction : media.direction;
    line.described = { offered, own, remote, streams: [...line.streams] };
  }

  #settle(): void {
    this.pendingLocal = null;
    this.pendingRemote = null;
    this.#offer = null;
    this.#offered = null;
    this.#answer = null;
    this.#associated = [];
    this.#held = [];
    this.#heldData = false;
    this.#enter('stable');
    for (const line of this.owner.lines) this.owner.updateMedia(line);
  }

  async #rollback(): Promise<void> {
    if (this.state === 'stable') throw invalidState('there is nothing to roll back');
    await this.#discard();
    for (const line of this.#associated) line.mid = null;
    this.#associated = [];
    const removed: Line[] = [];
    for (const { line, created, associated } of this.#held) {
      if (receives(line.fired) && !receives(line.current)) removed.push(line);
      line.fired = line.current;
      if (associated) line.mid = null;
      if (created && line.track === null) {
        line.stopped = true;
        this.owner.removeLine(line);
      }
    }
    this.#held = [];
    this.pendingLocal = null;
    this.pendingRemote = null;
    this.#offered = null;
    this.#enter('stable');
    this.owner.handleTracks([], removed);
  }

  /** Rust forgets what it holds. */
  async #discard(): Promise<void> {
    if (this.#rust !== 'nothing') await this.requests.send('discard', {});
    this.#rust = 'nothing';
    this.#offer = null;
    this.#answer = null;
  }

  #enter(state: RTCSignalingState): void {
    if (this.state === state) return;
    this.state = state;
    this.owner.handleSignalingState();
  }
}

/**
 * Codec names in the page's order. No H.264: WebKit's decoder garbles frames of several slices, as
 * Chromium sends them, and all browsers have VP8 (RFC 7742).
 */
function wanted({ kind, preferred }: Line): string[] {
  if (kind === 'audio') return ['opus'];
  return preferred?.length ? [...preferred] : ['VP8'];
}

/** The same for an answer: an end that has nothing else is answered with H.264. */
function answerable(line: Line, { codecs }: RemoteMedia): string[] {
  const own = wanted(line);
  const common = own.some((name) =>
    codecs.some(({ mime }) => mime.toLowerCase() === `${line.kind}/${name.toLowerCase()}`),
  );
  return common || line.kind === 'audio' ? own : ['H264'];
}
