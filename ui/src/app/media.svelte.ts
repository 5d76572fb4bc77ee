import {
  Capture,
  isOn,
  type CaptureKind,
  type CaptureSource,
  type DeviceState,
} from '../rtc/capture';
import type { Tracks } from '../rtc/connection';
import { ScreenCapture, type ScreenSource, type ScreenState } from '../rtc/screen';
import type { MediaState } from '../protocol';

/** What gives them; nothing in an insecure context, and no screen on phones. */
export interface MediaSource extends CaptureSource {
  readonly screens: ScreenSource | undefined;
}

/**
 * This person's microphone and camera, for as long as a call needs them, and the screen while it is shared.
 * Pictures are the camera's or the screen's: the camera is closed meanwhile, and opened again after.
 */
export class LocalMedia {
  #microphone: DeviceState = $state.raw({ state: 'off', problem: null });
  #camera: DeviceState = $state.raw({ state: 'off', problem: null });
  #sharing: ScreenState = $state.raw({ state: 'off', problem: null });
  #selfStream: MediaStream | null = $state.raw(null);
  readonly #screen: ScreenCapture;
  /** The screen has the camera's place; whether the camera is to be back after. */
  #instead: { readonly camera: boolean } | null = null;
  readonly #audio: Capture;
  readonly #video: Capture;
  /** Counts uses, so that a warm-up that comes too late does nothing. */
  #use = 0;

  /** Told of every change; one at a time. */
  changed: (() => void) | null = null;
  /** Told when a device was opened: only then do browsers name the devices there are. */
  opened: (() => void) | null = null;
  #known: Tracks = { audio: null, video: null };

  constructor(private readonly source: MediaSource) {
    this.#audio = new Capture('audio', source, () => {
      this.#update();
    });
    this.#video = new Capture('video', source, () => {
      this.#update();
    });
    this.#screen = new ScreenCapture(source.screens, () => {
      this.#change();
      this.#update();
    });
  }

  get microphone(): DeviceState {
    return this.#microphone;
  }

  get camera(): DeviceState {
    return this.#camera;
  }

  get screen(): ScreenState {
    return this.#sharing;
  }

  /** The camera's picture, for the self view; the last one's while another is being opened in its place. */
  get selfStream(): MediaStream | null {
    return this.#selfStream;
  }

  /** What can be sent now. */
  get tracks(): Tracks {
    return { audio: this.#audio.track, video: this.#screen.track ?? this.#video.track };
  }

  /** What is sent, or about to be: a device that is being opened counts, for as long as that usually takes. */
  get state(): MediaState {
    const screen = this.#screen.track !== null;
    return { audio: sends(this.#audio), video: screen || sends(this.#video), screen };
  }

  /** Whether the microphone is on, or will be once it may. */
  get wantsMicrophone(): boolean {
    return isOn(this.#audio.state);
  }

  /** Whether the camera is on, or will be once it may, or once the screen is no longer shared. */
  get wantsCamera(): boolean {
    return this.#instead?.camera ?? isOn(this.#video.state);
  }

  /**
   * Switches each on or off. Waits for nothing: a browser may ask for permission meanwhile. The camera first,
   * since web views open one device after the other and the first picture is what is waited for.
   */
  begin(microphone: boolean, camera: boolean): void {
    this.#use += 1;
    this.setCamera(camera);
    this.setMicrophone(microphone);
  }

  /**
   * Opens the devices before they are needed, if that asks the person nothing. What they give stays
   * here until it is agreed to.
   */
  warmUp(camera: boolean): void {
    this.#use += 1;
    const use = this.#use;
    const warm = async (kind: CaptureKind, capture: Capture) => {
      // Nothing where the browser doesn't say.
      const permission = await this.source.queryPermission(kind).catch(() => null);
      if (permission?.state === 'granted' && use === this.#use) await capture.turnOn();
    };
    if (camera) void warm('video', this.#video);
    void warm('audio', this.#audio);
  }

  setMicrophone(on: boolean): void {
    if (on) void this.#audio.turnOn();
    else this.#audio.turnOff();
  }

  /** Switching the camera on ends the sharing of the screen. */
  setCamera(on: boolean): void {
    if (this.#instead) {
      this.#instead = { camera: on };
      if (on) this.#screen.stop();
      return;
    }
    if (on) void this.#video.turnOn();
    else this.#video.turnOff();
  }

  /** Asks what to share; to be called while a click or key is handled. */
  setScreen(on: boolean): void {
    if (on) void this.#screen.start();
    else this.#screen.stop();
  }

  choose(kind: CaptureKind, deviceId: string | null): void {
    void (kind === 'audio' ? this.#audio : this.#video).choose(deviceId);
  }

  /** Uses the camera that looks the other way, until all is closed. */
  flipCamera(): void {
    void this.#video.flip();
  }

  handleDevicesChanged(): void {
    void this.#audio.handleDevicesChanged();
    void this.#video.handleDevicesChanged();
  }

  /** Closes all. */
  stop(): void {
    this.#use += 1;
    this.#instead = null;
    this.#screen.stop();
    this.#audio.stop();
    this.#video.stop();
  }

  /** The screen takes the camera's place, or gives it back. */
  #change(): void {
    if (this.#screen.track && !this.#instead) {
      this.#instead = { camera: isOn(this.#video.state) };
      this.#video.turnOff();
    } else if (!this.#screen.track && this.#instead) {
      const { camera } = this.#instead;
      this.#instead = null;
      if (camera) void this.#video.turnOn();
    }
  }

  #update(): void {
    this.#microphone = this.#audio.state;
    this.#camera = this.#video.state;
    this.#sharing = this.#screen.state;
    const picture = this.#video.track;
    // Until another camera has opened, the picture of the one before keeps the place, and what is focused in it.
    const isReplaced = picture === null && this.#camera.state === 'starting';
    if (!isReplaced && picture !== (this.#selfStream?.getVideoTracks()[0] ?? null)) {
      this.#selfStream = picture && new MediaStream([picture]);
    }
    const { audio, video } = this.tracks;
    const earlier = this.#known;
    this.#known = { audio, video };
    const hasNewAudio = audio !== null && audio !== earlier.audio;
    const hasNewVideo = video !== null && video !== earlier.video;
    if (hasNewAudio || hasNewVideo) this.opened?.();
    this.changed?.();
  }
}

/** One that is being opened counts, until that takes long. */
function sends({ state }: Capture): boolean {
  return isOn(state) && state.problem === null;
}
