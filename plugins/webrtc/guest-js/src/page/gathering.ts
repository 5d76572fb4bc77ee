/** What the page is told of its own candidates (WebRTC 1.0, sections 4.4.1.5 and 4.8.1.2). */
import type { CandidateInfo } from '../shared/bridge';
import { IceCandidate } from './description';
import { PeerConnectionIceEvent } from './events';

export class Gathering {
  state: RTCIceGatheringState = 'new';
  readonly #told = new Set<string>();

  constructor(
    private readonly target: EventTarget,
    private readonly closed: () => boolean,
  ) {}

  /** All candidates are known at once; the page is told after its promise has settled. */
  gather(candidates: readonly CandidateInfo[]): void {
    const fresh = candidates.filter((one) => !this.#told.has(keyOf(one)));
    if (fresh.length === 0 && this.state === 'complete') return;
    for (const one of fresh) this.#told.add(keyOf(one));
    setTimeout(() => {
      if (this.closed()) return;
      this.#enter('gathering');
      for (const one of fresh) this.#dispatch(one);
      this.#enter('complete');
      this.target.dispatchEvent(new PeerConnectionIceEvent('icecandidate'));
    });
  }

  /** One that came later: of a network that the machine has joined. */
  announce(candidate: CandidateInfo): void {
    if (this.#told.has(keyOf(candidate))) return;
    this.#told.add(keyOf(candidate));
    this.#dispatch(candidate);
  }

  #dispatch({ candidate, mid, mLine, ufrag }: CandidateInfo): void {
    const init = { candidate, sdpMid: mid, sdpMLineIndex: mLine, usernameFragment: ufrag };
    if (mid === null && mLine === null) init.sdpMLineIndex = 0;
    this.target.dispatchEvent(
      new PeerConnectionIceEvent('icecandidate', {
        candidate: new IceCandidate(init),
      }),
    );
  }

  #enter(state: RTCIceGatheringState): void {
    if (this.state === state) return;
    this.state = state;
    this.target.dispatchEvent(new Event('icegatheringstatechange'));
  }
}

function keyOf({ candidate, ufrag }: CandidateInfo): string {
  return `${ufrag ?? ''} ${candidate}`;
}
