/**
 * What a page asked of its microphone. The webview gives raw sound whatever it is asked for, and calls it
 * processed; here the wish is kept, told truly by `getSettings`, and granted where the sound is sent.
 */
import { type Processing, PROCESSING } from '../shared/sound';
import { tell } from './tracks';
import { wrap } from './wrap';

const wishes = new WeakMap<MediaStreamTrack, Processing>();

/** Nothing for a track that isn't of a microphone. */
export function processingOf(track: MediaStreamTrack): Processing | null {
  return wishes.get(track) ?? null;
}

/** Whether a track is of a microphone that the webview opened. */
export function isMicrophone(track: MediaStreamTrack): boolean {
  return wishes.has(track);
}

/** What constraints ask for; what they don't mention stays as it is. */
export function readProcessing(
  given: MediaTrackConstraints | boolean | undefined,
  before: Processing,
): Processing {
  if (typeof given !== 'object') return before;
  const wish = { ...before };
  for (const name of PROCESSING) {
    const value = given[name] as unknown;
    const asked: unknown =
      typeof value === 'object' && value !== null
        ? 'exact' in value
          ? value.exact
          : 'ideal' in value
            ? value.ideal
            : undefined
        : value;
    // "all" and "remote-only" are newer ways to say yes.
    if (typeof asked === 'boolean' || typeof asked === 'string') wish[name] = Boolean(asked);
  }
  return wish;
}

/** The webview must not refuse what it can't do and we can. */
function withoutProcessing(given: MediaTrackConstraints): MediaTrackConstraints {
  const kept = { ...given };
  for (const name of PROCESSING) Reflect.deleteProperty(kept, name);
  if (given.advanced) kept.advanced = given.advanced.map(withoutProcessing);
  return kept;
}

/** As Chromium and Firefox do when nothing is asked for. */
const DEFAULT: Processing = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/** Wraps what gives, copies and tells of tracks. */
export function watchCapture(devices: MediaDevices, tracks: MediaStreamTrack): void {
  wrap(devices, 'getUserMedia', (original) => {
    return async function (this: MediaDevices, constraints?: MediaStreamConstraints) {
      const audio = constraints?.audio;
      if (typeof audio !== 'object') {
        return remember(await original.call(this, constraints), DEFAULT);
      }
      const wish = readProcessing(audio, DEFAULT);
      const asked = { ...constraints, audio: withoutProcessing(audio) };
      return remember(await original.call(this, asked), wish);
    };
  });
  wrap(devices, 'getSupportedConstraints', (original) => {
    return function (this: MediaDevices) {
      return { ...original.call(this), ...DEFAULT };
    };
  });
  wrap(tracks, 'clone', (original) => {
    return function (this: MediaStreamTrack) {
      const copy = original.call(this);
      const wish = wishes.get(this);
      if (wish) wishes.set(copy, wish);
      return copy;
    };
  });
  wrap(tracks, 'applyConstraints', (original) => {
    return async function (this: MediaStreamTrack, constraints?: MediaTrackConstraints) {
      const wish = wishes.get(this);
      if (!wish || !constraints) {
        await original.call(this, constraints);
        return;
      }
      await original.call(this, withoutProcessing(constraints));
      wishes.set(this, readProcessing(constraints, wish));
      tell(this);
    };
  });
  wrap(tracks, 'getSettings', (original) => {
    return function (this: MediaStreamTrack) {
      return { ...original.call(this), ...wishes.get(this) };
    };
  });
}

function remember(stream: MediaStream, wish: Processing): MediaStream {
  for (const track of stream.getAudioTracks()) wishes.set(track, wish);
  return stream;
}
