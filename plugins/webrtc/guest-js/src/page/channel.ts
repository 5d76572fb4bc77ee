/** RTCDataChannel (WebRTC 1.0, section 6.2). */
import { invalidState } from './errors';
import { defineHandlers, ErrorEvent_ } from './events';
import { RtcError } from './rtc-error';
import { inRange, mustBePermitted, PERMIT } from './webidl';

/** Bytes that may wait to be sent; a page that goes on past it is told so. */
const MAX_BUFFERED = 16 * 1024 * 1024;

const BINARY_TYPES: readonly string[] = ['blob', 'arraybuffer'];

/** What it needs of its connection. */
export interface ChannelOwner {
  /** Bytes. */
  readonly maxMessageSize: number;
  send(handle: number, binary: boolean, payload: ArrayBuffer): void;
  closeChannel(handle: number): void;
}

export interface ChannelInfo {
  readonly handle: number;
  readonly label: string;
  readonly protocol: string;
  readonly ordered: boolean;
  readonly maxRetransmits: number | null;
  readonly maxPacketLifeTime: number | null;
  readonly negotiated: boolean;
  readonly id: number | null;
}

/** What its connection tells it. */
export interface ChannelControl {
  /** The remote's: open before the page is told of it, which is what `announce` does. */
  announced(id: number, announce: () => void): void;
  /** It has its stream: `id` is known. */
  placed(id: number): void;
  opened(id: number): void;
  released(bytes: number): void;
  received(binary: boolean, payload: ArrayBuffer): void;
  closed(failed: boolean): void;
  counters(): ChannelCounters;
}

/** For the statistics. */
export interface ChannelCounters {
  readonly messagesSent: number;
  readonly bytesSent: number;
  readonly messagesReceived: number;
  readonly bytesReceived: number;
}

export let controlOf: (channel: DataChannel) => ChannelControl;

export class DataChannel extends EventTarget {
  readonly #info: ChannelInfo;
  readonly #owner: ChannelOwner;
  #id: number | null;
  #state: RTCDataChannelState = 'connecting';
  #binaryType: BinaryType = 'arraybuffer';
  #sent = 0;
  #released = 0;
  #threshold = 0;
  /** Blobs are read one after the other, so that messages stay in order. */
  #order: Promise<unknown> | null = null;
  #messagesSent = 0;
  #bytesSent = 0;
  #messagesReceived = 0;
  #bytesReceived = 0;
  readonly #control: ChannelControl;

  static {
    controlOf = (channel) => channel.#control;
    defineHandlers(this.prototype, [
      'open',
      'bufferedamountlow',
      'error',
      'closing',
      'close',
      'message',
    ]);
  }

  constructor(permit: typeof PERMIT, info: ChannelInfo, owner: ChannelOwner) {
    mustBePermitted(permit);
    super();
    this.#info = info;
    this.#owner = owner;
    this.#id = info.id;
    this.#control = {
      announced: (id, announce) => {
        this.#id = id;
        this.#state = 'open';
        announce();
        // It may have been closed by what was told.
        if (this.readyState === 'open') this.dispatchEvent(new Event('open'));
      },
      placed: (id) => {
        this.#id = id;
      },
      opened: (id) => {
        if (this.#state !== 'connecting') return;
        this.#id = id;
        this.#state = 'open';
        this.dispatchEvent(new Event('open'));
      },
      released: (bytes) => {
        this.#release(bytes);
      },
      received: (binary, payload) => {
        this.#receive(binary, payload);
      },
      closed: (failed) => {
        this.#close(failed);
      },
      counters: () => ({
        messagesSent: this.#messagesSent,
        bytesSent: this.#bytesSent,
        messagesReceived: this.#messagesReceived,
        bytesReceived: this.#bytesReceived,
      }),
    };
  }

  get label(): string {
    return this.#info.label;
  }
  get protocol(): string {
    return this.#info.protocol;
  }
  get ordered(): boolean {
    return this.#info.ordered;
  }
  get maxRetransmits(): number | null {
    return this.#info.maxRetransmits;
  }
  get maxPacketLifeTime(): number | null {
    return this.#info.maxPacketLifeTime;
  }
  get negotiated(): boolean {
    return this.#info.negotiated;
  }
  get id(): number | null {
    return this.#id;
  }
  get readyState(): RTCDataChannelState {
    return this.#state;
  }
  get bufferedAmount(): number {
    return this.#sent - this.#released;
  }
  get bufferedAmountLowThreshold(): number {
    return this.#threshold;
  }
  set bufferedAmountLowThreshold(bytes: number) {
    this.#threshold = inRange('bufferedAmountLowThreshold', bytes, 0xffff_ffff);
  }
  get binaryType(): BinaryType {
    return this.#binaryType;
  }
  set binaryType(type: BinaryType) {
    // An enumeration's attribute ignores what isn't in it (Web IDL, section 3.7.6).
    if (BINARY_TYPES.includes(type)) this.#binaryType = type;
  }

  send(data: string | Blob | ArrayBuffer | ArrayBufferView): void {
    if (this.#state !== 'open') throw invalidState(`the channel is ${this.#state}`);
    if (data instanceof Blob) {
      const { size } = data;
      this.#count(size);
      this.#then(async () => {
        const payload = await data.arrayBuffer().catch(() => null);
        if (payload) this.#owner.send(this.#info.handle, true, payload);
        else this.#takeBack(size);
      });
      return;
    }
    const [payload, binary] = copyOf(data);
    this.#count(payload.byteLength);
    if (this.#order) {
      this.#then(() => {
        this.#owner.send(this.#info.handle, binary, payload);
      });
    } else {
      this.#owner.send(this.#info.handle, binary, payload);
    }
  }

  close(): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    this.#state = 'closing';
    this.#then(() => {
      this.#owner.closeChannel(this.#info.handle);
    });
  }

  #then(work: () => unknown): void {
    const done: Promise<unknown> = (this.#order ?? Promise.resolve()).then(work).finally(() => {
      if (this.#order === done) this.#order = null;
    });
    this.#order = done;
  }

  #count(bytes: number): void {
    const { maxMessageSize } = this.#owner;
    if (bytes > maxMessageSize) {
      throw new TypeError(`a message has at most ${maxMessageSize} bytes`);
    }
    if (this.bufferedAmount + bytes > MAX_BUFFERED) {
      throw new DOMException('too much waits to be sent', 'OperationError');
    }
    this.#sent += bytes;
    this.#messagesSent += 1;
    this.#bytesSent += bytes;
  }

  /** A message that can't be read any more, of a file that is gone, is not sent; what follows it is. */
  #takeBack(bytes: number): void {
    const before = this.bufferedAmount;
    this.#sent -= bytes;
    this.#messagesSent -= 1;
    this.#bytesSent -= bytes;
    this.#tellLow(before);
  }

  #release(bytes: number): void {
    const before = this.bufferedAmount;
    this.#released = Math.min(this.#sent, bytes);
    this.#tellLow(before);
  }

  #tellLow(before: number): void {
    if (before > this.#threshold && this.bufferedAmount <= this.#threshold) {
      this.dispatchEvent(new Event('bufferedamountlow'));
    }
  }

  #receive(binary: boolean, payload: ArrayBuffer): void {
    if (this.#state !== 'open' && this.#state !== 'closing') return;
    this.#messagesReceived += 1;
    this.#bytesReceived += payload.byteLength;
    let data: unknown = payload;
    if (!binary) data = new TextDecoder('utf-8', { ignoreBOM: true }).decode(payload);
    else if (this.#binaryType === 'blob') data = new Blob([payload]);
    this.dispatchEvent(new MessageEvent('message', { data, origin: '' }));
  }

  #close(failed: boolean): void {
    if (this.#state === 'closed') return;
    const wasOpen = this.#state === 'open';
    if (wasOpen && !failed) {
      this.#state = 'closing';
      this.dispatchEvent(new Event('closing'));
    }
    this.#state = 'closed';
    if (failed) {
      const error = new RtcError({ errorDetail: 'sctp-failure' }, 'the connection has failed');
      this.dispatchEvent(new ErrorEvent_('error', { error }));
    }
    this.dispatchEvent(new Event('close'));
  }
}

/** The page may change its buffer as soon as `send` returns. */
function copyOf(data: string | ArrayBuffer | ArrayBufferView): [ArrayBuffer, boolean] {
  if (data instanceof ArrayBuffer) return [data.slice(0), true];
  if (ArrayBuffer.isView(data)) {
    const copy = new Uint8Array(data.byteLength);
    copy.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return [copy.buffer, true];
  }
  return [new TextEncoder().encode(data).buffer, false];
}
