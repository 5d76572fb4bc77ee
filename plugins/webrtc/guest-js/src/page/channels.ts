/** The data channels of a connection (WebRTC 1.0, section 6). */
import { type BridgeEvent, FIRST_REMOTE_HANDLE } from '../shared/bridge';
import { type ChannelInfo, controlOf, DataChannel } from './channel';
import type { Engine } from './engine';
import type { Requests } from './requests';
import { dictionary, inRange, PERMIT, scalarText } from './webidl';

/** What Rust tells of channels. */
type ChannelEvent = Extract<
  BridgeEvent,
  { ev: 'channelNew' | 'channelPlaced' | 'channelOpen' | 'channelClosed' | 'released' }
>;

export class Channels {
  readonly #open = new Map<number, DataChannel>();
  readonly #opened = new Set<number>();
  #closed = 0;
  #nextHandle = 0;

  constructor(
    private readonly engine: Engine,
    private readonly requests: Requests,
    private readonly pc: () => number,
    private readonly sctp: { readonly maxMessageSize: number },
    /** A channel of the remote's; it is open. */
    private readonly announce: (channel: DataChannel) => void,
  ) {}

  /** Whether the page has asked for any. */
  get wanted(): boolean {
    return this.#nextHandle > 0;
  }

  create(label: unknown, init: unknown): DataChannel {
    const info = readChannel(this.#nextHandle, label, init);
    const used = [...this.#open.values()].some(({ id }) => id !== null && id === info.id);
    if (used) throw new DOMException('the id is in use', 'OperationError');
    this.#nextHandle += 1;
    const channel = this.#make(info);
    const { handle, ordered, negotiated, protocol } = info;
    this.requests
      .send('channel', {
        handle,
        label: info.label,
        protocol,
        ordered,
        negotiated,
        ...(info.maxRetransmits === null ? {} : { maxRetransmits: info.maxRetransmits }),
        ...(info.maxPacketLifeTime === null ? {} : { maxPacketLifeTime: info.maxPacketLifeTime }),
        ...(info.id === null ? {} : { streamId: info.id }),
      })
      .catch(() => {
        this.#drop(handle, true);
      });
    return channel;
  }

  receive(event: ChannelEvent): void {
    switch (event.ev) {
      case 'channelNew': {
        const { handle, label, protocol, ordered, streamId } = event;
        const channel = this.#make({
          handle,
          label,
          protocol,
          ordered,
          maxRetransmits: event.maxRetransmits ?? null,
          maxPacketLifeTime: event.maxPacketLifeTime ?? null,
          negotiated: false,
          id: streamId,
        });
        this.#opened.add(handle);
        controlOf(channel).announced(streamId, () => {
          this.announce(channel);
        });
        return;
      }
      case 'channelPlaced': {
        const channel = this.#open.get(event.handle);
        if (channel) controlOf(channel).placed(event.streamId);
        return;
      }
      case 'channelOpen': {
        const channel = this.#open.get(event.handle);
        this.#opened.add(event.handle);
        if (channel) controlOf(channel).opened(event.streamId);
        return;
      }
      case 'channelClosed':
        this.#drop(event.handle, false);
        return;
      case 'released': {
        const channel = this.#open.get(event.handle);
        if (channel) controlOf(channel).released(event.bytes);
      }
    }
  }

  receiveData(handle: number, binary: boolean, payload: ArrayBuffer): void {
    const channel = this.#open.get(handle);
    if (channel) controlOf(channel).received(binary, payload);
  }

  /** For the statistics: each channel that is there, by its handle. */
  get all(): ReadonlyMap<number, DataChannel> {
    return this.#open;
  }

  /** Channels that have been open, and those of them that are closed. */
  get counts(): { readonly opened: number; readonly closed: number } {
    return { opened: this.#opened.size, closed: this.#closed };
  }

  /** The transport is gone. */
  fail(): void {
    for (const handle of [...this.#open.keys()]) this.#drop(handle, true);
  }

  /** The page closed the connection. */
  close(): void {
    for (const channel of this.#open.values()) controlOf(channel).closed(false);
    this.#open.clear();
  }

  #make(info: ChannelInfo): DataChannel {
    const { sctp } = this;
    const channel = new DataChannel(PERMIT, info, {
      get maxMessageSize() {
        return sctp.maxMessageSize;
      },
      send: (handle, binary, payload) => {
        this.engine.post({ to: 'data', pc: this.pc(), handle, binary, payload }, [payload]);
      },
      closeChannel: (handle) => {
        this.requests.send('channelClose', { handle }).catch(() => {
          this.#drop(handle, false);
        });
      },
    });
    this.#open.set(info.handle, channel);
    return channel;
  }

  #drop(handle: number, failed: boolean): void {
    const channel = this.#open.get(handle);
    if (this.#open.delete(handle) && this.#opened.has(handle)) this.#closed += 1;
    if (channel) controlOf(channel).closed(failed);
  }
}

/** Largest of an `unsigned short`. */
const MAX_SHORT = 65_535;

/** Section 6.1. Throws as `createDataChannel` does. */
function readChannel(handle: number, labelGiven: unknown, init: unknown): ChannelInfo {
  const given = dictionary('the init', init);
  const number = (name: string): number | null =>
    given[name] === undefined ? null : inRange(name, given[name], MAX_SHORT);
  const id = number('id');
  const maxPacketLifeTime = number('maxPacketLifeTime');
  const maxRetransmits = number('maxRetransmits');
  const negotiated = Boolean(given.negotiated ?? false);
  const ordered = given.ordered === undefined || Boolean(given.ordered);
  const label = scalarText(labelGiven);
  const protocol = given.protocol === undefined ? '' : scalarText(given.protocol);
  const encoder = new TextEncoder();
  if ([label, protocol].some((one) => encoder.encode(one).length > MAX_SHORT)) {
    throw new TypeError('the label or the protocol is too long');
  }
  if (negotiated && id === null) throw new TypeError('a negotiated channel needs an id');
  if (maxRetransmits !== null && maxPacketLifeTime !== null) {
    throw new TypeError('maxRetransmits and maxPacketLifeTime exclude each other');
  }
  if (negotiated && id === MAX_SHORT) throw new TypeError('the id is too large');
  if (handle >= FIRST_REMOTE_HANDLE) {
    throw new DOMException('too many channels', 'OperationError');
  }
  return {
    handle,
    label,
    protocol,
    ordered,
    maxRetransmits,
    maxPacketLifeTime,
    negotiated,
    id: negotiated ? id : null,
  };
}
