/** The page's side of the engine: one worker and one audio context for all connections. */
import type { BridgeEvent, Failure, Opened, Reply } from '../shared/bridge';
import type { SlotCounters, Support, ToPage, ToWorker } from '../shared/messages';
import { CAPTURE, PLAYER, SAMPLE_RATE } from '../shared/sound';
import type { Connect } from './heard';
import workerText from 'inline:src/worker/main.ts';
import workletText from 'inline:src/worklet/main.ts';

/** Generators that are kept ready: a page wants a track at once, and only a worker can make one. */
const READY_GENERATORS = 6;
/** First number of the tracks that are painted by the page itself; the worker's are below. */
const FIRST_CANVAS = 1_000_000;

/** What a connection is told. */
export interface EngineListener {
  handleOpened(): void;
  handleClosed(error: Failure | null): void;
  handleMessage(message: BridgeEvent | Reply): void;
  handleData(handle: number, binary: boolean, payload: ArrayBuffer): void;
  handleFlowing(slot: number): void;
}

/** A track whose pictures come from the worker. */
export interface GeneratedTrack {
  readonly id: number;
  readonly track: MediaStreamTrack;
}

/** An end of sound: what gives or takes it, and how it is let go. */
export interface SoundEnd {
  /** For the worker. */
  readonly port: Promise<MessagePort>;
  close(): void;
}

/** Asks the app's Rust side. */
export type Invoke = (command: string) => Promise<unknown>;

export class Engine {
  readonly support: Promise<Support>;
  readonly #worker: Worker;
  readonly #listeners = new Map<number, EngineListener>();
  readonly #counters = new Map<number, (counters: readonly SlotCounters[]) => void>();
  readonly #generators: GeneratedTrack[] = [];
  readonly #canvases = new Map<number, CanvasRenderingContext2D>();
  #nextConnection = 0;
  #nextRequest = 0;
  #nextCanvas = FIRST_CANVAS;
  #context: AudioContext | null = null;
  /** All that is played, mixed: what a microphone hears of it is echo. */
  #played: GainNode | null = null;
  readonly #sounds = new WeakMap<MediaStreamTrack, GainNode>();
  #worklets: Promise<AudioContext> | null = null;

  constructor(private readonly invoke: Invoke) {
    // WebKit aborts the page's process when codecs are asked for before GStreamer is there, and
    // this question is the cheapest that brings it up.
    document.createElement('video').canPlayType('video/webm');
    this.#worker = new Worker(script(workerText), { name: 'tauri-plugin-webrtc' });
    let probed: (support: Support) => void;
    this.support = new Promise((resolve) => {
      probed = resolve;
    });
    this.#worker.onerror = () => {
      // A policy that forbids blob: workers, for one.
      probed({ tracks: false, audio: [], video: [] });
    };
    this.#worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
      if (data.to === 'probed') probed(data.support);
      else this.#receive(data);
    };
    this.post({ to: 'generators', count: READY_GENERATORS });
  }

  post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** Opens a connection's socket; what comes of it is told to the listener. */
  connect(listener: EngineListener): number {
    const pc = this.#nextConnection++;
    this.#listeners.set(pc, listener);
    const opened = this.invoke('plugin:webrtc|open') as Promise<Opened>;
    opened.then(
      ({ url, token }) => {
        if (this.#listeners.has(pc)) this.post({ to: 'open', pc, url, token });
      },
      (error: unknown) => {
        if (this.#listeners.delete(pc)) listener.handleClosed(error as Failure);
      },
    );
    return pc;
  }

  disconnect(pc: number): void {
    this.#listeners.delete(pc);
    this.post({ to: 'close', pc });
  }

  counters(pc: number): Promise<readonly SlotCounters[]> {
    const id = this.#nextRequest++;
    return new Promise((resolve) => {
      this.#counters.set(id, resolve);
      this.post({ to: 'counters', pc, id });
    });
  }

  /** A video track for pictures to come. */
  generate(): GeneratedTrack {
    const ready = this.#generators.shift();
    if (!ready) return this.#paint();
    this.post({ to: 'generators', count: 1 });
    return ready;
  }

  /** Its track has ended. */
  discard({ id }: GeneratedTrack): void {
    if (!this.#canvases.delete(id)) this.post({ to: 'discard', generator: id });
  }

  /** The context that all sound goes through. */
  context(): AudioContext {
    if (this.#context) return this.#context;
    const context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });
    this.#context = context;
    const resume = () => {
      // Refused until the person has touched the page, if the webview has such a policy.
      context.resume().catch(() => undefined);
    };
    resume();
    for (const type of ['pointerdown', 'keydown']) {
      addEventListener(type, resume, { capture: true, passive: true });
    }
    return context;
  }

  /** Sound of a track, for the worker. */
  capture(track: MediaStreamTrack): SoundEnd {
    const source = this.context().createMediaStreamSource(new MediaStream([track]));
    const played = this.#mix();
    return this.#end(CAPTURE, { numberOfInputs: 2, numberOfOutputs: 0 }, (node) => {
      source.connect(node, 0, 0);
      played.connect(node, 0, 1);
      return () => {
        source.disconnect();
        played.disconnect(node);
      };
    });
  }

  /** A track for sound from the worker. */
  player(): SoundEnd & { readonly track: MediaStreamTrack } {
    const destination = this.context().createMediaStreamDestination();
    destination.channelCount = 1;
    const [track] = destination.stream.getAudioTracks();
    if (!track) throw new DOMException('the webview gave no audio track', 'OperationError');
    const sound = new GainNode(this.context());
    sound.connect(destination);
    this.#sounds.set(track, sound);
    const end = this.#end(PLAYER, { numberOfInputs: 0, outputChannelCount: [1] }, (node) => {
      node.connect(sound);
      return () => {
        node.disconnect();
      };
    });
    return { ...end, track };
  }

  /** The sound of a track of ours, for what is heard through {@link Engine.gain}. */
  soundOf(track: MediaStreamTrack): Connect | null {
    const sound = this.#sounds.get(track);
    if (!sound) return null;
    return (to) => {
      sound.connect(to);
      return () => {
        sound.disconnect(to);
      };
    };
  }

  /** A way to the loudspeaker: what goes through it is what microphones hear. */
  gain(): GainNode {
    const gain = new GainNode(this.context());
    gain.connect(this.context().destination);
    gain.connect(this.#mix());
    return gain;
  }

  #mix(): GainNode {
    this.#played ??= new GainNode(this.context(), {
      channelCount: 1,
      channelCountMode: 'explicit',
    });
    return this.#played;
  }

  #end(
    name: string,
    options: AudioWorkletNodeOptions,
    connect: (node: AudioWorkletNode) => () => void,
  ): SoundEnd {
    let closed = false;
    let release: (() => void) | null = null;
    const port = this.#ready().then((context) => {
      const { port1, port2 } = new MessageChannel();
      if (closed) return port1;
      const node = new AudioWorkletNode(context, name, options);
      node.port.postMessage({ port: port2 }, [port2]);
      const disconnect = connect(node);
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

  #ready(): Promise<AudioContext> {
    const context = this.context();
    this.#worklets ??= context.audioWorklet.addModule(script(workletText)).then(() => context);
    return this.#worklets;
  }

  /** Slower, but there at once: for a page that connects before the worker has begun. */
  #paint(): GeneratedTrack {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d', { alpha: false });
    const track = canvas.captureStream().getVideoTracks()[0];
    if (!track || !context) throw new DOMException('the webview gave no track', 'OperationError');
    const id = this.#nextCanvas++;
    this.#canvases.set(id, context);
    return { id, track };
  }

  #receive(message: Exclude<ToPage, { to: 'probed' }>): void {
    switch (message.to) {
      case 'generator':
        this.#generators.push(message);
        return;
      case 'picture':
        this.#show(message.generator, message.frame);
        return;
      case 'counters':
        this.#counters.get(message.id)?.(message.counters);
        this.#counters.delete(message.id);
        return;
      case 'opened':
        this.#listeners.get(message.pc)?.handleOpened();
        return;
      case 'closed':
        this.#listeners.get(message.pc)?.handleClosed(message.error);
        return;
      case 'text':
        this.#listeners.get(message.pc)?.handleMessage(message.message);
        return;
      case 'data':
        this.#listeners
          .get(message.pc)
          ?.handleData(message.handle, message.binary, message.payload);
        return;
      case 'flowing':
        this.#listeners.get(message.pc)?.handleFlowing(message.slot);
        return;
    }
  }

  #show(id: number, frame: VideoFrame): void {
    const context = this.#canvases.get(id);
    if (context) {
      const { canvas } = context;
      if (canvas.width !== frame.displayWidth) canvas.width = frame.displayWidth;
      if (canvas.height !== frame.displayHeight) canvas.height = frame.displayHeight;
      context.drawImage(frame, 0, 0);
    }
    frame.close();
  }
}

function script(text: string): string {
  return URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
}
