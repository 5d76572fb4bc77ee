/** Longest name a node takes, in Unicode scalar values (`MAX_NAME_CHARS` of the protocol's limits). */
export const LONGEST_NAME = 40;

/** A name as a node keeps it, but for what is invisible in it. */
export function tidyName(text: string): string {
  return text.trim().replace(/\s+/gu, ' ');
}

/** Whether a node would take this name: said while it is typed, not only after it was refused. */
export function isName(name: string): boolean {
  const scalars = Array.from(name).length;
  return scalars > 0 && scalars <= LONGEST_NAME && !/\p{Cc}/u.test(name);
}
