/**
 * Doubles of the browser's media API for unit tests: they keep the states and the order of the
 * specifications (WebRTC 1.0, Media Capture and Streams) and carry nothing. Media itself is proven
 * in real browsers by the end-to-end tests.
 */

/** Lets everything that is ready run. No timers. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 50; i += 1) await Promise.resolve();
}

async function tick(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}

export class FakeTrack {
  enabled = true;
  readyState: 'live' | 'ended' = 'live';
  muted = false;
  onended: (() => void) | null = null;
  onmute: (() => void) | null = null;
  onunmute: (() => void) | null = null;
  contentHint = '';

  constructor(
    readonly kind: 'audio' | 'video',
    private readonly settings: MediaTrackSettings = {},
  ) {}

  getSettings(): MediaTrackSettings {
    return this.settings;
  }

  stop(): void {
    this.readyState = 'ended';
  }

  /** What the system or the browser does, and never the page. */
  mute(muted: boolean): void {
    this.muted = muted;
    if (muted) this.onmute?.();
    else this.onunmute?.();
  }

  /** What the system does when the device is pulled out. */
  end(): void {
    this.readyState = 'ended';
    this.onended?.();
  }
}

export class FakeStream {
  readonly tracks: FakeTrack[];

  constructor(tracks: FakeTrack[] = []) {
    this.tracks = [...tracks];
  }

  addTrack(track: FakeTrack): void {
    this.tracks.push(track);
  }

  getTracks(): FakeTrack[] {
    return this.tracks;
  }

  getVideoTracks(): FakeTrack[] {
    return this.tracks.filter(({ kind }) => kind === 'video');
  }
}

class FakeSender {
  track: FakeTrack | null = null;
  parameters: Record<string, unknown> = {};

  replaceTrack(track: FakeTrack | null): Promise<void> {
    this.track = track;
    return Promise.resolve();
  }

  /** Pictures that have gone out. */
  framesSent = 0;

  getStats(): Promise<Map<string, object>> {
    const stat = { type: 'outbound-rtp', kind: 'video', framesSent: this.framesSent };
    return Promise.resolve(new Map([['video', stat]]));
  }

  /** Chromium has none for what was offered by the remote, until it is answered. */
  encodings: readonly object[] = [{}];

  getParameters(): object {
    return { encodings: this.encodings.map((encoding) => ({ ...encoding })) };
  }

  setParameters(parameters: Record<string, unknown>): Promise<void> {
    this.parameters = parameters;
    return Promise.resolve();
  }
}

class FakeTransceiver {
  readonly sender = new FakeSender();
  readonly receiver: { readonly track: FakeTrack };
  mid: string | null = null;

  constructor(
    readonly kind: 'audio' | 'video',
    public direction: string,
  ) {
    this.receiver = { track: new FakeTrack(kind) };
  }

  setCodecPreferences(): void {
    // Tested apart, in codecs.test.ts.
  }
}

interface Description {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

/** Its SDP is one line a section: `m=KIND MID DIRECTION`, after one with the ICE generation. */
export class FakeConnection {
  signalingState: 'stable' | 'have-local-offer' | 'have-remote-offer' | 'closed' = 'stable';
  connectionState: RTCPeerConnectionState = 'new';
  localDescription: Description | null = null;
  remoteDescription: Description | null = null;
  onicecandidate: ((event: { candidate: unknown }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  onnegotiationneeded: (() => void) | null = null;
  readonly candidates: string[] = [];
  readonly transceivers: FakeTransceiver[] = [];
  restarts = 0;
  #generation = 0;
  #restartWanted = false;
  #stable: { local: Description | null; remote: Description | null } = {
    local: null,
    remote: null,
  };

  constructor(readonly name: string) {}

  addTransceiver(kind: 'audio' | 'video', { direction }: { direction: string }): FakeTransceiver {
    const transceiver = new FakeTransceiver(kind, direction);
    this.transceivers.push(transceiver);
    return transceiver;
  }

  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }

  sender(kind: 'audio' | 'video'): FakeSender {
    const found = this.transceivers.find((transceiver) => transceiver.kind === kind);
    if (!found) throw new Error(`no ${kind}`);
    return found.sender;
  }

  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    if (this.signalingState === 'closed') return new Promise(() => undefined);
    const type = this.signalingState === 'have-remote-offer' ? 'answer' : 'offer';
    if (this.#restartWanted || this.#generation === 0) this.#generation += 1;
    this.#restartWanted = false;
    for (const [index, transceiver] of this.transceivers.entries()) {
      transceiver.mid ??= String(index);
      transceiver.sender.encodings = [{}];
    }
    const sections = this.transceivers.map(
      ({ kind, mid, direction }) => `m=${kind} ${mid ?? ''} ${direction}`,
    );
    this.localDescription = {
      type,
      sdp: [`${this.name} generation ${this.#generation}`, ...sections].join('\r\n'),
    };
    if (type === 'offer') this.signalingState = 'have-local-offer';
    else this.#becomeStable();
    this.#gather();
  }

  async setRemoteDescription(description: Description): Promise<void> {
    await Promise.resolve();
    if (description.sdp === 'nonsense') throw new Error('OperationError');
    if (description.type === 'answer') {
      if (this.signalingState !== 'have-local-offer') throw new Error('InvalidStateError');
      this.remoteDescription = description;
      this.#becomeStable();
      return;
    }
    if (this.signalingState === 'have-local-offer') {
      this.localDescription = this.#stable.local;
    }
    this.signalingState = 'have-remote-offer';
    this.remoteDescription = description;
    for (const line of description.sdp.split('\r\n').slice(1)) {
      const [kind, mid] = line.replace('m=', '').split(' ');
      if (this.transceivers.some((transceiver) => transceiver.mid === mid)) continue;
      const transceiver = new FakeTransceiver(kind as 'audio' | 'video', 'recvonly');
      transceiver.mid = mid ?? null;
      transceiver.sender.encodings = [];
      this.transceivers.push(transceiver);
    }
  }

  async addIceCandidate({ candidate }: { candidate: string }): Promise<void> {
    await Promise.resolve();
    if (!this.remoteDescription) throw new Error('InvalidStateError');
    this.candidates.push(candidate);
  }

  restartIce(): void {
    this.restarts += 1;
    this.#restartWanted = true;
    if (this.signalingState === 'stable') this.onnegotiationneeded?.();
  }

  getStats(): Promise<Map<string, unknown>> {
    return Promise.resolve(new Map<string, unknown>());
  }

  close(): void {
    this.signalingState = 'closed';
    this.connectionState = 'closed';
  }

  /** What ICE and DTLS do. */
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  #becomeStable(): void {
    this.signalingState = 'stable';
    this.#stable = { local: this.localDescription, remote: this.remoteDescription };
    if (this.#restartWanted) queueMicrotask(() => this.onnegotiationneeded?.());
  }

  #gather(): void {
    const generation = this.#generation;
    // A task in browsers: what waits for the description runs first.
    void tick().then(() => {
      this.onicecandidate?.({
        candidate: {
          candidate: `${this.name} ${generation}`,
          sdpMid: '0',
          sdpMLineIndex: 0,
          usernameFragment: `u${generation}`,
        },
      });
    });
  }
}

/** Makes connections, and remembers them. */
export class FakeConnections {
  readonly made: FakeConnection[] = [];

  constructor(private readonly name: string) {}

  readonly create = (): RTCPeerConnection => {
    const connection = new FakeConnection(`${this.name}${this.made.length}`);
    this.made.push(connection);
    return connection as unknown as RTCPeerConnection;
  };

  get last(): FakeConnection {
    const last = this.made.at(-1);
    if (!last) throw new Error('none made');
    return last;
  }
}
