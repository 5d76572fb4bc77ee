/** Encodes the pictures of one track. Nothing waits: what can't be encoded at once is dropped. */
import type { Codec } from '../shared/bridge';
import { ClockMap } from '../shared/clock';
import { codecString } from '../shared/codecs';
import { NO_LEVEL, type SentFrame } from '../shared/frames';
import type { SentCounters, VideoSettings } from '../shared/messages';
import { now } from '../shared/now';
import { MIN_BITRATE, type Plan, plan, scaled } from '../shared/rate';
import { blackFrame } from './black';
import { FrameRate, Limitations } from './measure';
import { Overuse } from './overuse';
import { Spending } from './spending';
import { Thinning } from './thinning';

/** Frames in the encoder above which it is behind. */
const MAX_ENCODING = 2;
/** A disabled track sends black this often, milliseconds: the remote must see it is there. */
const BLACK_INTERVAL = 500;
/** The bitrate is told to the encoder again when it changed by more than this share. */
const BITRATE_STEP = 0.1;
/** Encoders that failed one after the other before the sender gives up. */
const MAX_FAILURES = 5;

/** Where the frames go. */
export interface FrameSink {
  /** Whether more can be taken now. */
  ready(): boolean;
  send(frame: SentFrame, chunk: EncodedVideoChunk): void;
}

export class VideoSender {
  #codec: Codec;
  #settings: VideoSettings;
  #budget = 300_000;
  #track: MediaStreamTrack | null = null;
  #reader: ReadableStreamDefaultReader<VideoFrame> | null = null;
  #encoder: VideoEncoder | null = null;
  #plan: Plan | null = null;
  #width = 0;
  #height = 0;
  #bitrate = 0;
  /** What the encoder was told to spend, so that it spends that. */
  #asked = 0;
  #framerate = 0;
  #keyWanted = true;
  #failures = 0;
  #clock = new ClockMap();
  readonly #thinning = new Thinning();
  #black: ReturnType<typeof setInterval> | null = null;
  readonly #rate = new FrameRate();
  readonly #captureRate = new FrameRate();
  #sourceWidth = 0;
  #sourceHeight = 0;
  #spending = new Spending();
  #overuse = new Overuse();
  readonly #limitations = new Limitations();
  readonly #starts = new Map<number, number>();
  #captured = 0;
  #encoded = 0;
  #keys = 0;
  #dropped = 0;
  #encodeMs = 0;
  #error: string | null = null;

  constructor(
    readonly slot: number,
    codec: Codec,
    settings: VideoSettings,
    private readonly sink: FrameSink,
  ) {
    this.#codec = codec;
    this.#settings = settings;
  }

  get settings(): VideoSettings {
    return this.#settings;
  }

  /** Whether it has anything to send. */
  get busy(): boolean {
    return this.#track !== null && this.#settings.active;
  }

  update(codec: Codec, settings: VideoSettings): void {
    if (codec.pt !== this.#codec.pt || codecString(codec) !== codecString(this.#codec)) {
      this.#closeEncoder();
    }
    this.#codec = codec;
    const wasOff = !this.#settings.active || !this.#settings.enabled;
    this.#settings = settings;
    if (wasOff) this.#keyWanted = true;
    this.#blacken();
  }

  /** Another source, or none. The sender owns the track and stops it. */
  setTrack(track: MediaStreamTrack | null): void {
    void this.#reader?.cancel().catch(ignore);
    this.#reader = null;
    this.#track?.stop();
    this.#track = track;
    this.#clock = new ClockMap();
    this.#keyWanted = true;
    // What was too much of one source, or failed, may not be of another.
    this.#failures = 0;
    this.#overuse = new Overuse();
    this.#sourceWidth = 0;
    this.#sourceHeight = 0;
    if (track) void this.#read(track);
    else this.#closeEncoder();
    this.#blacken();
  }

  /** Bits a second it may use. */
  setBudget(bps: number): void {
    this.#budget = Math.max(MIN_BITRATE, bps);
  }

  requestKey(): void {
    this.#keyWanted = true;
  }

  close(): void {
    this.setTrack(null);
    this.#closeEncoder();
  }

  counters(): SentCounters {
    return {
      framesCaptured: this.#captured,
      capturedPerSecond: this.#captureRate.at(now()),
      sourceWidth: this.#sourceWidth,
      sourceHeight: this.#sourceHeight,
      framesEncoded: this.#encoded,
      keyFramesEncoded: this.#keys,
      framesDropped: this.#dropped,
      width: this.#width,
      height: this.#height,
      framesPerSecond: this.#rate.at(now()),
      targetBitrate: this.busy ? this.#bitrate : 0,
      limitation: this.#plan?.limitation ?? 'none',
      limitationSeconds: this.#limitations.seconds(now()),
      limitationChanges: this.#limitations.changes,
      totalEncodeTime: this.#encodeMs / 1000,
      error: this.#error,
    };
  }

  async #read(track: MediaStreamTrack): Promise<void> {
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    this.#reader = reader;
    try {
      for (;;) {
        const { value: frame, done } = await reader.read();
        if (done) return;
        if (this.#reader === reader) {
          this.#captured += 1;
          this.#captureRate.count(now());
          this.#sourceWidth = frame.displayWidth;
          this.#sourceHeight = frame.displayHeight;
          if (this.#settings.enabled) this.#take(frame);
        }
        frame.close();
      }
    } catch (error) {
      if (this.#reader === reader) this.#error = String(error);
    }
  }

  #take(frame: VideoFrame): void {
    if (!this.#settings.active || this.#failures >= MAX_FAILURES) return;
    const at = now();
    const next = plan(
      this.#settings,
      this.#budget,
      this.#overuse.steps,
      frame.displayWidth,
      frame.displayHeight,
      this.#plan,
    );
    this.#plan = next;
    this.#limitations.are(at, next);
    if (!this.#thinning.isDue(at, next.framerate)) return;
    const room = this.sink.ready() && (this.#encoder?.encodeQueueSize ?? 0) < MAX_ENCODING;
    this.#overuse.count(at, room);
    if (!room) {
      this.#dropped += 1;
      return;
    }
    const time = this.#clock.map(frame.timestamp, at * 1000);
    if (time === null) return;
    this.#thinning.take(at, next.framerate);
    const width = scaled(frame.displayWidth, next.scale);
    const height = scaled(frame.displayHeight, next.scale);
    // The encoder makes it as large as it is told to. A canvas in between would cost time; and what comes out
    // of one has no frame rate, with which WebKit's encoders spend 28 times the bits they may (measured).
    const timed = new VideoFrame(frame, { timestamp: time });
    this.#encode(timed, width, height, next);
    timed.close();
  }

  #encode(frame: VideoFrame, width: number, height: number, next: Plan): void {
    try {
      const encoder = this.#configured(width, height, next);
      const keyFrame = this.#keyWanted;
      this.#keyWanted = false;
      this.#starts.set(frame.timestamp, now());
      encoder.encode(frame, { keyFrame });
    } catch (error) {
      this.#fail(error);
    }
  }

  #configured(width: number, height: number, next: Plan): VideoEncoder {
    let encoder = this.#encoder;
    const resized = width !== this.#width || height !== this.#height;
    const bitrate = Math.round(next.bitrate * this.#spending.factor);
    const changed =
      Math.abs(bitrate - this.#asked) > BITRATE_STEP * this.#asked ||
      next.framerate !== this.#framerate;
    if (encoder?.state !== 'configured') {
      encoder = this.#open();
      this.#encoder = encoder;
      this.#keyWanted = true;
    } else if (!resized && !changed) {
      return encoder;
    }
    if (resized) {
      this.#keyWanted = true;
      this.#overuse.restart(now());
    }
    this.#width = width;
    this.#height = height;
    this.#bitrate = next.bitrate;
    this.#asked = bitrate;
    this.#framerate = next.framerate;
    const codec = codecString(this.#codec);
    encoder.configure({
      codec,
      width,
      height,
      bitrate,
      framerate: next.framerate,
      latencyMode: 'realtime',
      ...(codec.startsWith('avc1') ? { avc: { format: 'annexb' as const } } : {}),
    });
    return encoder;
  }

  #open(): VideoEncoder {
    const pt = this.#codec.pt;
    this.#spending = new Spending(codecString(this.#codec).startsWith('avc1') ? 2 : 1);
    const encoder: VideoEncoder = new VideoEncoder({
      output: (chunk) => {
        if (encoder !== this.#encoder) return;
        this.#failures = 0;
        this.#encoded += 1;
        if (chunk.type === 'key') this.#keys += 1;
        const at = now();
        this.#rate.count(at);
        this.#spending.spent(at, chunk.byteLength, this.#bitrate);
        const start = this.#starts.get(chunk.timestamp);
        // With those before it that the encoder dropped.
        for (const given of this.#starts.keys()) {
          if (given > chunk.timestamp) break;
          this.#starts.delete(given);
        }
        if (start !== undefined) this.#encodeMs += at - start;
        this.sink.send(
          {
            key: chunk.type === 'key',
            slot: this.slot,
            pt,
            level: NO_LEVEL,
            timestamp: chunk.timestamp,
          },
          chunk,
        );
      },
      error: (error) => {
        if (encoder === this.#encoder) this.#fail(error);
      },
    });
    return encoder;
  }

  #fail(error: unknown): void {
    this.#error = String(error);
    this.#failures += 1;
    this.#closeEncoder();
  }

  #closeEncoder(): void {
    if (this.#encoder && this.#encoder.state !== 'closed') this.#encoder.close();
    this.#encoder = null;
    this.#starts.clear();
    this.#width = 0;
    this.#height = 0;
  }

  /** Black pictures while the track is disabled, as a remote expects of one that is there. */
  #blacken(): void {
    const wanted = this.#track !== null && !this.#settings.enabled && this.#settings.active;
    if (wanted || !this.busy) this.#limitations.pause(now());
    if (wanted === (this.#black !== null)) return;
    if (this.#black !== null) clearInterval(this.#black);
    this.#black = null;
    const width = this.#width || 640;
    const height = this.#height || 360;
    // Its frames have no rate, a camera's have: an encoder keeps what it began with.
    this.#closeEncoder();
    if (!wanted) return;
    const send = () => {
      const frame = blackFrame(width, height, Math.round(now() * 1000));
      if (this.sink.ready()) {
        this.#encode(frame, width, height, {
          bitrate: MIN_BITRATE,
          scale: 1,
          reduction: 1,
          framerate: 2,
          limitation: 'none',
        });
      }
      frame.close();
    };
    this.#black = setInterval(send, BLACK_INTERVAL);
    send();
  }
}

function ignore(): void {
  // A reader whose stream has ended can't be cancelled; there is nothing to do about it.
}
