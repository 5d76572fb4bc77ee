/** Candidates of the remote's that the page passes on (WebRTC 1.0, section 4.4.2). */
import { type CandidateInit, IceCandidate, SessionDescription } from './description';
import { invalidState } from './errors';
import type { Negotiator } from './negotiator';
import type { Requests } from './requests';
import { sections, withLine } from './sdp';

/** Candidates of one generation that are noted: Rust takes no more of them (`limits.rs`). */
const MAX_CANDIDATES = 128;

export class RemoteCandidates {
  readonly known: IceCandidate[] = [];
  /** How many were noted, by the name of their generation. */
  readonly #noted = new Map<string | null, number>();

  constructor(
    private readonly negotiator: Negotiator,
    private readonly requests: Requests,
    private readonly closed: () => boolean,
  ) {}

  /** The candidate of that text; the page may not have passed it on by itself. */
  of(text: string): IceCandidate {
    const known = this.known.find(({ candidate }) => candidate.replace(/^a=/, '') === text);
    if (known) return known;
    const { pendingRemote, currentRemote } = this.negotiator;
    const [section] = sections((currentRemote ?? pendingRemote)?.sdp ?? '');
    const usernameFragment = section?.ufrag ?? null;
    return new IceCandidate({ candidate: text, sdpMLineIndex: 0, usernameFragment });
  }

  /** Rejects with InvalidStateError, or OperationError for what fits no section. */
  async add(given: CandidateInit): Promise<void> {
    const { negotiator } = this;
    const description = negotiator.pendingRemote ?? negotiator.currentRemote;
    if (!description) throw invalidState('there is no remote description');
    const wanted = sectionsOf(description.sdp, given);
    const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = given;
    await this.requests.send('candidate', {
      candidate: candidate.replace(/^a=/, ''),
      ...(sdpMid === null ? {} : { mid: sdpMid }),
      ...(sdpMLineIndex === null ? {} : { mLine: sdpMLineIndex }),
      ...(usernameFragment === null ? {} : { ufrag: usernameFragment }),
    });
    if (this.closed()) return;
    if (candidate !== '') {
      const all = sections(description.sdp);
      const generation = usernameFragment ?? all[wanted[0] ?? 0]?.ufrag ?? null;
      const count = this.#noted.get(generation) ?? 0;
      if (count >= MAX_CANDIDATES) return;
      this.#noted.set(generation, count + 1);
      this.known.push(new IceCandidate(given));
    }
    const line = candidate === '' ? 'a=end-of-candidates' : `a=${candidate.replace(/^a=/, '')}`;
    const { pendingRemote, currentRemote } = negotiator;
    const fragment = usernameFragment;
    negotiator.pendingRemote = noted(pendingRemote, line, wanted, fragment);
    negotiator.currentRemote = noted(currentRemote, line, wanted, fragment);
  }
}

/** Numbers of the sections that a candidate is for. */
function sectionsOf(sdp: string, { sdpMid, sdpMLineIndex, usernameFragment }: CandidateInit) {
  const all = sections(sdp);
  const refused = (why: string) => new DOMException(why, 'OperationError');
  let numbers = all.map((_, number) => number);
  if (sdpMid !== null) {
    numbers = numbers.filter((number) => all[number]?.mid === sdpMid);
    if (numbers.length === 0) throw refused(`there is no section '${sdpMid}'`);
  } else if (sdpMLineIndex !== null) {
    numbers = numbers.filter((number) => number === sdpMLineIndex);
    if (numbers.length === 0) throw refused(`there is no section ${sdpMLineIndex}`);
  }
  if (usernameFragment !== null) {
    numbers = numbers.filter((number) => all[number]?.ufrag === usernameFragment);
    if (numbers.length === 0) throw refused(`'${usernameFragment}' belongs to no section`);
  }
  return numbers;
}

function noted(
  description: SessionDescription | null,
  line: string,
  wanted: readonly number[],
  ufrag: string | null,
): SessionDescription | null {
  if (!description) return null;
  const all = sections(description.sdp);
  const fits = (number: number) =>
    wanted.includes(number) && (ufrag === null || all[number]?.ufrag === ufrag);
  const { type, sdp } = description;
  return new SessionDescription({ type, sdp: withLine(sdp, line, fits) });
}
