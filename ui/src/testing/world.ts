/** An application over a double of its node: what it asks is kept, what the node says is given in. */
import type { CallView, Command, ErrorCode, Event, Me, Peer, Trust } from '../protocol';
import { LanlineApp } from '../app/app.svelte';
import { systemClock } from '../app/clock';
import type { Launch } from '../app/launch';
import { LocalMedia } from '../app/media.svelte';
import { Memory, type TextStorage } from '../app/memory';
import type { Tone } from '../app/tones';
import { HostError, type Host, type HostListener, type Identity } from '../host/host';
import { FakeConnections, FakeStream, FakeTrack, settle } from './fake-rtc';

export const ME = 'a'.repeat(52);
export const ADA = 'd'.repeat(52);
export const CALL = 'c'.repeat(26);

export class FakeHost implements Host {
  readonly commands: Command[] = [];
  readonly opened: string[] = [];
  refuse: ErrorCode | 'disconnected' | null = null;
  listener: HostListener | null = null;
  identity: (() => Identity) | null = null;

  attach(identity: () => Identity, listener: HostListener): void {
    this.identity = identity;
    this.listener = listener;
  }

  request(command: Command): Promise<void> {
    this.commands.push(command);
    return this.refuse === null ? Promise.resolve() : Promise.reject(new HostError(this.refuse));
  }

  reconnect(): void {
    this.listener?.handleState('retrying');
  }

  close(): void {
    this.listener = null;
  }

  openInBrowser(path: string): Promise<void> {
    this.opened.push(path);
    return this.refuse === null ? Promise.resolve() : Promise.reject(new HostError(this.refuse));
  }
}

export class World {
  readonly host = new FakeHost();
  readonly connections = new FakeConnections('pc');
  readonly tab = new Map<string, string>();
  /** What the browser gives; a kind that is missing is refused, `asks` leaves the person to answer. */
  readonly devices: { audio: boolean; video: boolean; asks: boolean };
  readonly tracks: FakeTrack[] = [];
  readonly local: LocalMedia;
  readonly app: LanlineApp;
  tone: Tone = 'silence';
  screen = false;
  /** Whose call wants attention. */
  rings: string | null = null;
  /** How often it was asked whether it may. */
  asks = 0;

  constructor(
    options: {
      launch?: Launch;
      webrtc?: boolean;
      permitted?: boolean;
      tab?: Map<string, string>;
      browser?: Map<string, string>;
      role?: 'owner' | 'guest';
    } = {},
  ) {
    this.tab = options.tab ?? new Map<string, string>();
    this.devices = { audio: true, video: true, asks: false };
    const memory = new Memory(storage(this.tab), options.browser ? storage(options.browser) : null);
    const getUserMedia = (constraints: MediaStreamConstraints) => this.#capture(constraints);
    const screens = { getDisplayMedia: () => this.#captureScreen() };
    const permitted = options.permitted ?? false;
    this.local = new LocalMedia({
      devices: { getUserMedia },
      secure: true,
      asks: true,
      queryPermission: () =>
        Promise.resolve({ state: permitted ? 'granted' : 'prompt', onchange: null }),
      screens,
    });
    this.app = new LanlineApp({
      host: this.host,
      role: options.role ?? 'owner',
      kind: 'desktop',
      support: {
        webrtc: options.webrtc ?? true,
        capture: true,
        secure: true,
        chooseSpeaker: true,
        shareScreen: true,
      },
      launch: options.launch ?? { type: 'nothing' },
      clock: systemClock,
      memory,
      local: this.local,
      devices: {
        microphones: [],
        cameras: [],
        speakers: [],
        microphone: null,
        camera: null,
        speaker: null,
        choose: () => undefined,
        flipCamera: () => undefined,
      },
      createConnection: this.connections.create,
      playTone: (tone) => (this.tone = tone),
      keepScreenOn: (on) => (this.screen = on),
      ring: (call) => (this.rings = call?.name ?? null),
      askForAttention: () => (this.asks += 1),
    });
    this.app.start();
  }

  /** The node says something. */
  async hear(...events: Event[]): Promise<void> {
    for (const event of events) this.app.handleEvent(event);
    await settle();
  }

  /** Attached, with Ada nearby. */
  async attached(...peers: Peer[]): Promise<void> {
    await this.hear(
      { event: 'welcome', token: 't', endpoint: null },
      { event: 'me', ...me() },
      { event: 'roster', peers: peers.length > 0 ? peers : [peer()] },
    );
  }

  /** What was asked of the node, without the candidates, since the last time. */
  asked(): string[] {
    return this.host.commands
      .splice(0)
      .map((command) =>
        command.type === 'signal' ? `${command.signal.type} ${command.signal.epoch}` : command.type,
      )
      .filter((name) => !name.startsWith('candidate'));
  }

  /** What is put in for sending. */
  sending(): (string | null)[] {
    return this.connections.last
      .getTransceivers()
      .map(({ sender }) => (sender.track?.readyState === 'live' ? sender.track.kind : null));
  }

  /** What a person picks when asked what to share; an error is the browser's. */
  pick: FakeTrack | Error = new FakeTrack('video');

  async #captureScreen(): Promise<MediaStream> {
    await Promise.resolve();
    if (this.pick instanceof Error) throw this.pick;
    return new FakeStream([this.pick]) as unknown as MediaStream;
  }

  async #capture(constraints: MediaStreamConstraints): Promise<MediaStream> {
    const kind = constraints.audio ? 'audio' : 'video';
    if (this.devices.asks) return new Promise(() => undefined);
    await Promise.resolve();
    if (!this.devices[kind]) throw new DOMException('', 'NotFoundError');
    const track = new FakeTrack(kind);
    this.tracks.push(track);
    return new FakeStream([track]) as unknown as MediaStream;
  }
}

export function me(): Me {
  return {
    peer: ME,
    role: 'owner',
    name: 'Bo',
    kind: 'desktop',
    node_name: 'Bo',
    join_urls: [],
    local_url: 'http://localhost:3000/',
    version: '0',
  };
}

export function peer(changes: Partial<Peer> = {}): Peer {
  return {
    id: ADA,
    node: ADA,
    name: 'Ada',
    kind: 'laptop',
    role: 'owner',
    via: null,
    status: 'available',
    trust: 'known',
    blocked: false,
    ...changes,
  };
}

/** A call with Ada, as the node tells of it. */
export function call(changes: Partial<CallView> = {}, epoch = 0, trust: Trust = 'known'): Event {
  const direction = changes.direction ?? 'incoming';
  return {
    event: 'call',
    id: CALL,
    direction,
    state: 'ringing',
    end: null,
    merged_into: null,
    video: true,
    holder: 'here',
    connected_ms: null,
    participants: [
      {
        peer: ADA,
        name: 'Ada',
        via: null,
        trust,
        kind: 'laptop',
        media: { audio: true, video: true, screen: false },
        polite: direction === 'incoming',
        epoch,
        interrupted: false,
      },
    ],
    ...changes,
  };
}

/** Ada's offer, with a section for sound and one for pictures. */
export function offer(epoch = 0, id = CALL): Event {
  const sdp = 'ada generation 1\r\nm=audio 0 sendrecv\r\nm=video 1 sendrecv';
  return { event: 'signal', call: id, from: ADA, signal: { type: 'offer', epoch, sdp } };
}

/** Ada's answer. */
export function answer(id: string, epoch = 0): Event {
  const sdp = 'ada generation 1\r\nm=audio 0 sendrecv\r\nm=video 1 sendrecv';
  return { event: 'signal', call: id, from: ADA, signal: { type: 'answer', epoch, sdp } };
}

function storage(map: Map<string, string>): TextStorage {
  return {
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => map.set(key, value),
    removeItem: (key) => map.delete(key),
  };
}
