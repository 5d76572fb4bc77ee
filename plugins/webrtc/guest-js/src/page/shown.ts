/**
 * Keeps the elements that show a stream out of the way of changes of its tracks.
 *
 * WebKitGTK's player (2.50) lives badly with a stream that changes while it is shown:
 * - It is told on the page's thread, and takes the part of its pipeline down there that the track fed.
 *   Without a GPU the thread that feeds the screen waits for the page's thread to paint: both wait for
 *   each other for ever (`gst_pad_set_active` here, `triggerRepaint` there). The same with a GPU once
 *   the element is paused.
 * - A page that goes away ends its tracks before it lets go of its players. What they tell the elements
 *   then ends the process (an assertion: no new objects while a page is stopped).
 * - A track that is added later is shown, but the element never learns the size of its pictures.
 *
 * So elements let go of a stream before it changes, and take it again after. They do so behind the
 * page's back: `srcObject` stays what the page set.
 */
import { wrap } from './wrap';

/** The classes whose methods are wrapped; a test gives others. */
export interface Platform {
  readonly HTMLMediaElement: { readonly prototype: HTMLMediaElement };
  readonly MediaStream: {
    readonly prototype: MediaStream;
    new (tracks: MediaStreamTrack[]): MediaStream;
  };
  readonly MediaStreamTrack: { readonly prototype: MediaStreamTrack };
  addEventListener(type: 'pagehide' | 'pageshow', listener: () => void): void;
}

/** What an element shows as the page sees it. */
interface Show {
  readonly stream: MediaStream;
  /** Whether the webview's own element has it. */
  attached: boolean;
  /** To be played when it is attached again. */
  playing: boolean;
}

type Give = (this: HTMLMediaElement, value: MediaProvider | null) => void;

class Shown {
  readonly #shows = new WeakMap<HTMLMediaElement, Show>();
  /** Those that ever had one; the page may forget them. */
  readonly #elements = new Set<WeakRef<HTMLMediaElement>>();
  readonly #known = new WeakSet<HTMLMediaElement>();
  #hidden = false;
  #waiting = false;

  constructor(
    private readonly give: Give,
    private readonly seen: (stream: MediaStream) => MediaStream,
  ) {}

  streamOf(element: HTMLMediaElement): MediaStream | null {
    return this.#shows.get(element)?.stream ?? null;
  }

  /** The page sets `srcObject`. */
  set(element: HTMLMediaElement, stream: MediaStream | null): void {
    if (!stream) {
      this.#shows.delete(element);
      return;
    }
    if (!this.#known.has(element)) {
      this.#known.add(element);
      this.#elements.add(new WeakRef(element));
    }
    // Without a track there is nothing to play, and an element that began with nothing stays so.
    const attached = isLive(stream) && !this.#hidden;
    this.#shows.set(element, { stream, attached, playing: false });
    this.give.call(element, attached ? this.seen(stream) : null);
  }

  /** Before the streams that fit change: their elements let go of them. */
  letGo(fits: (stream: MediaStream) => boolean): void {
    for (const [element, show] of this.#each()) {
      if (!show.attached || !fits(show.stream)) continue;
      show.attached = false;
      show.playing = !element.paused;
      this.give.call(element, null);
    }
  }

  /** Once for all the changes that a task makes. */
  takeAgainSoon(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    queueMicrotask(() => {
      this.#waiting = false;
      if (!this.#hidden) this.#takeAgain();
    });
  }

  hide(): void {
    this.#hidden = true;
    this.letGo(() => true);
  }

  /** The page was kept, and is shown again. */
  show(): void {
    this.#hidden = false;
    this.#takeAgain();
  }

  #takeAgain(): void {
    for (const [element, show] of this.#each()) {
      if (show.attached || !isLive(show.stream)) continue;
      // What the page asked for while there was nothing to play counts as well.
      const play = show.playing || !element.paused;
      show.attached = true;
      show.playing = false;
      this.give.call(element, this.seen(show.stream));
      // Refused, as the page's own would be.
      if (play) element.play().catch(() => undefined);
    }
  }

  /** Pictures that an element has shown of a track; null if none plays it. */
  picturesOf(track: MediaStreamTrack): number | null {
    for (const [element, { stream, attached }] of this.#each()) {
      if (!attached || element.paused || !stream.getTracks().includes(track)) continue;
      if ('getVideoPlaybackQuality' in element) {
        return (element as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames;
      }
    }
    return null;
  }

  *#each(): Generator<[HTMLMediaElement, Show]> {
    for (const reference of [...this.#elements]) {
      const element = reference.deref();
      if (!element) {
        this.#elements.delete(reference);
        continue;
      }
      const show = this.#shows.get(element);
      if (show) yield [element, show];
    }
  }
}

/**
 * Once, before the page's own scripts. `isHeardElsewhere`: tracks whose sound does not come from the elements
 * that show them. Where there are pictures as well these are given without it: a branch of the player less, that
 * would play silence. What is returned tells how many pictures an element has shown of a track; null if none plays it.
 */
export function guardShownStreams(
  platform: Platform,
  isHeardElsewhere: (track: MediaStreamTrack) => boolean,
): (track: MediaStreamTrack) => number | null {
  const element = platform.HTMLMediaElement.prototype;
  const own = Object.getOwnPropertyDescriptor(element, 'srcObject');
  if (!own?.get || !own.set) return () => null;
  // Called with the element they are asked of, below.
  /* eslint-disable-next-line @typescript-eslint/unbound-method */
  const { get, set } = own;
  const shown = new Shown(set, (stream) => {
    const tracks = stream.getTracks();
    const seen = tracks.filter((track) => !isHeardElsewhere(track));
    const pictures = seen.some(({ readyState }) => readyState === 'live');
    return pictures && seen.length < tracks.length ? new platform.MediaStream(seen) : stream;
  });
  Object.defineProperty(element, 'srcObject', {
    ...own,
    get(this: HTMLMediaElement): unknown {
      return shown.streamOf(this) ?? get.call(this);
    },
    set(this: HTMLMediaElement, value: MediaProvider | null) {
      const stream = isStream(platform, value) ? value : null;
      shown.set(this, stream);
      if (!stream) set.call(this, value);
    },
  });

  const around = (fits: (stream: MediaStream) => boolean, change: () => void) => {
    shown.letGo(fits);
    change();
    shown.takeAgainSoon();
  };
  for (const name of ['addTrack', 'removeTrack'] as const) {
    wrap(platform.MediaStream.prototype, name, (original) => {
      return function (this: MediaStream, track: MediaStreamTrack) {
        const change = () => {
          original.call(this, track);
        };
        const known = this.getTracks().includes(track);
        if (known === (name === 'addTrack')) change();
        else around((stream) => stream === this, change);
      };
    });
  }
  wrap(platform.MediaStreamTrack.prototype, 'stop', (original) => {
    return function (this: MediaStreamTrack) {
      const change = () => {
        original.call(this);
      };
      if (this.readyState === 'ended') change();
      else around((stream) => stream.getTracks().includes(this), change);
    };
  });

  platform.addEventListener('pagehide', () => {
    shown.hide();
  });
  platform.addEventListener('pageshow', () => {
    shown.show();
  });
  return (track) => shown.picturesOf(track);
}

function isLive(stream: MediaStream): boolean {
  return stream.getTracks().some(({ readyState }) => readyState === 'live');
}

function isStream(platform: Platform, value: unknown): value is MediaStream {
  return Object.prototype.isPrototypeOf.call(platform.MediaStream.prototype, value ?? {});
}
