/**
 * Lets the engine know of memory that it does not count. An encoded frame's object is small to WebKit's
 * collector, though it holds the frame's bytes until it is collected: with sound and pictures both ways
 * a minute leaves some 30 MB. The size of an ArrayBuffer is counted, so one of the same size is made and
 * dropped; nobody writes to it, so that it costs no memory of its own.
 */

/** So much at a time: the call is worth it, and the collector's own step is not smaller. */
const STEP = 262_144;

/**
 * So many are kept before all are dropped. A frame that is in use while the young objects are collected counts as old,
 * and stays until all are: that comes when the old have grown, and such a frame does not make them grow. In a call of
 * twelve minutes the worker's young were collected 352 times and all of them never. With these the old grow.
 */
const KEPT = 16;

let uncounted = 0;
let kept: ArrayBuffer[] = [];

/** An object that holds so many bytes, uncounted, is no longer used. */
export function dropped(bytes: number): void {
  uncounted += bytes;
  if (uncounted < STEP) return;
  if (kept.length >= KEPT) kept = [];
  kept.push(new ArrayBuffer(uncounted));
  uncounted = 0;
}
