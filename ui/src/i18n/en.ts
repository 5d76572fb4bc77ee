/**
 * The English texts, and the shape every other catalogue has.
 *
 * Accessible names of the call's buttons and of the list of people are an interface: tests and
 * assistive tools know them.
 */
import type { Announcement, CaptureProblem, ConnectionState, Problem } from '../app/model';
import type { ScreenProblem } from '../rtc/screen';
import type {
  DeviceKind,
  Direction,
  EndReason,
  ErrorCode,
  NoticeCode,
  PeerStatus,
} from '../protocol';

type Named = (name: string) => string;

const errors = {
  too_large: 'That was too much at once. Reload the page and try again.',
  invalid_message: 'Lanline did not understand this page. Reload it.',
  unknown_message: 'This page and Lanline are of different versions. Reload the page.',
  not_attached: 'The connection to Lanline was not ready. Try again.',
  rate_limited: 'Too many requests at once. Wait a moment, then try again.',
  wrong_state: 'The call had already moved on.',
  not_in_call: 'This call is over.',
  call_exists: 'This call was already placed. Try again.',
  already_in_call: 'You are already in a call. Hang up first.',
  unknown_peer: 'This person has left the network. Wait until they appear again.',
  self_call: 'You cannot call yourself.',
  held_elsewhere: 'The call is in another window. Continue there, or bring it here.',
  no_webrtc: 'This window cannot carry calls. Open Lanline in a browser.',
  not_owner: 'That can only be done on the device itself.',
  invalid_name: 'Choose a name of 1 to 40 characters, on one line.',
  at_capacity: 'Lanline is serving as many people as it can. Try again later.',
  wrong_sender: 'The other device spoke for somebody else, so it was refused.',
  wrong_key: 'The other device could not prove who it is, so it was not called.',
  incompatible_version: 'The other device runs a different version. Update Lanline on both.',
  not_saved: 'It could not be saved. Check the free disk space and permissions.',
  shutting_down: 'Lanline is closing. Start it again to make calls.',
  no_port:
    'Lanline found no free port, so it could not start. Close other servers on this device, then try again.',
  data_dir_in_use: 'Another Lanline is running on this device. Close it, then try again.',
  data_dir_unusable:
    'Lanline can’t use its data folder, so it could not start. Check the free disk space and permissions.',
  identity_unusable:
    'Lanline can’t read its own key, so it could not start. Restore the key in its data folder, or remove it to begin anew.',
  no_browser: 'No browser was found to open. Install one, or open the address by hand.',
} satisfies Record<ErrorCode, string>;

const endings = {
  outgoing: {
    declined: (name) => `${name} declined`,
    busy: (name) => `${name} is in another call`,
    no_answer: (name) => `${name} didn’t answer`,
    cancelled: () => 'You cancelled the call',
    hung_up: () => 'Call ended',
    connection_lost: (name) => `The connection to ${name} was lost`,
    unreachable: (name) => `${name}’s device can’t be reached`,
    wrong_key: (name) => `This may not be ${name}: the device couldn’t prove who it is`,
    incompatible: (name) => `${name} uses another version of Lanline`,
    failed: (name) => `The call to ${name} couldn’t be connected`,
    blocked: (name) => `${name} takes no calls from you`,
    left: (name) => `${name} closed Lanline`,
  },
  incoming: {
    declined: () => 'You declined the call',
    busy: (name) => `${name} called while you were in another call`,
    no_answer: (name) => `You missed a call from ${name}`,
    cancelled: (name) => `${name} stopped calling`,
    hung_up: () => 'Call ended',
    connection_lost: (name) => `The connection to ${name} was lost`,
    unreachable: (name) => `${name}’s device can’t be reached`,
    wrong_key: (name) => `This may not be ${name}: the device couldn’t prove who it is`,
    incompatible: (name) => `${name} uses another version of Lanline`,
    failed: (name) => `The call from ${name} couldn’t be connected`,
    blocked: (name) => `You have blocked ${name}`,
    left: (name) => `${name} closed Lanline`,
  },
} satisfies Record<Direction, Record<EndReason, Named>>;

const endingHints = {
  declined: null,
  busy: 'Try again in a while.',
  no_answer: null,
  cancelled: null,
  hung_up: null,
  connection_lost: 'Check that both devices are still on the same network.',
  unreachable:
    'Check that both devices are on the same network, and that no firewall or VPN stands between.',
  wrong_key:
    'Somebody on this network may be posing as them. Ask them in person before you call again.',
  incompatible: 'Update Lanline on both devices, then call again.',
  failed:
    'A firewall or a guest network may keep the two devices apart. Check both, then call again.',
  blocked: null,
  left: null,
} satisfies Record<EndReason, string | null>;

const shortEndings = {
  outgoing: {
    declined: 'Declined',
    busy: 'Busy',
    no_answer: 'No answer',
    cancelled: 'Cancelled',
    hung_up: 'Outgoing',
    connection_lost: 'Connection lost',
    unreachable: 'Unreachable',
    wrong_key: 'Identity not proven',
    incompatible: 'Another version',
    failed: 'Failed',
    blocked: 'Not taken',
    left: 'Other side left',
  },
  incoming: {
    declined: 'You declined',
    busy: 'While in a call',
    no_answer: 'Not answered',
    cancelled: 'Not answered in time',
    hung_up: 'Incoming',
    connection_lost: 'Connection lost',
    unreachable: 'Unreachable',
    wrong_key: 'Identity not proven',
    incompatible: 'Another version',
    failed: 'Failed',
    blocked: 'Blocked',
    left: 'Other side left',
  },
} satisfies Record<Direction, Record<EndReason, string>>;

const notices = {
  settings_corrupt: {
    title: 'Your settings could not be read',
    text: 'The damaged file was kept aside and defaults are in use. Check your name.',
  },
  history_corrupt: {
    title: 'Your recent calls could not be read',
    text: 'The damaged file was kept aside. The list starts anew.',
  },
  not_saved: {
    title: 'Changes are not being saved',
    text: 'Check the free disk space, and that Lanline may write to its data folder.',
  },
  port_taken: {
    title: 'The usual port is taken',
    text: 'Another program uses it, so your address has a different number at its end.',
  },
  no_network: {
    title: 'No network',
    text: 'Connect this device to Wi‑Fi or a cable to see people nearby.',
  },
  discovery_failed: {
    title: 'People nearby can’t be found',
    text: 'Searching the network could not start. Allow Lanline in your firewall, then start it again.',
  },
} satisfies Record<NoticeCode, { title: string; text: string }>;

const microphoneProblems = {
  permission_denied:
    'Microphone not allowed. Allow it in the browser’s or system’s settings, then unmute.',
  no_device: 'No microphone found, so you can only be seen. Connect one and unmute.',
  device_busy: 'Another application is using the microphone. Close it, then unmute.',
  insecure_context:
    'This address is not secure, so the microphone is closed. Open the https address.',
  unplugged: 'The microphone was disconnected. Connect it and unmute, or choose another.',
  asking: 'Your browser asks for the microphone. Allow it.',
  slow: 'The microphone is slow to start. If the system asks for it, allow it.',
  paused:
    'The microphone was paused by the system, the browser or another app. Resume it there, or mute and unmute.',
  failed: 'The microphone did not start. Unmute to try again, or choose another.',
} satisfies Record<CaptureProblem, string>;

const cameraProblems = {
  permission_denied:
    'Camera not allowed. Allow it in the browser’s or system’s settings, then switch it on.',
  no_device: 'No camera found, so you can only be heard. Connect one and switch it on.',
  device_busy: 'Another application is using the camera. Close it, then switch the camera on.',
  insecure_context: 'This address is not secure, so the camera is closed. Open the https address.',
  unplugged: 'The camera was disconnected. Connect it and switch it on, or choose another.',
  asking: 'Your browser asks for the camera. Allow it.',
  slow: 'The camera is slow to start. If the system asks for it, allow it.',
  paused:
    'The camera was paused by the system, the browser or another app. Resume it there, or switch it off and on.',
  failed: 'The camera did not start. Switch it on to try again, or choose another.',
} satisfies Record<CaptureProblem, string>;

const bothProblems = {
  permission_denied:
    'Camera and microphone not allowed: you can watch and listen. Allow them in the browser’s or system’s settings, then switch them on.',
  no_device: 'No camera and no microphone found: you can watch and listen.',
  device_busy: 'Another application is using camera and microphone. Close it, then switch them on.',
  insecure_context:
    'This address is not secure, so camera and microphone are closed: you can watch and listen. Open the https address.',
  unplugged: 'Camera and microphone were disconnected: you can watch and listen.',
  asking: 'Your browser asks for camera and microphone. Allow them.',
  slow: 'Camera and microphone are slow to start. If the system asks for them, allow them.',
  paused:
    'Camera and microphone were paused by the system, the browser or another app. Resume them there, or switch them off and on.',
  failed:
    'Camera and microphone did not start: you can watch and listen. Switch them on to try again.',
} satisfies Record<CaptureProblem, string>;

const screenProblems = {
  screen_denied:
    'The system keeps your screen from being shared. Allow screen recording in its settings, then try again.',
  screen_missing:
    'There is no screen to share here. On Linux, install xdg-desktop-portal and gstreamer1.0-pipewire; or share from Lanline in a browser on this device.',
  screen_failed:
    'Your screen could not be shared. Try again, or share from Lanline in a browser on this device.',
} satisfies Record<ScreenProblem, string>;

const connection = {
  connecting: 'Connecting to Lanline…',
  open: 'Connected',
  retrying: 'The connection to Lanline was interrupted. Reconnecting…',
  lost: 'Lanline is not running on this device any more, or can’t be reached.',
  replaced: 'Lanline is open in another tab, which took this one’s place.',
} satisfies Record<ConnectionState, string>;

const problems = {
  ...errors,
  disconnected: 'There is no connection to Lanline at the moment. Try again when it is back.',
  negotiation_failed: 'The two devices could not agree on how to connect. Call again.',
} satisfies Record<Problem['code'], string>;

const announcements = {
  calling: (name) => `Calling ${name}`,
  ringing: (name) => `It rings at ${name}’s`,
  incoming: (name) => `${name} is calling`,
  connected: (name) => `Connected with ${name}`,
  interrupted: (name) => `Connection to ${name} interrupted, reconnecting`,
  resumed: (name) => `Connected with ${name} again`,
  muted: () => 'Microphone muted',
  unmuted: () => 'Microphone on',
  camera_on: () => 'Camera on',
  camera_off: () => 'Camera off',
  sharing: () => 'You are sharing your screen',
  not_sharing: () => 'You no longer share your screen',
  remote_sharing: (name) => `${name} is sharing a screen`,
  remote_not_sharing: (name) => `${name} no longer shares a screen`,
  remote_muted: (name) => `${name} is muted`,
  remote_unmuted: (name) => `${name} is no longer muted`,
  remote_camera_on: (name) => `${name}’s camera is on`,
  remote_camera_off: (name) => `${name}’s camera is off`,
} satisfies Record<Exclude<Announcement['code'], 'ended'>, Named>;

const kinds = {
  desktop: 'Desktop',
  laptop: 'Laptop',
  phone: 'Phone',
  tablet: 'Tablet',
  unknown: 'Device',
} satisfies Record<DeviceKind, string>;

const statuses = {
  available: 'Available',
  in_call: 'In a call',
  away: 'Away',
} satisfies Record<PeerStatus, string>;

const statusHints = {
  available: null,
  in_call: 'Probably busy',
  away: 'Rings once they open it',
} satisfies Record<PeerStatus, string | null>;

export const en = {
  app: {
    name: 'Lanline',
    tagline: 'Calls on your own network',
    titleIncoming: (name: string) => `${name} is calling`,
    titleInCall: (name: string) => `In a call with ${name}`,
    titleMissed: (count: number) => `(${count}) Lanline`,
    dismiss: 'Dismiss',
    close: 'Close',
  },
  home: {
    peopleNearby: 'People nearby',
    peopleCount: (count: number) => (count === 1 ? '1 person' : `${count} people`),
    search: 'Search by name',
    found: (count: number) => (count === 1 ? '1 person found' : `${count} people found`),
    nobodyCalled: (name: string) => `No one called “${name}” here`,
    videoCall: (name: string) => `Video call ${name}`,
    audioCall: (name: string) => `Audio call ${name}`,
    video: 'Video',
    audio: 'Audio',
    more: (name: string) => `More about ${name}`,
    block: 'Block',
    unblock: 'Unblock',
    blockHint: 'Their calls won’t ring here',
    blocked: 'Blocked',
    notCurrent: 'Not known right now',
    via: (node: string) => `via ${node}`,
    guestHint: (node: string) => `A guest on ${node}, which vouches for them`,
    nameTaken: 'Same name, different device',
    nameTakenHint: (name: string) =>
      `Somebody else was known as “${name}” before, or by a name that looks the same. Make sure it is them before you say anything private.`,
    identity: (short: string) => `Identity ${short}`,
  },
  empty: {
    title: 'Looking for people…',
    text: 'Open Lanline on another device in this network, and it appears here. Nobody there? Check this:',
    sameNetwork: 'Both devices are on the same Wi‑Fi or cable network.',
    guestNetwork: 'It is not a guest network: those often keep devices apart (“client isolation”).',
    firewall:
      'The firewall lets Lanline through: UDP port 5353, and the port in the address shown here.',
    vpn: 'No VPN is on, on either device.',
    phone: 'No app needed on a phone: scan the code with its camera.',
    phoneGuest: 'No app needed on another device: open this page’s address there.',
    noNetworkTitle: 'This device has no network',
    noNetworkText: 'Connect to Wi‑Fi or plug in a cable. People appear here by themselves.',
  },
  self: {
    title: 'You',
    visibleAs: 'Others see you as',
    unnamed: (name: string) => `Others see you as “${name}”`,
    editName: 'Change name',
    nameLabel: 'Your name',
    save: 'Save',
    cancel: 'Cancel',
    guestOf: (node: string) => `Guest on ${node}`,
    version: (version: string) => `Version ${version}`,
  },
  join: {
    title: 'Join from a phone',
    text: 'Scan the code, or open the address in a browser on this network. No app, no account.',
    certificate:
      'The browser warns about the certificate once: your device made it itself, since no authority vouches for home networks. It is safe to continue.',
    qr: (url: string) => `QR code for ${url}`,
    copy: 'Copy address',
    copied: 'Copied',
    copyFailed: 'Could not copy. Select the address and copy it by hand.',
    choose: 'Address',
    none: 'There is no address yet, because this device has no network.',
    show: 'Show code',
    hide: 'Hide code',
  },
  recent: {
    title: 'Recent calls',
    missedCount: (count: number) => (count === 1 ? '1 missed call' : `${count} missed calls`),
    missed: 'Missed',
    none: 'Your calls will be listed here.',
    clear: 'Clear',
    clearTitle: 'Clear recent calls?',
    clearText: 'The list on this device is deleted. This can’t be undone.',
    clearConfirm: 'Clear list',
    again: (name: string, video: boolean) =>
      `Call ${name} again, ${video ? 'with video' : 'audio only'}`,
    gone: 'Not on this network now',
    today: 'Today',
    yesterday: 'Yesterday',
    outgoing: 'Outgoing call',
    incoming: 'Incoming call',
    showAll: (count: number) => `Show all ${count}`,
    showFewer: 'Show fewer',
  },
  settings: {
    open: 'Settings',
    title: 'Settings',
    language: 'Language',
    languageSystem: 'As the system',
    appearance: 'Appearance',
    system: 'System',
    light: 'Light',
    dark: 'Dark',
    done: 'Done',
  },
  call: {
    videoCall: 'Video call',
    audioCall: 'Audio call',
    calling: 'Calling…',
    ringing: 'Ringing…',
    connecting: 'Connecting…',
    cancel: 'Cancel call',
    incomingVideo: 'Incoming video call',
    incomingAudio: 'Incoming audio call',
    accept: 'Accept',
    acceptWithoutCamera: 'Accept without camera',
    decline: 'Decline',
    mute: 'Mute',
    unmute: 'Unmute',
    cameraOff: 'Camera off',
    cameraOn: 'Camera on',
    shareScreen: 'Share screen',
    stopSharing: 'Stop sharing',
    sharing: 'You are sharing your screen',
    muted: 'You are muted',
    nodeLost:
      'There is no connection to Lanline at the moment. The call goes on, and you can hang up.',
    remoteSharing: (name: string) => `${name} is sharing a screen`,
    devices: 'Devices',
    camera: 'Camera',
    microphone: 'Microphone',
    speaker: 'Speaker',
    systemDefault: 'System default',
    unnamedDevice: (number: number) => `Device ${number}`,
    fullScreen: 'Full screen',
    leaveFullScreen: 'Leave full screen',
    fill: 'Fill the window',
    fit: 'Show the whole picture',
    hangUp: 'Hang up',
    self: 'Your camera',
    flipCamera: 'Flip camera',
    moveSelf: 'Move your picture to the next corner',
    remoteMuted: (name: string) => `${name} is muted`,
    remoteCameraOff: (name: string) => `${name}’s camera is off`,
    reconnecting: 'Reconnecting…',
    poor: 'Weak connection',
    playSound: 'Play sound',
    soundBlocked: 'The browser holds the sound back until you allow it.',
    shortcuts: (share: boolean) =>
      `M mute · V camera · ${share ? 'S share screen · ' : ''}F full screen · Esc leave full screen`,
    elapsed: (time: string) => `Call time ${time}`,
  },
  ended: {
    talked: (time: string) => `Talked for ${time}`,
    again: 'Call again',
    close: 'Close',
  },
  elsewhere: {
    title: 'This call is in another window',
    nobody: 'No window has this call at the moment',
    here: 'Continue here',
    noWebrtc: 'This window cannot carry calls, so it stays where it is.',
  },
  handoff: {
    banner: 'This window cannot carry calls itself, so they open in your browser.',
    open: 'Open in browser',
    opening: 'Opening your browser…',
    opened: 'Continued in your browser',
    openedText: 'The call goes on there. This window keeps showing who is nearby.',
    failed: 'Your browser didn’t open',
    failedText: 'Open this address by hand:',
    incoming: 'Accepting opens your browser, because this window cannot carry calls.',
  },
  pending: {
    title: (name: string | null) =>
      name === null ? 'Waiting for somebody to call' : `Waiting for ${name}`,
    text: 'The call starts by itself as soon as they are there.',
    ask: (name: string | null) => (name === null ? 'Looking for them…' : `Call ${name}?`),
    askText: 'This page was opened for that call. Nobody is called before you say so.',
    call: 'Call',
  },
  connection: {
    ...connection,
    reconnect: 'Try again',
    useHere: 'Use Lanline here',
    lostTitle: 'Lanline isn’t answering',
    notStartedTitle: 'Lanline could not start',
    replacedTitle: 'Open in another tab',
  },
  errors,
  problems,
  endings,
  endingHints,
  shortEndings,
  notices,
  microphoneProblems,
  cameraProblems,
  bothProblems,
  screenProblems,
  announcements,
  kinds,
  statuses,
  statusHints,
};

/** What a catalogue holds. */
export type Catalogue = typeof en;
