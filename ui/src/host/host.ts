/**
 * The one way out of the UI: to its own node. Whether that goes over the shell's IPC, a WebSocket or
 * Server-Sent Events is hidden behind {@link Host}.
 */
import type { Attach, Command, ErrorCode, Event } from '../protocol';

/** How the way to the node is. */
export type HostState =
  /** Never open so far. */
  | 'connecting'
  /** Attached. */
  | 'open'
  /** It was open; tried again by itself. */
  | 'retrying'
  /** Not reached for {@link LOST_AFTER_MS}; tried now and then. */
  | 'lost'
  /** Another window took this one's seat, so this one must not try by itself. */
  | 'replaced';

/** How long the node may be out of reach before a person is told so. */
export const LOST_AFTER_MS = 30_000;

/** Why a request was not done: the node's code, or that it could not be asked. */
export type HostErrorCode = ErrorCode | 'disconnected';

/** A request that was not done. */
export class HostError extends Error {
  override readonly name = 'HostError';

  constructor(readonly code: HostErrorCode) {
    super(code);
  }
}

/** What a UI says of itself when it attaches; the seat it had before is the host's to remember. */
export type Identity = Omit<Attach, 'resume'>;

/** Who is told. */
export interface HostListener {
  handleEvent(event: Event): void;
  handleState(state: HostState): void;
  /** The node refused the seat; it is tried again, as with a lost connection. */
  handleRefused(code: ErrorCode): void;
}

/** The way to the node. */
export interface Host {
  /** Attaches, and stays attached until {@link close}. `identity` is asked at every attempt. */
  attach(identity: () => Identity, listener: HostListener): void;
  /** Asks for something. Rejects with a {@link HostError}. Requests arrive in the order they are made. */
  request(command: Command): Promise<void>;
  /** Tries at once, also after `replaced`. */
  reconnect(): void;
  /** Detaches for good. */
  close(): void;
  /**
   * Opens this UI in the system's browser. `path` is `/` or `/#call=PEER`. Rejects
   * with a {@link HostError}.
   */
  openInBrowser(path: string): Promise<void>;
}
