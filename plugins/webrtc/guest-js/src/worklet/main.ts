/** The two ends of sound in the page: what captures a track, and what plays samples into one. */
import type { CapturedBlock } from '../shared/messages';
import { BLOCK, CAPTURE, PLAYER } from '../shared/sound';
import { Fifo } from './fifo';

/** Buffers kept for use again; more are only made while the worker is behind. */
const MAX_POOL = 8;

/** Sent to a processor's own port: the one to the worker, or nothing to stop for good. */
interface Control {
  readonly port: MessagePort | null;
}

class Capture extends AudioWorkletProcessor {
  #peer: MessagePort | null = null;
  #stopped = false;
  #pool: Float32Array<ArrayBuffer>[] = [];
  #block = new Float32Array(BLOCK);
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
    const length = first?.length ?? 128;
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
      block[filled++] = value;
      if (filled < BLOCK) continue;
      const message: CapturedBlock = { samples: block };
      this.#peer.postMessage(message, [block.buffer]);
      block = this.#pool.pop() ?? new Float32Array(BLOCK);
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
  readonly #fifo = new Fifo();

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<Control>) => {
      this.#peer?.close();
      this.#peer = data.port;
      this.#stopped = data.port === null;
      const peer = data.port;
      if (!peer) return;
      peer.onmessage = ({ data: samples }: MessageEvent<Float32Array>) => {
        this.#fifo.write(samples);
      };
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const output = outputs[0]?.[0];
    if (output && this.#peer) this.#fifo.read(output);
    return !this.#stopped;
  }
}

registerProcessor(CAPTURE, Capture);
registerProcessor(PLAYER, Player);
