/** The media path to one participant, over all epochs of a call. */
import type { Signal, TransportState } from '../protocol';
import { Connection, type Tracks } from './connection';
import { Recovery } from './recovery';

/** Signals that may wait to be worked on. */
const MAX_WAITING = 256;

/** Makes peer connections: no servers, ever, since both ends are on one LAN. */
export type CreateConnection = () => RTCPeerConnection;

/** The usual one. */
export const createConnection: CreateConnection = () =>
  new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });

/** Who is told. */
export interface SessionListener {
  /** To be carried to the participant, in this order. */
  handleSignal(signal: Signal): void;
  handleTransport(state: TransportState): void;
  /** Another stream than before. */
  handleRemoteStream(stream: MediaStream): void;
}

export class PeerSession {
  /** Whether this side yields when both offer at once. */
  polite: boolean;
  readonly #recovery: Recovery;
  #connection: Connection;
  #tracks: Tracks = { audio: null, video: null };
  #waiting: Signal[] = [];
  #working = false;
  #closed = false;

  /** `epoch` is that of the first connection. */
  constructor(
    private readonly create: CreateConnection,
    epoch: number,
    polite: boolean,
    private readonly listener: SessionListener,
  ) {
    this.polite = polite;
    this.#recovery = new Recovery(
      {
        restartIce: () => {
          this.#connection.restartIce();
        },
        report: (state) => {
          listener.handleTransport(state);
        },
      },
      () => this.polite,
    );
    this.#connection = this.#connect(epoch);
  }

  get epoch(): number {
    return this.#connection.epoch;
  }

  /** How the media path does; nothing if it was never there. */
  get transport(): TransportState | null {
    return this.#recovery.state;
  }

  get remoteStream(): MediaStream {
    return this.#connection.remoteStream;
  }

  /** Makes the first offer of this epoch. Rejects if the browser can't. */
  offer(): Promise<Signal> {
    return this.#connection.offer();
  }

  /** Takes a signal of the participant. Those of an earlier epoch are stale, and dropped. */
  receive(signal: Signal): void {
    if (this.#closed || this.#waiting.length >= MAX_WAITING) return;
    this.#waiting.push(signal);
    void this.#work();
  }

  /** What is sent from now on, on this connection and those after it. */
  async setTracks(tracks: Tracks): Promise<void> {
    this.#tracks = tracks;
    try {
      await this.#connection.setTracks(tracks);
    } catch {
      // The connection was closed meanwhile; the next one gets the tracks when it is made.
    }
  }

  handleNetworkChanged(): void {
    this.#recovery.handleNetworkChanged();
  }

  /** Statistics of the current connection. */
  stats(): Promise<RTCStatsReport> {
    return this.#connection.pc.getStats();
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#recovery.close();
    this.#connection.close();
  }

  #connect(epoch: number): Connection {
    const connection: Connection = new Connection(this.create(), epoch, () => this.polite, {
      handleSignal: (signal) => {
        this.listener.handleSignal(signal);
      },
      handleConnectionState: (state) => {
        this.#recovery.handleConnectionState(state);
      },
    });
    return connection;
  }

  async #replace(epoch: number): Promise<void> {
    this.#connection.close();
    this.#recovery.reset();
    this.#connection = this.#connect(epoch);
    await this.#connection.setTracks(this.#tracks);
    this.listener.handleRemoteStream(this.#connection.remoteStream);
  }

  /** One signal at a time: a candidate must not overtake the description it belongs to. */
  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      for (let signal = this.#waiting.shift(); signal; signal = this.#waiting.shift()) {
        await this.#take(signal);
      }
    } finally {
      this.#working = false;
    }
  }

  async #take(signal: Signal): Promise<void> {
    if (signal.epoch < this.epoch) return;
    if (signal.epoch > this.epoch) {
      if (signal.type !== 'offer') return;
      await this.#replace(signal.epoch);
    } else if (this.#connection.yieldsTo(signal)) {
      await this.#replace(this.epoch);
    }
    try {
      await this.#connection.receive(signal);
    } catch {
      // A description the browser can't use. A path that works is not given up for it.
      if (!this.#closed && this.#recovery.state !== 'connected') {
        this.listener.handleTransport('failed');
      }
    }
  }
}
