/** The audio context of captured sound, and of remote sound whose samples the page takes. */
import { SAMPLE_RATE } from '../shared/sound';

/** An end of sound: what gives or takes it, and how it is let go. */
export interface SoundEnd {
  /** For the worker. */
  readonly port: Promise<MessagePort>;
  close(): void;
}

/**
 * It is made with the first connection, and then has its worklets loaded: both take WebKit a tenth of a second,
 * which must not be that after the call is accepted. From then on it runs: an element that is given a track of
 * one that sleeps shows nothing now and then (PeerJS's example: 6 of 18 calls, and none of 10 while it runs).
 */
export class SoundContext {
  readonly context: AudioContext;
  readonly #loaded: Promise<void>;

  constructor(worklets: string) {
    this.context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });
    this.#loaded = this.context.audioWorklet.addModule(worklets);
    this.#resume();
    for (const type of ['pointerdown', 'keydown']) {
      // Where it is refused until the person has touched the page.
      addEventListener(
        type,
        () => {
          this.#resume();
        },
        { capture: true, passive: true },
      );
    }
  }

  /** Opens an end; `connect` gives back what lets go of it. */
  open(
    name: string,
    options: AudioWorkletNodeOptions,
    connect: (node: AudioWorkletNode, context: AudioContext) => () => void,
  ): SoundEnd {
    let closed = false;
    let release: (() => void) | null = null;
    const port = this.#loaded.then(nextTask).then(() => {
      const { port1, port2 } = new MessageChannel();
      if (closed) return port1;
      const node = new AudioWorkletNode(this.context, name, options);
      node.port.postMessage({ port: port2 }, [port2]);
      const disconnect = connect(node, this.context);
      release = () => {
        disconnect();
        node.port.postMessage({ port: null });
      };
      return port1;
    });
    return {
      port,
      close: () => {
        closed = true;
        release?.();
        release = null;
      },
    };
  }

  #resume(): void {
    if (this.context.state !== 'running') this.context.resume().catch(() => undefined);
  }
}

/**
 * What else the page has to do goes first: the picture of a call is not to wait until its sound is opened, which
 * holds the page's thread up for 60 ms (measured).
 */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
