/**
 * Notices where a page wants the samples of a remote track, and not only to hear it: Web Audio, a recorder.
 * Rust plays what is only heard; samples cross the bridge where somebody takes them.
 */
import { wrap } from './wrap';

/** What is wrapped; a test gives others. */
export interface Platform {
  readonly AudioContext: { readonly prototype: AudioContext };
  MediaStreamAudioSourceNode?: new (
    context: AudioContext,
    options: { mediaStream: MediaStream },
  ) => object;
  MediaRecorder?: new (stream: MediaStream) => object;
}

/** Once, before the page's own scripts. `tap`: called with each track whose samples are taken. */
export function watchTaps(platform: Platform, tap: (track: MediaStreamTrack) => void): void {
  const take = (stream: unknown) => {
    if (!(stream instanceof MediaStream)) return;
    for (const track of stream.getAudioTracks()) tap(track);
  };
  wrap(platform.AudioContext.prototype, 'createMediaStreamSource', (original) => {
    return function (this: AudioContext, stream: MediaStream) {
      const node = original.call(this, stream);
      take(stream);
      return node;
    };
  });
  const { MediaStreamAudioSourceNode, MediaRecorder } = platform;
  if (MediaStreamAudioSourceNode) {
    platform.MediaStreamAudioSourceNode = new Proxy(MediaStreamAudioSourceNode, {
      construct(target, given, newTarget) {
        const node = Reflect.construct(target, given, newTarget) as object;
        take((given[1] as { mediaStream?: unknown } | undefined)?.mediaStream);
        return node;
      },
    });
  }
  if (MediaRecorder) {
    platform.MediaRecorder = new Proxy(MediaRecorder, {
      construct(target, given, newTarget) {
        const recorder = Reflect.construct(target, given, newTarget) as object;
        take(given[0]);
        return recorder;
      },
    });
  }
}
