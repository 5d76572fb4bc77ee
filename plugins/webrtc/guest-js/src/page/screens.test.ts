import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { GeneratedTrack, ScreenBounds } from './engine';
import { offerScreens, readBounds } from './screens';
import { watchTracks } from './tracks';

/** As far as they are wrapped. */
class Track extends EventTarget {
  readyState: MediaStreamTrackState = 'live';
  enabled = true;
  clone(): Track {
    return new Track();
  }
  getSettings(): MediaTrackSettings {
    return { width: 1280 };
  }
  stop(): void {
    this.readyState = 'ended';
  }
}

class Stream {
  constructor(private readonly tracks: Track[]) {}
  getVideoTracks(): Track[] {
    return this.tracks;
  }
}

class Host {
  asked: ScreenBounds | null = null;
  failure: { name: string; message: string } | string | null = null;
  end: () => void = () => undefined;
  readonly discard = vi.fn();
  captureScreen(bounds: ScreenBounds, ended: () => void): Promise<GeneratedTrack> {
    this.asked = bounds;
    this.end = ended;
    // As the plugin's commands do.
    /* eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors */
    if (this.failure) return Promise.reject(this.failure);
    return Promise.resolve({ id: 1, track: new Track() as unknown as MediaStreamTrack });
  }
}

vi.stubGlobal('MediaStream', Stream);
const tracks = Track.prototype as unknown as MediaStreamTrack;
watchTracks(tracks);
let host: Host;
let devices: MediaDevices;
beforeEach(() => {
  host = new Host();
  devices = {} as MediaDevices;
  offerScreens(devices, tracks, host);
  vi.stubGlobal('navigator', {});
});

async function share(): Promise<MediaStreamTrack> {
  const stream = await devices.getDisplayMedia();
  const [track] = stream.getVideoTracks();
  if (!track) throw new Error('no track');
  return track;
}

describe('a screen', () => {
  it('is captured until its track and all copies are stopped', async () => {
    const track = await share();
    const copy = track.clone();
    track.stop();
    expect(host.discard).not.toHaveBeenCalled();
    copy.stop();
    expect(host.discard).toHaveBeenCalledOnce();
  });

  it('does not wait for a copy that was given to a worker', async () => {
    const track = await share();
    const copy = track.clone();
    Object.assign(copy, { readyState: 'ended' });
    track.stop();
    expect(host.discard).toHaveBeenCalledOnce();
  });

  it('that is stopped elsewhere ends its tracks, and tells', async () => {
    const track = await share();
    const ended = vi.fn();
    track.addEventListener('ended', ended);
    host.end();
    expect(track.readyState).toBe('ended');
    expect(ended).toHaveBeenCalledOnce();
    expect(host.discard).toHaveBeenCalledOnce();
    host.end();
    expect(ended).toHaveBeenCalledOnce();
  });

  it('tells what it is', async () => {
    const track = await share();
    expect(track.getSettings()).toMatchObject({ width: 1280, displaySurface: 'monitor' });
    expect(track).toMatchObject({ label: 'Screen' });
    expect(new Track().getSettings()).not.toHaveProperty('displaySurface');
  });

  it('that nobody chose is refused under its name', async () => {
    host.failure = { name: 'NotAllowedError', message: 'the person did not choose a screen' };
    await expect(share()).rejects.toMatchObject({ name: 'NotAllowedError' });
  });

  it('that the app does not permit is refused', async () => {
    host.failure = 'webrtc.capture_screen not allowed';
    await expect(share()).rejects.toMatchObject({ name: 'NotAllowedError', message: host.failure });
  });

  it('is not asked for by a page that nobody clicked in', async () => {
    vi.stubGlobal('navigator', { userActivation: { isActive: false } });
    await expect(share()).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect(host.asked).toBeNull();
  });

  it('is withdrawn with the rest', () => {
    const withdraw = offerScreens(devices, tracks, host);
    expect(devices).toHaveProperty('getDisplayMedia');
    withdraw();
    expect(devices).not.toHaveProperty('getDisplayMedia');
  });
});

describe('constraints', () => {
  it('bound the picture', () => {
    expect(readBounds({ video: { width: { max: 1920 }, height: { max: 1080 } } })).toEqual({
      width: 1920,
      height: 1080,
      frameRate: 30,
    });
    const video = { width: 800.4, height: { ideal: 500, max: 400 }, frameRate: { ideal: 0.2 } };
    expect(readBounds({ video })).toEqual({ width: 800, height: 400, frameRate: 1 });
    for (const all of [undefined, {}, { video: true }, { video: {} }]) {
      expect(readBounds(all)).toEqual({ width: 3840, height: 2160, frameRate: 30 });
    }
  });

  it.each([
    { video: false },
    { video: { width: { min: 1 } } },
    { video: { frameRate: { exact: 30 } } },
    { video: { height: { max: Number.NaN } } },
    { video: { advanced: [] } },
  ])('%j is not for choosing a screen by', (options) => {
    expect(() => readBounds(options)).toThrow(TypeError);
  });
});
