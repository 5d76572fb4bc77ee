import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { FakeStream, FakeTrack, settle } from '../testing/fake-rtc';
import { Devices } from './devices.svelte';
import { LocalMedia } from './media.svelte';
import { Memory } from './memory';

type Info = Pick<MediaDeviceInfo, 'kind' | 'deviceId' | 'label'>;

/** Devices that can be plugged in and pulled out; their names show once one was opened. */
class Plugs extends EventTarget {
  all: Info[] = [];
  isPermitted = false;
  hangs = false;
  readonly asked: MediaStreamConstraints[] = [];

  enumerateDevices(): Promise<Info[]> {
    const nameless = this.all.map(({ kind }) => ({ kind, deviceId: '', label: '' }));
    return Promise.resolve(this.isPermitted ? this.all : nameless);
  }

  getUserMedia(constraints: MediaStreamConstraints): Promise<FakeStream> {
    this.asked.push(constraints);
    if (this.hangs) return new Promise(() => undefined);
    this.isPermitted = true;
    return Promise.resolve(new FakeStream([new FakeTrack(constraints.audio ? 'audio' : 'video')]));
  }

  change(all: Info[]): void {
    this.all = all;
    this.dispatchEvent(new Event('devicechange'));
  }
}

const BUILT_IN: Info = { kind: 'audioinput', deviceId: 'built-in', label: 'Built-in' };
const HEADSET: Info = { kind: 'audioinput', deviceId: 'headset', label: 'Headset' };

let plugs: Plugs;
let stored: Map<string, string>;

function devices(): { devices: Devices; local: LocalMedia } {
  const media = plugs as unknown as MediaDevices;
  const local = new LocalMedia({
    devices: media,
    secure: true,
    asks: true,
    queryPermission: () => Promise.reject(new TypeError()),
    screens: undefined,
  });
  const memory = new Memory(null, {
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => stored.set(key, value),
    removeItem: (key) => stored.delete(key),
  });
  return { devices: new Devices(media, local, memory), local };
}

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeStream);
  plugs = new Plugs();
  plugs.all = [BUILT_IN, HEADSET];
  stored = new Map();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test('devices without a name are not offered; they are when one was opened', async () => {
  const it = devices();
  await settle();
  expect(it.devices.microphones).toEqual([]);
  it.local.setMicrophone(true);
  await settle();
  expect(it.devices.microphones).toEqual([
    { id: 'built-in', label: 'Built-in' },
    { id: 'headset', label: 'Headset' },
  ]);
  expect(it.devices.cameras).toEqual([]);
});

test('a choice is used at once, and remembered', async () => {
  const it = devices();
  it.local.setMicrophone(true);
  await settle();
  it.devices.choose('microphone', 'headset');
  await settle();
  expect(it.devices.microphone).toBe('headset');
  expect(plugs.asked.at(-1)).toMatchObject({ audio: { deviceId: { exact: 'headset' } } });

  const reloaded = devices();
  reloaded.local.setMicrophone(true);
  await settle();
  expect(reloaded.devices.microphone).toBe('headset');
  expect(plugs.asked.at(-1)).toMatchObject({ audio: { deviceId: { exact: 'headset' } } });
});

test('a chosen device that is gone shows as no choice, and is one again when it is back', async () => {
  const it = devices();
  it.local.setMicrophone(true);
  await settle();
  it.devices.choose('microphone', 'headset');
  plugs.change([BUILT_IN]);
  await settle();
  expect(it.devices.microphone).toBeNull();
  plugs.change([BUILT_IN, HEADSET]);
  await settle();
  expect(it.devices.microphone).toBe('headset');
});

test('the system’s default can be had again after another device was chosen', async () => {
  const it = devices();
  it.local.setMicrophone(true);
  await settle();
  it.devices.choose('microphone', 'headset');
  await settle();
  it.devices.choose('microphone', null);
  await settle();
  expect(it.devices.microphone).toBeNull();
  expect(plugs.asked.at(-1)?.audio).not.toHaveProperty('deviceId');
  expect(stored).toEqual(new Map());
});

test('a flipped camera is another one for this call, and no choice that is remembered', async () => {
  const it = devices();
  it.local.setCamera(true);
  await settle();
  it.devices.flipCamera();
  await settle();
  expect(plugs.asked.at(-1)).toMatchObject({ video: { facingMode: 'environment' } });
  expect(stored).toEqual(new Map());
});

test('the own picture keeps its place while another camera is being opened', async () => {
  const it = devices();
  plugs.hangs = true;
  it.local.setCamera(true);
  await settle();
  expect(it.local.selfStream).toBeNull();
  it.local.setCamera(false);
  plugs.hangs = false;
  it.local.setCamera(true);
  await settle();
  const before = it.local.selfStream;
  plugs.hangs = true;
  it.devices.flipCamera();
  await settle();
  expect(before).not.toBeNull();
  expect(it.local.selfStream).toBe(before);
  it.local.setCamera(false);
  expect(it.local.selfStream).toBeNull();
});
