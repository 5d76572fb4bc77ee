/** Put into the page before its own scripts: gives it WebRTC where the webview has none. */
import { Certificate } from './page/certificate';
import { DataChannel } from './page/channel';
import { PeerConnection, useEngine } from './page/connection';
import { IceCandidate, SessionDescription } from './page/description';
import { Engine, type Invoke } from './page/engine';
import {
  DataChannelEvent,
  ErrorEvent_,
  PeerConnectionIceErrorEvent,
  PeerConnectionIceEvent,
  TrackEvent,
} from './page/events';
import { RtcError } from './page/rtc-error';
import { callBackForFrames } from './page/frame-callbacks';
import { guardShownStreams } from './page/shown';
import { StatsReport } from './page/stats';
import { restrictVideo } from './page/parameters';
import { offerScreens } from './page/screens';
import { watchTaps } from './page/tapped';
import { watchTracks } from './page/tracks';
import { makeHeard } from './page/heard';
import { watchCapture } from './page/processing';
import { RtpReceiver, RtpSender, RtpTransceiver } from './page/transceiver';
import { DtlsTransport, IceTransport, SctpTransport } from './page/transports';
import { expose, type Shape } from './page/webidl';

/** What must be there; the parts that only a worker has are asked for in one, see below. */
const NEEDED = [
  'VideoEncoder',
  'VideoDecoder',
  'AudioContext',
  'AudioWorkletNode',
  'MediaStream',
  'MediaStreamTrack',
  'MediaDevices',
  'Worker',
  'WebSocket',
] as const;

/** What the window gets, and what a class does not tell of its interface. */
const INTERFACES: Readonly<Record<string, readonly [type: { prototype: object }, shape?: Shape]>> =
  {
    RTCPeerConnection: [
      PeerConnection,
      {
        required: {
          setRemoteDescription: 1,
          generateCertificate: 1,
          addTrack: 1,
          removeTrack: 1,
          addTransceiver: 1,
          createDataChannel: 1,
        },
        promises: [
          'createOffer',
          'createAnswer',
          'setLocalDescription',
          'setRemoteDescription',
          'addIceCandidate',
          'getStats',
          'generateCertificate',
        ],
      },
    ],
    RTCSessionDescription: [SessionDescription, { length: 1 }],
    RTCIceCandidate: [IceCandidate],
    RTCRtpSender: [
      RtpSender,
      {
        required: { getCapabilities: 1, setParameters: 1, replaceTrack: 1 },
        promises: ['setParameters', 'replaceTrack', 'getStats'],
      },
    ],
    RTCRtpReceiver: [RtpReceiver, { required: { getCapabilities: 1 }, promises: ['getStats'] }],
    RTCRtpTransceiver: [RtpTransceiver, { required: { setCodecPreferences: 1 } }],
    RTCDataChannel: [DataChannel, { required: { send: 1 } }],
    RTCDtlsTransport: [DtlsTransport],
    RTCIceTransport: [IceTransport],
    RTCSctpTransport: [SctpTransport],
    RTCCertificate: [Certificate],
    RTCStatsReport: [StatsReport, { required: { get: 1, has: 1, forEach: 1 } }],
    RTCTrackEvent: [TrackEvent, { length: 2 }],
    RTCPeerConnectionIceEvent: [PeerConnectionIceEvent, { length: 1 }],
    RTCPeerConnectionIceErrorEvent: [PeerConnectionIceErrorEvent, { length: 2 }],
    RTCDataChannelEvent: [DataChannelEvent, { length: 2 }],
    RTCErrorEvent: [ErrorEvent_, { length: 2 }],
    RTCError: [RtcError, { length: 1 }],
  };

/** Fired at the window when what was promised is taken away again: the page may load itself anew. */
const UNAVAILABLE = 'tauri-plugin-webrtc:unavailable';
/** Where a page that is loaded anew finds that there is nothing to promise. Not kept after the window. */
const REFUSED = 'tauri-plugin-webrtc.refused';

/** The part of Tauri's own script that is used. */
interface TauriWindow {
  readonly __TAURI_INTERNALS__?: { invoke: Invoke };
}

function install(): void {
  if ('RTCPeerConnection' in window || !isSecureContext) return;
  if (NEEDED.some((name) => !(name in window)) || isRefused()) return;
  // Begun at once, so that tracks are ready when the page asks for the first one.
  const engine = new Engine((command, given) => {
    const tauri = (window as TauriWindow).__TAURI_INTERNALS__;
    if (tauri) return tauri.invoke(command, given);
    return Promise.reject(new DOMException('Tauri is not there', 'NotSupportedError'));
  });
  useEngine(() => engine);
  engine.countShown(guardShownStreams(window, (track) => engine.soundOf(track) !== null));
  callBackForFrames(window);
  makeHeard(window, engine.soundOf);
  watchTaps(window, (track) => engine.soundOf(track)?.tap());
  watchTracks(MediaStreamTrack.prototype);
  watchCapture(MediaDevices.prototype, MediaStreamTrack.prototype);
  const withdrawScreens = offerScreens(MediaDevices.prototype, MediaStreamTrack.prototype, engine);
  for (const [name, [value, shape]] of Object.entries(INTERFACES)) {
    expose(value, name, shape);
    Object.defineProperty(window, name, { value, configurable: true, writable: true });
  }
  void engine.support.then(({ tracks, video }) => {
    restrictVideo(video);
    if (tracks && video.length > 0) return;
    // Too old a webview, codecs that are not installed, or a policy that forbids the worker: as if
    // nothing had been promised.
    for (const name of Object.keys(INTERFACES)) Reflect.deleteProperty(window, name);
    withdrawScreens();
    if (refuse()) dispatchEvent(new Event(UNAVAILABLE));
  });
}

function isRefused(): boolean {
  try {
    return sessionStorage.getItem(REFUSED) !== null;
  } catch {
    return false;
  }
}

/** Whether it will be remembered: a page that is not told can't load itself for ever. */
function refuse(): boolean {
  try {
    sessionStorage.setItem(REFUSED, '1');
    return isRefused();
  } catch {
    return false;
  }
}

install();
