import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { FakeStream, FakeTrack, settle } from '../testing/fake-rtc';
import {
  Capture,
  LATE_MS,
  PAUSED_MS,
  type CaptureKind,
  type CaptureSource,
  type Permission,
} from './capture';

/** Answers of the browser, in turn; without one it asks the person for ever. */
let answers: (FakeTrack | string)[];
const asked = vi.fn<(constraints: MediaStreamConstraints) => void>();

const devices = {
  getUserMedia: (constraints: MediaStreamConstraints) => {
    asked(constraints);
    const answer = answers.shift();
    if (answer === undefined) return new Promise<MediaStream>(() => undefined);
    if (typeof answer !== 'string') {
      return Promise.resolve(new FakeStream([answer]) as unknown as MediaStream);
    }
    return Promise.reject(new DOMException('', answer));
  },
};

let permission: { state: PermissionState; onchange: (() => void) | null };

const changed = vi.fn();

function capture(kind: CaptureKind, source: Partial<CaptureSource> = {}): Capture {
  const queryPermission = () => Promise.resolve(permission as Permission);
  const all = { devices, secure: true, asks: true, queryPermission, ...source };
  return new Capture(kind, all, changed);
}

/** What a person does in the browser's settings. */
function become(state: PermissionState): void {
  permission.state = state;
  permission.onchange?.();
}

beforeEach(() => {
  vi.useFakeTimers();
  permission = { state: 'prompt', onchange: null };
  changed.mockClear();
  answers = [];
  asked.mockClear();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a device that gives nothing', () => {
  test.each([
    [['NotAllowedError'], 'permission_denied'],
    [['SecurityError'], 'permission_denied'],
    [['NotFoundError'], 'no_device'],
    [['NotReadableError'], 'device_busy'],
    [['AbortError'], 'device_busy'],
    [['TypeError'], 'failed'],
    // WebKitGTK without a camera refuses both with what it should say of a wish.
    [['OverconstrainedError', 'OverconstrainedError'], 'no_device'],
  ])('%j is %s', async (errors, problem) => {
    answers = errors;
    const camera = capture('video');
    await camera.turnOn();
    expect(camera.state).toEqual({ state: 'unavailable', problem });
    expect(camera.track).toBeNull();
  });

  test('without the API in an insecure context, that is what is said', async () => {
    const camera = capture('video', { devices: undefined, secure: false });
    await camera.turnOn();
    expect(camera.state.problem).toBe('insecure_context');
  });

  test('is asked again when it is switched on again', async () => {
    answers = ['NotReadableError', new FakeTrack('video')];
    const camera = capture('video');
    await camera.turnOn();
    await camera.turnOn();
    expect(camera.state).toEqual({ state: 'on', problem: null });
  });
});

describe('while it is being opened', () => {
  test('it is starting, and after a while the person is told what the browser asks', async () => {
    const camera = capture('video');
    void camera.turnOn();
    await settle();
    vi.advanceTimersByTime(LATE_MS - 1);
    expect(camera.state).toEqual({ state: 'starting', problem: null });
    changed.mockClear();
    vi.advanceTimersByTime(1);
    expect(camera.state).toEqual({ state: 'starting', problem: 'asking' });
    expect(changed).toHaveBeenCalledOnce();
  });

  test.each([
    ['permitted', () => Promise.resolve({ state: 'granted' } as Permission), true],
    ['in the app', () => Promise.reject(new TypeError()), false],
  ])('%s, it is only slow', async (_, queryPermission, asks) => {
    const camera = capture('video', { queryPermission, asks });
    void camera.turnOn();
    await settle();
    vi.advanceTimersByTime(LATE_MS);
    expect(camera.state).toEqual({ state: 'starting', problem: 'slow' });
  });

  test('where the browser says nothing of permissions, it asks for all one knows', async () => {
    const camera = capture('video', { queryPermission: () => Promise.reject(new TypeError()) });
    void camera.turnOn();
    await settle();
    vi.advanceTimersByTime(LATE_MS);
    expect(camera.state.problem).toBe('asking');
  });

  test('nothing is said any more once it is open', async () => {
    let allow: (stream: MediaStream) => void = () => undefined;
    const getUserMedia = () => new Promise<MediaStream>((resolve) => (allow = resolve));
    const camera = capture('video', { devices: { getUserMedia } });
    void camera.turnOn();
    vi.advanceTimersByTime(LATE_MS);
    allow(new FakeStream([new FakeTrack('video')]) as unknown as MediaStream);
    await settle();
    expect(camera.state).toEqual({ state: 'on', problem: null });
    vi.advanceTimersByTime(LATE_MS);
    expect(camera.state).toEqual({ state: 'on', problem: null });
  });

  test.each(['audio', 'video'] as const)('%s: switched off, it is off', (kind) => {
    const device = capture(kind);
    void device.turnOn();
    device.turnOff();
    vi.advanceTimersByTime(LATE_MS);
    expect(device.state).toEqual({ state: 'off', problem: null });
  });
});

describe('a permission given in the browser’s settings', () => {
  test('is taken up', async () => {
    const sound = new FakeTrack('audio');
    answers = ['NotAllowedError', sound];
    const microphone = capture('audio');
    await microphone.turnOn();
    become('denied');
    expect(asked).toHaveBeenCalledOnce();
    become('granted');
    await settle();
    expect(microphone.state).toEqual({ state: 'on', problem: null });
    expect(microphone.track).toBe(sound);
  });

  test('opens nothing that was switched off, or after the call', async () => {
    for (const end of ['turnOff', 'stop'] as const) {
      answers = ['NotAllowedError', new FakeTrack('audio')];
      asked.mockClear();
      const microphone = capture('audio');
      await microphone.turnOn();
      microphone[end]();
      become('granted');
      await settle();
      expect(asked).toHaveBeenCalledOnce();
      expect(microphone.state.state).toBe('off');
    }
  });

  test('does not unmute', async () => {
    answers = [new FakeTrack('audio'), 'NotAllowedError', new FakeTrack('audio')];
    const microphone = capture('audio');
    await microphone.turnOn();
    microphone.turnOff();
    await microphone.choose('headset');
    expect(microphone.state.problem).toBe('permission_denied');
    become('granted');
    await settle();
    expect(microphone.track).toBeNull();
    expect(asked).toHaveBeenCalledTimes(2);
  });

  test('has nothing asked twice while the question is there', async () => {
    const microphone = capture('audio');
    void microphone.turnOn();
    await settle();
    become('granted');
    await settle();
    expect(asked).toHaveBeenCalledOnce();
  });
});

describe('wishes that can’t be met', () => {
  test('another camera in the place of the chosen one is asked for as good a picture', async () => {
    answers = ['OverconstrainedError', new FakeTrack('video')];
    const camera = capture('video');
    await camera.choose('gone');
    await camera.turnOn();
    expect(camera.state.state).toBe('on');
    expect(asked.mock.calls[0]?.[0]).toMatchObject({ video: { deviceId: { exact: 'gone' } } });
    expect(asked.mock.calls[1]?.[0]).toEqual({
      video: {
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 30 },
        facingMode: 'user',
      },
    });
  });

  test('are dropped where the browser takes none', async () => {
    answers = ['OverconstrainedError', new FakeTrack('video')];
    const camera = capture('video');
    await camera.turnOn();
    expect(camera.state.state).toBe('on');
    expect(asked.mock.calls.at(-1)?.[0]).toEqual({ video: true });
  });
});

test('a muted microphone stays open and silent; a camera that is off is closed', async () => {
  const [sound, picture] = [new FakeTrack('audio'), new FakeTrack('video')];
  answers = [sound, picture];
  const [microphone, camera] = [capture('audio'), capture('video')];
  await microphone.turnOn();
  await camera.turnOn();
  microphone.turnOff();
  camera.turnOff();
  expect(sound).toMatchObject({ readyState: 'live', enabled: false });
  expect(microphone.track).toBe(sound);
  expect(picture.readyState).toBe('ended');
  expect(camera.track).toBeNull();
  await microphone.turnOn();
  expect(sound.enabled).toBe(true);
  expect(asked).toHaveBeenCalledTimes(2);
});

test.each(['audio', 'video'] as const)(
  '%s: what comes after it was switched off, or after the call, is closed',
  async (kind) => {
    for (const end of ['turnOff', 'stop'] as const) {
      const late = new FakeTrack(kind);
      answers = [late];
      const device = capture(kind);
      const opening = device.turnOn();
      device[end]();
      await opening;
      expect(late.readyState).toBe('ended');
      expect(device.track).toBeNull();
      expect(device.state.state).toBe('off');
    }
  },
);

test('a muted microphone that another takes the place of stays muted', async () => {
  const [first, second] = [new FakeTrack('audio'), new FakeTrack('audio')];
  answers = [first, second];
  const microphone = capture('audio');
  await microphone.turnOn();
  microphone.turnOff();
  await microphone.choose('headset');
  expect(microphone.track).toBe(second);
  expect(second.enabled).toBe(false);
  expect(microphone.state.state).toBe('off');
});

test('another device takes the place of the one that is open', async () => {
  const [first, second] = [new FakeTrack('audio'), new FakeTrack('audio')];
  answers = [first, second];
  const microphone = capture('audio');
  await microphone.turnOn();
  await microphone.choose('headset');
  expect(first.readyState).toBe('ended');
  expect(microphone.track).toBe(second);
  expect(asked.mock.calls[1]?.[0]).toMatchObject({ audio: { deviceId: { exact: 'headset' } } });
});

describe('flipped', () => {
  /** What was asked for last. */
  const wish = () => asked.mock.calls.at(-1)?.[0].video as MediaTrackConstraints;

  test('the camera that looks the other way takes its place, and back', async () => {
    const front = new FakeTrack('video', { facingMode: 'user' });
    const rear = new FakeTrack('video', { facingMode: 'environment' });
    answers = [front, rear, new FakeTrack('video')];
    const camera = capture('video');
    await camera.choose('front');
    await camera.turnOn();
    await camera.flip();
    expect(front.readyState).toBe('ended');
    expect(camera.track).toBe(rear);
    expect(wish()).toMatchObject({ facingMode: 'environment', width: { ideal: 1280 } });
    expect(wish()).not.toHaveProperty('deviceId');
    await camera.flip();
    expect(wish().facingMode).toBe('user');
  });

  test('a browser that does not say which way it looks is asked for one after the other', async () => {
    answers = [new FakeTrack('video'), new FakeTrack('video'), new FakeTrack('video')];
    const camera = capture('video');
    await camera.turnOn();
    await camera.flip();
    expect(wish().facingMode).toBe('environment');
    await camera.flip();
    expect(wish().facingMode).toBe('user');
  });

  test('it stays so while it is off, and not after the call', async () => {
    answers = [1, 2, 3, 4].map(() => new FakeTrack('video'));
    const camera = capture('video');
    await camera.choose('front');
    await camera.turnOn();
    await camera.flip();
    camera.turnOff();
    await camera.turnOn();
    expect(wish().facingMode).toBe('environment');
    camera.stop();
    await camera.turnOn();
    expect(wish().deviceId).toEqual({ exact: 'front' });
  });

  test('a camera that is chosen comes first, though it was before', async () => {
    answers = [1, 2, 3].map(() => new FakeTrack('video'));
    const camera = capture('video');
    await camera.choose('front');
    await camera.turnOn();
    await camera.flip();
    await camera.choose('front');
    expect(wish().deviceId).toEqual({ exact: 'front' });
  });
});

describe('another device is chosen after one gave nothing', () => {
  test.each(['NotReadableError', 'NotFoundError', 'TypeError'])(
    '%s: it is opened',
    async (error) => {
      const other = new FakeTrack('video');
      answers = [error, other];
      const camera = capture('video');
      await camera.turnOn();
      await camera.choose('other');
      expect(camera.state).toEqual({ state: 'on', problem: null });
      expect(camera.track).toBe(other);
      expect(asked.mock.calls.at(-1)?.[0]).toMatchObject({
        video: { deviceId: { exact: 'other' } },
      });
    },
  );

  test('while another is looked for by itself, only the chosen one is', async () => {
    const [headset, chosen] = [new FakeTrack('audio'), new FakeTrack('audio')];
    answers = [headset];
    const microphone = capture('audio');
    await microphone.turnOn();
    headset.end();
    expect(microphone.state.problem).toBe('unplugged');
    answers = [chosen];
    await microphone.choose('other');
    expect(microphone.state).toEqual({ state: 'on', problem: null });
    expect(microphone.track).toBe(chosen);
  });

  test('not wanted, it stays closed, and nothing is said of the one before', async () => {
    answers = [new FakeTrack('audio'), 'NotReadableError'];
    const microphone = capture('audio');
    await microphone.turnOn();
    microphone.turnOff();
    await microphone.choose('busy');
    expect(microphone.state.problem).toBe('device_busy');
    await microphone.choose('other');
    expect(microphone.state).toEqual({ state: 'off', problem: null });
    expect(asked).toHaveBeenCalledTimes(2);
  });
});

describe('paused by the system or the browser', () => {
  async function opened(kind: CaptureKind, muted = false) {
    const track = new FakeTrack(kind);
    track.muted = muted;
    answers = [track];
    const device = capture(kind);
    await device.turnOn();
    changed.mockClear();
    return { track, device };
  }

  test.each(['audio', 'video'] as const)('%s: it is said, until it is back', async (kind) => {
    const { track, device } = await opened(kind);
    track.mute(true);
    vi.advanceTimersByTime(PAUSED_MS - 1);
    expect(device.state).toEqual({ state: 'on', problem: null });
    vi.advanceTimersByTime(1);
    expect(device.state).toEqual({ state: 'on', problem: 'paused' });
    track.mute(false);
    expect(device.state).toEqual({ state: 'on', problem: null });
    expect(changed).toHaveBeenCalledTimes(2);
  });

  test('a camera that flaps is not, however often it does', async () => {
    const { track, device } = await opened('video');
    for (let i = 0; i < 10; i += 1) {
      track.mute(true);
      vi.advanceTimersByTime(PAUSED_MS - 1);
      track.mute(false);
    }
    vi.advanceTimersByTime(PAUSED_MS);
    expect(device.state.problem).toBeNull();
    expect(changed).not.toHaveBeenCalled();
  });

  test('from the beginning, it is said, too', async () => {
    const { device } = await opened('video', true);
    vi.advanceTimersByTime(PAUSED_MS);
    expect(device.state.problem).toBe('paused');
  });

  test('a muted microphone is just muted', async () => {
    const { track, device } = await opened('audio');
    device.turnOff();
    track.mute(true);
    vi.advanceTimersByTime(PAUSED_MS);
    expect(device.state).toEqual({ state: 'off', problem: null });
  });

  test.each(['audio', 'video'] as const)('%s: off and on, it is opened anew', async (kind) => {
    const { track, device } = await opened(kind);
    track.mute(true);
    vi.advanceTimersByTime(PAUSED_MS);
    const again = new FakeTrack(kind);
    answers = [again];
    device.turnOff();
    expect(track.readyState).toBe('ended');
    await device.turnOn();
    expect(device.track).toBe(again);
    expect(device.state).toEqual({ state: 'on', problem: null });
  });
});

describe('pulled out', () => {
  test('another device is taken, if there is one', async () => {
    const [headset, builtIn] = [new FakeTrack('audio'), new FakeTrack('audio')];
    answers = [headset, builtIn];
    const microphone = capture('audio');
    await microphone.turnOn();
    headset.end();
    await settle();
    expect(microphone.state).toEqual({ state: 'on', problem: null });
    expect(microphone.track).toBe(builtIn);
  });

  test('without another it is said, and taken up when it is back', async () => {
    const [camera, again] = [new FakeTrack('video'), new FakeTrack('video')];
    answers = [camera, 'NotFoundError'];
    const it = capture('video');
    await it.turnOn();
    camera.end();
    await settle();
    expect(it.state).toEqual({ state: 'unavailable', problem: 'no_device' });
    answers = [again];
    await it.handleDevicesChanged();
    expect(it.track).toBe(again);
    expect(it.state.state).toBe('on');
  });

  test('a refusal is not asked again by itself', async () => {
    answers = ['NotAllowedError'];
    const it = capture('video');
    await it.turnOn();
    await it.handleDevicesChanged();
    expect(asked).toHaveBeenCalledTimes(1);
  });
});
