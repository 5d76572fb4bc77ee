/** The data channels of a connection (WebRTC 1.0, section 6). */
import { type BridgeEvent, FIRST_REMOTE_HANDLE } from '../shared/bridge';
import { type ChannelInfo, controlOf, DataChannel } from './channel';
import type { Engine } from './engine';
import type { Requests } from './requests';

/** What Rust tells of channels. */
type ChannelEvent = Extract<
  BridgeEvent,
  { ev: 'channelNew' | 'channelOpen' | 'channelClosed' | 'released' }
>;

export class Channels {
  readonly #open = new Map<number, DataChannel>();
  #nextHandle = 0;

  constructor(
    private readonly engine: Engine,
    private readonly requests: Requests,
    private readonly pc: () => number,
    /** A channel of the remote's, before it is open. */
    private readonly announce: (channel: DataChannel) => void,
  ) {}

  /** Whether the page has asked for any. */
  get wanted(): boolean {
    return this.#nextHandle > 0;
  }

  create(label: string, init: RTCDataChannelInit): DataChannel {
    const info = readChannel(this.#nextHandle, label, init);
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
        this.announce(channel);
        controlOf(channel).opened(streamId);
        return;
      }
      case 'channelOpen': {
        const channel = this.#open.get(event.handle);
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
    const channel = new DataChannel(info, {
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
    this.#open.delete(handle);
    if (channel) controlOf(channel).closed(failed);
  }
}

/** Section 6.1. */
function readChannel(handle: number, label: string, init: RTCDataChannelInit): ChannelInfo {
  const encoder = new TextEncoder();
  const protocol = init.protocol ?? '';
  if (encoder.encode(label).length > 65_535 || encoder.encode(protocol).length > 65_535) {
    throw new TypeError('the label or the protocol is too long');
  }
  const maxRetransmits = init.maxRetransmits ?? null;
  const maxPacketLifeTime = init.maxPacketLifeTime ?? null;
  if (maxRetransmits !== null && maxPacketLifeTime !== null) {
    throw new TypeError('maxRetransmits and maxPacketLifeTime exclude each other');
  }
  const negotiated = init.negotiated ?? false;
  const id = negotiated ? (init.id ?? null) : null;
  if (negotiated && id === null) throw new TypeError('a negotiated channel needs an id');
  if (id !== null && id > 65_534) throw new TypeError('the id is too large');
  if (handle >= FIRST_REMOTE_HANDLE) {
    throw new DOMException('too many channels', 'OperationError');
  }
  return {
    handle,
    label,
    protocol,
    ordered: init.ordered ?? true,
    maxRetransmits,
    maxPacketLifeTime,
    negotiated,
    id,
  };
}
