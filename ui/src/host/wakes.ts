/** What tells a page that it may have slept, or that its network may be another. */

/** The part of a window that does. */
export type Wakes = Pick<Window, 'addEventListener' | 'removeEventListener'> & {
  readonly document: Pick<Document, 'addEventListener' | 'removeEventListener'>;
};

/** Calls `woke` each time. Returns what ends that. */
export function onWake(wakes: Wakes, woke: () => void): () => void {
  wakes.document.addEventListener('visibilitychange', woke);
  wakes.addEventListener('pageshow', woke);
  wakes.addEventListener('online', woke);
  return () => {
    wakes.document.removeEventListener('visibilitychange', woke);
    wakes.removeEventListener('pageshow', woke);
    wakes.removeEventListener('online', woke);
  };
}
