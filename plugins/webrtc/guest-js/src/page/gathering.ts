/** What the page is told of its own candidates (WebRTC 1.0, sections 4.4.1.5 and 4.8.1.2). */
import type { CandidateInfo } from '../shared/bridge';
import { IceCandidate } from './description';
import { PeerConnectionIceEvent } from './events';
import { queueTask } from './tasks';

/** What it needs of its connection. */
export interface GatheringOwner {
  readonly closed: boolean;
  /** The candidate belongs into the local description; `null`: there are no more. */
  note(candidate: CandidateInfo | null): void;
  dispatch(event: Event): void;
}

export class Gathering {
  #state: RTCIceGatheringState = 'new';
  readonly #told = new Map<string, IceCandidate>();
  /** Counts the rollbacks, so that what was begun before is dropped. */
  #generation = 0;

  constructor(private readonly owner: GatheringOwner) {}

  get state(): RTCIceGatheringState {
    return this.#state;
  }

  get candidates(): IceCandidate[] {
    return [...this.#told.values()];
  }

  /** The candidate with that address. */
  at(address: string, port: number): IceCandidate {
    const known = this.candidates.find((one) => one.address === address && one.port === port);
    const candidate = `candidate:0 1 udp 0 ${address} ${port} typ host`;
    return known ?? read({ candidate, mid: null, mLine: 0, ufrag: null });
  }

  /** Whether any of these is still to be told. */
  hasNew(candidates: readonly CandidateInfo[]): boolean {
    return candidates.some((one) => !this.#told.has(keyOf(one)));
  }

  /** All candidates are known at once; the page is told after its promise has settled. */
  gather(candidates: readonly CandidateInfo[]): void {
    const fresh = candidates.filter((one) => !this.#told.has(keyOf(one)));
    if (fresh.length === 0) return;
    for (const one of fresh) this.#told.set(keyOf(one), read(one));
    const generation = this.#generation;
    // Each in a task of its own: a page that waits for one with a promise misses none.
    const then = (work: () => void) => {
      queueTask(() => {
        if (!this.owner.closed && generation === this.#generation) work();
      });
    };
    then(() => {
      this.#enter('gathering');
    });
    for (const one of fresh) {
      then(() => {
        this.#tell(one);
      });
    }
    then(() => {
      this.owner.note(null);
      this.#enter('complete');
      this.owner.dispatch(new PeerConnectionIceEvent('icecandidate'));
    });
  }

  /** One that came later: of a network that the machine has joined. */
  announce(candidate: CandidateInfo): void {
    if (this.#told.has(keyOf(candidate))) return;
    this.#told.set(keyOf(candidate), read(candidate));
    this.#tell(candidate);
  }

  /** The offer that it began with is no more. `first`: there was none before. */
  rollBack(candidates: readonly CandidateInfo[], first: boolean): void {
    if (!first) return;
    this.#generation += 1;
    for (const one of candidates) this.#told.delete(keyOf(one));
    queueTask(() => {
      if (!this.owner.closed) this.#enter('new');
    });
  }

  #tell(info: CandidateInfo): void {
    this.owner.note(info);
    const candidate = this.#told.get(keyOf(info)) ?? read(info);
    this.owner.dispatch(new PeerConnectionIceEvent('icecandidate', { candidate }));
  }

  #enter(state: RTCIceGatheringState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.owner.dispatch(new Event('icegatheringstatechange'));
  }
}

function read({ candidate, mid, mLine, ufrag }: CandidateInfo): IceCandidate {
  const init = { candidate, sdpMid: mid, sdpMLineIndex: mLine, usernameFragment: ufrag };
  if (mid === null && mLine === null) init.sdpMLineIndex = 0;
  return new IceCandidate(init);
}

function keyOf({ candidate, ufrag }: CandidateInfo): string {
  return `${ufrag ?? ''} ${candidate}`;
}
