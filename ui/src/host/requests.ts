/** Requests that wait for their reply. */
import type { ErrorCode } from '../protocol';
import { HostError } from './host';

/** Requests that may wait at once. */
export const MAX_WAITING = 128;
/** How long a reply may take. The node answers at once: later means that the wire is dead. */
export const REPLY_TIMEOUT_MS = 10_000;

interface Waiting {
  done(): void;
  failed(error: HostError): void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Numbers requests, and matches replies to them. */
export class Requests {
  #next = 1;
  readonly #waiting = new Map<number, Waiting>();

  /** `dead` is called when a reply does not come. */
  constructor(private readonly dead: () => void) {}

  /** Sends one: `send` gets its number. */
  make(send: (id: number) => void): Promise<void> {
    if (this.#waiting.size >= MAX_WAITING) return Promise.reject(new HostError('rate_limited'));
    const id = this.#next;
    // Numbers are u32 on the wire, and 0 is for messages that could not be read.
    this.#next = id === 0xffff_ffff ? 1 : id + 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(this.dead, REPLY_TIMEOUT_MS);
      this.#waiting.set(id, { done: resolve, failed: reject, timer });
      send(id);
    });
  }

  handleReply(id: number, error: ErrorCode | null): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (error === null) waiting.done();
    else waiting.failed(new HostError(error));
  }

  /** The wire is gone, and with it all replies. */
  failAll(): void {
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.failed(new HostError('disconnected'));
    }
    this.#waiting.clear();
  }
}
