/** The host inside the app: the shell's IPC. The only file that imports `@tauri-apps/*`. */
import type { Channel, invoke as Invoke } from '@tauri-apps/api/core';

import type { Command, ErrorCode, FromNode } from '../protocol';
import { HostError, type Host, type HostListener, type HostState, type Identity } from './host';
import type { Seat } from './seat';

/** Whether this page runs in the app's webview. */
export function insideTauri(scope: object): boolean {
  return '__TAURI_INTERNALS__' in scope;
}

type Core = { readonly invoke: typeof Invoke; readonly Channel: typeof Channel };

export class TauriHost implements Host {
  // Fetched only inside the app, so that a browser doesn't load it.
  readonly #core: Promise<Core> = import('@tauri-apps/api/core');
  #state: HostState = 'connecting';
  #identity: (() => Identity) | null = null;
  #listener: HostListener | null = null;
  #channel: Channel<FromNode> | null = null;
  /** The last request: commands of the shell run side by side, and ours must arrive in order. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly seat: Seat) {}

  attach(identity: () => Identity, listener: HostListener): void {
    this.#identity = identity;
    this.#listener = listener;
    void this.#attach();
  }

  request(command: Command): Promise<void> {
    if (this.#state !== 'open') return Promise.reject(new HostError('disconnected'));
    const request = this.#last.then(() => this.#invoke('node_request', { command }));
    this.#last = request.catch(() => undefined);
    return request;
  }

  reconnect(): void {
    if (this.#state !== 'open' && this.#identity) void this.#attach();
  }

  close(): void {
    this.#identity = null;
    this.#listener = null;
    this.#channel = null;
  }

  openInBrowser(path: string): Promise<void> {
    return this.#invoke('open_in_browser', { path });
  }

  async #attach(): Promise<void> {
    const identity = this.#identity?.();
    if (!identity) return;
    try {
      const { Channel } = await this.#core;
      const channel = new Channel<FromNode>();
      this.#channel = channel;
      channel.onmessage = (message) => {
        if (this.#channel === channel) this.#receive(message, identity);
      };
      const attach = { ...identity, resume: this.seat.load(identity.role) };
      await this.#invoke('node_attach', { attach, channel });
    } catch (error) {
      this.#setState('lost');
      if (error instanceof HostError && error.code !== 'disconnected') {
        this.#listener?.handleRefused(error.code);
      }
    }
  }

  async #invoke(command: string, args: Record<string, unknown>): Promise<void> {
    const { invoke } = await this.#core;
    try {
      await invoke(command, args);
    } catch (error) {
      throw new HostError(isErrorCode(error) ? error : 'disconnected');
    }
  }

  #receive(message: FromNode, identity: Identity): void {
    if (message.type === 'reply') {
      if (message.error && this.#state !== 'open') this.#listener?.handleRefused(message.error);
      return;
    }
    if (message.event === 'welcome') {
      this.seat.save(identity.role, { token: message.token, endpoint: message.endpoint });
      this.#setState('open');
    }
    this.#listener?.handleEvent(message);
    if (message.event === 'replaced') this.#setState('replaced');
    if (message.event === 'goodbye') this.#setState('lost');
  }

  #setState(state: HostState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#listener?.handleState(state);
  }
}

/** The shell rejects with the node's code as text; anything else is the IPC's own trouble. */
function isErrorCode(error: unknown): error is ErrorCode {
  return typeof error === 'string' && /^[a-z_]{1,40}$/.test(error);
}
