/** What is behind a transceiver: a section of the description, and the media of it. */
import type { Codec, Direction, Kind } from '../shared/bridge';
import type { AudioSettings } from '../shared/messages';
import { now } from '../shared/now';
import { DEFAULT_BITRATE } from '../shared/sound';
import type { Engine, GeneratedTrack } from './engine';
import { isMicrophone } from './processing';
import type { RemoteSound } from './remote-sound';
import type { SoundEnd } from './sound-context';
import {
  audioSettings,
  type Encoding,
  readEncoding,
  type SendParameters,
  videoSettings,
} from './parameters';
import { receives, sends } from './states';
import { onTrackChange, RemoteTrack } from './tracks';

/** How a section was last described, for the question whether that is still so. */
export interface Described {
  /** Whether we offered. */
  readonly offered: boolean;
  readonly own: Direction;
  /** As the remote wrote it. */
  readonly remote: Direction;
  readonly streams: readonly string[];
}

export class Line {
  mid: string | null = null;
  current: Direction | null = null;
  /** Direction that the page was told of by track events. */
  fired: Direction | null = null;
  slot: number | null = null;
  codecs: readonly Codec[] = [];
  /** Header extensions that both ends know. */
  extensions: readonly RTCRtpHeaderExtensionParameters[] = [];
  preferred: readonly string[] | null = null;
  streams: string[] = [];
  encoding: Encoding;
  preference: NonNullable<SendParameters['degradationPreference']> | null = null;
  /** `RTCRtpReceiver.jitterBufferTarget`, milliseconds. */
  target: number | null = null;
  described: Described | null = null;
  remoteStreams: MediaStream[] = [];
  /** The page, or the remote, wants no more of it: [[Stopping]]. */
  stopped = false;
  /** That was agreed on: [[Stopped]]. */
  ended = false;
  hasSent = false;
  /** A local description with its section was applied, so there is a transport. */
  transported = false;
  /** The page has called addTrack for it. */
  addedTrack = false;
  #remote: RemoteTrack | null = null;
  /** Nothing comes from the other any more. */
  #over = false;
  #track: MediaStreamTrack | null = null;
  /** What is sent: the track, or the one that is to replace it. */
  #source: MediaStreamTrack | null = null;
  #unwatch: (() => void) | null = null;
  #generated: GeneratedTrack | null = null;
  readonly #sound: RemoteSound | null = null;
  #capture: SoundEnd | null = null;
  #sending: MediaStreamTrack | null = null;
  /** Rust takes the microphone, or tries to. */
  #microphone = false;
  #receiving = false;
  /** The target that the worker knows of. */
  #toldTarget = 0;

  constructor(
    readonly key: number,
    readonly kind: Kind,
    public direction: Direction,
    private readonly engine: Engine,
    private readonly changed: (line: Line) => void,
    encoding?: RTCRtpEncodingParameters,
  ) {
    this.encoding = readEncoding(kind, encoding);
    if (kind === 'audio') {
      this.#sound = engine.remoteSound();
      this.#remote = new RemoteTrack(this.#sound.track);
    }
  }

  /**
   * What comes from the other. A track for pictures is made when it is first asked for: a page that
   * connects while it loads is ahead of the worker, which makes the tracks that cost the page nothing.
   */
  get remote(): RemoteTrack {
    if (!this.#remote) {
      this.#remote = new RemoteTrack(this.#generate().track);
      if (this.#over) this.#endRemote();
    }
    return this.#remote;
  }

  /** Whether a track is the remote one. */
  isRemote(track: MediaStreamTrack): boolean {
    return this.#remote?.track === track;
  }

  get track(): MediaStreamTrack | null {
    return this.#track;
  }

  setTrack(track: MediaStreamTrack | null): void {
    this.#track = track;
    this.setSource(track);
  }

  /** What is sent, before the page sees that it is the sender's track. */
  setSource(track: MediaStreamTrack | null): void {
    this.#unwatch?.();
    this.#unwatch = null;
    this.#source = track;
    if (track) {
      this.#unwatch = onTrackChange(track, () => {
        this.changed(this);
      });
    }
  }

  stop(): void {
    this.stopped = true;
    this.#unwatch?.();
    this.#unwatch = null;
    this.#endRemote();
  }

  /** Both ends know that it is stopped. */
  end(): void {
    if (!this.stopped) this.stop();
    this.ended = true;
  }

  /** Begins, changes and ends sending and receiving, as things stand. `up`: the transport is there. */
  apply(pc: number, up: boolean): void {
    const { slot } = this;
    if (slot === null) return;
    this.#applySending(pc, slot, up);
    this.#applyReceiving(pc, slot);
  }

  /** The remote has gone: nothing more will come. */
  fallSilent(): void {
    this.#remote?.setMuted(true);
  }

  /** The connection is over: nothing is told to the worker, which forgets it all at once. */
  release(): void {
    this.#unwatch?.();
    this.#closeCapture();
    this.#endRemote();
  }

  #generate(): GeneratedTrack {
    this.#generated ??= this.engine.generate();
    return this.#generated;
  }

  #endRemote(): void {
    this.#over = true;
    this.#remote?.end();
    if (this.#generated) this.engine.discard(this.#generated);
    this.#sound?.close();
  }

  #applySending(pc: number, slot: number, up: boolean): void {
    const codec = this.codecs[0];
    const track = this.#source;
    const live = track?.readyState === 'live';
    const on = up && live && codec !== undefined && !this.stopped && sends(this.current);
    if (!on) {
      if (!this.#sending) return;
      this.#sending = null;
      this.#closeCapture();
      this.#releaseMicrophone(pc, slot);
      this.engine.post({ to: 'stopSending', pc, slot });
      return;
    }
    const fresh = track !== this.#sending;
    this.#sending = track;
    if (this.kind === 'video') {
      const settings = videoSettings(this.encoding, this.preference, track);
      const clone = fresh ? track.clone() : null;
      if (clone) clone.enabled = true;
      const message = { to: 'sendVideo', pc, slot, codec, settings, track: clone } as const;
      this.engine.post(message, clone ? [clone] : []);
      return;
    }
    const settings = audioSettings(this.encoding, track);
    this.engine.post({ to: 'sendAudio', pc, slot, codec, settings, port: null });
    // A webview's own microphone is taken in Rust where that can be; a track of anything else is the page's.
    if (isMicrophone(track) && (fresh || this.#microphone)) {
      this.#microphone = true;
      this.#tellMicrophone(pc, slot, microphone(track, codec, settings));
      if (fresh) this.#closeCapture();
      return;
    }
    if (!fresh) return;
    this.#releaseMicrophone(pc, slot);
    this.#capturePage(pc, slot, track);
  }

  /** Whether Rust has the microphone that is sent. */
  microphone(pc: number, open: boolean): void {
    if (open || !this.#microphone || this.slot === null) return;
    this.#microphone = false;
    if (this.#sending) this.#capturePage(pc, this.slot, this.#sending);
  }

  #capturePage(pc: number, slot: number, track: MediaStreamTrack): void {
    this.#closeCapture();
    const capture = this.engine.capture(track);
    this.#capture = capture;
    void capture.port.then((port) => {
      const codec = this.codecs[0];
      if (this.#capture !== capture || !codec) return;
      const settings = audioSettings(this.encoding, track);
      this.engine.post({ to: 'sendAudio', pc, slot, codec, settings, port }, [port]);
    });
  }

  #closeCapture(): void {
    this.#capture?.close();
    this.#capture = null;
  }

  #releaseMicrophone(pc: number, slot: number): void {
    if (!this.#microphone) return;
    this.#microphone = false;
    this.#tellMicrophone(pc, slot, null);
  }

  #tellMicrophone(pc: number, slot: number, device: Microphone | null): void {
    const request = { op: 'microphone', slot, device, now: Math.round(now() * 1000) };
    this.engine.post({ to: 'text', pc, text: JSON.stringify(request) });
  }

  #applyReceiving(pc: number, slot: number): void {
    const { codecs } = this;
    const on = !this.stopped && receives(this.current);
    if (!on) {
      if (this.#receiving) this.engine.post({ to: 'stopReceiving', pc, slot });
      this.#receiving = false;
      return;
    }
    this.#receiving = true;
    if (this.kind === 'video') {
      const generator = this.#generate().id;
      this.engine.post({ to: 'receiveVideo', pc, slot, generator, codecs });
    } else {
      this.engine.post({ to: 'receiveAudio', pc, slot, port: null });
      this.#sound?.attach(pc, slot);
    }
    const ms = this.target ?? 0;
    if (ms === this.#toldTarget) return;
    this.#toldTarget = ms;
    this.engine.post({ to: 'target', pc, slot, ms });
  }
}

/** As it crosses the bridge. */
interface Microphone {
  readonly label: string;
  readonly pt: number;
  readonly processing: number;
  readonly bitrate: number;
  readonly active: boolean;
  readonly enabled: boolean;
}

function microphone(track: MediaStreamTrack, codec: Codec, settings: AudioSettings): Microphone {
  return {
    label: track.label,
    pt: codec.pt,
    processing: settings.processing,
    bitrate: settings.maxBitrate ?? DEFAULT_BITRATE,
    active: settings.active,
    enabled: track.enabled,
  };
}
