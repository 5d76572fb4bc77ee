/**
 * `getDisplayMedia` (W3C Screen Capture) where the webview's own gives nothing: the Rust side asks the person and
 * captures the screen.
 */
import type { Failure } from '../shared/bridge';
import type { GeneratedTrack, ScreenBounds } from './engine';
import { onTrackChange } from './tracks';
import { dictionary, finite } from './webidl';
import { wrap } from './wrap';

/** What the engine does for it. */
export interface ScreenHost {
  captureScreen(bounds: ScreenBounds, ended: () => void): Promise<GeneratedTrack>;
  discard(generated: GeneratedTrack): void;
}

/** What is captured of a page that sets no bounds, pixels and hertz. */
const DEFAULT: ScreenBounds = { width: 3840, height: 2160, frameRate: 30 };

/** A screen, and all the tracks that show it. */
class Shown {
  readonly #tracks = new Set<MediaStreamTrack>();
  #over = false;

  constructor(private readonly close: () => void) {}

  add(track: MediaStreamTrack): void {
    this.#tracks.add(track);
    Object.defineProperty(track, 'label', { configurable: true, value: 'Screen' });
    onTrackChange(track, () => {
      // A track that was given to a worker has ended as well.
      const over = [...this.#tracks].every(({ readyState }) => readyState === 'ended');
      if (!over || this.#over) return;
      this.#over = true;
      this.close();
    });
  }

  /** The person stopped it elsewhere, or it is gone. */
  end(): void {
    for (const track of this.#tracks) {
      if (track.readyState === 'ended') continue;
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }
  }
}

const screens = new WeakMap<MediaStreamTrack, Shown>();

/** What every track of a screen tells of itself. */
const SETTINGS = { displaySurface: 'monitor', logicalSurface: true, cursor: 'always' } as const;

/** The bounds that constraints set. Throws TypeError for those that a screen must not be chosen by. */
export function readBounds(options: unknown): ScreenBounds {
  const { video = true } = dictionary('DisplayMediaStreamOptions', options);
  if (video === false) throw new TypeError('a screen has nothing but pictures');
  if (video === true) return DEFAULT;
  const constraints = dictionary('video', video);
  if (constraints.advanced !== undefined) {
    throw new TypeError('a screen takes no advanced constraints');
  }
  const bound = (name: keyof ScreenBounds): number => {
    const value = constraints[name];
    if (value === undefined) return DEFAULT[name];
    const range = typeof value === 'object' ? dictionary(name, value) : { ideal: value };
    if (range.min !== undefined || range.exact !== undefined) {
      throw new TypeError(`a screen takes no min or exact ${name}`);
    }
    const wished = [range.max, range.ideal].filter((wish) => wish !== undefined);
    const [most = DEFAULT[name], ...others] = wished.map((wish) => finite(name, wish));
    return Math.max(1, Math.round(Math.min(most, ...others)));
  };
  return { width: bound('width'), height: bound('height'), frameRate: bound('frameRate') };
}

/** Gives the page its own. What is returned takes it away again. */
export function offerScreens(
  devices: MediaDevices,
  tracks: MediaStreamTrack,
  host: ScreenHost,
): () => void {
  const getDisplayMedia = async (options?: DisplayMediaStreamOptions): Promise<MediaStream> => {
    const bounds = readBounds(options);
    // Where the webview tells: a screen is asked for in answer to a click or a key.
    const { userActivation } = navigator as { userActivation?: UserActivation };
    if (userActivation && !userActivation.isActive) {
      throw new DOMException('nobody clicked', 'InvalidStateError');
    }
    let shown: Shown | null = null;
    const generated = await host
      .captureScreen(bounds, () => shown?.end())
      .catch((error: unknown) => {
        // An app that does not permit the command rejects with a text.
        const { message = String(error), name = 'NotAllowedError' } = error as Partial<Failure>;
        throw new DOMException(message, name);
      });
    const { track } = generated;
    shown = new Shown(() => {
      host.discard(generated);
    });
    shown.add(track);
    screens.set(track, shown);
    return new MediaStream([track]);
  };
  const property = { value: getDisplayMedia, configurable: true, enumerable: true, writable: true };
  Object.defineProperty(devices, 'getDisplayMedia', property);

  wrap(tracks, 'clone', (original) => {
    return function (this: MediaStreamTrack) {
      const copy = original.call(this);
      const shown = screens.get(this);
      if (shown) {
        shown.add(copy);
        screens.set(copy, shown);
      }
      return copy;
    };
  });
  wrap(tracks, 'getSettings', (original) => {
    return function (this: MediaStreamTrack) {
      const own = original.call(this);
      return screens.has(this) ? { ...own, ...SETTINGS } : own;
    };
  });
  return () => {
    Reflect.deleteProperty(devices, 'getDisplayMedia');
  };
}
