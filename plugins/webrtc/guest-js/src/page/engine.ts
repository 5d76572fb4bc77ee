/** The page's side of the engine: one worker for all connections, and the audio contexts. */
import type { Generated } from './certificate';
import type { BridgeEvent, Failure, Opened, Reply } from '../shared/bridge';
import type { Given, Shown, SlotCounters, Support, ToPage, ToWorker } from '../shared/messages';
import { CAPTURE, PLAYER } from '../shared/sound';
import { RemoteSound, type SoundHost } from './remote-sound';
import { SoundContext, type SoundEnd } from './sound-context';
import workerText from 'inline:src/worker/main.ts';
import workletText from 'inline:src/worklet/main.ts';

/** Generators that are kept ready: a page wants a track at once, and only a worker can make one. */
const READY_GENERATORS = 6;
/** First number of the tracks that are painted by the page itself; the worker's are below. */
const FIRST_CANVAS = 1_000_000;

const NO_PICTURE: Failure = { name: 'NotReadableError', message: 'the screen gave no picture' };
const DEAD: Failure = { name: 'OperationError', message: 'the engine’s worker did not begin' };

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

/** A canvas that stands in for a generator. */
interface Painted {
  readonly context: CanvasRenderingContext2D;
  readonly track: CanvasCaptureMediaStreamTrack;
}

/** Asks the app's Rust side. */
export type Invoke = (
  command: string,
  given?: Readonly<Record<string, unknown>>,
) => Promise<unknown>;

/** The most that is wanted of a screen. */
export interface ScreenBounds {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Hertz. */
  readonly frameRate: number;
}

/** What a screen tells of itself. */
type ScreenListener = (live: boolean) => void;

export class Engine {
  readonly support: Promise<Support>;
  readonly #worker: Worker;
  /**
   * To the worker, for what is said with each picture. In WebKitGTK 2.50 some 100 bytes of each message that a page
   * posts to a worker itself are never freed, and nothing of one that goes over a port (300,000 each).
   */
  readonly #players: MessagePort;
  readonly #listeners = new Map<number, EngineListener>();
  readonly #counters = new Map<number, (counters: readonly SlotCounters[]) => void>();
  readonly #generators: GeneratedTrack[] = [];
  /** Tracks of generators that are in use. */
  readonly #tracks = new Map<number, MediaStreamTrack>();
  readonly #canvases = new Map<number, Painted>();
  readonly #screens = new Map<number, ScreenListener>();
  #picturesOf: (track: MediaStreamTrack) => number | null = () => null;
  #dead = false;
  #nextConnection = 0;
  #nextRequest = 0;
  #nextCanvas = FIRST_CANVAS;
  #sound: SoundContext | null = null;
  readonly #sounds = new WeakMap<MediaStreamTrack, RemoteSound>();

  constructor(private readonly invoke: Invoke) {
    // WebKit aborts the page's process when codecs are asked for before GStreamer is there, and
    // this question is the cheapest that brings it up.
    document.createElement('video').canPlayType('video/webm');
    this.#worker = new Worker(script(workerText), { name: 'tauri-plugin-webrtc' });
    let probed: (support: Support) => void;
    this.support = new Promise((resolve) => {
      probed = resolve;
    });
    let begun = false;
    this.#worker.onerror = () => {
      // What goes wrong in one that has begun does not end it.
      if (begun) return;
      // A policy that forbids blob: workers, for one.
      probed({ tracks: false, video: [] });
      this.#die();
    };
    this.#worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
      if (data.to !== 'probed') {
        this.#receive(data);
        return;
      }
      begun = true;
      probed(data.support);
    };
    const { port1, port2 } = new MessageChannel();
    this.#players = port1;
    this.#players.onmessage = ({ data: { generator } }: MessageEvent<Given>) => {
      const track = this.#tracks.get(generator);
      const total = track ? this.#picturesOf(track) : null;
      this.#players.postMessage({ generator, total } satisfies Shown);
    };
    this.post({ to: 'players', port: port2 }, [port2]);
    this.post({ to: 'generators', count: READY_GENERATORS });
  }

  post(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** How it is found out how many pictures an element has shown of a track; null if none plays it. */
  countShown(picturesOf: (track: MediaStreamTrack) => number | null): void {
    this.#picturesOf = picturesOf;
  }

  /** Rejects with a failure. */
  generateCertificate(): Promise<Generated> {
    return this.invoke('plugin:webrtc|generate_certificate', {}) as Promise<Generated>;
  }

  /**
   * Opens a connection's socket; what comes of it is told to the listener. `certificate`: the name of what the remote is
   * to be shown.
   */
  connect(listener: EngineListener, certificate: string | null): number {
    const pc = this.#nextConnection++;
    this.#listeners.set(pc, listener);
    if (this.#dead) {
      queueMicrotask(() => {
        this.#drop(pc, DEAD);
      });
      return pc;
    }
    const opened = this.invoke('plugin:webrtc|open', { certificate }) as Promise<Opened>;
    opened.then(
      ({ url, token }) => {
        if (this.#listeners.has(pc)) this.post({ to: 'open', pc, url, token });
      },
      (error: unknown) => {
        this.#drop(pc, error as Failure);
      },
    );
    return pc;
  }

  disconnect(pc: number): void {
    this.#listeners.delete(pc);
    this.post({ to: 'close', pc });
  }

  counters(pc: number): Promise<readonly SlotCounters[]> {
    if (this.#dead) return Promise.resolve([]);
    const id = this.#nextRequest++;
    return new Promise((resolve) => {
      this.#counters.set(id, resolve);
      this.post({ to: 'counters', pc, id });
    });
  }

  /** There is no worker: nobody will be told anything any more. */
  #die(): void {
    this.#dead = true;
    for (const pc of [...this.#listeners.keys()]) this.#drop(pc, DEAD);
    for (const resolve of this.#counters.values()) resolve([]);
    this.#counters.clear();
    for (const listener of [...this.#screens.values()]) listener(false);
  }

  /** A connection's socket can't be had. */
  #drop(pc: number, error: Failure): void {
    const listener = this.#listeners.get(pc);
    if (this.#listeners.delete(pc)) listener?.handleClosed(error);
  }

  /** A video track for pictures to come. */
  generate(): GeneratedTrack {
    const ready = this.#generators.shift();
    if (!ready) return this.#paint();
    this.post({ to: 'generators', count: 1 });
    this.#tracks.set(ready.id, ready.track);
    return ready;
  }

  /** Its track has ended. */
  discard({ id }: GeneratedTrack): void {
    this.#tracks.delete(id);
    this.#canvases.delete(id);
    this.#screens.delete(id);
    this.post({ to: 'discard', generator: id });
  }

  /**
   * A track of a screen that the person chooses, once it has a picture. `ended`: there will be no more. Rejects with a
   * {@link Failure}.
   */
  async captureScreen(bounds: ScreenBounds, ended: () => void): Promise<GeneratedTrack> {
    const opened = (await this.invoke('plugin:webrtc|capture_screen', { bounds })) as Opened;
    const generated = this.generate();
    const { id } = generated;
    return new Promise((resolve, reject) => {
      this.#screens.set(id, (live) => {
        if (live) {
          this.#screens.set(id, ended);
          resolve(generated);
          return;
        }
        generated.track.stop();
        this.discard(generated);
        // The promise is the page's, which makes the exception: it is told the name and the words.
        /* eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors */
        reject(NO_PICTURE);
      });
      if (this.#dead) this.#screens.get(id)?.(false);
      else this.post({ to: 'screen', generator: id, url: opened.url, token: opened.token });
    });
  }

  /** Sound of a track, for the worker. */
  capture(track: MediaStreamTrack): SoundEnd {
    const options = { numberOfInputs: 1, numberOfOutputs: 0 };
    return this.#soundContext().open(CAPTURE, options, (node, context) => {
      const source = context.createMediaStreamSource(new MediaStream([track]));
      source.connect(node);
      return () => {
        source.disconnect();
      };
    });
  }

  /** A track for sound that Rust will play. */
  remoteSound(): RemoteSound {
    const sound = new RemoteSound(this.#soundHost);
    this.#sounds.set(sound.track, sound);
    return sound;
  }

  /** The sound of a track of ours; null if it isn't one. */
  readonly soundOf = (track: MediaStreamTrack): RemoteSound | null =>
    this.#sounds.get(track) ?? null;

  readonly #soundHost: SoundHost = {
    silentTrack: () => {
      const sink = this.#soundContext().context.createMediaStreamDestination();
      sink.channelCount = 1;
      const [track] = sink.stream.getAudioTracks();
      if (!track) throw new DOMException('the webview gave no audio track', 'OperationError');
      return { track, sink };
    },
    flow: (sink) => this.#soundContext().flow(sink),
    play: (sink, give) => {
      const options = { numberOfInputs: 0, outputChannelCount: [1] };
      const end = this.#soundContext().open(PLAYER, options, (node) => {
        node.connect(sink);
        return () => {
          node.disconnect();
        };
      });
      void end.port.then(give);
      return () => {
        end.close();
      };
    },
    hear: (pc, slot, gain) => {
      this.post({ to: 'text', pc, text: JSON.stringify({ op: 'hear', slot, gain }) });
    },
    tap: (pc, slot, port) => {
      this.post({ to: 'receiveAudio', pc, slot, port }, [port]);
    },
  };

  #soundContext(): SoundContext {
    this.#sound ??= new SoundContext(script(workletText));
    return this.#sound;
  }

  /**
   * Slower, but there at once: for a page that asks before the worker has begun. Each picture is told
   * of, since an element shows two pictures of a stream that finds them out by itself, and no more
   * (WebKitGTK 2.50; its frames are said to come at 0 a second, 60 at most).
   */
  #paint(): GeneratedTrack {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d', { alpha: false });
    const [track] = canvas.captureStream(0).getVideoTracks() as CanvasCaptureMediaStreamTrack[];
    if (!track || !context) throw new DOMException('the webview gave no track', 'OperationError');
    const id = this.#nextCanvas++;
    this.#canvases.set(id, { context, track });
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
      case 'screen':
        this.#screens.get(message.generator)?.(message.live);
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
    const painted = this.#canvases.get(id);
    if (painted) {
      const { context, track } = painted;
      const { canvas } = context;
      if (canvas.width !== frame.displayWidth) canvas.width = frame.displayWidth;
      if (canvas.height !== frame.displayHeight) canvas.height = frame.displayHeight;
      context.drawImage(frame, 0, 0);
      track.requestFrame();
    }
    frame.close();
  }
}

function script(text: string): string {
  return URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
}
