/** Our own candidates in the description that the page reads (WebRTC 1.0, section 4.4.1.5). */
import type { CandidateInfo } from '../shared/bridge';
import { SessionDescription } from './description';
import type { Negotiator } from './negotiator';
import { sections, withLine } from './sdp';

/** Puts a candidate into the local descriptions of its generation; `null`: there are no more. */
export function noteLocalCandidate(negotiator: Negotiator, info: CandidateInfo | null): void {
  const { pendingLocal, currentLocal } = negotiator;
  if (pendingLocal) negotiator.pendingLocal = noted(pendingLocal, info);
  else if (currentLocal) negotiator.currentLocal = noted(currentLocal, info);
}

function noted({ type, sdp }: SessionDescription, info: CandidateInfo | null): SessionDescription {
  const all = sections(sdp);
  if (!info) {
    return new SessionDescription({ type, sdp: withLine(sdp, 'a=end-of-candidates', () => true) });
  }
  const { candidate, mid, mLine, ufrag } = info;
  const fits = (number: number) => {
    const section = all[number];
    if (ufrag !== null && section?.ufrag !== ufrag) return false;
    if (mid !== null) return section?.mid === mid;
    return number === (mLine ?? 0);
  };
  return new SessionDescription({ type, sdp: withLine(sdp, `a=${candidate}`, fits) });
}
