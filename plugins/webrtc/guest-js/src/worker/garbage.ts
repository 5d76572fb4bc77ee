/**
 * Lets the engine know of memory that it does not count. An encoded frame's object is small to WebKit's
 * collector, though it holds the frame's bytes until it is collected: with sound and pictures both ways
 * a minute leaves some 30 MB. The size of an ArrayBuffer is counted, so one of the same size is made and
 * dropped; nobody writes to it, so that it costs no memory of its own.
 */

/** So much at a time: the call is worth it, and the collector's own step is not smaller. */
const STEP = 262_144;

let uncounted = 0;

/** An object that holds so many bytes, uncounted, is no longer used. */
export function dropped(bytes: number): void {
  uncounted += bytes;
  if (uncounted < STEP) return;
  made = new ArrayBuffer(uncounted);
  uncounted = 0;
}

/** Kept till the next, so that no optimiser leaves it out. */
export let made: ArrayBuffer | null = null;
