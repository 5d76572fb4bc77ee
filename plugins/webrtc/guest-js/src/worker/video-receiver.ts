/** Decodes the pictures of one slot into a generator's track. */
import { toAvc } from '../shared/avc';
import type { Codec } from '../shared/bridge';
import { codecString } from '../shared/codecs';
import type { ReceivedFrame } from '../shared/frames';
import type { ReceivedCounters } from '../shared/messages';
import { keyFrameSize, type Size } from '../shared/key-frame';
import { now } from '../shared/now';
import { FrameRate, Freezes } from './measure';
import { Pacing } from './pacing';
import { Primer } from './primer';
import { MAX_WAIT } from './sync';

/** Frames in the decoder above which it is hopelessly behind. */
const MAX_DECODING = 20;
/** Pictures over which the time they take is averaged. */
const DELAY_OVER = 30;
/** Longest a picture is held back to go with its sound, milliseconds. */
const MAX_HOLD = 1000;

/**
 * Pixels of a picture above which none is decoded: what screens of today and their cameras have (4096 × 2304). A few bytes
 * of a peer can claim 16,383 × 16,383, and a decoder takes a gigabyte for that before it looks at the rest.
 */
const MAX_PIXELS = 4096 * 2304;

/** Where the pictures go; takes ownership. */
export type PictureSink = (frame: VideoFrame) => void;

export class VideoReceiver {
  #decoder: VideoDecoder | null = null;
  #codecs: readonly Codec[];
  #pt = -1;
  /** Of H.264: the parameter sets that the decoder has. */
  #description: Uint8Array<ArrayBuffer> | null = null;
  /** Of the last key frame: WebKit's decoder gives all its pictures the size of its first. */
  #size: Size | null = null;
  #needKey = true;
  #hold = 0;
  #target = 0;
  readonly #pacing = new Pacing();
  #delay = 0;
  /** Pictures that are held back. */
  readonly #waiting = new Map<ReturnType<typeof setTimeout>, VideoFrame>();
  readonly #rate = new FrameRate();
  readonly #freezes = new Freezes();
  readonly #starts = new Map<number, number>();
  #received = 0;
  #decoded = 0;
  #keys = 0;
  #dropped = 0;
  #decodeMs = 0;
  #width = 0;
  #height = 0;
  #error: string | null = null;
  #primer: Primer;
  #paused = false;
  /** The page knows that pictures come. */
  #began = false;

  constructor(
    codecs: readonly Codec[],
    private readonly sink: PictureSink,
    /** A key frame is needed. */
    private readonly lost: () => void,
    /** The first picture since it began, or since it was paused. */
    private readonly flowing: () => void,
  ) {
    this.#codecs = codecs;
    this.#primer = new Primer(sink);
  }

  /** It may come again, or in another codec. */
  resume(codecs: readonly Codec[]): void {
    this.#codecs = codecs;
    if (!this.#paused) return;
    this.#paused = false;
    this.#primer = new Primer(this.sink);
  }

  /** Milliseconds from a picture's coming until it can be shown: it is decoded, and waits as long as the page wants. */
  get delay(): number {
    return Math.max(this.#delay, this.#target);
  }

  /** The page wants pictures to wait at least so many milliseconds. */
  setTarget(ms: number): void {
    this.#target = Math.min(MAX_WAIT, ms);
  }

  /** Holds pictures back by so many milliseconds, so that they go with the sound. */
  setHold(ms: number): void {
    this.#hold = Math.min(MAX_HOLD, ms);
  }

  receive(frame: ReceivedFrame, data: Uint8Array<ArrayBuffer>): void {
    if (this.#paused) return;
    this.#received += 1;
    if (this.#needKey && !frame.key) {
      // Asked again with each: Rust does not pass on what is asked twice within a moment, and the first key frame may
      // have come before there was anybody to show it.
      this.#lose();
      return;
    }
    const codec = this.#codecs.find((one) => one.pt === frame.pt);
    const picture = codec && isH264(codec) ? toAvc(data) : { description: null, size: null, data };
    const claimed = picture.size ?? (frame.key && codec ? keyFrameSize(codec, data) : null);
    if (claimed && claimed.width * claimed.height > MAX_PIXELS) {
      this.#lose();
      return;
    }
    if (frame.pt !== this.#pt || this.#decoder?.state !== 'configured') {
      if (!frame.key || !codec || !this.#open(codec, picture.description)) {
        this.#lose();
        return;
      }
    }
    const decoder = this.#decoder;
    if (!decoder || !codec) return;
    if (decoder.decodeQueueSize >= MAX_DECODING && !frame.key) {
      this.#lose();
      return;
    }
    this.#needKey = false;
    if (frame.key) {
      this.#keys += 1;
      this.#size = keyFrameSize(codec, data);
    }
    try {
      this.#starts.set(frame.mediaTime, now());
      if (picture.description && !isSame(picture.description, this.#description)) {
        this.#configure(decoder, codec, picture.description);
      }
      decoder.decode(
        new EncodedVideoChunk({
          type: frame.key ? 'key' : 'delta',
          timestamp: frame.mediaTime,
          data: picture.data,
        }),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  /** No more of it is agreed on, for now: what was counted stays. */
  pause(): void {
    this.close();
    this.#paused = true;
    this.#began = false;
    this.#needKey = true;
    this.#freezes.pause();
  }

  close(): void {
    this.#primer.stop();
    for (const [timer, frame] of this.#waiting) {
      clearTimeout(timer);
      frame.close();
    }
    this.#waiting.clear();
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = null;
  }

  counters(): ReceivedCounters {
    return {
      framesReceived: this.#received,
      framesDecoded: this.#decoded,
      keyFramesDecoded: this.#keys,
      framesDropped: this.#dropped,
      width: this.#width,
      height: this.#height,
      framesPerSecond: this.#rate.at(now()),
      freezeCount: this.#freezes.count,
      freezeSeconds: this.#freezes.total / 1000,
      totalDecodeTime: this.#decodeMs / 1000,
      error: this.#error,
    };
  }

  #open(codec: Codec, description: Uint8Array<ArrayBuffer> | null): boolean {
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#starts.clear();
    this.#pt = codec.pt;
    const decoder: VideoDecoder = new VideoDecoder({
      output: (frame) => {
        if (decoder === this.#decoder) this.#show(frame);
        else frame.close();
      },
      error: (error) => {
        if (decoder === this.#decoder) this.#fail(error);
      },
    });
    this.#decoder = decoder;
    try {
      this.#configure(decoder, codec, description);
    } catch (error) {
      this.#error = String(error);
      return false;
    }
    return true;
  }

  /** `description`: parameter sets of H.264. */
  #configure(
    decoder: VideoDecoder,
    codec: Codec,
    description: Uint8Array<ArrayBuffer> | null,
  ): void {
    this.#description = description;
    decoder.configure({
      codec: codecString(codec),
      optimizeForLatency: true,
      ...(description ? { description } : {}),
    });
  }

  #show(frame: VideoFrame): void {
    this.#primer.stop();
    const at = now();
    const start = this.#starts.get(frame.timestamp);
    if (start !== undefined) {
      this.#decodeMs += at - start;
      this.#delay += (at - start - this.#delay) / DELAY_OVER;
    }
    this.#starts.delete(frame.timestamp);
    if (this.#starts.size > 2 * MAX_DECODING) this.#starts.clear();
    if (!this.#began) this.flowing();
    this.#began = true;
    this.#decoded += 1;
    this.#width = this.#size?.width ?? frame.displayWidth;
    this.#height = this.#size?.height ?? frame.displayHeight;
    this.#rate.count(at);
    const hold = this.delay - this.#delay + this.#hold;
    const due = this.#pacing.next(at, frame.timestamp, hold);
    this.#freezes.shown(due);
    const wait = due - at;
    if (wait < 1) {
      this.sink(frame);
      return;
    }
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      this.sink(frame);
    }, wait);
    this.#waiting.set(timer, frame);
  }

  #fail(error: unknown): void {
    this.#error = String(error);
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = null;
    this.#lose();
  }

  #lose(): void {
    this.#dropped += 1;
    this.#needKey = true;
    this.lost();
  }
}

function isH264({ mime }: Codec): boolean {
  return mime.toLowerCase() === 'video/h264';
}

function isSame(one: Uint8Array, other: Uint8Array | null): boolean {
  return other?.length === one.length && one.every((byte, index) => byte === other[index]);
}
