import type { CallId, NodeId, PeerId } from '../protocol';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const CALL_ID_LENGTH = 26;

/** 128 random bits in base32 (RFC 4648, lower case, no padding). */
export function randomCallId(): CallId {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let id = '';
  let bits = 0;
  let count = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    count += 8;
    while (count >= 5) {
      count -= 5;
      id += ALPHABET.charAt((bits >> count) & 31);
    }
    bits &= (1 << count) - 1;
  }
  // 128 = 25 × 5 + 3: the last character carries 3 bits and 2 zeros, as the node's parser wants.
  return id + ALPHABET.charAt((bits << (5 - count)) & 31);
}

/** Whether a text from outside can be a call's id. */
export function isCallId(text: string): boolean {
  return text.length === CALL_ID_LENGTH && /^[a-z2-7]+$/.test(text);
}

/** Whether a text from outside can be a peer's id. */
export function isPeerId(text: string): boolean {
  return /^[a-z2-7]{52}(-[a-z2-7]{8})?$/.test(text);
}

/** The node of a peer, which is its owner's id as well. */
export function nodeOf(peer: PeerId): NodeId {
  return peer.slice(0, 52);
}
