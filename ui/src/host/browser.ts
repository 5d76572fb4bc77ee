/**
 * The host of a page in a browser: keeps one wire to the node open, and takes the same seat again
 * when it has to be opened anew.
 *
 *     connecting ──welcome──▶ open ──closed──▶ retrying ──LOST_AFTER_MS──▶ lost
 *                              ▲ │                │  ▲                       │
 *                              │ └─replaced──▶ replaced                      │
 *                              └──welcome─────────┴──────────────────────────┘
 */
import type { Command, Event, FromNode } from '../protocol';
import {
  HostError,
  LOST_AFTER_MS,
  type Host,
  type HostListener,
  type HostState,
  type Identity,
} from './host';
import { Requests } from './requests';
import type { Seat } from './seat';
import { onWake, type Wakes } from './wakes';
import type { OpenWire, Wire } from './wire';

/** Wait before the first attempt after a loss; doubled up to {@link MAX_DELAY_MS}. */
export const FIRST_DELAY_MS = 250;
export const MAX_DELAY_MS = 5_000;
/** How long a wire may take until the node's `welcome`. */
export const WELCOME_TIMEOUT_MS = 8_000;

/** What it is made of. */
export interface BrowserHostParts {
  /** Tried first. */
  readonly socket: OpenWire;
  /** Tried in turn with the first for as long as the first never opened. */
  readonly fallback: OpenWire | null;
  readonly seat: Seat;
  readonly wakes: Wakes;
  /** In [0, 1): spreads attempts, so that tabs of a restarted node don't come all at once. */
  readonly random: () => number;
}

export class BrowserHost implements Host {
  readonly #requests = new Requests(() => {
    this.#drop();
  });
  #state: HostState = 'connecting';
  #identity: (() => Identity) | null = null;
  #listener: HostListener | null = null;
  #wire: Wire | null = null;
  #welcomed = false;
  #socketWorks = false;
  #useFallback = false;
  #attempts = 0;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #welcomeTimer: ReturnType<typeof setTimeout> | null = null;
  #lostTimer: ReturnType<typeof setTimeout> | null = null;
  #sleepOn: (() => void) | null = null;

  constructor(private readonly parts: BrowserHostParts) {}

  attach(identity: () => Identity, listener: HostListener): void {
    this.#identity = identity;
    this.#listener = listener;
    // What an attempt met is another network now, perhaps: the next one needn't wait.
    this.#sleepOn = onWake(this.parts.wakes, () => {
      if (this.#retry === null) return;
      this.#attempts = 0;
      this.#open();
    });
    this.#awaitLoss();
    this.#open();
  }

  request(command: Command): Promise<void> {
    const wire = this.#wire;
    if (!wire || !this.#welcomed) return Promise.reject(new HostError('disconnected'));
    return this.#requests.make((id) => {
      wire.send({ type: 'request', id, command });
    });
  }

  reconnect(): void {
    if (!this.#identity || this.#welcomed) return;
    this.#attempts = 0;
    this.#setState('retrying');
    this.#awaitLoss();
    this.#closeWire();
    this.#open();
  }

  close(): void {
    this.#identity = null;
    this.#listener = null;
    this.#sleepOn?.();
    this.#clear('retry');
    this.#clear('lost');
    this.#closeWire();
  }

  /** This is the browser already: what it can't do, a new tab of it can't either. */
  openInBrowser(): Promise<void> {
    return Promise.reject(new HostError('no_browser'));
  }

  #open(): void {
    this.#clear('retry');
    const { socket, fallback } = this.parts;
    const open = this.#useFallback && fallback ? fallback : socket;
    this.#welcomeTimer = setTimeout(() => {
      this.#drop();
    }, WELCOME_TIMEOUT_MS);
    this.#wire = open({
      opened: () => {
        if (open === socket) this.#socketWorks = true;
        const identity = this.#identity?.();
        if (!identity) return;
        const resume = this.parts.seat.load(identity.role);
        this.#wire?.send({ type: 'attach', ...identity, resume });
      },
      received: (message) => {
        this.#receive(message);
      },
      closed: () => {
        this.#handleClosed();
      },
    });
  }

  #receive(message: FromNode): void {
    switch (message.type) {
      case 'reply':
        if (message.id !== 0) this.#requests.handleReply(message.id, message.error);
        else if (!this.#welcomed && message.error) this.#listener?.handleRefused(message.error);
        return;
      case 'event':
        this.#receiveEvent(message);
        return;
    }
  }

  #receiveEvent(event: Event): void {
    if (event.event === 'welcome') {
      const role = this.#identity?.().role;
      if (role) this.parts.seat.save(role, { token: event.token, endpoint: event.endpoint });
      this.#welcomed = true;
      this.#attempts = 0;
      this.#clear('welcome');
      this.#clear('lost');
      this.#setState('open');
    }
    this.#listener?.handleEvent(event);
    if (event.event === 'replaced') {
      this.#closeWire();
      this.#clear('lost');
      this.#setState('replaced');
    }
  }

  /** Closes a wire that is of no use any more, and goes on as if it had closed itself. */
  #drop(): void {
    if (!this.#wire) return;
    this.#wire.close();
    this.#handleClosed();
  }

  #handleClosed(): void {
    const wasOpen = this.#welcomed;
    this.#closeWire();
    if (!this.#identity) return;
    if (!this.#socketWorks) this.#useFallback = !this.#useFallback;
    else this.#useFallback = false;
    if (wasOpen) {
      this.#setState('retrying');
      this.#awaitLoss();
    }
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.#attempts, MAX_DELAY_MS);
    this.#attempts += 1;
    this.#retry = setTimeout(
      () => {
        this.#open();
      },
      // The other wire is no second attempt at the same thing: it is tried at once.
      this.#useFallback ? 0 : delay * (0.75 + this.parts.random() / 2),
    );
  }

  #closeWire(): void {
    this.#clear('welcome');
    this.#wire?.close();
    this.#wire = null;
    this.#welcomed = false;
    this.#requests.failAll();
  }

  #awaitLoss(): void {
    this.#clear('lost');
    this.#lostTimer = setTimeout(() => {
      this.#setState('lost');
    }, LOST_AFTER_MS);
  }

  #clear(which: 'retry' | 'welcome' | 'lost'): void {
    switch (which) {
      case 'retry':
        if (this.#retry !== null) clearTimeout(this.#retry);
        this.#retry = null;
        return;
      case 'welcome':
        if (this.#welcomeTimer !== null) clearTimeout(this.#welcomeTimer);
        this.#welcomeTimer = null;
        return;
      case 'lost':
        if (this.#lostTimer !== null) clearTimeout(this.#lostTimer);
        this.#lostTimer = null;
        return;
    }
  }

  #setState(state: HostState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#listener?.handleState(state);
  }
}
