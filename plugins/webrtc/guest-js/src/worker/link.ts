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
  SENT_SOUND_HEADER,
  type SentFrame,
  writeMediaHeader,
  writeSoundHeader,
} from '../shared/frames';
import type { SlotCounters, ToPage, ToWorker } from '../shared/messages';
import { share, wished } from '../shared/rate';
import { AudioReceiver } from './audio-receiver';
import { AudioSender, type SoundSink } from './audio-sender';
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
  readonly #pictures: FrameSink;
  readonly #sounds: SoundSink;
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
    const ready = () =>
      socket.readyState === WebSocket.OPEN && socket.bufferedAmount <= MAX_BUFFERED;
    this.#pictures = {
      ready,
      send: (frame, chunk) => {
        this.#sendPicture(frame, chunk);
      },
    };
    this.#sounds = {
      ready,
      send: (sound, samples) => {
        const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
        writeSoundHeader(new DataView(this.#scratch.buffer, 0, SENT_SOUND_HEADER), sound);
        const message = this.#scratch.subarray(0, SENT_SOUND_HEADER + bytes.byteLength);
        message.set(bytes, SENT_SOUND_HEADER);
        socket.send(message);
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

  sendVideo({ slot, codec, settings, track }: Message<'sendVideo'>): void {
    let sender = this.#senders.get(slot);
    if (!(sender instanceof VideoSender)) {
      sender = new VideoSender(slot, codec, settings, this.#pictures);
      this.#senders.set(slot, sender);
    }
    // First: what enables the new track would let a disabled one before it be seen.
    if (track) sender.setTrack(track);
    sender.update(codec, settings);
    this.#shareOut();
  }

  sendAudio({ slot, codec, settings, port }: Message<'sendAudio'>): void {
    let sender = this.#senders.get(slot);
    if (sender instanceof AudioSender) {
      sender.update(codec, settings);
    } else {
      sender = new AudioSender(slot, codec, settings, this.#sounds);
      this.#senders.set(slot, sender);
    }
    if (port) sender.setPort(port);
  }

  stopSending(slot: number): void {
    const sender = this.#senders.get(slot);
    sender?.close();
    // One of pictures goes on counting when it sends again.
    if (sender instanceof AudioSender) this.#senders.delete(slot);
    this.#shareOut();
  }

  receiveVideo({ slot, generator, codecs }: Message<'receiveVideo'>): void {
    const known = this.#inbound.get(slot);
    if (known) {
      if (known.receiver instanceof VideoReceiver) known.receiver.resume(codecs);
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

  receiveAudio({ slot, port }: Message<'receiveAudio'>): void {
    let receiver = this.#inbound.get(slot)?.receiver;
    if (!receiver) {
      receiver = new AudioReceiver(
        slot,
        (request) => {
          this.sendText(JSON.stringify(request));
        },
        () => {
          this.post({ to: 'flowing', pc: this.pc, slot });
        },
      );
      this.#inbound.set(slot, { receiver, transit: new Transit() });
    }
    if (!(receiver instanceof AudioReceiver)) return;
    receiver.resume();
    if (port) receiver.setPort(port);
  }

  setTarget({ slot, ms }: Message<'target'>): void {
    this.#inbound.get(slot)?.receiver.setTarget(ms);
  }

  stopReceiving(slot: number): void {
    const receiver = this.#inbound.get(slot)?.receiver;
    receiver?.pause();
    if (!(receiver instanceof VideoReceiver)) return;
    for (const { receiver: sound } of this.#inbound.values()) {
      if (sound instanceof AudioReceiver) sound.forgetFloor(slot);
    }
  }

  counters(): SlotCounters[] {
    const slots = new Set([...this.#senders.keys(), ...this.#inbound.keys()]);
    return [...slots].map((slot) => {
      const sender = this.#senders.get(slot);
      const receiver = this.#inbound.get(slot)?.receiver;
      return {
        slot,
        sending: sender?.busy ?? false,
        sent: sender instanceof VideoSender ? sender.counters() : null,
        received: receiver instanceof VideoReceiver ? receiver.counters() : null,
      };
    });
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
        case 'sound': {
          const inbound = this.#inbound.get(message.slot);
          if (!(inbound?.receiver instanceof AudioReceiver)) return;
          inbound.transit.seen(message.captured, message.arrival);
          inbound.receiver.told(message);
          return;
        }
        case 'ice':
        case 'dtls':
        case 'certificates':
        case 'candidate':
        case 'pair':
        case 'channelNew':
        case 'channelPlaced':
        case 'channelOpen':
        case 'channelClosed':
        case 'released':
        case 'microphone':
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
      if (!frame || !(inbound?.receiver instanceof VideoReceiver)) return;
      inbound.transit.seen(frame.captured, frame.arrival);
      this.#synchronise(frame.slot, inbound.receiver, inbound);
      inbound.receiver.receive(frame, new Uint8Array(buffer, RECEIVED_HEADER));
      dropped(buffer.byteLength);
      return;
    }
    const sound = readSound(view);
    if (sound) {
      const receiver = this.#inbound.get(sound.slot)?.receiver;
      if (receiver instanceof AudioReceiver) receiver.receive(sound.samples);
      return;
    }
    const data = readDataHeader(view);
    if (!data) return;
    const payload = buffer.slice(DATA_HEADER);
    this.post({ to: 'data', pc: this.pc, ...data, payload }, [payload]);
  }

  /** The first sound that is agreed on is the one that pictures go with. */
  #synchronise(slot: number, video: VideoReceiver, { transit }: Inbound): void {
    for (const other of this.#inbound.values()) {
      const sound = other.receiver;
      if (!(sound instanceof AudioReceiver) || sound.paused) continue;
      const wait = waits(other.transit, transit, sound.delay, video.delay);
      video.setHold(wait.pictures);
      sound.setFloor(slot, wait.sound);
      return;
    }
    video.setHold(0);
  }

  /** The socket copies what it is given, so one buffer serves all frames. */
  #sendPicture(frame: SentFrame, chunk: EncodedVideoChunk): void {
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
