/** Bounds for a failure. Nothing here waits: it only says when to stop waiting for a state. */

/** The promise, or an error that names what was waited for. */
export async function within<T>(seconds: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not within ${seconds} s: ${what}`));
    }, seconds * 1000);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds since the Unix epoch, with fractions; the same clock in every namespace and page. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
