/** One connection's socket to Rust, and the media that crosses it. */
import { type BridgeEvent, type Reply, SUBPROTOCOL } from '../shared/bridge';
import {
  dataMessage,
  DATA_HEADER,
  MEDIA,
  readDataHeader,
  readMediaHeader,
  readSound,
  RECEIVED_HEADER,
  SENT_HEADER,
  type SentFrame,
  SOUND_HEADER,
  writeMediaHeader,
  writeSoundHeader,
} from '../shared/frames';
import type { SlotCounters, ToPage, ToWorker } from '../shared/messages';
import { share, wished } from '../shared/rate';
import { AudioReceiver } from './audio-receiver';
import { AudioSender, type Cleaning } from './audio-sender';
import { dropped } from './garbage';
import type { Generators } from './generators';
import { Transit, waits } from './sync';
import { VideoReceiver } from './video-receiver';
import { type FrameSink, VideoSender } from './video-sender';

/** Bytes the socket may hold before pictures are dropped. */
const MAX_BUFFERED = 262_144;
/** Estimate before Rust has told one, bits a second. */
const FIRST_ESTIMATE = 1_000_000;

type Message<To extends ToWorker['to']> = Extract<ToWorker, { to: To }>;

interface Inbound {
  readonly receiver: VideoReceiver | AudioReceiver;
  readonly transit: Transit;
}

export class Link {
  readonly #socket: WebSocket;
  readonly #senders = new Map<number, VideoSender | AudioSender>();
  readonly #inbound = new Map<number, Inbound>();
  readonly #sink: FrameSink;
  #scratch = new Uint8Array(65_536);
  #estimate = FIRST_ESTIMATE;
  #desired = 0;
  #closed = false;

  constructor(
    private readonly pc: number,
    url: string,
    token: string,
    private readonly generators: Generators,
    private readonly post: (message: ToPage, transfer?: Transferable[]) => void,
  ) {
    const socket = new WebSocket(url, [SUBPROTOCOL, token]);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      post({ to: 'opened', pc });
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') this.#receiveText(data);
      else this.#receiveBinary(data);
    };
    socket.onclose = () => {
      this.close();
      post({ to: 'closed', pc, error: null });
    };
    this.#socket = socket;
    this.#sink = {
      ready: () => socket.readyState === WebSocket.OPEN && socket.bufferedAmount <= MAX_BUFFERED,
      send: (frame, chunk) => {
        this.#sendMedia(frame, chunk);
      },
    };
  }

  sendText(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  sendData({ handle, binary, payload }: Message<'data'>): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(dataMessage(handle, binary, new Uint8Array(payload)));
  }

  sendVideo({ slot, codec, settings }: Message<'sendVideo'>): void {
    const sender = this.#senders.get(slot);
    if (sender instanceof VideoSender) {
      sender.update(codec, settings);
    } else {
      this.#senders.set(slot, new VideoSender(slot, codec, settings, this.#sink));
    }
    this.#shareOut();
  }

  setVideoTrack({ slot, track }: Message<'videoTrack'>): void {
    const sender = this.#senders.get(slot);
    if (sender instanceof VideoSender) sender.setTrack(track);
    else track?.stop();
    this.#shareOut();
  }

  sendAudio({ slot, codec, settings, port }: Message<'sendAudio'>): void {
    let sender = this.#senders.get(slot);
    if (sender instanceof AudioSender) {
      sender.update(codec, settings);
    } else {
      sender = new AudioSender(slot, codec, settings, this.#sink, this.#clean);
      this.#senders.set(slot, sender);
    }
    if (port) sender.setPort(port);
  }

  stopSending(slot: number): void {
    this.#senders.get(slot)?.close();
    this.#senders.delete(slot);
    this.#shareOut();
  }

  receiveVideo({ slot, generator, codecs }: Message<'receiveVideo'>): void {
    const known = this.#inbound.get(slot);
    if (known) {
      known.receiver.update(codecs);
      return;
    }
    const receiver = new VideoReceiver(
      codecs,
      this.generators.sink(generator),
      () => {
        this.sendText(JSON.stringify({ op: 'keyframe', slot }));
      },
      () => {
        this.post({ to: 'flowing', pc: this.pc, slot });
      },
    );
    this.#inbound.set(slot, { receiver, transit: new Transit() });
  }

  receiveAudio({ slot, port, codecs }: Message<'receiveAudio'>): void {
    let inbound = this.#inbound.get(slot);
    if (inbound) {
      inbound.receiver.update(codecs);
    } else {
      const receiver = new AudioReceiver(codecs, () => {
        this.post({ to: 'flowing', pc: this.pc, slot });
      });
      inbound = { receiver, transit: new Transit() };
      this.#inbound.set(slot, inbound);
    }
    if (port && inbound.receiver instanceof AudioReceiver) inbound.receiver.setPort(port);
  }

  stopReceiving(slot: number): void {
    this.#inbound.get(slot)?.receiver.close();
    this.#inbound.delete(slot);
  }

  counters(): SlotCounters[] {
    const slots = new Set([...this.#senders.keys(), ...this.#inbound.keys()]);
    return [...slots].map((slot) => ({
      slot,
      sent: this.#senders.get(slot)?.counters() ?? null,
      received: this.#inbound.get(slot)?.receiver.counters() ?? null,
    }));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const sender of this.#senders.values()) sender.close();
    for (const { receiver } of this.#inbound.values()) receiver.close();
    this.#senders.clear();
    this.#inbound.clear();
    this.#socket.close();
  }

  #receiveText(text: string): void {
    let message: BridgeEvent | Reply;
    try {
      message = JSON.parse(text) as BridgeEvent | Reply;
    } catch {
      return;
    }
    if ('ev' in message) {
      switch (message.ev) {
        case 'estimate':
          this.#estimate = message.bps;
          this.#shareOut();
          return;
        case 'keyframe': {
          const sender = this.#senders.get(message.slot);
          if (sender instanceof VideoSender) sender.requestKey();
          return;
        }
        case 'mediaLost':
          return;
        case 'ice':
        case 'dtls':
        case 'candidate':
        case 'channelNew':
        case 'channelOpen':
        case 'channelClosed':
        case 'released':
        case 'failed':
          break;
      }
    }
    this.post({ to: 'text', pc: this.pc, message });
  }

  #receiveBinary(buffer: ArrayBuffer): void {
    const view = new DataView(buffer);
    if (buffer.byteLength > 0 && view.getUint8(0) === MEDIA) {
      const frame = readMediaHeader(view);
      const inbound = frame && this.#inbound.get(frame.slot);
      if (!frame || !inbound) return;
      inbound.transit.seen(frame.captured, frame.arrival);
      if (inbound.receiver instanceof VideoReceiver) this.#synchronise(inbound.receiver, inbound);
      inbound.receiver.receive(frame, new Uint8Array(buffer, RECEIVED_HEADER));
      dropped(buffer.byteLength);
      return;
    }
    const sound = readSound(view);
    if (sound) {
      const sender = this.#senders.get(sound.slot);
      if (sender instanceof AudioSender) sender.cleaned(sound.number, sound.samples);
      return;
    }
    const data = readDataHeader(view);
    if (!data) return;
    const payload = buffer.slice(DATA_HEADER);
    this.post({ to: 'data', pc: this.pc, ...data, payload }, [payload]);
  }

  readonly #clean: Cleaning = (slot, processing, number, samples) => {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    const message = this.#scratch.subarray(0, SOUND_HEADER + bytes.byteLength);
    writeSoundHeader(new DataView(this.#scratch.buffer, 0, SOUND_HEADER), slot, processing, number);
    message.set(bytes, SOUND_HEADER);
    this.#socket.send(message);
  };

  #synchronise(video: VideoReceiver, { transit }: Inbound): void {
    for (const other of this.#inbound.values()) {
      const sound = other.receiver;
      if (!(sound instanceof AudioReceiver)) continue;
      const wait = waits(other.transit, transit, sound.delay * 1000, video.delay);
      video.setHold(wait.pictures);
      sound.setFloor(wait.sound);
      return;
    }
  }

  /** The socket copies what it is given, so one buffer serves all frames. */
  #sendMedia(frame: SentFrame, chunk: EncodedVideoChunk | EncodedAudioChunk): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const length = SENT_HEADER + chunk.byteLength;
    if (length > this.#scratch.byteLength) this.#scratch = new Uint8Array(2 * length);
    writeMediaHeader(new DataView(this.#scratch.buffer, 0, SENT_HEADER), frame);
    chunk.copyTo(this.#scratch.subarray(SENT_HEADER, length));
    this.#socket.send(this.#scratch.subarray(0, length));
    dropped(chunk.byteLength);
  }

  /** Divides the estimate among the video senders, and tells Rust how much they would like. */
  #shareOut(): void {
    const senders = [...this.#senders.values()].filter(
      (sender): sender is VideoSender => sender instanceof VideoSender && sender.busy,
    );
    const all = senders.reduce((sum, { settings }) => sum + wished(settings), 0);
    for (const sender of senders) {
      sender.setBudget(share(this.#estimate, wished(sender.settings), all));
    }
    if (all === this.#desired) return;
    this.#desired = all;
    this.sendText(JSON.stringify({ op: 'desire', bps: all }));
  }
}
