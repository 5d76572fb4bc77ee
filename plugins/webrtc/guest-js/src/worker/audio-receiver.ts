/** What the page knows of a remote sound, which Rust decodes and plays. */
import type { SoundEvent } from '../shared/bridge';
import { MAX_WAIT } from './sync';

/** Milliseconds by which the least wait changes before Rust is told. */
const FLOOR_STEP = 10;

export class AudioReceiver {
  #port: MessagePort | null = null;
  /** What its pictures and what the page want it to wait at least, and what Rust was told, milliseconds. */
  #wanted = 0;
  #target = 0;
  #floor = 0;
  #delay = 0;
  #began = false;
  #paused = false;

  constructor(
    private readonly slot: number,
    private readonly send: (request: object) => void,
    /** The first packet. */
    private readonly flowing: () => void,
  ) {}

  /** Milliseconds from the coming of a packet that is on time to its being heard, as far as is known. */
  get delay(): number {
    return this.#delay;
  }

  /** Rust tells how things are. */
  told({ delayMs }: SoundEvent): void {
    this.#delay = delayMs;
    if (this.#began || this.#paused) return;
    this.#began = true;
    this.flowing();
  }

  /** Lets sound wait at least so many milliseconds, for pictures that are late. */
  setFloor(ms: number): void {
    this.#wanted = ms;
    this.#tellFloor();
  }

  /** The page wants it to wait at least so many milliseconds. */
  setTarget(ms: number): void {
    this.#target = Math.min(MAX_WAIT, ms);
    this.#tellFloor();
  }

  #tellFloor(): void {
    const ms = Math.max(this.#wanted, this.#target);
    if (Math.abs(ms - this.#floor) < FLOOR_STEP && (ms > 0 || this.#floor === 0)) return;
    this.#floor = ms;
    this.send({ op: 'soundFloor', slot: this.slot, ms: Math.round(ms) });
  }

  /** The page takes the samples: they go to that port from now on. */
  setPort(port: MessagePort): void {
    this.#port?.close();
    this.#port = port;
    this.send({ op: 'tap', slot: this.slot, on: true });
  }

  /** No more of it is agreed on, for now. */
  pause(): void {
    this.#paused = true;
  }

  /** It may come again. */
  resume(): void {
    if (this.#paused) this.#began = false;
    this.#paused = false;
  }

  /** What was heard of it. */
  receive(samples: Float32Array<ArrayBuffer>): void {
    this.#port?.postMessage(samples);
  }

  close(): void {
    if (this.#port) this.send({ op: 'tap', slot: this.slot, on: false });
    this.#port?.close();
    this.#port = null;
  }
}
