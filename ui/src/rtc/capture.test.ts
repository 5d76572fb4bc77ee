import { beforeEach, describe, expect, test, vi } from 'vitest';

import { FakeStream, FakeTrack, settle } from '../testing/fake-rtc';
import { Capture, type CaptureKind } from './capture';

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

function capture(kind: CaptureKind, secure = true): Capture {
  return new Capture(kind, { devices, secure }, () => undefined);
}

beforeEach(() => {
  answers = [];
  asked.mockClear();
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
    const camera = new Capture('video', { devices: undefined, secure: false }, () => undefined);
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

test('while the browser asks for permission it is starting', () => {
  const camera = capture('video');
  void camera.turnOn();
  expect(camera.state.state).toBe('starting');
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

test('muted before the permission came, it comes muted', async () => {
  const sound = new FakeTrack('audio');
  answers = [sound];
  const microphone = capture('audio');
  const opening = microphone.turnOn();
  microphone.turnOff();
  await opening;
  expect(sound.enabled).toBe(false);
  expect(microphone.state.state).toBe('off');
});

test('a camera that comes after it was switched off, or after the call, is closed', async () => {
  for (const end of ['turnOff', 'stop'] as const) {
    const picture = new FakeTrack('video');
    answers = [picture];
    const camera = capture('video');
    const opening = camera.turnOn();
    camera[end]();
    await opening;
    expect(picture.readyState).toBe('ended');
    expect(camera.state.state).toBe('off');
  }
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
