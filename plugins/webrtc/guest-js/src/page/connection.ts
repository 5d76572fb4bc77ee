/** RTCPeerConnection (WebRTC 1.0, section 4.4). */
import type { BridgeEvent, Failure, Reply, TransportStats } from '../shared/bridge';
import type { SlotCounters } from '../shared/messages';
import { generateCertificate, idOf } from './certificate';
import { Chain } from './chain';
import { Channels } from './channels';
import { checkChange, type Configuration, readConfiguration } from './configuration';
import { readCandidate, readDescription, readLocalDescription } from './description';
import type { Engine, EngineListener } from './engine';
import { fromFailure, invalidState, notSupported } from './errors';
import { DataChannelEvent, defineHandlers, TrackEvent } from './events';
import { Gathering } from './gathering';
import { callBack, type Succeeded } from './legacy';
import type { Line } from './line';
import { noteLocalCandidate } from './local-candidates';
import { NegotiationNeeded, type NeededOwner } from './needed';
import { Negotiator, type NegotiatorOwner } from './negotiator';
import { RemoteCandidates } from './remote-candidates';
import { RemoteStreams } from './remote-streams';
import { Requests } from './requests';
import { sections } from './sdp';
import { Sources } from './sources';
import { receives } from './states';
import { buildReport, StatsReport } from './stats';
import type { LineOwner } from './transceiver';
import { readTransceiver } from './transceiver-init';
import { Transceivers } from './transceivers';
import { Transport } from './transport';
import type { IceSource } from './transports';
import { dictionary, PERMIT } from './webidl';

/** What statistics are made of. */
interface Measured {
  readonly rust: TransportStats;
  readonly counters: readonly SlotCounters[];
}

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
  readonly #channels: Channels;
  readonly #transport: Transport;
  readonly #gathering: Gathering;
  readonly #remoteCandidates: RemoteCandidates;
  readonly #sources: Sources;
  readonly #transceivers: Transceivers;
  readonly #streams = new RemoteStreams();
  readonly #owner: NegotiatorOwner & LineOwner;
  #configuration: Configuration;
  #closed = false;
  #measured: Measured | null = null;

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
    this.#transceivers = new Transceivers(this.#engine, () => this.#owner);
    this.#chain = new Chain(() => {
      this.#needed.handleIdle();
    });
    this.#needed = new NegotiationNeeded(this.#makeNeededOwner());
    this.#transport = new Transport(this, this.#makeIceSource());
    this.#gathering = this.#makeGathering();
    this.#owner = this.#makeOwner();
    const [certificate] = this.#configuration.certificates ?? [];
    this.#pc = this.#engine.connect(this.#listener(), certificate ? idOf(certificate) : null);
    this.#requests = new Requests(this.#engine, () => this.#pc);
    this.#channels = new Channels(
      this.#engine,
      this.#requests,
      () => this.#pc,
      this.#transport.sctp,
      (channel) => {
        const event = { channel: channel as unknown as RTCDataChannel };
        this.dispatchEvent(new DataChannelEvent('datachannel', event));
      },
    );
    this.#negotiator = new Negotiator(this.#owner, this.#requests);
    this.#sources = new Sources(this.#requests);
    this.#remoteCandidates = new RemoteCandidates(
      this.#negotiator,
      this.#requests,
      () => this.#closed,
    );
  }

  static generateCertificate(algorithm: unknown): Promise<RTCCertificate> {
    return generateCertificate(algorithm, async () => {
      if (!sharedEngine) throw notSupported('the engine is not there');
      return sharedEngine()
        .generateCertificate()
        .catch((failure: unknown) => {
          throw fromFailure(failure);
        });
    });
  }

  get signalingState(): RTCSignalingState {
    return this.#closed ? 'closed' : this.#negotiator.state;
  }
  get iceConnectionState(): RTCIceConnectionState {
    return this.#closed ? 'closed' : this.#transport.iceState;
  }
  get iceGatheringState(): RTCIceGatheringState {
    return this.#gathering.state;
  }
  get connectionState(): RTCPeerConnectionState {
    return this.#transport.connection;
  }
  get canTrickleIceCandidates(): boolean | null {
    const remote = this.#negotiator.pendingRemote ?? this.#negotiator.currentRemote;
    return remote ? /^a=ice-options:.*\btrickle\b/m.test(remote.sdp) : null;
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
    return this.#negotiator.hasData ? (this.#transport.sctp as unknown as RTCSctpTransport) : null;
  }

  getConfiguration(): RTCConfiguration {
    const { certificates, ...rest } = this.#configuration;
    return {
      ...structuredClone(rest),
      ...(certificates ? { certificates: [...certificates] } : {}),
    };
  }

  setConfiguration(configuration: RTCConfiguration = {}): void {
    this.#mustBeOpen();
    const read = readConfiguration(configuration);
    const before = this.#configuration;
    checkChange(before, read, this.localDescription !== null);
    const { certificates } = before;
    this.#configuration = { ...read, ...(certificates ? { certificates } : {}) };
  }

  createOffer(
    options?: unknown,
    failed?: unknown,
    legacy?: RTCOfferOptions,
  ): Promise<RTCSessionDescriptionInit> {
    if (typeof options === 'function') {
      return callBack(this.createOffer(legacy), options as Succeeded, failed);
    }
    const given = dictionary('the options', options);
    return this.#enqueue(async () => {
      this.#transceivers.offerToReceive('audio', given.offerToReceiveAudio);
      this.#transceivers.offerToReceive('video', given.offerToReceiveVideo);
      return (await this.#negotiator.createOffer(Boolean(given.iceRestart))).toJSON();
    });
  }

  createAnswer(options?: unknown, failed?: unknown): Promise<RTCSessionDescriptionInit> {
    if (typeof options === 'function') {
      return callBack(this.createAnswer(), options as Succeeded, failed);
    }
    dictionary('the options', options);
    return this.#enqueue(async () => (await this.#negotiator.createAnswer()).toJSON());
  }

  setLocalDescription(
    description?: RTCLocalSessionDescriptionInit,
    succeeded?: unknown,
    failed?: unknown,
  ): Promise<void> {
    if (typeof succeeded === 'function') {
      const done = this.setLocalDescription(description);
      return callBack(done, succeeded as Succeeded, failed);
    }
    const { type, sdp } = readLocalDescription(description);
    return this.#enqueue(() => this.#negotiator.setLocal(type, sdp));
  }

  setRemoteDescription(
    description: RTCSessionDescriptionInit,
    succeeded?: unknown,
    failed?: unknown,
  ): Promise<void> {
    if (typeof succeeded === 'function') {
      const done = this.setRemoteDescription(description);
      return callBack(done, succeeded as Succeeded, failed);
    }
    const { type, sdp } = readDescription(description);
    return this.#enqueue(() => this.#negotiator.setRemote(type, sdp));
  }

  addIceCandidate(
    candidate?: RTCIceCandidateInit | null,
    succeeded?: unknown,
    failed?: unknown,
  ): Promise<void> {
    if (typeof succeeded === 'function') {
      const done = this.addIceCandidate(candidate);
      return callBack(done, succeeded as Succeeded, failed);
    }
    const given = readCandidate(candidate);
    if (given.candidate !== '' && given.sdpMid === null && given.sdpMLineIndex === null) {
      throw new TypeError('sdpMid and sdpMLineIndex are both missing');
    }
    return this.#enqueue(() => this.#remoteCandidates.add(given));
  }

  restartIce(): void {
    if (this.#closed) return;
    this.#negotiator.restartIce();
    this.#needed.update();
  }

  addTransceiver(
    trackOrKind: MediaStreamTrack | string,
    init?: RTCRtpTransceiverInit,
  ): RTCRtpTransceiver {
    const { track, kind, direction, streams, encoding } = readTransceiver(trackOrKind, init);
    this.#mustBeOpen();
    const line = this.#transceivers.add(kind, direction, encoding);
    line.setTrack(track);
    line.streams = streams;
    this.#needed.update();
    return this.#transceivers.show(line);
  }

  addTrack(track: MediaStreamTrack, ...streams: MediaStream[]): RTCRtpSender {
    if (!(track instanceof MediaStreamTrack)) throw new TypeError('this is no track');
    if (!streams.every((stream) => stream instanceof MediaStream)) {
      throw new TypeError('this is no stream');
    }
    this.#mustBeOpen();
    const line = this.#transceivers.addTrack(track, streams);
    this.#updateMedia(line);
    this.#needed.update();
    return this.#transceivers.show(line).sender;
  }

  removeTrack(sender: RTCRtpSender): void {
    if (typeof sender !== 'object') throw new TypeError('this is no sender');
    this.#mustBeOpen();
    const line = this.#transceivers.removeTrack(sender);
    if (!line) return;
    this.#updateMedia(line);
    this.#needed.update();
  }

  getTransceivers(): RTCRtpTransceiver[] {
    const { all, current } = this.#transceivers;
    return this.#closed ? all : current;
  }

  getSenders(): RTCRtpSender[] {
    return this.#transceivers.wanted.map(({ sender }) => sender);
  }

  getReceivers(): RTCRtpReceiver[] {
    return this.#transceivers.wanted.map(({ receiver }) => receiver);
  }

  createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
    this.#mustBeOpen();
    const channel = this.#channels.create(label, init);
    this.#needed.update();
    return channel as unknown as RTCDataChannel;
  }

  /** `length` is 0 as in the standard: simple-peer takes any other for the callback form of old. */
  getStats(selector: MediaStreamTrack | null = null): Promise<RTCStatsReport> {
    if (selector === null) return this.#stats(null, 'both');
    if (!(selector instanceof MediaStreamTrack)) throw new TypeError('this is no track');
    const out = this.#transceivers.lines.filter((line) => !line.stopped && line.track === selector);
    const into = this.#transceivers.lines.filter((line) => line.isRemote(selector));
    const [line] = [...out, ...into];
    if (!line || out.length + into.length > 1) {
      return Promise.reject(new DOMException('not one track of this', 'InvalidAccessError'));
    }
    return this.#stats(line, out.length > 0 ? 'out' : 'in');
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#requests.close();
    for (const line of this.#transceivers.lines) {
      line.stopped = true;
      line.ended = true;
      line.release();
    }
    this.#channels.close();
    this.#transport.close();
    this.#engine.disconnect(this.#pc);
  }

  /** What is under way when the page closes the connection is never settled (section 4.4.1.2). */
  async #enqueue<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#closed) throw closed();
    const over = () => this.#closed;
    try {
      const value = await this.#chain.enqueue(operation);
      if (!over()) return value;
    } catch (error) {
      if (!over()) throw error;
    }
    return new Promise(() => undefined);
  }

  #mustBeOpen(): void {
    if (this.#closed) throw closed();
  }

  #updateMedia(line: Line): void {
    if (!this.#closed) line.apply(this.#pc, this.#transport.up);
  }

  async #stats(line: Line | null, direction: 'in' | 'out' | 'both'): Promise<RTCStatsReport> {
    const over = () => this.#closed;
    const rust = over() ? null : await this.#requests.stats();
    // After it: before the socket is open the worker does not know the connection.
    const counters = rust ? await this.#engine.counters(this.#pc) : [];
    if (rust && !over()) this.#measured = { rust, counters };
    // Where the transport has gone: as it was when it was last looked at.
    if (!this.#measured) return new StatsReport(PERMIT, new Map());
    const lines = line ? [line] : this.#transceivers.lines;
    const { certificates } = this.#transport;
    return buildReport(
      this.#measured.rust,
      this.#measured.counters,
      lines,
      direction,
      line ? null : this.#channels,
      certificates,
    );
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

  #makeGathering(): Gathering {
    const isClosed = () => this.#closed;
    return new Gathering({
      get closed() {
        return isClosed();
      },
      note: (candidate) => {
        noteLocalCandidate(this.#negotiator, candidate);
      },
      dispatch: (event) => {
        this.#transport.setGathering(this.#gathering.state);
        this.dispatchEvent(event);
      },
    });
  }

  #makeIceSource(): IceSource {
    return {
      local: () => this.#gathering.candidates,
      remote: () => [...this.#remoteCandidates.known],
      parameters: (of) => {
        const mine = of === 'local' ? this.localDescription : this.remoteDescription;
        const [section] = sections(mine?.sdp ?? '');
        const { ufrag = null, password = null } = section ?? {};
        if (ufrag === null || password === null) return null;
        return { usernameFragment: ufrag, password };
      },
    };
  }

  #makeOwner(): NegotiatorOwner & LineOwner {
    const isClosed = () => this.#closed;
    const { lines } = this.#transceivers;
    const wantsData = () => this.#channels.wanted;
    return {
      get closed() {
        return isClosed();
      },
      get wantsData() {
        return wantsData();
      },
      lines,
      dtlsTransport: this.#transport.dtls as unknown as RTCDtlsTransport,
      enqueue: (operation) => this.#enqueue(operation),
      updateMedia: (line) => {
        this.#updateMedia(line);
      },
      updateNegotiationNeeded: () => {
        this.#needed.update();
      },
      sources: (slot) => this.#sources.of(slot),
      stats: (line, direction) => this.#stats(line, direction),
      addLine: (kind, direction) => this.#transceivers.add(kind, direction),
      removeLine: (line) => {
        lines.splice(lines.indexOf(line), 1);
        line.release();
      },
      handleSignalingState: () => {
        const { offeredFirst, maxMessageSize, state } = this.#negotiator;
        if (maxMessageSize !== null) this.#transport.limitMessages(maxMessageSize);
        if (state === 'stable') this.#needed.handleStable();
        if (offeredFirst !== null) {
          this.#transport.setRole(offeredFirst ? 'controlling' : 'controlled');
        }
        this.dispatchEvent(new Event('signalingstatechange'));
      },
      hasNewCandidates: (candidates) => this.#gathering.hasNew(candidates),
      handleCandidates: (candidates) => {
        this.#gathering.gather(candidates);
      },
      handleRollback: (candidates, first) => {
        this.#gathering.rollBack(candidates, first);
      },
      handleTracks: (added, removed) => {
        this.#streams.change(added, removed, (line) => {
          this.#dispatchTrack(line);
        });
      },
    };
  }

  #dispatchTrack(line: Line): void {
    const transceiver = this.#transceivers.show(line);
    const { receiver } = transceiver;
    const { track } = line.remote;
    const init = { receiver, track, streams: line.remoteStreams, transceiver };
    this.dispatchEvent(new TrackEvent('track', init));
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
        const line = this.#transceivers.lines.find((one) => one.slot === slot);
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
      case 'dtls': {
        const { iceState, dtlsState } = this.#transport;
        if (message.ev === 'ice') this.#changeTransport(message.state, dtlsState);
        else this.#changeTransport(iceState, message.state);
        return;
      }
      case 'candidate':
        this.#gathering.announce(message);
        return;
      case 'certificates':
        this.#transport.show(message);
        return;
      case 'pair':
        this.#transport.select({
          local: this.#gathering.at(message.address, message.port),
          remote: this.#remoteCandidates.of(message.remote),
        });
        return;
      case 'channelNew':
      case 'channelPlaced':
      case 'channelOpen':
      case 'channelClosed':
      case 'released':
        this.#channels.receive(message);
        return;
      case 'failed':
        this.#fail(fromFailure(message.error));
        return;
      case 'microphone':
        this.#transceivers.lines
          .find(({ slot }) => slot === message.slot)
          ?.microphone(this.#pc, message.open);
        return;
      case 'keyframe':
      case 'estimate':
      case 'mediaLost':
      case 'sound':
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

  #changeTransport(ice: Transport['iceState'], dtls: Transport['dtlsState']): void {
    const wasUp = this.#transport.up;
    this.#transport.change(ice, dtls, () => {
      if (wasUp === this.#transport.up) return;
      for (const line of this.#transceivers.lines) this.#updateMedia(line);
    });
    if (dtls !== 'closed' && dtls !== 'failed') return;
    for (const line of this.#transceivers.lines) line.fallSilent();
  }
}

const gone: Failure = { name: 'OperationError', message: 'the transport is gone' };

function closed(): DOMException {
  return invalidState('the connection is closed');
}
