/** Gives Rust the sound of one track, which a worklet hands over in blocks of 20 ms. */
import type { Codec } from '../shared/bridge';
import { ClockMap } from '../shared/clock';
import type { SentSound } from '../shared/frames';
import type { AudioSettings, CapturedBlock } from '../shared/messages';
import { BLOCK, DEFAULT_BITRATE, SAMPLE_RATE } from '../shared/sound';
import { now } from '../shared/now';

/**
 * In the first 2 s of a track, blocks that are later than this (µs) are not sent: the page stumbles
 * while a call is set up, and whoever gets a burst then lets all sound wait for such bursts, Chromium for
 * half a minute (measured).
 */
const LATE = 60_000;
const SETTLING = (2 * SAMPLE_RATE) / BLOCK;
/** Length of a block, µs. */
const DURATION = (BLOCK / SAMPLE_RATE) * 1e6;

/** Where the blocks go. */
export interface SoundSink {
  /** Whether more can be taken now. */
  ready(): boolean;
  send(sound: SentSound, samples: Float32Array<ArrayBuffer>): void;
}

export class AudioSender {
  #codec: Codec;
  #settings: AudioSettings;
  #port: MessagePort | null = null;
  #clock = new ClockMap();
  #samples = 0;
  /** Since it has this port. */
  #blocks = 0;

  constructor(
    readonly slot: number,
    codec: Codec,
    settings: AudioSettings,
    private readonly sink: SoundSink,
  ) {
    this.#codec = codec;
    this.#settings = settings;
  }

  update(codec: Codec, settings: AudioSettings): void {
    this.#codec = codec;
    this.#settings = settings;
  }

  /** Whether it sends. */
  get busy(): boolean {
    return this.#settings.active;
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
  }

  #take(samples: Float32Array<ArrayBuffer>): void {
    const ready = now() * 1000 - DURATION;
    const time = this.#clock.map((this.#samples * 1e6) / SAMPLE_RATE, ready, DURATION);
    this.#samples += BLOCK;
    const settling = this.#blocks < SETTLING;
    this.#blocks += 1;
    if (time === null || (settling && ready - time > LATE) || !this.sink.ready()) return;
    const { slot } = this;
    const { pt } = this.#codec;
    const { processing, maxBitrate } = this.#settings;
    const bitrate = maxBitrate ?? DEFAULT_BITRATE;
    this.sink.send({ slot, pt, processing, bitrate, timestamp: time }, samples);
  }
}
