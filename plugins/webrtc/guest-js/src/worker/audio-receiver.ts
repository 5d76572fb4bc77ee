/** What the page knows of a remote sound, which Rust decodes and plays. */
import type { SoundEvent } from '../shared/bridge';
import { now } from '../shared/now';
import { MAX_WAIT } from './sync';

/** Milliseconds by which the least wait changes before Rust is told. */
const FLOOR_STEP = 10;
/** Sound waits no longer for pictures of which none has come for so many milliseconds. */
const WISH_LASTS = 2_000;

export class AudioReceiver {
  #port: MessagePort | null = null;
  /** What pictures want it to wait at least, and when they last said so, by their slot; milliseconds. */
  readonly #wishes = new Map<number, { readonly ms: number; readonly at: number }>();
  /** What the page wants it to wait at least, and what Rust was told, milliseconds. */
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
    this.#tellFloor();
    if (this.#began || this.#paused) return;
    this.#began = true;
    this.flowing();
  }

  /** Whether none of it is agreed on, for now. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Lets sound wait at least so many milliseconds, for pictures of that slot, which are late. */
  setFloor(slot: number, ms: number): void {
    this.#wishes.set(slot, { ms, at: now() });
    this.#tellFloor();
  }

  /** No pictures come in that slot any more. */
  forgetFloor(slot: number): void {
    this.#wishes.delete(slot);
    this.#tellFloor();
  }

  /** The page wants it to wait at least so many milliseconds. */
  setTarget(ms: number): void {
    this.#target = Math.min(MAX_WAIT, ms);
    this.#tellFloor();
  }

  #tellFloor(): void {
    let ms = this.#target;
    const since = now() - WISH_LASTS;
    for (const [slot, wish] of this.#wishes) {
      if (wish.at < since) this.#wishes.delete(slot);
      else ms = Math.max(ms, wish.ms);
    }
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
    this.#wishes.clear();
    this.#tellFloor();
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
