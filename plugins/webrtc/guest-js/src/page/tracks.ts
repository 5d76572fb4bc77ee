/** What the platform does not tell about tracks: that the page stopped or disabled one. */
import { wrap } from './wrap';

/** Called at once, in the task in which it happened. */
export type TrackListener = () => void;

const listeners = new WeakMap<MediaStreamTrack, Set<TrackListener>>();

/**
 * Wraps `enabled` and `stop` of MediaStreamTrack. The pictures that are sent come from a clone in the
 * worker, which would go on when the page's own track is disabled or stopped, and the camera with it.
 */
export function watchTracks(prototype: MediaStreamTrack): void {
  const enabled = Object.getOwnPropertyDescriptor(prototype, 'enabled');
  if (enabled?.get && enabled.set) {
    // Called with the track they are asked of, below.
    /* eslint-disable-next-line @typescript-eslint/unbound-method */
    const { get, set } = enabled;
    Object.defineProperty(prototype, 'enabled', {
      ...enabled,
      get(this: MediaStreamTrack): unknown {
        return get.call(this);
      },
      set(this: MediaStreamTrack, value: unknown) {
        set.call(this, value);
        tell(this);
      },
    });
  }
  wrap(prototype, 'stop', (original) => {
    return function (this: MediaStreamTrack) {
      original.call(this);
      tell(this);
    };
  });
}

/** Until the returned function is called. */
export function onTrackChange(track: MediaStreamTrack, listener: TrackListener): () => void {
  const own = listeners.get(track) ?? new Set();
  listeners.set(track, own);
  own.add(listener);
  track.addEventListener('ended', listener);
  return () => {
    own.delete(listener);
    track.removeEventListener('ended', listener);
  };
}

/** Something about a track is another now. */
export function tell(track: MediaStreamTrack): void {
  for (const listener of listeners.get(track) ?? []) listener();
}

/** A track of ours starts muted, and is muted while nothing comes (WebRTC 1.0, section 5.3). */
export class RemoteTrack {
  #muted = true;

  constructor(readonly track: MediaStreamTrack) {
    Object.defineProperty(track, 'muted', { configurable: true, get: () => this.#muted });
  }

  setMuted(muted: boolean): void {
    if (this.#muted === muted || this.track.readyState === 'ended') return;
    this.#muted = muted;
    this.track.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
  }

  /** The connection or the transceiver is over. */
  end(): void {
    if (this.track.readyState === 'ended') return;
    this.track.stop();
    this.track.dispatchEvent(new Event('ended'));
  }
}

/** A stream of the remote's, under the id it has there. */
export function remoteStream(id: string): MediaStream {
  const stream = new MediaStream();
  Object.defineProperty(stream, 'id', { configurable: true, enumerable: true, value: id });
  return stream;
}
