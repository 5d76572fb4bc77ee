/** Messages between the page and the engine's worker, and between worker and worklets. */
import type { BridgeEvent, Codec, Failure, Reply } from './bridge';

/** What the page asks of a video sender; W3C names, whole values. */
export interface VideoSettings {
  readonly active: boolean;
  /** Bits a second; nothing means no bound but the engine's. */
  readonly maxBitrate: number | null;
  readonly maxFramerate: number | null;
  readonly scaleResolutionDownBy: number;
  readonly degradationPreference: 'balanced' | 'maintain-framerate' | 'maintain-resolution';
  /** `MediaStreamTrack.enabled`: pictures are black while it is false. */
  readonly enabled: boolean;
}

/** What the page asks of an audio sender. */
export interface AudioSettings {
  readonly active: boolean;
  readonly maxBitrate: number | null;
  /** What is to be done to the sound before it is encoded, see `processingBits`. */
  readonly processing: number;
}

/** Page to worker. `pc` is the page's number of the connection. */
export type ToWorker =
  /** Before all others: the port over which the worker asks {@link Given} and the page answers {@link Shown}. */
  | { readonly to: 'players'; readonly port: MessagePort }
  | { readonly to: 'open'; readonly pc: number; readonly url: string; readonly token: string }
  | { readonly to: 'text'; readonly pc: number; readonly text: string }
  | {
      readonly to: 'data';
      readonly pc: number;
      readonly handle: number;
      readonly binary: boolean;
      readonly payload: ArrayBuffer;
    }
  | { readonly to: 'close'; readonly pc: number }
  | { readonly to: 'generators'; readonly count: number }
  | { readonly to: 'discard'; readonly generator: number }
  | {
      readonly to: 'screen';
      readonly generator: number;
      readonly url: string;
      readonly token: string;
    }
  | {
      readonly to: 'sendVideo';
      readonly pc: number;
      readonly slot: number;
      readonly codec: Codec;
      readonly settings: VideoSettings;
      /** Another source; nothing if the one that was given before goes on. With the settings, which say whether it is enabled. */
      readonly track: MediaStreamTrack | null;
    }
  | {
      readonly to: 'sendAudio';
      readonly pc: number;
      readonly slot: number;
      readonly codec: Codec;
      readonly settings: AudioSettings;
      /** From the capturing worklet; nothing if the one that was given before goes on. */
      readonly port: MessagePort | null;
    }
  | { readonly to: 'stopSending'; readonly pc: number; readonly slot: number }
  | {
      readonly to: 'receiveVideo';
      readonly pc: number;
      readonly slot: number;
      readonly generator: number;
      readonly codecs: readonly Codec[];
    }
  | {
      readonly to: 'receiveAudio';
      readonly pc: number;
      readonly slot: number;
      /** To a worklet that wants the samples; nothing if none does, or the one that was given before. */
      readonly port: MessagePort | null;
    }
  /** What comes waits at least so many milliseconds (`RTCRtpReceiver.jitterBufferTarget`). */
  | { readonly to: 'target'; readonly pc: number; readonly slot: number; readonly ms: number }
  | { readonly to: 'stopReceiving'; readonly pc: number; readonly slot: number }
  | { readonly to: 'counters'; readonly pc: number; readonly id: number };

/** Worker to page. */
export type ToPage =
  | { readonly to: 'probed'; readonly support: Support }
  | { readonly to: 'generator'; readonly id: number; readonly track: MediaStreamTrack }
  | { readonly to: 'picture'; readonly generator: number; readonly frame: VideoFrame }
  /** Whether a screen gives pictures: true with the first one, false when there will be no more. */
  | { readonly to: 'screen'; readonly generator: number; readonly live: boolean }
  | { readonly to: 'opened'; readonly pc: number }
  | { readonly to: 'closed'; readonly pc: number; readonly error: Failure | null }
  | { readonly to: 'text'; readonly pc: number; readonly message: BridgeEvent | Reply }
  | {
      readonly to: 'data';
      readonly pc: number;
      readonly handle: number;
      readonly binary: boolean;
      readonly payload: ArrayBuffer;
    }
  | { readonly to: 'flowing'; readonly pc: number; readonly slot: number }
  | {
      readonly to: 'counters';
      readonly pc: number;
      readonly id: number;
      readonly counters: readonly SlotCounters[];
    };

/** The worker asks: a picture was given to a generator's track, how many of them are shown? */
export interface Given {
  readonly generator: number;
}

/** The page answers. */
export interface Shown {
  readonly generator: number;
  /** Pictures that a player has shown since it began; nothing if none shows the track. */
  readonly total: number | null;
}

/** What the webview has. */
export interface Support {
  /** MediaStreamTrackProcessor and VideoTrackGenerator are there, and the codecs named. */
  readonly tracks: boolean;
  readonly video: readonly string[];
}

/** Counts of one slot since it began. */
export interface SlotCounters {
  readonly slot: number;
  /** Whether anything is sent in it, sound or pictures: its encoding is active. */
  readonly sending: boolean;
  readonly sent: SentCounters | null;
  readonly received: ReceivedCounters | null;
}

/** What a sender's pictures are limited by (W3C Statistics, `RTCQualityLimitationReason`). */
export type Limitation = 'none' | 'cpu' | 'bandwidth' | 'other';

export interface SentCounters {
  readonly framesCaptured: number;
  /** Of the source, in the last second. */
  readonly capturedPerSecond: number;
  /** Of the source's pictures; 0 if there are none. */
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  readonly framesEncoded: number;
  readonly keyFramesEncoded: number;
  /** Not encoded since the encoder or the socket could not keep up. */
  readonly framesDropped: number;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly targetBitrate: number;
  readonly limitation: Limitation;
  /** Seconds spent under each. */
  readonly limitationSeconds: Readonly<Record<Limitation, number>>;
  /** How often the size changed because of them. */
  readonly limitationChanges: number;
  /** Seconds. */
  readonly totalEncodeTime: number;
  readonly error: string | null;
}

export interface ReceivedCounters {
  readonly framesReceived: number;
  readonly framesDecoded: number;
  readonly keyFramesDecoded: number;
  readonly framesDropped: number;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly freezeCount: number;
  /** Seconds. */
  readonly freezeSeconds: number;
  /** Seconds. */
  readonly totalDecodeTime: number;
  readonly error: string | null;
}

/** Worklet to worker: a block of captured sound; the buffer is given back when it was used. */
export interface CapturedBlock {
  readonly samples: Float32Array<ArrayBuffer>;
}
