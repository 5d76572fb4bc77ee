/**
 * Lets remote sound be heard.
 *
 * Rust plays the sound of remote tracks (BRIDGE.md), as loud as the elements that show them are; those elements
 * are mute behind the page's back. WebKitGTK's player (2.50) plays the sound of a MediaStream as silence:
 * what comes of a live stream is too late for its sink, and thrown away (measured at the sink's monitor,
 * PulseAudio).
 */
import { onTrackChange } from './tracks';
import { wrap } from './wrap';

/** The sound of a remote track. */
export interface Sound {
  /** `listener` plays it so loud, 0 to 1; null: no longer. */
  hear(listener: object, volume: number | null): void;
  /** The track itself flows, silent as it is, until the returned function is called. */
  flow(): () => void;
}

/** Null: not a remote track. */
export type SoundOf = (track: MediaStreamTrack) => Sound | null;

/** The classes whose members are wrapped; a test gives others. */
export interface Platform {
  readonly HTMLMediaElement: { readonly prototype: HTMLMediaElement };
  readonly MediaStream: { readonly prototype: MediaStream };
}

/** After each of these an element may be heard otherwise. */
const EVENTS = ['play', 'playing', 'pause', 'ended', 'emptied', 'volumechange'] as const;

interface Accessor<T> {
  get(this: HTMLMediaElement): T;
  set(this: HTMLMediaElement, value: T): void;
}

/** An element that shows remote sound. */
class Listener {
  /** `muted`, as the page sees it. */
  muted: boolean;
  readonly #watched = new Map<MediaStreamTrack, () => void>();
  readonly #heard = new Map<MediaStreamTrack, () => void>();
  readonly #flowing = new Map<MediaStreamTrack, () => void>();

  constructor(
    readonly element: HTMLMediaElement,
    private readonly mute: Accessor<boolean>,
    private readonly soundOf: SoundOf,
  ) {
    this.muted = mute.get.call(element);
  }

  /** `tracks`: those remote ones that the element shows now; `alone`: and nothing besides. */
  update(tracks: readonly MediaStreamTrack[], alone: boolean, changed: () => void): void {
    const { element } = this;
    this.mute.set.call(element, true);
    keep(this.#watched, tracks, (track) => onTrackChange(track, changed));
    const heard = element.paused ? [] : tracks.filter(({ enabled }) => enabled);
    const volume = this.muted ? 0 : element.volume;
    keep(this.#heard, heard, (track) => () => this.soundOf(track)?.hear(this, null));
    for (const track of heard) this.soundOf(track)?.hear(this, volume);
    // Without a track that flows it would never begin: `play` would stay pending, and `autoplay` do nothing.
    keep(this.#flowing, alone ? tracks : [], (track) => flowSoon(this.soundOf(track)));
  }

  close(): void {
    keep(this.#watched, [], () => undefined);
    keep(this.#heard, [], () => undefined);
    keep(this.#flowing, [], () => undefined);
    this.mute.set.call(this.element, this.muted);
  }
}

/** Not within the task that puts a stream together: pictures may follow. */
function flowSoon(sound: Sound | null): () => void {
  let stop: (() => void) | undefined;
  const timer = setTimeout(() => {
    stop = sound?.flow();
  }, 0);
  return () => {
    clearTimeout(timer);
    stop?.();
  };
}

/** Begins for tracks that are wanted anew, and ends for those that aren't any more. */
function keep(
  begun: Map<MediaStreamTrack, () => void>,
  wanted: readonly MediaStreamTrack[],
  begin: (track: MediaStreamTrack) => (() => void) | undefined,
): void {
  for (const [track, end] of begun) {
    if (wanted.includes(track)) continue;
    begun.delete(track);
    end();
  }
  for (const track of wanted) {
    if (begun.has(track)) continue;
    const end = begin(track);
    if (end) begun.set(track, end);
  }
}

/** Once, before the page's own scripts. */
export function makeHeard(platform: Platform, soundOf: SoundOf): void {
  const elements = platform.HTMLMediaElement.prototype;
  const source = Object.getOwnPropertyDescriptor(elements, 'srcObject');
  const muted = Object.getOwnPropertyDescriptor(elements, 'muted');
  if (!source?.get || !source.set || !muted?.get || !muted.set) return;
  const shown = source as unknown as Accessor<MediaProvider | null>;
  const mute = muted as unknown as Accessor<boolean>;
  const streams = new WeakMap<HTMLMediaElement, MediaStream>();
  const listeners = new WeakMap<HTMLMediaElement, Listener>();
  /** Who shows a stream, or once did. */
  const audience = new WeakMap<MediaStream, Set<WeakRef<HTMLMediaElement>>>();
  const watched = new WeakSet<HTMLMediaElement>();

  const update = (element: HTMLMediaElement) => {
    const stream = streams.get(element);
    const tracks =
      stream?.getAudioTracks().filter((track) => track.readyState === 'live' && soundOf(track)) ??
      [];
    let listener = listeners.get(element);
    if (tracks.length === 0) {
      listener?.close();
      listeners.delete(element);
      return;
    }
    if (!listener) {
      listener = new Listener(element, mute, soundOf);
      listeners.set(element, listener);
    }
    listener.update(tracks, isWithoutPictures(stream), () => {
      update(element);
    });
  };

  const watch = (element: HTMLMediaElement, stream: MediaStream) => {
    streams.set(element, stream);
    const known = audience.get(stream) ?? new Set();
    audience.set(stream, known.add(new WeakRef(element)));
    if (watched.has(element)) return;
    watched.add(element);
    for (const event of EVENTS) {
      element.addEventListener(event, () => {
        update(element);
      });
    }
  };

  Object.defineProperty(elements, 'srcObject', {
    ...source,
    set(this: HTMLMediaElement, value: MediaProvider | null) {
      shown.set.call(this, value);
      const given = Object.prototype.isPrototypeOf.call(
        platform.MediaStream.prototype,
        value ?? {},
      );
      streams.delete(this);
      if (given) watch(this, value as MediaStream);
      update(this);
    },
  });
  Object.defineProperty(elements, 'muted', {
    ...muted,
    get(this: HTMLMediaElement) {
      return listeners.get(this)?.muted ?? mute.get.call(this);
    },
    set(this: HTMLMediaElement, value: unknown) {
      const listener = listeners.get(this);
      if (!listener) {
        mute.set.call(this, Boolean(value));
        return;
      }
      if (listener.muted === Boolean(value)) return;
      listener.muted = Boolean(value);
      update(this);
      queueMicrotask(() => this.dispatchEvent(new Event('volumechange')));
    },
  });
  for (const name of ['addTrack', 'removeTrack'] as const) {
    wrap(platform.MediaStream.prototype, name, (original) => {
      return function (this: MediaStream, track: MediaStreamTrack) {
        original.call(this, track);
        for (const reference of audience.get(this) ?? []) {
          const element = reference.deref();
          if (element) update(element);
        }
      };
    });
  }
}

function isWithoutPictures(stream: MediaStream | undefined): boolean {
  return !stream?.getVideoTracks().some(({ readyState }) => readyState === 'live');
}
