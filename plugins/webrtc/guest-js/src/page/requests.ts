/** Requests to Rust and their replies, over the worker's socket. */
import {
  operation,
  type Reply,
  type Requests as Table,
  type TransportStats,
  VERSION,
} from '../shared/bridge';
import type { Engine } from './engine';
import { fromFailure, invalidState } from './errors';

interface Waiting {
  readonly resolve: (ok: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Requests {
  readonly #waiting = new Map<number, Waiting>();
  /** Those who want statistics. */
  readonly #measuring = new Set<(nothing: null) => void>();
  #queued: string[] | null = [];
  #next = 0;
  #over: Error | null = null;

  constructor(
    private readonly engine: Engine,
    private readonly pc: () => number,
  ) {}

  send<R extends keyof Table>(request: R, fields: Table[R]['in']): Promise<Table[R]['out']> {
    if (this.#over) return Promise.reject(this.#over);
    const id = this.#next++;
    const reply = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.#post(JSON.stringify({ id, op: operation(request), ...fields }));
    return reply;
  }

  /** Nothing where they can't be had any more: unlike all else they are settled in any case. */
  stats(): Promise<TransportStats | null> {
    return new Promise((resolve) => {
      const settle = (stats: TransportStats | null) => {
        this.#measuring.delete(settle);
        resolve(stats);
      };
      this.#measuring.add(settle);
      this.send('stats', {}).then(settle, () => {
        settle(null);
      });
    });
  }

  /** The socket is open: what was asked meanwhile follows the `init`. */
  async handleOpened(): Promise<void> {
    const { video } = await this.engine.support;
    if (this.#over) return;
    const queued = this.#queued ?? [];
    this.#queued = null;
    const ready = this.send('init', { v: VERSION, codecs: { audio: ['opus'], video } });
    for (const text of queued) this.#post(text);
    await ready;
  }

  handleReply(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(fromFailure(reply.error));
    else waiting?.resolve(reply.ok);
  }

  /** All that wait, and all to come, are rejected. */
  fail(error: Error): void {
    this.#over ??= error;
    this.#queued = null;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  /** The page closed the connection: what waits stays unsettled, as the standard has it. */
  close(): void {
    this.#over ??= invalidState('the connection is closed');
    this.#queued = null;
    this.#waiting.clear();
    for (const settle of this.#measuring) settle(null);
  }

  #post(text: string): void {
    if (this.#queued) this.#queued.push(text);
    else this.engine.post({ to: 'text', pc: this.pc(), text });
  }
}
