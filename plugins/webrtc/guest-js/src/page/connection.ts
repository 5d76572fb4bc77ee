/** RTCPeerConnection (WebRTC 1.0, section 4.4). */
import {
  type BridgeEvent,
  type Direction,
  type DtlsState,
  type Failure,
  type IceState,
  type Kind,
  type Reply,
} from '../shared/bridge';
import { Chain } from './chain';
import { Channels } from './channels';
import { readConfiguration } from './configuration';
import type { Engine, EngineListener } from './engine';
import { fromFailure, invalidState, notSupported } from './errors';
import { DataChannelEvent, defineHandlers, TrackEvent } from './events';
import { Gathering } from './gathering';
import { Line } from './line';
import { NegotiationNeeded, type NeededOwner } from './needed';
import { Negotiator, type NegotiatorOwner } from './negotiator';
import { RemoteStreams } from './remote-streams';
import { Requests } from './requests';
import { connectionState, directionOf, receives } from './states';
import { buildReport, StatsReport } from './stats';
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
  readonly #needed: NegotiationNeeded;
  readonly #lines: Line[] = [];
  readonly #wrappers = new Map<Line, RTCRtpTransceiver>();
  readonly #streams = new RemoteStreams();
  readonly #channels: Channels;
  readonly #owner: NegotiatorOwner & LineOwner;
  readonly #dtlsTransport = new DtlsTransport();
  readonly #sctp = new SctpTransport(this.#dtlsTransport);
  readonly #configuration: RTCConfiguration;
  #ice: IceState = 'new';
  #dtls: DtlsState = 'new';
  readonly #gathering = new Gathering(this, () => this.#closed);
  #connection: RTCPeerConnectionState = 'new';
  #closed = false;
  #nextKey = 0;

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
      this.#needed.handleIdle();
    });
    this.#needed = new NegotiationNeeded(this.#makeNeededOwner());
    this.#owner = this.#makeOwner();
    this.#pc = this.#engine.connect(this.#listener());
    this.#requests = new Requests(this.#engine, () => this.#pc);
    this.#channels = new Channels(
      this.#engine,
      this.#requests,
      () => this.#pc,
      (channel) => {
        const event = { channel: channel as unknown as RTCDataChannel };
        this.dispatchEvent(new DataChannelEvent('datachannel', event));
      },
    );
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
    return this.#gathering.state;
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
    this.#needed.update();
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
    this.#needed.update();
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
    this.#needed.update();
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
    this.#needed.update();
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
    const channel = this.#channels.create(label, init);
    this.#needed.update();
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
    this.#channels.close();
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

  #makeNeededOwner(): NeededOwner {
    const isClosed = () => this.#closed;
    const chain = this.#chain;
    const negotiator = () => this.#negotiator;
    return {
      get closed() {
        return isClosed();
      },
      get idle() {
        return chain.empty;
      },
      get stable() {
        return negotiator().state === 'stable';
      },
      get needed() {
        return negotiator().needed;
      },
      tell: () => {
        this.dispatchEvent(new Event('negotiationneeded'));
      },
    };
  }

  #makeOwner(): NegotiatorOwner & LineOwner {
    const isClosed = () => this.#closed;
    const lines = this.#lines;
    const wantsData = () => this.#channels.wanted;
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
        this.#needed.update();
      },
      stats: (line, direction) => this.#stats(line, direction),
      addLine: (kind, direction) => this.#addLine(kind, direction, false),
      removeLine: (line) => {
        lines.splice(lines.indexOf(line), 1);
        line.release();
      },
      handleSignalingState: () => {
        if (this.#negotiator.state === 'stable') this.#needed.handleStable();
        this.dispatchEvent(new Event('signalingstatechange'));
      },
      handleCandidates: (candidates) => {
        this.#gathering.gather(candidates);
      },
      handleTracks: (added, removed) => {
        this.#streams.change(added, removed, (line) => {
          this.#dispatchTrack(line);
        });
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
        this.#channels.receiveData(handle, binary, payload);
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
        this.#gathering.announce(message);
        return;
      case 'channelNew':
      case 'channelOpen':
      case 'channelClosed':
      case 'released':
        this.#channels.receive(message);
        return;
      case 'failed':
        this.#fail(fromFailure(message.error));
        return;
      case 'keyframe':
      case 'estimate':
      case 'mediaLost':
        return;
    }
  }

  /** The transport is gone for good. */
  #fail(error: Error): void {
    if (this.#closed) return;
    this.#requests.fail(error);
    this.#changeTransport('failed', 'failed');
    this.#channels.fail();
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

  #dispatchTrack(line: Line): void {
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

const gone: Failure = { name: 'OperationError', message: 'the transport is gone' };

function closed(): DOMException {
  return invalidState('the connection is closed');
}
