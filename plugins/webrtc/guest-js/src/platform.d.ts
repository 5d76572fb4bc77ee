/** What the webview has and TypeScript's DOM library lacks. */

/** MediaStreamTrack Insertable Streams (W3C), in dedicated workers only. */
declare class MediaStreamTrackProcessor {
  constructor(init: { track: MediaStreamTrack; maxBufferSize?: number });
  readonly readable: ReadableStream<VideoFrame>;
}

/** MediaStreamTrack Insertable Streams (W3C), in dedicated workers only. */
declare class VideoTrackGenerator {
  readonly writable: WritableStream<VideoFrame>;
  readonly track: MediaStreamTrack;
  muted: boolean;
}

/** Web Audio API, in an AudioWorkletGlobalScope only. */
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(
  name: string,
  processor: new (options: { processorOptions: unknown }) => AudioWorkletProcessor,
): void;

/** Texts put in by build.mjs. */
declare module 'inline:src/worker/main.ts' {
  const text: string;
  export default text;
}
declare module 'inline:src/worklet/main.ts' {
  const text: string;
  export default text;
}
