/** What this browser can do: features are probed, never guessed from its name. */

/** See the fields of `Support` in `app/model.ts`, which shows the same. */
export interface Support {
  /** Whether it has `RTCPeerConnection`; without, calls are handed to the system's browser. */
  readonly webrtc: boolean;
  /** Whether it has `getUserMedia`: absent in insecure contexts too. */
  readonly capture: boolean;
  /** Whether the page is a secure context (`https:`, `localhost`, or the app's own scheme). */
  readonly secure: boolean;
  /** Whether a loudspeaker can be chosen (`HTMLMediaElement.setSinkId`). */
  readonly chooseSpeaker: boolean;
  /** Whether a screen can be shared (`getDisplayMedia`): not on phones. */
  readonly shareScreen: boolean;
}

/** Looks at a window. */
export function probeSupport(scope: Window & typeof globalThis): Support {
  const peerConnection: unknown = Reflect.get(scope, 'RTCPeerConnection');
  const mediaDevices = mediaDevicesOf(scope);
  const mediaElement: unknown = Reflect.get(scope, 'HTMLMediaElement');
  return {
    webrtc:
      typeof peerConnection === 'function' &&
      'addTransceiver' in (peerConnection.prototype as object),
    capture: typeof mediaDevices?.getUserMedia === 'function',
    secure: scope.isSecureContext,
    chooseSpeaker:
      typeof mediaElement === 'function' && 'setSinkId' in (mediaElement.prototype as object),
    shareScreen: mediaDevices !== undefined && 'getDisplayMedia' in mediaDevices,
  };
}

/** The capture API; nothing in an insecure context, though the DOM types say otherwise. */
export function mediaDevicesOf(scope: Window): MediaDevices | undefined {
  return scope.navigator.mediaDevices;
}
