/**
 * What the views see: state to show, and what a person can do. `LanlineApp` and `CurrentCall` are
 * these interfaces made of runes, so reading a property in a component makes it react.
 *
 * `main.ts` gets the whole, an {@link AppModel}, with `startLanline(window, …)` from `app/start.ts`.
 *
 * Methods that do something return nothing: what came of it shows in the state, and what went wrong
 * in {@link AppModel.problem} or {@link LocalDevice.problem}.
 */
import type {
  CallId,
  DeviceKind,
  Direction,
  EndReason,
  HistoryEntry,
  Holder,
  Me,
  NoticeCode,
  Peer,
  PeerId,
  Trust,
} from '../protocol';
import type { HostErrorCode, HostState } from '../host/host';
import type { CaptureProblem, DeviceState } from '../rtc/capture';
import type { ScreenState } from '../rtc/screen';
import type { Quality } from '../rtc/stats';
import type { Support } from '../rtc/support';

export type { CaptureProblem, Quality, Support };
export { isOn } from '../rtc/capture';

/** How the way to the node is. `lost` and `replaced` want {@link AppModel.reconnect}. */
export type ConnectionState = HostState;

/**
 * The node's codes, and `disconnected` (the node can't be asked), `negotiation_failed` (this browser
 * could not prepare a call).
 */
export type ProblemCode = HostErrorCode | 'negotiation_failed';

/** Something that could not be done, until it is dismissed or something succeeds. */
export interface Problem {
  readonly code: ProblemCode;
}

/** For the live region: views word it. `serial` grows, so that equal ones are spoken again. */
export type Announcement = { readonly serial: number; readonly name: string } & (
  | {
      readonly code:
        | 'calling'
        | 'ringing'
        | 'incoming'
        | 'connected'
        | 'interrupted'
        | 'resumed'
        | 'muted'
        | 'unmuted'
        | 'camera_on'
        | 'camera_off'
        | 'sharing'
        | 'not_sharing'
        | 'remote_sharing'
        | 'remote_not_sharing'
        | 'remote_muted'
        | 'remote_unmuted'
        | 'remote_camera_on'
        | 'remote_camera_off';
    }
  | { readonly code: 'ended'; readonly reason: EndReason }
);

/** A call that this page was opened for (`#true`, `#call=PEER`). */
export interface PendingCall {
  /** Whom; nothing for the owner of this page's node. */
  readonly to: PeerId | null;
  /** Their name, once known. */
  readonly name: string | null;
  /** Whether it waits for {@link AppModel.callPending}; else it is placed by itself as soon as it can be. */
  readonly asks: boolean;
}

/** A call handed to the system's browser, because this webview has no WebRTC. */
export interface Handoff {
  readonly state: 'opening' | 'opened' | 'failed';
  /** What was to be opened: a person can open it by hand. */
  readonly url: string;
}

/** All of the application. */
export interface AppModel {
  readonly support: Support;
  readonly connection: ConnectionState;
  /** Who this UI is; nothing before it attached. */
  readonly me: Me | null;
  /** A guest has not said what they are called, so others see the node's word for such guests. */
  readonly unnamed: boolean;
  /** Who can be called, in no order for people; never includes this endpoint. */
  readonly roster: readonly Peer[];
  /** Recent calls, newest first. */
  readonly history: readonly HistoryEntry[];
  /** Missed calls not looked at yet. */
  readonly missed: number;
  readonly notices: readonly NoticeCode[];
  /** The call there is, or the one that has just ended and was not dismissed. */
  readonly call: CallModel | null;
  /** A call waiting to be placed. */
  readonly pending: PendingCall | null;
  readonly handoff: Handoff | null;
  readonly problem: Problem | null;
  readonly announcement: Announcement | null;
  readonly devices: DevicesModel;

  /** Calls somebody; hands off where there is no WebRTC. */
  callPeer(peer: PeerId, video: boolean): void;
  /** Places the call that asks whether to ({@link pending}). */
  callPending(): void;
  /** No longer wait to place {@link pending}. */
  cancelPending(): void;
  /** Changes the display name; the node checks it (`invalid_name`). */
  rename(name: string): void;
  setBlocked(peer: PeerId, blocked: boolean): void;
  historySeen(): void;
  clearHistory(): void;
  /** After `lost` or `replaced`. */
  reconnect(): void;
  /** Opens this UI in the system's browser; only in the app. */
  openInBrowser(): void;
  dismissProblem(): void;
  dismissHandoff(): void;
}

/** How far the call is, as a view switches on it. */
export type CallPhase =
  /** Outgoing, not known to ring. */
  | 'calling'
  /** Outgoing, rings there. */
  | 'ringing'
  /** Incoming, rings here: accept or decline. */
  | 'incoming'
  /** Accepted, media not there yet. */
  | 'connecting'
  | 'active'
  | 'ended';

/** How a call ended. */
export interface CallEnding {
  readonly reason: EndReason;
  /** How long they talked, seconds; nothing if they didn't. */
  readonly seconds: number | null;
}

/** A microphone or camera in a call. */
export type LocalDevice = DeviceState;

/** The call. */
export interface CallModel {
  readonly id: CallId;
  readonly peer: PeerId;
  readonly name: string;
  /** For a guest: the name of its node. */
  readonly via: string | null;
  /** Whether they are who this name stood for before. */
  readonly trust: Trust;
  readonly kind: DeviceKind;
  readonly direction: Direction;
  /** Meant as a video call. */
  readonly video: boolean;
  readonly phase: CallPhase;
  /** Where this person's media is: in this window, in another one, or nowhere. */
  readonly holder: Holder;
  /** Only in phase `ended`. */
  readonly ending: CallEnding | null;
  /** The media path is interrupted at the moment; it is being mended. */
  readonly interrupted: boolean;
  /** Seconds since it was first connected; ticks. */
  readonly seconds: number | null;
  readonly quality: Quality;
  /** What the other person sends: for `video.srcObject`. Nothing unless held here. */
  readonly remoteStream: MediaStream | null;
  /** What the other person says they send. */
  readonly remoteAudio: boolean;
  readonly remoteVideo: boolean;
  /** Their pictures are of a screen that they share. */
  readonly remoteScreen: boolean;
  /** The own camera, for the self view; nothing while it is off. */
  readonly selfStream: MediaStream | null;
  readonly microphone: LocalDevice;
  readonly camera: LocalDevice;
  /** The own screen, which is sent in the camera's place while it is shared. */
  readonly screen: ScreenState;

  /** Takes an incoming call; hands off where there is no WebRTC. */
  accept(video: boolean): void;
  decline(): void;
  /** Cancels, leaves or ends: whatever fits the phase (declines an incoming one). */
  hangUp(): void;
  /** Goes on with the call in this window (`holder` is `elsewhere` or `nobody`). */
  takeHere(): void;
  setMuted(muted: boolean): void;
  /** Switching the camera on ends the sharing of the screen. */
  setCamera(on: boolean): void;
  /** Asks what to share; to be called while a click or key is handled. */
  setScreen(on: boolean): void;
  /** After the end: forget it. */
  dismiss(): void;
  /** After the end: call the same person again. */
  callAgain(video: boolean): void;
}

/** A device to choose from. Labels are empty until permission was given once. */
export interface DeviceOption {
  readonly id: string;
  readonly label: string;
}

/** Which kinds can be chosen. */
export type DeviceChoice = 'microphone' | 'camera' | 'speaker';

/** Devices to choose from, and those chosen. */
export interface DevicesModel {
  readonly microphones: readonly DeviceOption[];
  readonly cameras: readonly DeviceOption[];
  readonly speakers: readonly DeviceOption[];
  /** Device ids; nothing means the system's default. */
  readonly microphone: string | null;
  readonly camera: string | null;
  /** To be given to `setSinkId` by the view that plays the call. */
  readonly speaker: string | null;
  /** Uses a device from now on; nothing means the system's default. */
  choose(what: DeviceChoice, id: string | null): void;
  /** Uses the camera that looks the other way, for this call. */
  flipCamera(): void;
}
