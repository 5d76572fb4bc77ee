/** The operations chain (WebRTC 1.0, section 4.4.1.2): what negotiates does so one at a time. */

export class Chain {
  #length = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** `idle` is called each time the chain has become empty. */
  constructor(private readonly idle: () => void) {}

  get empty(): boolean {
    return this.#length === 0;
  }

  /** Begins at once if nothing is before it. */
  enqueue<T>(operation: () => Promise<T>): Promise<T> {
    const before = this.#length === 0 ? null : this.#last;
    this.#length += 1;
    const result = before ? before.then(operation, operation) : start(operation);
    const settled = () => {
      this.#length -= 1;
      if (this.#length === 0) this.idle();
    };
    this.#last = result.then(settled, settled);
    return result;
  }
}

function start<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return operation();
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}
