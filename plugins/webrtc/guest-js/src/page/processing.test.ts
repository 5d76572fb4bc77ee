import { describe, expect, it } from 'vitest';

import { processingBits } from '../shared/sound';
import { processingOf, readProcessing, watchCapture } from './processing';
import { onTrackChange } from './tracks';

const ALL = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** As far as they are wrapped. */
class Track extends EventTarget {
  readonly kind = 'audio';
  applied: unknown = null;
  clone(): Track {
    return new Track();
  }
  getSettings(): MediaTrackSettings {
    // The webview says so whatever was asked.
    return { echoCancellation: true, sampleRate: 44_100 };
  }
  applyConstraints(given?: MediaTrackConstraints): Promise<void> {
    this.applied = given;
    return Promise.resolve();
  }
}

class Devices {
  asked: MediaStreamConstraints | undefined;
  getUserMedia(constraints?: MediaStreamConstraints): Promise<MediaStream> {
    this.asked = constraints;
    const track = new Track();
    return Promise.resolve({ getAudioTracks: () => [track] } as unknown as MediaStream);
  }
  getSupportedConstraints(): MediaTrackSupportedConstraints {
    return { deviceId: true };
  }
}

watchCapture(
  Devices.prototype as unknown as MediaDevices,
  Track.prototype as unknown as MediaStreamTrack,
);

async function capture(audio: MediaTrackConstraints | boolean) {
  const devices = new Devices();
  const stream = await devices.getUserMedia({ audio, video: true });
  const track = stream.getAudioTracks()[0];
  if (!track) throw new Error('no track');
  return { devices, track };
}

describe('readProcessing', () => {
  it.each([
    [true, ALL],
    [{}, ALL],
    [{ echoCancellation: false }, { ...ALL, echoCancellation: false }],
    [{ noiseSuppression: { exact: false } }, { ...ALL, noiseSuppression: false }],
    [{ autoGainControl: { ideal: false } }, { ...ALL, autoGainControl: false }],
    [{ echoCancellation: 'all' as unknown as boolean }, ALL],
    [{ echoCancellation: {} }, ALL],
  ])('%j', (given, wish) => {
    expect(readProcessing(given, ALL)).toEqual(wish);
  });
});

describe('a captured track', () => {
  it('is processed unless the page says no, and tells so', async () => {
    const { devices, track } = await capture({
      deviceId: 'x',
      echoCancellation: { exact: false },
      noiseSuppression: false,
    });
    expect(devices.asked).toEqual({ audio: { deviceId: 'x' }, video: true });
    expect(track.getSettings()).toEqual({
      sampleRate: 44_100,
      echoCancellation: false,
      noiseSuppression: false,
      autoGainControl: true,
    });
    expect(processingBits(processingOf(track))).toBe(4);
  });

  it('is processed by default, as in other browsers', async () => {
    const { track } = await capture(true);
    expect(processingBits(processingOf(track))).toBe(7);
    expect(processingBits(processingOf(track.clone()))).toBe(7);
  });

  it('can be asked for something else later', async () => {
    const { track } = await capture(true);
    let told = 0;
    onTrackChange(track, () => {
      told += 1;
    });
    await track.applyConstraints({ echoCancellation: false, channelCount: 1 });
    expect((track as unknown as Track).applied).toEqual({ channelCount: 1 });
    expect(processingBits(processingOf(track))).toBe(6);
    expect(told).toBe(1);
  });

  it('that is of no microphone is left as it is', () => {
    const track = new Track() as unknown as MediaStreamTrack;
    expect(processingBits(processingOf(track))).toBe(0);
    expect(track.getSettings()).toEqual({ echoCancellation: true, sampleRate: 44_100 });
  });
});
