/** What stands for a person who shows no picture: initials, on a colour that stays theirs. */

/** Backgrounds on which white text has a contrast of at least 4.5:1. */
export const AVATAR_COLOURS = [
  ['#1f8560', '#13624a'],
  ['#2f72c4', '#22549b'],
  ['#8f55b0', '#6b3c8c'],
  ['#c24a3f', '#97332f'],
  ['#b05f10', '#874508'],
  ['#16808f', '#0d5d6c'],
  ['#6365c6', '#47499c'],
  ['#bb4580', '#8d2d5e'],
  ['#5d7d1c', '#435f10'],
  ['#4a7389', '#33566a'],
] as const;

/** The two colours of a person's gradient, chosen by the id alone: it outlives a change of name. */
export function avatarColours(id: string): readonly [string, string] {
  // FNV-1a, 32 bits: spreads ids that differ in one letter.
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193) >>> 0;
  }
  return AVATAR_COLOURS[hash % AVATAR_COLOURS.length] ?? AVATAR_COLOURS[0];
}

const CJK = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u;
const WORD = /[\p{L}\p{N}]+/gu;

/** One or two letters: of the first and last word; of a Chinese name its last two characters. */
export function initials(name: string): string {
  const words = name.match(WORD) ?? [];
  const first = words[0];
  const last = words[words.length - 1];
  if (first === undefined || last === undefined) return graphemes(name.trim())[0] ?? '?';
  if (CJK.test(first)) {
    const letters = graphemes(first);
    return letters.length <= 2 ? letters.join('') : letters.slice(-2).join('');
  }
  const one = graphemes(first)[0] ?? '';
  const two = words.length > 1 ? (graphemes(last)[0] ?? '') : '';
  return (one + two).toLocaleUpperCase();
}

function graphemes(text: string): string[] {
  return [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)].map(
    (part) => part.segment,
  );
}
