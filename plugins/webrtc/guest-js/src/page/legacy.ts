/** Callbacks instead of promises (WebRTC 1.0, section 4.4.3.1), for pages of old. */

export type Succeeded = (value?: unknown) => unknown;
export type Failed = (error: unknown) => unknown;

/** The promise of the method is fulfilled at once; what comes of it is told to the callbacks. */
export function callBack(
  done: Promise<unknown>,
  succeeded: Succeeded,
  failed: unknown,
): Promise<never> {
  if (typeof failed !== 'function') throw new TypeError('there is no callback for errors');
  done.then(succeeded, failed as Failed);
  return Promise.resolve(undefined as never);
}
