/** Encodes the sound of one track, which a worklet hands over in blocks of 20 ms. */
import type { Codec } from '../shared/bridge';
import { ClockMap } from '../shared/clock';
import type { AudioSettings, CapturedBlock, SentCounters } from '../shared/messages';
import { BLOCK, CLEANING_DELAY, SAMPLE_RATE } from '../shared/sound';
import { now } from './measure';
import type { FrameSink } from './video-sender';

/** Bits a second: full-band speech, and music well enough (RFC 7587, section 3.1.1). */
const DEFAULT_BITRATE = 40_000;
const MIN_BITRATE = 6_000;
const MAX_BITRATE = 128_000;
/** Blocks in the encoder above which it is behind. */
const MAX_ENCODING = 10;
/** Blocks whose levels wait for their packets. */
const MAX_LEVELS = 64;
/**
 * In the first 2 s of a track, blocks that are later than this (µs) are not sent: the page stumbles
 * while a call is set up, and whoever gets a burst then lets all sound wait for such bursts, Chromium for
 * half a minute (measured).
 */
const LATE = 60_000;
const SETTLING = (2 * SAMPLE_RATE) / BLOCK;
/** Length of a block, µs. */
const DURATION = (BLOCK / SAMPLE_RATE) * 1e6;
/** Blocks that Rust may be cleaning; more, and it is behind. */
const MAX_CLEANING = 25;

/** Where captured sound is cleaned; the answer comes to {@link AudioSender.cleaned}. */
export type Cleaning = (
  slot: number,
  processing: number,
  number: number,
  samples: Float32Array<ArrayBuffer>,
) => void;

export class AudioSender {
  #codec: Codec;
  #settings: AudioSettings;
  #port: MessagePort | null = null;
  #encoder: AudioEncoder | null = null;
  #clock = new ClockMap();
  #samples = 0;
  /** Since it has this port. */
  #blocks = 0;
  #number = 0;
  /** Times of the blocks that are being cleaned. */
  readonly #cleaning = new Map<number, number>();
  readonly #levels = new Map<number, number>();
  #encoded = 0;
  #dropped = 0;
  #energy = 0;
  #level = 0;
  #error: string | null = null;

  constructor(
    readonly slot: number,
    codec: Codec,
    settings: AudioSettings,
    private readonly sink: FrameSink,
    private readonly clean: Cleaning,
  ) {
    this.#codec = codec;
    this.#settings = settings;
  }

  update(codec: Codec, settings: AudioSettings): void {
    if (codec.pt !== this.#codec.pt || settings.maxBitrate !== this.#settings.maxBitrate) {
      this.#closeEncoder();
    }
    if (settings.processing !== this.#settings.processing) this.#cleaning.clear();
    this.#codec = codec;
    this.#settings = settings;
  }

  /** Where the sound comes from. */
  setPort(port: MessagePort): void {
    this.#port?.close();
    this.#port = port;
    this.#blocks = 0;
    port.onmessage = ({ data }: MessageEvent<CapturedBlock>) => {
      if (this.#settings.active) this.#take(data.samples);
      // The worklet uses the buffer again, so that its heap does not grow.
      port.postMessage(data.samples, [data.samples.buffer]);
    };
  }

  close(): void {
    this.#port?.close();
    this.#port = null;
    this.#closeEncoder();
  }

  counters(): SentCounters {
    return {
      framesCaptured: 0,
      framesEncoded: this.#encoded,
      keyFramesEncoded: 0,
      framesDropped: this.#dropped,
      width: 0,
      height: 0,
      framesPerSecond: 0,
      targetBitrate: this.#bitrate(),
      limitation: 'none',
      totalEncodeTime: 0,
      audioEnergy: this.#energy,
      audioLevel: this.#level,
      audioSeconds: this.#samples / SAMPLE_RATE,
      error: this.#error,
    };
  }

  /** A block is back from being cleaned. */
  cleaned(number: number, samples: Float32Array<ArrayBuffer>): void {
    const time = this.#cleaning.get(number);
    // Blocks come back in order: an older one was lost on the way.
    for (const older of this.#cleaning.keys()) if (older <= number) this.#cleaning.delete(older);
    if (time !== undefined) this.#encode(time - CLEANING_DELAY, samples);
  }

  /** The captured block, and after it what was played. */
  #take(samples: Float32Array<ArrayBuffer>): void {
    const ready = now() * 1000 - DURATION;
    const time = this.#clock.map((this.#samples * 1e6) / SAMPLE_RATE, ready, DURATION);
    this.#samples += BLOCK;
    const settling = this.#blocks < SETTLING;
    this.#blocks += 1;
    const { processing } = this.#settings;
    if (time === null || (settling && ready - time > LATE)) {
      this.#dropped += 1;
    } else if (!this.sink.ready() || this.#cleaning.size >= MAX_CLEANING) {
      this.#dropped += 1;
      // Should an answer be lost, that must not be the end of sound.
      this.#cleaning.clear();
    } else if (processing === 0) {
      this.#encode(time, samples.subarray(0, BLOCK));
    } else {
      this.#cleaning.set(this.#number, time);
      this.clean(this.slot, processing, this.#number, samples);
      this.#number = (this.#number + 1) >>> 0;
    }
  }

  #encode(time: number, samples: Float32Array<ArrayBuffer>): void {
    let sum = 0;
    for (const value of samples) sum += value * value;
    const square = sum / samples.length;
    this.#level = Math.sqrt(square);
    this.#energy += square * (samples.length / SAMPLE_RATE);
    try {
      const encoder = this.#configured();
      if (encoder.encodeQueueSize > MAX_ENCODING) {
        this.#dropped += 1;
        return;
      }
      const block = new AudioData({
        format: 'f32-planar',
        sampleRate: SAMPLE_RATE,
        numberOfFrames: samples.length,
        numberOfChannels: 1,
        timestamp: time,
        data: samples,
      });
      this.#levels.set(time, decibels(square));
      if (this.#levels.size > MAX_LEVELS) this.#levels.clear();
      encoder.encode(block);
      block.close();
    } catch (error) {
      this.#fail(error);
    }
  }

  #configured(): AudioEncoder {
    if (this.#encoder?.state === 'configured') return this.#encoder;
    const pt = this.#codec.pt;
    const encoder: AudioEncoder = new AudioEncoder({
      output: (chunk) => {
        if (encoder !== this.#encoder) return;
        this.#encoded += 1;
        const level = this.#levels.get(chunk.timestamp) ?? 127;
        this.#levels.delete(chunk.timestamp);
        this.sink.send(
          { key: true, slot: this.slot, pt, level, timestamp: chunk.timestamp },
          chunk,
        );
      },
      error: (error) => {
        if (encoder === this.#encoder) this.#fail(error);
      },
    });
    encoder.configure({
      codec: 'opus',
      sampleRate: SAMPLE_RATE,
      numberOfChannels: 1,
      bitrate: this.#bitrate(),
      opus: { frameDuration: DURATION, packetlossperc: 5, useinbandfec: true },
    });
    this.#encoder = encoder;
    return encoder;
  }

  #bitrate(): number {
    return Math.min(
      MAX_BITRATE,
      Math.max(MIN_BITRATE, this.#settings.maxBitrate ?? DEFAULT_BITRATE),
    );
  }

  #fail(error: unknown): void {
    this.#error = String(error);
    this.#closeEncoder();
  }

  #closeEncoder(): void {
    if (this.#encoder && this.#encoder.state !== 'closed') this.#encoder.close();
    this.#encoder = null;
    this.#levels.clear();
  }
}

/** −dBov of a mean square, as RFC 6464 counts: 0 is loudest, 127 silence. */
export function decibels(square: number): number {
  if (square <= 0) return 127;
  return Math.min(127, Math.max(0, Math.round(-10 * Math.log10(square))));
}
