/** In which order people are listed, and which of them are looked for. */
import type { LanguageTag } from '../../i18n/language.svelte';
import type { Peer } from '../../protocol';

/**
 * By name, as the language orders them, and by id where names are equal. Not by status: what somebody
 * is about to press would move away.
 */
export function byName(peers: readonly Peer[], tag: LanguageTag): Peer[] {
  const names = new Intl.Collator(tag, { numeric: true });
  return [...peers].sort((a, b) => names.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
}

/** Those with this in their name, whatever the case and the accents. Everybody, for nothing. */
export function called(peers: readonly Peer[], wanted: string): Peer[] {
  const part = fold(wanted.trim());
  return peers.filter((peer) => fold(peer.name).includes(part));
}

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
