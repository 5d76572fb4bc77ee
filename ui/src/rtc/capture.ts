/**
 * The own microphone and camera. Each is asked for by itself, so that a call works with both, with
 * either and with neither.
 */

/** Sound or pictures. */
export type CaptureKind = 'audio' | 'video';

/** Why a device gives nothing. */
export type CaptureProblem =
  /** The person, the browser or the system said no. */
  | 'permission_denied'
  | 'no_device'
  /** Another application has it. */
  | 'device_busy'
  /** The page is not in a secure context. */
  | 'insecure_context'
  /** It was pulled out, or stopped by the system. */
  | 'unplugged'
  /** The browser asks the person, who has not answered yet. */
  | 'asking'
  /** It takes long to open, though the browser asks nothing. */
  | 'slow'
  /** It is open, and the system, the browser or another application keeps it from giving anything. */
  | 'paused'
  | 'failed';

/** A microphone or camera. */
export interface DeviceState {
  readonly state:
    /** Switched off (a muted microphone, a camera that is off). */
    | 'off'
    /** Being opened; the browser may be asking for permission. */
    | 'starting'
    | 'on'
    /** There is none to use: see `problem`. Switching it on tries again. */
    | 'unavailable';
  /** Nothing is sent while there is one, whatever the state. */
  readonly problem: CaptureProblem | null;
}

/** Whether it is on, or will be once it is open: switched then, it goes off. */
export function isOn({ state }: DeviceState): boolean {
  return state === 'on' || state === 'starting';
}

/** What the browser says of a permission, and when it says otherwise. */
export type Permission = Pick<PermissionStatus, 'state' | 'onchange'>;

/** What is asked of the browser. */
export interface CaptureSource {
  /** Nothing in an insecure context. */
  readonly devices: Pick<MediaDevices, 'getUserMedia'> | undefined;
  readonly secure: boolean;
  /** Whether the browser asks the person. The app's window doesn't; the system may. */
  readonly asks: boolean;
  /** Rejects where the browser doesn't say. */
  readonly queryPermission: (kind: CaptureKind) => Promise<Permission>;
}

/** Which way a camera of a phone looks: at the person, or where they look. */
export type Facing = 'user' | 'environment';

/** Milliseconds after which a device that is being opened counts as one that gives nothing: longer than cameras take. */
export const LATE_MS = 1_500;
/** Milliseconds for which a device may give nothing. Cameras that are programs flap. */
export const PAUSED_MS = 2_000;

/** One of the two. */
export class Capture {
  #wanted = false;
  #track: MediaStreamTrack | null = null;
  #problem: CaptureProblem | null = null;
  #deviceId: string | null = null;
  /** Instead of the chosen device, until all is closed. */
  #facing: Facing | null = null;
  /** Counts requests to the browser; the answer to any but the last is thrown away. */
  #request = 0;
  #asking = false;
  #late = false;
  #lateTimer: ReturnType<typeof setTimeout> | undefined;
  #paused = false;
  #pausedTimer: ReturnType<typeof setTimeout> | undefined;
  #watched = false;
  #permission: Permission | null = null;

  constructor(
    readonly kind: CaptureKind,
    private readonly source: CaptureSource,
    private readonly changed: () => void,
  ) {}

  get state(): DeviceState {
    if (this.#problem) return { state: 'unavailable', problem: this.#problem };
    if (!this.#wanted) return { state: 'off', problem: null };
    if (this.#track) return { state: 'on', problem: this.#paused ? 'paused' : null };
    return { state: 'starting', problem: this.#late ? this.#delay : null };
  }

  /** What can be sent: nothing for a camera that is off, silence for a muted microphone. */
  get track(): MediaStreamTrack | null {
    return this.#track;
  }

  /** Opens the device, or unmutes the microphone. Settles when it is known whether it worked. */
  async turnOn(): Promise<void> {
    this.#wanted = true;
    this.#problem = null;
    if (this.#track) this.#track.enabled = true;
    this.changed();
    if (!this.#track && !this.#asking) await this.#open();
  }

  /**
   * Mutes the microphone, which stays open; closes the camera, and its light goes off. One that is being opened is let
   * go of: what somebody allows later must not open by itself. So is one that is paused, for opened anew it may work.
   */
  turnOff(): void {
    this.#wanted = false;
    this.#problem = null;
    if (this.kind === 'audio' && this.#track && !this.#paused) this.#track.enabled = false;
    else this.#release();
    this.changed();
  }

  /** Uses another device from now on; nothing means the system's choice. */
  async choose(deviceId: string | null): Promise<void> {
    if (this.#deviceId === deviceId && this.#facing === null) return;
    this.#deviceId = deviceId;
    this.#facing = null;
    await this.#replace();
  }

  /** Uses the camera that looks the other way, until {@link stop} or another is chosen. */
  async flip(): Promise<void> {
    const facing = this.#track?.getSettings().facingMode ?? this.#facing;
    this.#facing = facing === 'environment' ? 'user' : 'environment';
    await this.#replace();
  }

  /** The devices there are have changed: one that was missed may be back. */
  async handleDevicesChanged(): Promise<void> {
    if (!this.#wanted || this.#asking) return;
    if (this.#problem === 'unplugged' || this.#problem === 'no_device') await this.turnOn();
  }

  /** Closes the device, and forgets all but which one was chosen. */
  stop(): void {
    this.#wanted = false;
    this.#problem = null;
    this.#facing = null;
    this.#release();
    this.changed();
  }

  /** Why it takes long. */
  get #delay(): CaptureProblem {
    return this.source.asks && this.#permission?.state !== 'granted' ? 'asking' : 'slow';
  }

  /** Given in the browser's settings after a refusal, a permission is taken up; nothing else would tell of it. */
  async #watchPermission(): Promise<void> {
    if (this.#watched) return;
    this.#watched = true;
    try {
      const permission = await this.source.queryPermission(this.kind);
      permission.onchange = () => {
        const isRefused = this.#problem === 'permission_denied' && !this.#asking;
        if (permission.state === 'granted' && this.#wanted && isRefused) void this.turnOn();
        else this.changed();
      };
      this.#permission = permission;
    } catch {
      // Not every browser says: then it is tried when the person switches it on.
    }
  }

  /** Opens another device in the place of the one that is open, or that was to be. */
  async #replace(): Promise<void> {
    const isMissed = this.#problem !== null && this.#wanted;
    // Whatever was wrong was wrong with the one before.
    this.#problem = null;
    const isOpen = this.#track !== null || this.#asking;
    // Some systems open one camera at a time, and phones one microphone.
    this.#release();
    this.changed();
    if (isOpen || isMissed) await this.#open();
  }

  #release(): void {
    this.#request += 1;
    this.#stopAsking();
    if (!this.#track) return;
    clearTimeout(this.#pausedTimer);
    this.#paused = false;
    this.#track.onended = null;
    this.#track.onmute = null;
    this.#track.onunmute = null;
    this.#track.stop();
    this.#track = null;
  }

  async #open(): Promise<void> {
    this.#request += 1;
    const request = this.#request;
    this.#asking = true;
    this.#lateTimer = setTimeout(() => {
      this.#late = true;
      this.changed();
    }, LATE_MS);
    void this.#watchPermission();
    const answer = await this.#ask();
    if (request !== this.#request) {
      if (typeof answer === 'object') answer.stop();
      return;
    }
    this.#stopAsking();
    if (typeof answer === 'string') {
      this.#problem = answer;
    } else {
      answer.enabled = this.#wanted;
      // Only the system or the person ends a track; our own stop() does not fire this.
      answer.onended = () => {
        this.#handleEnded();
      };
      answer.onmute = answer.onunmute = () => {
        this.#handleMuted(answer.muted);
      };
      this.#track = answer;
      if (answer.muted) this.#handleMuted(true);
    }
    this.changed();
  }

  /** A track is muted by the system or the browser only, as when somebody on a phone goes to another application. */
  #handleMuted(muted: boolean): void {
    clearTimeout(this.#pausedTimer);
    if (muted) {
      this.#pausedTimer = setTimeout(() => {
        this.#setPaused(true);
      }, PAUSED_MS);
    } else if (this.#paused) {
      this.#setPaused(false);
    }
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused;
    this.changed();
  }

  #stopAsking(): void {
    this.#asking = false;
    this.#late = false;
    clearTimeout(this.#lateTimer);
  }

  #handleEnded(): void {
    this.#release();
    this.#problem = 'unplugged';
    this.changed();
    // Another one may be there.
    if (this.#wanted) {
      void this.#open().then(() => {
        if (this.#track) {
          this.#problem = null;
          this.changed();
        }
      });
    }
  }

  async #ask(): Promise<MediaStreamTrack | CaptureProblem> {
    const { devices, secure } = this.source;
    if (!devices) return secure ? 'failed' : 'insecure_context';
    const facing = this.#facing ?? 'user';
    const chosen = this.#facing === null ? this.#deviceId : null;
    const wishes: (MediaTrackConstraints | true)[] = [constraints(this.kind, chosen, facing)];
    // The chosen device may be gone: then any will do, as good a picture as it gives.
    if (chosen !== null) wishes.push(constraints(this.kind, null, facing));
    wishes.push(true);
    for (const wish of wishes) {
      try {
        return await this.#getTrack(devices, wish);
      } catch (error) {
        if (!isNamed(error, 'OverconstrainedError')) return problemOf(error, secure);
      }
    }
    // What WebKitGTK says when there is none at all.
    return 'no_device';
  }

  async #getTrack(
    devices: Pick<MediaDevices, 'getUserMedia'>,
    wish: MediaTrackConstraints | true,
  ): Promise<MediaStreamTrack | CaptureProblem> {
    const stream = await devices.getUserMedia({ [this.kind]: wish });
    return stream.getTracks()[0] ?? 'failed';
  }
}

/** What is asked for; only the chosen device is insisted on. */
export function constraints(
  kind: CaptureKind,
  deviceId: string | null,
  facingMode: Facing,
): MediaTrackConstraints {
  const device = deviceId === null ? {} : { deviceId: { exact: deviceId } };
  if (kind === 'audio') {
    return { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...device };
  }
  const facing = deviceId === null ? { facingMode } : {};
  return {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30 },
    ...facing,
    ...device,
  };
}

/** What a rejection of getUserMedia means (Media Capture and Streams, section 10.2). */
function problemOf(error: unknown, secure: boolean): CaptureProblem {
  if (isNamed(error, 'NotAllowedError') || isNamed(error, 'SecurityError')) {
    return secure ? 'permission_denied' : 'insecure_context';
  }
  if (isNamed(error, 'NotFoundError')) return 'no_device';
  if (isNamed(error, 'NotReadableError') || isNamed(error, 'AbortError')) return 'device_busy';
  return 'failed';
}

function isNamed(error: unknown, name: string): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === name;
}
