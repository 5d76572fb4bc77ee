/** The two ends of sound in the page: what captures a track, and what plays into one. */
import type { CapturedBlock, PlayedBlock, PlayerFloor, PlayerReport } from '../shared/messages';
import { BLOCK, CAPTURE, PLAYER, SAMPLE_RATE } from '../shared/sound';
import { JitterBuffer } from './jitter';

/** Buffers kept for use again; more are only made while the worker is behind. */
const MAX_POOL = 8;
/** Samples between two reports: 100 ms. */
const REPORT = SAMPLE_RATE / 10;

/** Sent to a processor's own port: the one to the worker, or nothing to stop for good. */
interface Control {
  readonly port: MessagePort | null;
}

class Capture extends AudioWorkletProcessor {
  #peer: MessagePort | null = null;
  #stopped = false;
  #pool: Float32Array<ArrayBuffer>[] = [];
  /** The microphone's block, and after it the loudspeaker's. */
  #block = new Float32Array(2 * BLOCK);
  #filled = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<Control>) => {
      this.#peer?.close();
      this.#peer = data.port;
      this.#stopped = data.port === null;
      this.#filled = 0;
      if (!data.port) return;
      data.port.onmessage = ({ data: used }: MessageEvent<Float32Array<ArrayBuffer>>) => {
        if (this.#pool.length < MAX_POOL) this.#pool.push(used);
      };
    };
  }

  process(inputs: Float32Array[][]): boolean {
    if (!this.#peer) return !this.#stopped;
    const channels = inputs[0] ?? [];
    const [first] = channels;
    const played = inputs[1]?.[0];
    const length = first?.length ?? played?.length ?? 128;
    // Fields are looked at once, not for each of 48,000 samples a second; and nothing is made that would
    // have to be collected on this thread.
    let block = this.#block;
    let filled = this.#filled;
    for (let index = 0; index < length; index++) {
      let value = first?.[index] ?? 0;
      if (channels.length > 1) {
        for (let other = 1; other < channels.length; other++)
          value += channels[other]?.[index] ?? 0;
        value /= channels.length;
      }
      block[BLOCK + filled] = played?.[index] ?? 0;
      block[filled++] = value;
      if (filled < BLOCK) continue;
      const message: CapturedBlock = { samples: block };
      this.#peer.postMessage(message, [block.buffer]);
      block = this.#pool.pop() ?? new Float32Array(2 * BLOCK);
      filled = 0;
    }
    this.#block = block;
    this.#filled = filled;
    return true;
  }
}

class Player extends AudioWorkletProcessor {
  #peer: MessagePort | null = null;
  #stopped = false;
  readonly #buffer = new JitterBuffer();
  #played = 0;
  #waited = 0;
  #energy = 0;
  #square = 0;
  #sinceReport = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<Control>) => {
      this.#peer?.close();
      this.#peer = data.port;
      this.#stopped = data.port === null;
      const peer = data.port;
      if (!peer) return;
      peer.onmessage = ({ data: block }: MessageEvent<PlayedBlock | PlayerFloor>) => {
        if ('floor' in block) {
          this.#buffer.setFloor(block.floor);
          return;
        }
        this.#buffer.write(block.at, block.samples);
        peer.postMessage(block.samples, [block.samples.buffer]);
      };
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const output = outputs[0]?.[0];
    if (!output || !this.#peer) return !this.#stopped;
    this.#buffer.read(output);
    this.#waited += (this.#buffer.delay / SAMPLE_RATE) * output.length;
    let square = 0;
    for (const value of output) square += value * value;
    this.#square += square;
    this.#sinceReport += output.length;
    if (this.#sinceReport >= REPORT) this.#report(this.#peer);
    return true;
  }

  #report(peer: MessagePort): void {
    const { counts } = this.#buffer;
    this.#played += this.#sinceReport;
    this.#energy += this.#square / SAMPLE_RATE;
    const report: PlayerReport = {
      delaySeconds: this.#buffer.delay / SAMPLE_RATE,
      waited: this.#waited,
      concealedSamples: counts.concealed,
      concealmentEvents: counts.events,
      removedSamples: counts.removed,
      insertedSamples: counts.inserted,
      energy: this.#energy,
      level: Math.sqrt(this.#square / this.#sinceReport),
      seconds: this.#played / SAMPLE_RATE,
    };
    this.#square = 0;
    this.#sinceReport = 0;
    peer.postMessage(report);
  }
}

registerProcessor(CAPTURE, Capture);
registerProcessor(PLAYER, Player);
