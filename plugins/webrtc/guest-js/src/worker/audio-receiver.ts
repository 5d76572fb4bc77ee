/** Decodes the sound of one slot, for a worklet that plays it. */
import type { Codec } from '../shared/bridge';
import type { ReceivedFrame } from '../shared/frames';
import type { PlayedBlock, PlayerFloor, PlayerReport, ReceivedCounters } from '../shared/messages';
import { SAMPLE_RATE } from '../shared/sound';

/** Packets in the decoder above which it is hopelessly behind. */
const MAX_DECODING = 50;
/** Packets, 2 s. */
const SETTLING = 100;
/** Milliseconds by which the least wait changes before the worklet is told. */
const FLOOR_STEP = 10;
/** Buffers that are kept for use again. */
const MAX_POOL = 16;

export class AudioReceiver {
  #decoder: AudioDecoder | null = null;
  #port: MessagePort | null = null;
  #origin: number | null = null;
  #pool: Float32Array<ArrayBuffer>[] = [];
  #report: PlayerReport | null = null;
  #floor = 0;
  #received = 0;
  #decoded = 0;
  #dropped = 0;
  #error: string | null = null;

  constructor(
    private codecs: readonly Codec[],
    private readonly flowing: () => void,
  ) {}

  /**
   * Seconds from the coming of a packet that is on time to its being heard, as far as is known here. Nothing
   * in the first seconds: the first pictures are not kept back for sound that stumbles while it begins.
   */
  get delay(): number {
    return this.#decoded < SETTLING ? 0 : (this.#report?.delaySeconds ?? 0);
  }

  /** Lets sound wait at least so many milliseconds, for pictures that are late. */
  setFloor(ms: number): void {
    if (Math.abs(ms - this.#floor) < FLOOR_STEP && (ms > 0 || this.#floor === 0)) return;
    this.#floor = ms;
    this.#tellFloor();
  }

  update(codecs: readonly Codec[]): void {
    this.codecs = codecs;
  }

  setPort(port: MessagePort): void {
    this.#port?.close();
    this.#port = port;
    this.#tellFloor();
    port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer> | PlayerReport>) => {
      if (!(data instanceof Float32Array)) this.#report = data;
      else if (this.#pool.length < MAX_POOL) this.#pool.push(data);
    };
  }

  receive(frame: ReceivedFrame, data: Uint8Array<ArrayBuffer>): void {
    if (!this.codecs.some(({ pt }) => pt === frame.pt)) return;
    this.#received += 1;
    try {
      const decoder = this.#configured();
      if (decoder.decodeQueueSize > MAX_DECODING) {
        this.#dropped += 1;
        return;
      }
      decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: frame.mediaTime, data }));
    } catch (error) {
      this.#fail(error);
    }
  }

  close(): void {
    this.#port?.close();
    this.#port = null;
    this.#closeDecoder();
    this.#pool = [];
  }

  counters(): ReceivedCounters {
    const report = this.#report;
    return {
      framesReceived: this.#received,
      framesDecoded: this.#decoded,
      keyFramesDecoded: 0,
      framesDropped: this.#dropped,
      width: 0,
      height: 0,
      framesPerSecond: 0,
      freezeCount: 0,
      freezeSeconds: 0,
      totalDecodeTime: 0,
      audioEnergy: report?.energy ?? 0,
      audioLevel: report?.level ?? 0,
      audioSeconds: report?.seconds ?? 0,
      concealedSamples: report?.concealedSamples ?? 0,
      concealmentEvents: report?.concealmentEvents ?? 0,
      samplesReceived: Math.round((report?.seconds ?? 0) * SAMPLE_RATE),
      insertedSamplesForDeceleration: report?.insertedSamples ?? 0,
      removedSamplesForAcceleration: report?.removedSamples ?? 0,
      waited: report?.waited ?? 0,
      error: this.#error,
    };
  }

  #tellFloor(): void {
    const message: PlayerFloor = { floor: Math.round((this.#floor * SAMPLE_RATE) / 1000) };
    this.#port?.postMessage(message);
  }

  #configured(): AudioDecoder {
    if (this.#decoder?.state === 'configured') return this.#decoder;
    const decoder: AudioDecoder = new AudioDecoder({
      output: (sound) => {
        if (decoder === this.#decoder) this.#play(sound);
        sound.close();
      },
      error: (error) => {
        if (decoder === this.#decoder) this.#fail(error);
      },
    });
    decoder.configure({ codec: 'opus', sampleRate: SAMPLE_RATE, numberOfChannels: 2 });
    this.#decoder = decoder;
    return decoder;
  }

  #play(sound: AudioData): void {
    if (this.#decoded === 0) this.flowing();
    this.#decoded += 1;
    if (!this.#port) return;
    const length = sound.numberOfFrames;
    let samples = this.#pool.pop();
    if (samples?.length !== length) samples = new Float32Array(length);
    sound.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
    this.#origin ??= sound.timestamp;
    const block: PlayedBlock = {
      at: Math.round(((sound.timestamp - this.#origin) * SAMPLE_RATE) / 1e6),
      samples,
    };
    this.#port.postMessage(block, [samples.buffer]);
  }

  #fail(error: unknown): void {
    this.#error = String(error);
    this.#closeDecoder();
  }

  #closeDecoder(): void {
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = null;
  }
}
