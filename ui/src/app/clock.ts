/** Time, given in, so that tests own it. */
export interface Clock {
  /** Milliseconds; grows, and means nothing else. */
  now(): number;
  /** Calls `act` again and again; gives what stops it. */
  every(milliseconds: number, act: () => void): () => void;
  /** Calls `act` once; gives what prevents it. */
  after(milliseconds: number, act: () => void): () => void;
}

/** The real one. */
export const systemClock: Clock = {
  now: () => performance.now(),
  every: (milliseconds, act) => {
    const timer = setInterval(act, milliseconds);
    return () => {
      clearInterval(timer);
    };
  },
  after: (milliseconds, act) => {
    const timer = setTimeout(act, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};
