/** Offers and answers that were made and may be applied. */
import type {
  AnswerTransceiver,
  CandidateInfo,
  Negotiated,
  OfferTransceiver,
} from '../shared/bridge';
import { sections } from './sdp';

interface Proposal {
  /** As the page is given it. */
  readonly sdp: string;
  /** With all candidates. */
  readonly full: string;
  readonly candidates: readonly CandidateInfo[];
}

export interface Offer extends Proposal {
  /** Sections by the key of their transceiver. */
  readonly mids: Readonly<Record<string, string>>;
  /** Whether it has an application section. */
  readonly data: boolean;
  /** Whether Rust waits for the answer. */
  readonly waits: boolean;
  readonly asked: Asked;
  /** Keys of the transceivers that it stops. */
  readonly stopped: ReadonlySet<number>;
}

/** What Rust was asked for. */
export interface Asked {
  readonly transceivers: readonly OfferTransceiver[];
  readonly data: boolean;
  readonly iceRestart: boolean;
}

export interface Answer extends Proposal {
  readonly media: readonly Negotiated[];
  readonly asked: readonly AnswerTransceiver[];
}

/**
 * Whether a page applies what was made for it. Pages change the text on the way (simple-peer and
 * PeerJS offer it to theirs as `sdpTransform`), which changes nothing here; but it must be of the same
 * sections, by the same end.
 */
export function sameDescription(text: string, made: string): boolean {
  if (text === made) return true;
  const key = (sdp: string) =>
    JSON.stringify(sections(sdp).map(({ mid, ufrag, password }) => [mid, ufrag, password]));
  const own = key(made);
  return own !== '[]' && key(text) === own;
}
