/** Milliseconds on the clock that all the engine's media times are of, and the standard's timestamps. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
