/** Puts the application together for a window. */
import { chooseHost, chooseRole } from '../host/choose';
import { deviceKind } from '../host/device';
import { insideTauri } from '../host/tauri';
import type { CaptureKind, Permission } from '../rtc/capture';
import { createConnection } from '../rtc/session';
import { mediaDevicesOf, probeSupport } from '../rtc/support';
import { LanlineApp } from './app.svelte';
import { Attention, type RingingCall, type Wording } from './attention';
import { systemClock } from './clock';
import { Devices } from './devices.svelte';
import { parseLaunch } from './launch';
import { LocalMedia } from './media.svelte';
import { Memory } from './memory';
import type { AppModel } from './model';
import { Tones } from './tones';
import { ScreenLock } from './wakelock';

/**
 * Starts it; it attaches to the node by itself. To be called once for a window. `word` words the
 * notification of a call.
 */
export function startLanline(
  scope: Window & typeof globalThis,
  word: (call: RingingCall) => Wording,
): AppModel {
  const launch = parseLaunch(scope.location.hash);
  const role = chooseRole(scope);
  watchAddress(scope);
  watchWebrtc(scope);
  const memory = new Memory(
    storageOf(() => scope.sessionStorage),
    storageOf(() => scope.localStorage),
  );
  const support = probeSupport(scope);
  const inApp = insideTauri(scope);
  const mediaDevices = mediaDevicesOf(scope);
  const local = new LocalMedia({
    devices: mediaDevices,
    secure: support.secure,
    asks: !inApp,
    queryPermission: (kind) => queryPermission(scope, kind),
    screens: support.shareScreen ? mediaDevices : undefined,
  });
  const tones = new Tones();
  const screen = new ScreenLock(scope.document);
  const attention = inApp ? null : new Attention(scope, word);
  const app = new LanlineApp({
    host: chooseHost(scope),
    role,
    kind: deviceKind(scope.navigator),
    support,
    launch,
    clock: systemClock,
    memory,
    local,
    devices: new Devices(mediaDevices, local, memory),
    createConnection,
    playTone: (tone) => {
      tones.play(tone);
    },
    keepScreenOn: (on) => {
      screen.set(on);
    },
    ring: (call) => {
      attention?.ring(call);
    },
    askForAttention: () => {
      attention?.ask();
    },
  });
  app.start();
  return app;
}

/**
 * `#true` stays in the address, for it says who this page is; anything else is done once, and not
 * again after a reload. An address changed by hand is a page opened anew.
 */
function watchAddress(scope: Window): void {
  const { hash, pathname, search } = scope.location;
  if (hash !== '' && hash !== '#true') {
    scope.history.replaceState(null, '', `${pathname}${search}`);
  }
  scope.addEventListener('hashchange', () => {
    scope.location.reload();
  });
}

/**
 * On Linux the app's plugin gives the window its WebRTC, and finds out a moment later whether the codecs
 * are there: if not, it takes it back, and remembers so for the page that asks again.
 */
function watchWebrtc(scope: Window): void {
  scope.addEventListener('tauri-plugin-webrtc:unavailable', () => {
    scope.location.reload();
  });
}

/** Rejects where there are no permissions to query, or none of that name. */
async function queryPermission(scope: Window, kind: CaptureKind): Promise<Permission> {
  const name = kind === 'audio' ? 'microphone' : 'camera';
  return await scope.navigator.permissions.query({ name });
}

function storageOf(get: () => Storage): Storage | null {
  try {
    return get();
  } catch {
    return null;
  }
}
