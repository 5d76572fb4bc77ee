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
 * which must not be that after the call is accepted. It only runs while something needs it, since a context that
 * runs costs a tenth of a core, whatever it does.
 */
export class SoundContext {
  readonly context: AudioContext;
  readonly #loaded: Promise<void>;
  #users = 0;

  constructor(worklets: string) {
    this.context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });
    this.#loaded = this.context.audioWorklet.addModule(worklets);
    // Where sound may play at once, it starts by itself.
    void this.context.suspend().catch(() => undefined);
    this.context.onstatechange = () => {
      this.#follow();
    };
    for (const type of ['pointerdown', 'keydown']) {
      // Where it is refused until the person has touched the page.
      addEventListener(
        type,
        () => {
          this.#follow();
        },
        { capture: true, passive: true },
      );
    }
  }

  /** Lets silence come out of a node that has no input, and so gives nothing, until the returned function is called. */
  flow(sink: AudioNode): () => void {
    const silence = new ConstantSourceNode(this.context, { offset: 0 });
    silence.connect(sink);
    silence.start();
    const rest = this.#run();
    return () => {
      silence.stop();
      silence.disconnect();
      rest();
    };
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
      const rest = this.#run();
      const node = new AudioWorkletNode(this.context, name, options);
      node.port.postMessage({ port: port2 }, [port2]);
      const disconnect = connect(node, this.context);
      release = () => {
        disconnect();
        node.port.postMessage({ port: null });
        rest();
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

  /** It runs until the returned function is called. */
  #run(): () => void {
    this.#users += 1;
    this.#follow();
    return () => {
      this.#users -= 1;
      this.#follow();
    };
  }

  #follow(): void {
    const wanted = this.#users > 0 ? 'running' : 'suspended';
    if (this.context.state === wanted) return;
    const change = wanted === 'running' ? this.context.resume() : this.context.suspend();
    change.catch(() => undefined);
  }
}

/**
 * What else the page has to do goes first: the picture of a call is not to wait until its sound is opened, which
 * holds the page's thread up for 60 ms (measured).
 */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
