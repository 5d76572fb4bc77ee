/** The sound of a remote track: Rust plays it, as loud as the page's elements want it. */

/** What a remote track's sound needs of the engine. */
export interface SoundHost {
  /** A track that is silent, and what would be heard of it as a node's output. */
  silentTrack(): { track: MediaStreamTrack; sink: AudioNode };
  /** Lets a silent track flow, until the returned function is called. */
  flow(sink: AudioNode): () => void;
  /** Plays what comes through the port into a node, until the returned function is called. */
  play(sink: AudioNode, port: (port: MessagePort) => void): () => void;
  /** Tells the worker, and through it Rust. */
  hear(pc: number, slot: number, gain: number): void;
  tap(pc: number, slot: number, port: MessagePort): void;
}

export class RemoteSound {
  readonly track: MediaStreamTrack;
  readonly #sink: AudioNode;
  readonly #volumes = new Map<object, number>();
  #place: { readonly pc: number; readonly slot: number } | null = null;
  #told = 0;
  #tapped: (() => void) | null = null;
  #port: MessagePort | null = null;

  constructor(private readonly host: SoundHost) {
    const { track, sink } = host.silentTrack();
    this.track = track;
    this.#sink = sink;
  }

  /** Where its packets come from. */
  attach(pc: number, slot: number): void {
    if (this.#place) return;
    this.#place = { pc, slot };
    this.#tell();
    this.#giveTap();
  }

  /** `listener` plays it so loud; null: no longer. */
  hear(listener: object, volume: number | null): void {
    if (volume === null) this.#volumes.delete(listener);
    else this.#volumes.set(listener, volume);
    this.#tell();
  }

  /** The track itself flows, silent as it is, until the returned function is called. */
  flow(): () => void {
    return this.host.flow(this.#sink);
  }

  /** The page wants the samples: from now on the track itself has them. */
  tap(): void {
    this.#tapped ??= this.host.play(this.#sink, (port) => {
      this.#port = port;
      this.#giveTap();
    });
  }

  close(): void {
    this.#volumes.clear();
    this.#tell();
    this.#tapped?.();
    this.#tapped = null;
    this.#place = null;
  }

  #tell(): void {
    if (!this.#place) return;
    // Two elements that show one track are heard together.
    const gain = [...this.#volumes.values()].reduce((sum, volume) => sum + volume, 0);
    if (gain === this.#told) return;
    this.#told = gain;
    this.host.hear(this.#place.pc, this.#place.slot, gain);
  }

  #giveTap(): void {
    if (!this.#place || !this.#port) return;
    this.host.tap(this.#place.pc, this.#place.slot, this.#port);
    this.#port = null;
  }
}
