/**
 * Offers and answers (WebRTC 1.0, section 4.4.1.5; RFC 8829).
 *
 *     stable ──local offer──▶ have-local-offer ──remote answer──▶ stable
 *       │                            │ remote offer (rolls the own one back)
 *       └──remote offer──▶ have-remote-offer ──local answer──▶ stable
 *
 * Rust writes and reads the text, and holds what is pending; here is which section belongs to which
 * transceiver, and what the page is told. A description without any section is no business of Rust's.
 */
import type { CandidateInfo, Direction } from '../shared/bridge';
import { SessionDescription } from './description';
import { invalidState, notSupported } from './errors';
import type { Line } from './line';
import { type Answer, type Asked, type Offer, sameDescription } from './proposals';
import type { Requests } from './requests';
import { emptyDescription, isEmpty, sections, withoutCandidates } from './sdp';
import {
  agree,
  answerFor,
  differs,
  type Held,
  hold,
  isRejected,
  type RemoteTracks,
  streamsOf,
  TrackChanges,
  wanted,
} from './sections';
import { receives, reversed } from './states';
import { nextTask } from './tasks';

/** What it needs of its connection. */
export interface NegotiatorOwner {
  readonly closed: boolean;
  readonly lines: Line[];
  /** Whether an application section is wanted. */
  readonly wantsData: boolean;
  addLine(kind: 'audio' | 'video', direction: Direction): Line;
  removeLine(line: Line): void;
  handleSignalingState(): void;
  /** Whether the page was not told of any of these. */
  hasNewCandidates(candidates: readonly CandidateInfo[]): boolean;
  handleCandidates(candidates: readonly CandidateInfo[]): void;
  /** These belonged to an offer that was taken back. `first`: nothing was agreed on before. */
  handleRollback(candidates: readonly CandidateInfo[], first: boolean): void;
  handleTracks(added: readonly RemoteTracks[], removed: readonly Line[]): void;
  updateMedia(line: Line): void;
}

/** What is under way between an offer and its answer. */
interface Pending {
  /** Our offer, applied. */
  offer: Offer | null;
  /** Transceivers that it gave a section to. */
  associated: Line[];
  /** Sections of the remote's offer. */
  held: Held[];
  /** Transceivers that it stops. */
  stopped: Line[];
  data: boolean;
}

const nothing = (): Pending => ({
  offer: null,
  associated: [],
  held: [],
  stopped: [],
  data: false,
});

export class Negotiator {
  state: RTCSignalingState = 'stable';
  currentLocal: SessionDescription | null = null;
  currentRemote: SessionDescription | null = null;
  pendingLocal: SessionDescription | null = null;
  pendingRemote: SessionDescription | null = null;
  /** Whether we offered first. */
  offeredFirst: boolean | null = null;
  /** Bytes that the remote takes in a message, 0: any number; null: there is no data. */
  maxMessageSize: number | null = null;
  #dataNegotiated = false;
  /** ICE credentials that the page wants no more: [[LocalIceCredentialsToReplace]]. */
  #replaced: readonly string[] = [];
  #pending = nothing();
  #offer: Offer | null = null;
  #answer: Answer | null = null;
  #version = 1;
  /** The stream of tracks whose remote names none. */
  readonly #unnamed = crypto.randomUUID();
  /** What Rust keeps until it is taken or discarded. */
  #rust: 'nothing' | 'offer' | 'remote' = 'nothing';

  constructor(
    private readonly owner: NegotiatorOwner,
    private readonly requests: Requests,
  ) {}

  /** Whether a description that is applied has an application section. */
  get hasData(): boolean {
    return this.#dataNegotiated || this.#pending.data;
  }

  /** Whether other ICE credentials are wanted than were agreed on. */
  get restartWanted(): boolean {
    return credentials(this.currentLocal).some((one) => this.#replaced.includes(one));
  }

  restartIce(): void {
    this.#replaced = [...credentials(this.currentLocal), ...credentials(this.pendingLocal)];
  }

  /** Whether the agreed state differs from what the page wants (section 4.7.3). */
  get needed(): boolean {
    if (this.restartWanted) return true;
    if (this.owner.wantsData && !this.#dataNegotiated) return true;
    return this.owner.lines.some(differs);
  }

  async createOffer(iceRestart: boolean): Promise<SessionDescription> {
    if (this.state !== 'stable' && this.state !== 'have-local-offer') {
      throw invalidState(`no offer can be made in ${this.state}`);
    }
    const offer = await this.#makeOffer(iceRestart || this.restartWanted);
    return new SessionDescription({ type: 'offer', sdp: offer.sdp });
  }

  async createAnswer(): Promise<SessionDescription> {
    if (this.state !== 'have-remote-offer') {
      throw invalidState(`no answer can be made in ${this.state}`);
    }
    this.#answer ??= await this.#makeAnswer();
    return new SessionDescription({ type: 'answer', sdp: this.#answer.sdp });
  }

  /** Without a type: whatever comes next. */
  async setLocal(type: RTCSdpType | undefined, sdp: string): Promise<void> {
    const offering = this.state === 'stable' || this.state === 'have-local-offer';
    switch (type ?? (offering ? 'offer' : 'answer')) {
      case 'rollback':
        await this.#rollback();
        return;
      case 'pranswer':
        throw this.#noProvisional('have-remote-offer');
      case 'offer':
        await this.#setLocalOffer(sdp);
        return;
      case 'answer':
        await this.#setLocalAnswer(sdp);
    }
  }

  async setRemote(type: RTCSdpType, sdp: string): Promise<void> {
    switch (type) {
      case 'rollback':
        await this.#rollback();
        return;
      case 'pranswer':
        throw this.#noProvisional('have-local-offer');
      case 'offer':
        await this.#setRemoteOffer(sdp);
        return;
      case 'answer':
        await this.#setRemoteAnswer(sdp);
    }
  }

  #noProvisional(state: RTCSignalingState): DOMException {
    if (this.state !== state) return invalidState(`no answer is taken in ${this.state}`);
    return notSupported('provisional answers are not there');
  }

  #asked(iceRestart: boolean): Asked {
    const lines = this.owner.lines.filter(({ mid, stopped }) => mid !== null || !stopped);
    const [first] = sections(this.currentLocal?.sdp ?? '');
    return {
      transceivers: lines.map((line) => ({
        key: line.key,
        mid: line.mid,
        kind: line.kind,
        direction: line.stopped ? 'inactive' : line.direction,
        streams: line.streams,
        track: line.track?.id ?? null,
        codecs: wanted(line),
        stopped: isRejected(line, line.mid === first?.mid),
      })),
      data: this.owner.wantsData || this.#dataNegotiated,
      iceRestart,
    };
  }

  async #makeOffer(iceRestart: boolean): Promise<Offer> {
    for (;;) {
      const asked = this.#asked(iceRestart);
      const gone = this.owner.lines.filter(({ stopped }) => stopped);
      const stopped = new Set(gone.map(({ key }) => key));
      const offer = { ...(await this.#make(asked)), asked, stopped };
      // What the page has added meanwhile belongs into it (section 4.4.1.3).
      if (!this.owner.closed && !this.#isAsked(asked)) continue;
      this.#offer = offer;
      return offer;
    }
  }

  /** Whether an offer would be asked for in the same words now. */
  #isAsked(asked: Asked): boolean {
    return JSON.stringify(asked) === JSON.stringify(this.#asked(asked.iceRestart));
  }

  async #make(asked: Asked): Promise<Omit<Offer, 'asked' | 'stopped'>> {
    const { data } = asked;
    if (asked.transceivers.length === 0 && !data) {
      await nextTask();
      const sdp = emptyDescription(this.#version++);
      return { sdp, full: sdp, mids: {}, candidates: [], data, waits: false };
    }
    const { sdp, mids, candidates } = await this.requests.send('offer', asked);
    if (sdp !== null) this.#rust = 'offer';
    const full = sdp ?? (this.currentLocal?.sdp ?? '').replace(/a=setup:\w+/g, 'a=setup:actpass');
    const text = this.#shown(full, candidates);
    // Rust has nothing to negotiate: then it is not asked about the answer either.
    return { sdp: text, full, mids, candidates, data, waits: sdp !== null };
  }

  async #makeAnswer(): Promise<Answer> {
    if (isEmpty(this.pendingRemote?.sdp ?? '')) {
      await nextTask();
      const sdp = emptyDescription(this.#version++);
      return { sdp, full: sdp, media: [], candidates: [], asked: [] };
    }
    const asked = answerFor(this.#pending.held);
    const request = { transceivers: asked };
    const { sdp, media, candidates } = await this.requests.send('answer', request);
    this.#rust = 'nothing';
    return { sdp: this.#shown(sdp, candidates), full: sdp, media, candidates, asked };
  }

  /** Candidates that the page was not told of yet are not in its text. */
  #shown(sdp: string, candidates: readonly CandidateInfo[]): string {
    return this.owner.hasNewCandidates(candidates) ? withoutCandidates(sdp) : sdp;
  }

  async #setLocalOffer(text: string): Promise<void> {
    if (this.state !== 'stable' && this.state !== 'have-local-offer') {
      throw invalidState(`no local offer is taken in ${this.state}`);
    }
    // In a task of its own, as all that the standard does in parallel.
    await nextTask();
    const offer = await this.#offerToSet(text);
    if (this.owner.closed) return;
    this.#pending.offer = offer;
    this.#pending.data = offer.data;
    this.offeredFirst ??= true;
    for (const line of this.owner.lines) {
      const mid = offer.mids[line.key];
      if (mid !== undefined) line.transported = true;
      if (mid === undefined || line.mid !== null) continue;
      line.mid = mid;
      this.#pending.associated.push(line);
    }
    this.pendingLocal = new SessionDescription({ type: 'offer', sdp: text || offer.sdp });
    this.#enter('have-local-offer');
    this.owner.handleCandidates(offer.candidates);
  }

  /** The offer that a page wants to be applied; without a text the last, if it still holds. */
  async #offerToSet(text: string): Promise<Offer> {
    const last = this.#offer;
    if (text === '') {
      const holds = last && this.#isAsked(last.asked) && this.#isHeld(last);
      return holds ? last : this.#makeOffer(last?.asked.iceRestart ?? this.restartWanted);
    }
    if (last && sameDescription(text, last.sdp) && this.#isHeld(last)) return last;
    throw new DOMException('not what createOffer returned', 'InvalidModificationError');
  }

  #isHeld(offer: Offer): boolean {
    return !offer.waits || this.#rust === 'offer';
  }

  async #setLocalAnswer(text: string): Promise<void> {
    if (text !== '' && !(this.#answer && sameDescription(text, this.#answer.sdp))) {
      throw new DOMException('not what createAnswer returned', 'InvalidModificationError');
    }
    if (this.state !== 'have-remote-offer') {
      throw invalidState(`no local answer is taken in ${this.state}`);
    }
    if (text === '') await this.createAnswer();
    await nextTask();
    const answer = this.#answer;
    if (!answer) throw invalidState('the answer was taken back');
    if (this.owner.closed) return;
    this.offeredFirst ??= false;
    const changes = new TrackChanges();
    const heldByMid = new Map(this.#pending.held.map((held) => [held.media.mid, held]));
    for (const media of answer.media) {
      const held = heldByMid.get(media.mid);
      if (!held) continue;
      const streams = answer.asked.find(({ mid }) => mid === media.mid)?.streams ?? [];
      const said = { direction: media.direction, streams, stopped: false };
      agree(held.line, media, false, said, held.media.direction);
      if (receives(held.line.fired) && !receives(media.direction)) {
        held.line.fired = media.direction;
        changes.removed.push(held.line);
      }
    }
    for (const line of this.#pending.stopped) line.end();
    this.currentLocal = new SessionDescription({ type: 'answer', sdp: text || answer.sdp });
    this.currentRemote = this.pendingRemote;
    this.#settle(this.currentLocal);
    this.owner.handleTracks([], changes.removed);
    this.owner.handleCandidates(answer.candidates);
  }

  async #setRemoteOffer(sdp: string): Promise<void> {
    const replaces = this.state === 'have-remote-offer';
    const empty = isEmpty(sdp);
    if (this.state === 'have-local-offer') await this.#rollback();
    // One that Rust can't read leaves the one before it as it was.
    else if (!replaces || empty) await this.#discard();
    const { media, data } = empty
      ? await nextTask().then(() => ({ media: [], data: false }))
      : await this.requests.send('remoteOffer', { type: 'offer', sdp });
    if (!empty) this.#rust = 'remote';
    if (this.owner.closed) return;
    if (replaces) this.#undo();
    this.#answer = null;
    this.#pending = { ...nothing(), data };
    const changes = new TrackChanges();
    for (const section of media) {
      if (section.rejected) {
        const line = this.owner.lines.find(({ mid }) => mid === section.mid);
        if (!line || line.ended) continue;
        changes.note(line, 'inactive', []);
        line.stop();
        this.#pending.stopped.push(line);
        continue;
      }
      const held = hold(section, this.owner.lines, (kind) => this.owner.addLine(kind, 'recvonly'));
      this.#pending.held.push(held);
      const streams = streamsOf(section, sdp, this.#unnamed);
      changes.note(held.line, reversed(section.direction), streams);
    }
    this.pendingRemote = new SessionDescription({ type: 'offer', sdp });
    this.#enter('have-remote-offer');
    this.owner.handleTracks(changes.added, changes.removed);
  }

  async #setRemoteAnswer(sdp: string): Promise<void> {
    const { offer } = this.#pending;
    if (this.state !== 'have-local-offer' || !offer) {
      throw invalidState(`no remote answer is taken in ${this.state}`);
    }
    const changes = new TrackChanges();
    if (offer.waits) {
      const request = this.requests.send('remoteAnswer', { type: 'answer', sdp });
      // Rust may have used up the offer with an answer that it could not apply.
      const { media } = await request.catch((error: unknown) => {
        this.#offer = null;
        throw error;
      });
      this.#rust = 'nothing';
      if (this.owner.closed) return;
      const byMid = new Map(this.owner.lines.map((line) => [line.mid, line]));
      for (const section of media) {
        const line = byMid.get(section.mid);
        if (!line) continue;
        const streams = streamsOf(section, sdp, this.#unnamed);
        changes.note(line, section.direction, streams);
        const asked = offer.asked.transceivers.find(({ key }) => key === line.key);
        if (!asked) continue;
        const said = { ...asked, stopped: offer.stopped.has(line.key) };
        agree(line, section, true, said, reversed(section.direction));
      }
    } else {
      await nextTask();
    }
    this.currentLocal = this.pendingLocal;
    this.currentRemote = new SessionDescription({ type: 'answer', sdp });
    this.#settle(this.currentRemote);
    this.owner.handleTracks(changes.added, changes.removed);
  }

  #settle(answer: SessionDescription): void {
    const agreed = new Map(sections(answer.sdp).map((section) => [section.mid, section]));
    for (const line of this.owner.lines) {
      line.extensions = agreed.get(line.mid)?.extensions ?? line.extensions;
    }
    const theirs = sections(this.currentRemote?.sdp ?? '').map((section) => section.maxMessageSize);
    this.maxMessageSize = theirs.find((size) => size !== null) ?? null;
    this.#dataNegotiated ||= this.#pending.data;
    this.pendingLocal = null;
    this.pendingRemote = null;
    this.#offer = null;
    this.#answer = null;
    this.#pending = nothing();
    this.#enter('stable');
    for (const line of this.owner.lines) this.owner.updateMedia(line);
  }

  async #rollback(): Promise<void> {
    if (this.state === 'stable') throw invalidState('there is nothing to roll back');
    await this.#discard();
    await nextTask();
    this.#undo(() => {
      this.#enter('stable');
    });
  }

  /** Takes back what is pending. `tell`: before the page is told of tracks. */
  #undo(tell?: () => void): void {
    const { offer, associated, held } = this.#pending;
    this.#pending = nothing();
    for (const line of associated) {
      line.mid = null;
      line.transported = false;
    }
    const changes = new TrackChanges();
    for (const { line, created, associated: first, streams } of held) {
      changes.note(line, line.current ?? 'inactive', streams);
      if (first) line.mid = null;
      if (created && !line.addedTrack) {
        line.stopped = true;
        line.end();
        this.owner.removeLine(line);
      }
    }
    this.pendingLocal = null;
    this.pendingRemote = null;
    tell?.();
    this.owner.handleTracks(changes.added, changes.removed);
    if (offer) this.owner.handleRollback(offer.candidates, this.currentLocal === null);
  }

  /** Rust forgets what it holds. */
  async #discard(): Promise<void> {
    if (this.#rust !== 'nothing') {
      await this.requests.send('discard', {}).catch((error: unknown) => {
        // It holds nothing: that was used up by a description that could not be applied.
        if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error;
      });
    }
    this.#rust = 'nothing';
    this.#answer = null;
  }

  #enter(state: RTCSignalingState): void {
    if (this.state === state) return;
    this.state = state;
    this.owner.handleSignalingState();
  }
}

function credentials(description: SessionDescription | null): string[] {
  return sections(description?.sdp ?? '').map(({ ufrag, password }) => `${ufrag} ${password}`);
}
