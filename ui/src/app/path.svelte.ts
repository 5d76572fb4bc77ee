import type { CallId, Command, PeerId, Signal, TransportState } from '../protocol';
import { PeerSession, type CreateConnection } from '../rtc/session';
import type { Tracks } from '../rtc/connection';
import { qualityOf, ratesBetween, summarise, type Quality, type Sample } from '../rtc/stats';
import type { Clock } from './clock';

/** How often the quality is looked at. */
export const SAMPLE_MS = 2_000;

/** What it needs. */
export interface PathParts {
  readonly call: CallId;
  readonly peer: PeerId;
  readonly clock: Clock;
  readonly createConnection: CreateConnection;
  /** Asks the node for something of which nobody waits for the outcome. */
  readonly tell: (command: Command) => void;
  /** Whether pictures should come. */
  readonly expectVideo: () => boolean;
  readonly changed: () => void;
}

/** The media path of a call in this window: there while this window holds the call. */
export class MediaPath {
  #session: PeerSession | null = null;
  #remoteStream: MediaStream | null = $state.raw(null);
  #quality: Quality = $state('unknown');
  #tracks: Tracks = { audio: null, video: null };
  #earlier: Sample | null = null;
  #stopSampling: (() => void) | null = null;
  /** Signals made before the node knows of the call. */
  #held: Signal[] | null = null;

  constructor(private readonly parts: PathParts) {}

  get remoteStream(): MediaStream | null {
    return this.#remoteStream;
  }

  get quality(): Quality {
    return this.#quality;
  }

  get isThere(): boolean {
    return this.#session !== null;
  }

  get transport(): TransportState | null {
    return this.#session?.transport ?? null;
  }

  /**
   * Begins as the caller. The candidates wait until {@link release}, since the node refuses those of
   * a call that was not placed. Rejects if the browser can't make an offer.
   */
  async place(): Promise<Signal> {
    this.#held = [];
    return this.#begin(0, false).offer();
  }

  /** The node knows of the call. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const signal of held) this.#send(signal);
  }

  /** Begins anew, with an offer of the next epoch. Rejects if the browser can't make one. */
  async renew(epoch: number, polite: boolean): Promise<void> {
    this.#held = null;
    const session = this.#begin(epoch, polite);
    const offer = await session.offer();
    if (this.#session === session && session.epoch === epoch) this.#send(offer);
  }

  /** A signal of the other side; its first offer begins the path. */
  receive(signal: Signal, polite: boolean): void {
    if (!this.#session) {
      if (signal.type !== 'offer') return;
      this.#begin(signal.epoch, polite);
    }
    this.#session?.receive(signal);
  }

  setPolite(polite: boolean): void {
    if (this.#session) this.#session.polite = polite;
  }

  /** What is sent from now on. */
  send(tracks: Tracks): void {
    if (tracks.audio === this.#tracks.audio && tracks.video === this.#tracks.video) return;
    this.#tracks = tracks;
    void this.#session?.setTracks(tracks);
  }

  handleNetworkChanged(): void {
    this.#session?.handleNetworkChanged();
  }

  close(): void {
    this.#stopSampling?.();
    this.#stopSampling = null;
    this.#earlier = null;
    this.#held = null;
    this.#tracks = { audio: null, video: null };
    this.#session?.close();
    this.#session = null;
    this.#remoteStream = null;
    this.#quality = 'unknown';
  }

  #begin(epoch: number, polite: boolean): PeerSession {
    const tracks = this.#tracks;
    const held = this.#held;
    this.close();
    this.#held = held;
    const session: PeerSession = new PeerSession(this.parts.createConnection, epoch, polite, {
      handleSignal: (signal) => {
        if (this.#session === session) this.#send(signal);
      },
      handleTransport: (state) => {
        if (this.#session !== session) return;
        const { call, peer } = this.parts;
        this.parts.tell({ type: 'transport', call, peer, state });
        this.parts.changed();
      },
      handleRemoteStream: (stream) => {
        if (this.#session === session) this.#remoteStream = stream;
      },
    });
    this.#session = session;
    this.#remoteStream = session.remoteStream;
    this.#tracks = tracks;
    void session.setTracks(tracks);
    this.#stopSampling = this.parts.clock.every(SAMPLE_MS, () => {
      void this.#sample(session);
    });
    return session;
  }

  #send(signal: Signal): void {
    if (this.#held) {
      this.#held.push(signal);
      return;
    }
    this.parts.tell({ type: 'signal', call: this.parts.call, to: this.parts.peer, signal });
  }

  async #sample(session: PeerSession): Promise<void> {
    try {
      const report = await session.stats();
      if (this.#session !== session) return;
      const sample = summarise(report, this.parts.clock.now());
      const rates = this.#earlier && ratesBetween(this.#earlier, sample);
      this.#earlier = sample;
      this.#quality = rates ? qualityOf(rates, this.parts.expectVideo()) : 'unknown';
    } catch {
      // The connection was closed meanwhile.
    }
  }
}
