/**
 * When to restart ICE, and when to give up.
 *
 *     new ──connected──▶ connected ──disconnected, failed──▶ interrupted ──GIVE_UP_MS──▶ given up
 *      │                     ▲                                   │
 *      └──failed──▶ ─────────┴───────────connected───────────────┘
 *
 * A connection that is silent for 8 s heals by itself, one that lost its address never does, and
 * which it is can't be told: so ICE is restarted early. A needless restart costs nothing seen.
 */
import type { TransportState } from '../protocol';

/** How long `disconnected` may last before ICE is restarted. */
export const DISCONNECTED_MS = 2_000;
/** The polite side leaves the first restart to the other, so that two offers rarely cross. */
export const POLITE_EXTRA_MS = 1_000;
/** Wait between restarts; doubled each time, up to {@link MAX_RETRY_MS}. */
export const RETRY_MS = 2_000;
export const MAX_RETRY_MS = 8_000;
/** How long an interruption may last. */
export const GIVE_UP_MS = 30_000;

/** What comes of it. */
export interface RecoveryActions {
  restartIce(): void;
  report(state: TransportState): void;
}

type Timer = ReturnType<typeof setTimeout>;

export class Recovery {
  #reported: TransportState | null = null;
  #tries = 0;
  #restart: Timer | null = null;
  #giveUp: Timer | null = null;

  constructor(
    private readonly actions: RecoveryActions,
    private readonly polite: () => boolean,
  ) {}

  /** Last reported; nothing if it was never connected. */
  get state(): TransportState | null {
    return this.#reported;
  }

  handleConnectionState(state: RTCPeerConnectionState): void {
    switch (state) {
      case 'new':
      case 'connecting':
      case 'closed':
        return;
      case 'connected':
        this.#clear();
        this.#tries = 0;
        this.#report('connected');
        return;
      case 'disconnected':
        this.#interrupted();
        this.#restartIn(DISCONNECTED_MS);
        return;
      case 'failed':
        this.#interrupted();
        // No use in waiting longer, unless a restart is on its way.
        if (this.#tries === 0) this.#clearRestart();
        this.#restartIn(0);
        return;
    }
  }

  /** The device has other addresses: the old path may be gone long before ICE notices. */
  handleNetworkChanged(): void {
    if (this.#reported === 'failed') return;
    this.actions.restartIce();
  }

  /** The connection was replaced by a new one: what was known of it says nothing about that. */
  reset(): void {
    this.#clear();
    this.#tries = 0;
    this.#reported = null;
  }

  close(): void {
    this.#clear();
  }

  #interrupted(): void {
    if (this.#reported === 'connected') this.#report('interrupted');
    this.#giveUp ??= setTimeout(() => {
      this.#clear();
      this.#report('failed');
    }, GIVE_UP_MS);
  }

  #restartIn(delay: number): void {
    if (this.#restart !== null || this.#reported === 'failed') return;
    const backoff =
      this.#tries === 0 ? 0 : Math.min(RETRY_MS * 2 ** (this.#tries - 1), MAX_RETRY_MS);
    const extra = this.polite() ? POLITE_EXTRA_MS : 0;
    this.#restart = setTimeout(
      () => {
        this.#restart = null;
        this.#tries += 1;
        this.actions.restartIce();
        this.#restartIn(0);
      },
      Math.max(delay, backoff) + extra,
    );
  }

  #report(state: TransportState): void {
    if (this.#reported === state) return;
    this.#reported = state;
    this.actions.report(state);
  }

  #clearRestart(): void {
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#restart = null;
  }

  #clear(): void {
    this.#clearRestart();
    if (this.#giveUp !== null) clearTimeout(this.#giveUp);
    this.#giveUp = null;
  }
}
