/** RTCPeerConnection (WebRTC 1.0, section 4.4). */
import {
  type BridgeEvent,
  type CandidateInfo,
  type Direction,
  type DtlsState,
  type Failure,
  FIRST_REMOTE_HANDLE,
  type IceState,
  type Kind,
  type Reply,
} from '../shared/bridge';
import { Chain } from './chain';
import { type ChannelInfo, controlOf, DataChannel } from './channel';
import { IceCandidate } from './description';
import type { Engine, EngineListener } from './engine';
import { fromFailure, invalidState, notSupported } from './errors';
import { DataChannelEvent, defineHandlers, PeerConnectionIceEvent, TrackEvent } from './events';
import { Line } from './line';
import { Negotiator, type NegotiatorOwner, type RemoteTracks } from './negotiator';
import { Requests } from './requests';
import { connectionState, directionOf, receives } from './states';
import { buildReport, StatsReport } from './stats';
import { remoteStream } from './tracks';
import { type LineOwner, RtpTransceiver } from './transceiver';
import { DtlsTransport, SctpTransport } from './transports';

let sharedEngine: (() => Engine) | null = null;

/** Once, before the first connection. */
export function useEngine(engine: () => Engine): void {
  sharedEngine = engine;
}

export class PeerConnection extends EventTarget {
  readonly #engine: Engine;
  readonly #pc: number;
  readonly #requests: Requests;
  readonly #negotiator: Negotiator;
  readonly #chain: Chain;
  readonly #lines: Line[] = [];
  readonly #wrappers = new Map<Line, RTCRtpTransceiver>();
  readonly #streams = new Map<string, MediaStream>();
  readonly #channels = new Map<number, DataChannel>();
  readonly #owner: NegotiatorOwner & LineOwner;
  readonly #dtlsTransport = new DtlsTransport();
  readonly #sctp = new SctpTransport(this.#dtlsTransport);
  readonly #configuration: RTCConfiguration;
  #ice: IceState = 'new';
  #dtls: DtlsState = 'new';
  #gathering: RTCIceGatheringState = 'new';
  #connection: RTCPeerConnectionState = 'new';
  #needed = false;
  #neededLater = false;
  #closed = false;
  #nextKey = 0;
  #nextHandle = 0;
  #candidates = new Set<string>();

  static {
    defineHandlers(this.prototype, [
      'negotiationneeded',
      'icecandidate',
      'icecandidateerror',
      'signalingstatechange',
      'iceconnectionstatechange',
      'icegatheringstatechange',
      'connectionstatechange',
      'track',
      'datachannel',
    ]);
  }

  constructor(configuration: RTCConfiguration = {}) {
    super();
    if (!sharedEngine) throw notSupported('the engine is not there');
    this.#configuration = readConfiguration(configuration);
    this.#engine = sharedEngine();
    this.#chain = new Chain(() => {
      if (this.#neededLater) this.#updateNegotiationNeeded();
    });
    this.#owner = this.#makeOwner();
    this.#pc = this.#engine.connect(this.#listener());
    this.#requests = new Requests(this.#engine, () => this.#pc);
    this.#negotiator = new Negotiator(this.#owner, this.#requests);
  }

  /** Certificates are made by the transport, one for each connection. */
  static generateCertificate(): Promise<never> {
    return Promise.reject(notSupported('certificates are made by the transport'));
  }

  get signalingState(): RTCSignalingState {
    return this.#closed ? 'closed' : this.#negotiator.state;
  }
  get iceConnectionState(): RTCIceConnectionState {
    return this.#closed ? 'closed' : this.#ice;
  }
  get iceGatheringState(): RTCIceGatheringState {
    return this.#gathering;
  }
  get connectionState(): RTCPeerConnectionState {
    return this.#connection;
  }
  get canTrickleIceCandidates(): boolean | null {
    return this.remoteDescription ? true : null;
  }
  get localDescription(): RTCSessionDescription | null {
    return this.#negotiator.pendingLocal ?? this.#negotiator.currentLocal;
  }
  get currentLocalDescription(): RTCSessionDescription | null {
    return this.#negotiator.currentLocal;
  }
  get pendingLocalDescription(): RTCSessionDescription | null {
    return this.#negotiator.pendingLocal;
  }
  get remoteDescription(): RTCSessionDescription | null {
    return this.#negotiator.pendingRemote ?? this.#negotiator.currentRemote;
  }
  get currentRemoteDescription(): RTCSessionDescription | null {
    return this.#negotiator.currentRemote;
  }
  get pendingRemoteDescription(): RTCSessionDescription | null {
    return this.#negotiator.pendingRemote;
  }
  get sctp(): RTCSctpTransport | null {
    return this.#negotiator.dataNegotiated ? (this.#sctp as unknown as RTCSctpTransport) : null;
  }

  getConfiguration(): RTCConfiguration {
    return structuredClone(this.#configuration);
  }

  setConfiguration(configuration: RTCConfiguration = {}): void {
    this.#mustBeOpen();
    Object.assign(this.#configuration, readConfiguration(configuration));
  }

  createOffer(options: RTCOfferOptions | null = {}): Promise<RTCSessionDescriptionInit> {
    if (this.#closed) return Promise.reject(closed());
    return this.#chain.enqueue(async () => {
      this.#offerToReceive('audio', options?.offerToReceiveAudio);
      this.#offerToReceive('video', options?.offerToReceiveVideo);
      const offer = await this.#negotiator.createOffer(options?.iceRestart ?? false);
      return offer.toJSON();
    });
  }

  createAnswer(): Promise<RTCSessionDescriptionInit> {
    if (this.#closed) return Promise.reject(closed());
    return this.#chain.enqueue(async () => (await this.#negotiator.createAnswer()).toJSON());
  }

  setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
    if (this.#closed) return Promise.reject(closed());
    return this.#chain.enqueue(() => this.#negotiator.setLocal(description));
  }

  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    if (this.#closed) return Promise.reject(closed());
    return this.#chain.enqueue(() => this.#negotiator.setRemote(description));
  }

  addIceCandidate(given: RTCIceCandidateInit | null = {}): Promise<void> {
    const candidate = given?.candidate ?? '';
    const mid = given?.sdpMid ?? null;
    const mLine = given?.sdpMLineIndex ?? null;
    if (candidate !== '' && mid === null && mLine === null) {
      return Promise.reject(new TypeError('sdpMid and sdpMLineIndex are both missing'));
    }
    if (this.#closed) return Promise.reject(closed());
    return this.#chain.enqueue(async () => {
      if (!this.remoteDescription) throw invalidState('there is no remote description');
      const ufrag = given?.usernameFragment ?? null;
      await this.#requests.send('candidate', {
        candidate,
        ...(mid === null ? {} : { mid }),
        ...(mLine === null ? {} : { mLine }),
        ...(ufrag === null ? {} : { ufrag }),
      });
    });
  }

  restartIce(): void {
    if (this.#closed) return;
    this.#negotiator.restartWanted = true;
    this.#updateNegotiationNeeded();
  }

  addTransceiver(
    trackOrKind: MediaStreamTrack | string,
    init: RTCRtpTransceiverInit = {},
  ): RTCRtpTransceiver {
    const track = typeof trackOrKind === 'string' ? null : trackOrKind;
    const kind = typeof trackOrKind === 'string' ? trackOrKind : trackOrKind.kind;
    if (kind !== 'audio' && kind !== 'video') throw new TypeError(`'${kind}' is no kind of media`);
    if (init.direction === 'stopped') throw new TypeError("'stopped' is no direction");
    if ((init.sendEncodings?.length ?? 0) > 1) throw notSupported('simulcast is not there');
    this.#mustBeOpen();
    const direction = init.direction ?? 'sendrecv';
    const line = this.#addLine(kind, direction, false, init.sendEncodings?.[0]);
    line.setTrack(track);
    line.streams = [...new Set((init.streams ?? []).map(({ id }) => id))];
    this.#updateNegotiationNeeded();
    return this.#wrapper(line);
  }

  addTrack(track: MediaStreamTrack, ...streams: MediaStream[]): RTCRtpSender {
    this.#mustBeOpen();
    if (this.#lines.some((line) => line.track === track)) {
      throw new DOMException('the track is sent already', 'InvalidAccessError');
    }
    const ids = [...new Set(streams.map(({ id }) => id))];
    const free = this.#lines.find(
      (line) => line.kind === track.kind && !line.track && !line.stopped && !line.hasSent,
    );
    const line = free ?? this.#addLine(track.kind as Kind, 'sendrecv', true);
    if (free) line.direction = directionOf(true, receives(line.direction));
    line.setTrack(track);
    line.streams = ids;
    this.#updateMedia(line);
    this.#updateNegotiationNeeded();
    return this.#wrapper(line).sender;
  }

  removeTrack(sender: RTCRtpSender): void {
    this.#mustBeOpen();
    const line = this.#lines.find((one) => this.#wrapper(one).sender === sender);
    if (!line) throw new DOMException('not a sender of this', 'InvalidAccessError');
    if (!line.track || line.stopped) return;
    line.setTrack(null);
    line.direction = directionOf(false, receives(line.direction));
    this.#updateMedia(line);
    this.#updateNegotiationNeeded();
  }

  getTransceivers(): RTCRtpTransceiver[] {
    return this.#lines
      .filter(({ stopped, mid }) => !stopped || mid !== null)
      .map((line) => this.#wrapper(line));
  }

  getSenders(): RTCRtpSender[] {
    return this.getTransceivers().map(({ sender }) => sender);
  }

  getReceivers(): RTCRtpReceiver[] {
    return this.getTransceivers().map(({ receiver }) => receiver);
  }

  createDataChannel(label: string, init: RTCDataChannelInit = {}): RTCDataChannel {
    this.#mustBeOpen();
    const info = readChannel(this.#nextHandle++, label, init);
    const channel = this.#makeChannel(info);
    const { handle, ordered, negotiated, protocol } = info;
    this.#requests
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
        this.#dropChannel(handle, true);
      });
    this.#updateNegotiationNeeded();
    return channel as unknown as RTCDataChannel;
  }

  /** `length` is 0 as in the standard: simple-peer takes any other for the callback form of old. */
  getStats(selector: MediaStreamTrack | null = null): Promise<RTCStatsReport> {
    if (selector === null) return this.#stats(null, 'both');
    const lines = this.#lines.filter(
      (line) => line.track === selector || line.remote.track === selector,
    );
    const [line] = lines;
    if (!line || lines.length > 1) {
      return Promise.reject(new DOMException('not one track of this', 'InvalidAccessError'));
    }
    return this.#stats(line, line.track === selector ? 'out' : 'in');
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection = 'closed';
    this.#requests.close();
    for (const line of this.#lines) {
      line.stopped = true;
      line.release();
    }
    for (const channel of this.#channels.values()) controlOf(channel).closed(false);
    this.#channels.clear();
    this.#dtlsTransport.set('closed', 'closed');
    this.#engine.disconnect(this.#pc);
  }

  #mustBeOpen(): void {
    if (this.#closed) throw closed();
  }

  #wrapper(line: Line): RTCRtpTransceiver {
    let wrapper = this.#wrappers.get(line);
    if (!wrapper) {
      wrapper = new RtpTransceiver(line, this.#owner);
      this.#wrappers.set(line, wrapper);
    }
    return wrapper;
  }

  #addLine(
    kind: Kind,
    direction: Direction,
    byAddTrack: boolean,
    encoding?: RTCRtpEncodingParameters,
  ): Line {
    const changed = (line: Line) => {
      this.#updateMedia(line);
    };
    const line = new Line(
      this.#nextKey++,
      kind,
      direction,
      byAddTrack,
      this.#engine,
      changed,
      encoding,
    );
    this.#lines.push(line);
    return line;
  }

  #offerToReceive(kind: Kind, wanted: boolean | undefined): void {
    if (wanted !== true) return;
    if (this.#lines.some((line) => line.kind === kind && receives(line.direction))) return;
    this.#addLine(kind, 'recvonly', false);
  }

  #updateMedia(line: Line): void {
    if (!this.#closed) line.apply(this.#pc, this.#dtls === 'connected');
  }

  async #stats(line: Line | null, direction: 'in' | 'out' | 'both'): Promise<RTCStatsReport> {
    if (this.#closed) return new StatsReport();
    const [rust, counters] = await Promise.all([
      this.#requests.send('stats', {}),
      this.#engine.counters(this.#pc),
    ]);
    const lines = line ? [line] : this.#lines;
    return buildReport(rust, counters, lines, direction);
  }

  /** Section 4.7.3: told once, when nothing else is under way. */
  #updateNegotiationNeeded(): void {
    if (this.#closed) return;
    if (!this.#chain.empty) {
      this.#neededLater = true;
      return;
    }
    this.#neededLater = false;
    if (this.#negotiator.state !== 'stable') return;
    if (!this.#negotiator.needed) {
      this.#needed = false;
      return;
    }
    if (this.#needed) return;
    this.#needed = true;
    setTimeout(() => {
      if (this.#closed || !this.#needed) return;
      if (!this.#chain.empty) {
        this.#needed = false;
        this.#neededLater = true;
        return;
      }
      if (this.#negotiator.state !== 'stable') return;
      if (!this.#negotiator.needed) {
        this.#needed = false;
        return;
      }
      this.dispatchEvent(new Event('negotiationneeded'));
    });
  }

  #makeOwner(): NegotiatorOwner & LineOwner {
    const isClosed = () => this.#closed;
    const lines = this.#lines;
    const wantsData = () => this.#nextHandle > 0;
    return {
      get closed() {
        return isClosed();
      },
      get wantsData() {
        return wantsData();
      },
      lines,
      dtlsTransport: this.#dtlsTransport as unknown as RTCDtlsTransport,
      enqueue: (operation) => {
        if (this.#closed) return Promise.reject(closed());
        return this.#chain.enqueue(operation);
      },
      updateMedia: (line) => {
        this.#updateMedia(line);
      },
      updateNegotiationNeeded: () => {
        this.#updateNegotiationNeeded();
      },
      stats: (line, direction) => this.#stats(line, direction),
      addLine: (kind, direction) => this.#addLine(kind, direction, false),
      removeLine: (line) => {
        lines.splice(lines.indexOf(line), 1);
        line.release();
      },
      handleSignalingState: () => {
        if (this.#negotiator.state === 'stable') {
          this.#needed = false;
          this.#neededLater = true;
        }
        this.dispatchEvent(new Event('signalingstatechange'));
      },
      handleCandidates: (candidates) => {
        this.#gather(candidates);
      },
      handleTracks: (added, removed) => {
        this.#changeTracks(added, removed);
      },
    };
  }

  #listener(): EngineListener {
    return {
      handleOpened: () => {
        this.#requests.handleOpened().catch((error: unknown) => {
          this.#fail(fromFailure(error));
        });
      },
      handleClosed: (error) => {
        this.#fail(fromFailure(error ?? gone));
      },
      handleMessage: (message) => {
        this.#receive(message);
      },
      handleData: (handle, binary, payload) => {
        const channel = this.#channels.get(handle);
        if (channel) controlOf(channel).received(binary, payload);
      },
      handleFlowing: (slot) => {
        const line = this.#lines.find((one) => one.slot === slot);
        if (line && receives(line.current)) line.remote.setMuted(false);
      },
    };
  }

  #receive(message: BridgeEvent | Reply): void {
    if (this.#closed) return;
    if ('id' in message) {
      this.#requests.handleReply(message);
      return;
    }
    switch (message.ev) {
      case 'ice':
        this.#changeTransport(message.state, this.#dtls);
        return;
      case 'dtls':
        this.#changeTransport(this.#ice, message.state);
        return;
      case 'candidate':
        this.#announce(message);
        return;
      case 'channelNew': {
        const { handle, label, protocol, ordered, streamId } = message;
        const channel = this.#makeChannel({
          handle,
          label,
          protocol,
          ordered,
          maxRetransmits: message.maxRetransmits ?? null,
          maxPacketLifeTime: message.maxPacketLifeTime ?? null,
          negotiated: false,
          id: streamId,
        });
        const event = { channel: channel as unknown as RTCDataChannel };
        this.dispatchEvent(new DataChannelEvent('datachannel', event));
        controlOf(channel).opened(streamId);
        return;
      }
      case 'channelOpen': {
        const channel = this.#channels.get(message.handle);
        if (channel) controlOf(channel).opened(message.streamId);
        return;
      }
      case 'channelClosed':
        this.#dropChannel(message.handle, false);
        return;
      case 'released': {
        const channel = this.#channels.get(message.handle);
        if (channel) controlOf(channel).released(message.bytes);
        return;
      }
      case 'failed':
        this.#fail(fromFailure(message.error));
        return;
      case 'keyframe':
      case 'estimate':
      case 'mediaLost':
        return;
    }
  }

  #makeChannel(info: ChannelInfo): DataChannel {
    const channel = new DataChannel(info, {
      send: (handle, binary, payload) => {
        if (this.#closed) return;
        this.#engine.post({ to: 'data', pc: this.#pc, handle, binary, payload }, [payload]);
      },
      closeChannel: (handle) => {
        this.#requests.send('channelClose', { handle }).catch(() => {
          this.#dropChannel(handle, false);
        });
      },
    });
    this.#channels.set(info.handle, channel);
    return channel;
  }

  #dropChannel(handle: number, failed: boolean): void {
    const channel = this.#channels.get(handle);
    this.#channels.delete(handle);
    if (channel) controlOf(channel).closed(failed);
  }

  /** The transport is gone for good. */
  #fail(error: Error): void {
    if (this.#closed) return;
    this.#requests.fail(error);
    this.#changeTransport('failed', 'failed');
    for (const handle of [...this.#channels.keys()]) this.#dropChannel(handle, true);
  }

  #changeTransport(ice: IceState, dtls: DtlsState): void {
    const iceChanged = ice !== this.#ice;
    const wasUp = this.#dtls === 'connected';
    this.#ice = ice;
    this.#dtls = dtls;
    const connection = connectionState(false, ice, dtls);
    const connectionChanged = connection !== this.#connection;
    this.#connection = connection;
    this.#dtlsTransport.set(ice, dtls);
    this.#sctp.set(dtls);
    if (wasUp !== (dtls === 'connected')) for (const line of this.#lines) this.#updateMedia(line);
    if (iceChanged) this.dispatchEvent(new Event('iceconnectionstatechange'));
    if (connectionChanged) this.dispatchEvent(new Event('connectionstatechange'));
  }

  /** All candidates are known at once; the page is told after its promise has settled. */
  #gather(candidates: readonly CandidateInfo[]): void {
    const fresh = candidates.filter((one) => !this.#candidates.has(keyOf(one)));
    if (fresh.length === 0 && this.#gathering === 'complete') return;
    for (const one of fresh) this.#candidates.add(keyOf(one));
    setTimeout(() => {
      if (this.#closed) return;
      this.#setGathering('gathering');
      for (const one of fresh) this.#dispatchCandidate(one);
      this.#setGathering('complete');
      this.dispatchEvent(new PeerConnectionIceEvent('icecandidate'));
    });
  }

  #announce(candidate: CandidateInfo): void {
    if (this.#candidates.has(keyOf(candidate))) return;
    this.#candidates.add(keyOf(candidate));
    this.#dispatchCandidate(candidate);
  }

  #dispatchCandidate({ candidate, mid, mLine, ufrag }: CandidateInfo): void {
    const init = { candidate, sdpMid: mid, sdpMLineIndex: mLine, usernameFragment: ufrag };
    if (mid === null && mLine === null) init.sdpMLineIndex = 0;
    this.dispatchEvent(
      new PeerConnectionIceEvent('icecandidate', {
        candidate: new IceCandidate(init),
      }),
    );
  }

  #setGathering(state: RTCIceGatheringState): void {
    if (this.#gathering === state) return;
    this.#gathering = state;
    this.dispatchEvent(new Event('icegatheringstatechange'));
  }

  #changeTracks(added: readonly RemoteTracks[], removed: readonly Line[]): void {
    for (const line of removed) {
      line.remote.setMuted(true);
      for (const stream of line.remoteStreams) this.#move(stream, line, 'removetrack');
      line.remoteStreams = [];
    }
    for (const { line, streams } of added) {
      for (const stream of line.remoteStreams) {
        if (!streams.includes(stream.id)) this.#move(stream, line, 'removetrack');
      }
      line.remoteStreams = streams.map((id) => this.#stream(id));
      for (const stream of line.remoteStreams) this.#move(stream, line, 'addtrack');
    }
    for (const { line } of added) {
      const transceiver = this.#wrapper(line);
      this.dispatchEvent(
        new TrackEvent('track', {
          receiver: transceiver.receiver,
          track: line.remote.track,
          streams: line.remoteStreams,
          transceiver,
        }),
      );
    }
  }

  #move(stream: MediaStream, line: Line, how: 'addtrack' | 'removetrack'): void {
    const { track } = line.remote;
    if (stream.getTracks().includes(track) === (how === 'addtrack')) return;
    if (how === 'addtrack') stream.addTrack(track);
    else stream.removeTrack(track);
    stream.dispatchEvent(new MediaStreamTrackEvent(how, { track }));
  }

  #stream(id: string): MediaStream {
    let stream = this.#streams.get(id);
    if (!stream) {
      stream = remoteStream(id);
      this.#streams.set(id, stream);
    }
    return stream;
  }
}

const gone: Failure = { name: 'OperationError', message: 'the transport is gone' };

function closed(): DOMException {
  return invalidState('the connection is closed');
}

function keyOf({ candidate, ufrag }: CandidateInfo): string {
  return `${ufrag ?? ''} ${candidate}`;
}

/** Section 4.4.1.6. Servers are looked at and not used: host candidates are all there is. */
function readConfiguration(given: RTCConfiguration): RTCConfiguration {
  for (const { urls } of given.iceServers ?? []) {
    for (const url of [urls].flat()) {
      if (!/^(stuns?|turns?):/.test(url)) throw new DOMException(url, 'SyntaxError');
    }
  }
  if (given.iceTransportPolicy === 'relay') throw notSupported('relays are not used');
  if ((given.certificates?.length ?? 0) > 0) throw notSupported('certificates are not taken');
  return {
    bundlePolicy: given.bundlePolicy ?? 'balanced',
    iceCandidatePoolSize: given.iceCandidatePoolSize ?? 0,
    iceServers: structuredClone(given.iceServers ?? []),
    iceTransportPolicy: given.iceTransportPolicy ?? 'all',
    rtcpMuxPolicy: given.rtcpMuxPolicy ?? 'require',
  };
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
