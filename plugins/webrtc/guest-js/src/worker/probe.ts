/** What this webview can do, found out by asking it and not by its version. */
import type { Support } from '../shared/messages';
import { SAMPLE_RATE } from '../shared/sound';

const PICTURE = { width: 1280, height: 720, bitrate: 1_000_000, framerate: 30 } as const;

const VIDEO = [
  { name: 'VP8', codec: 'vp8' },
  { name: 'H264', codec: 'avc1.42e01f' },
] as const;

/** Asks for codecs both ways. */
export async function probe(): Promise<Support> {
  const tracks =
    typeof MediaStreamTrackProcessor === 'function' && typeof VideoTrackGenerator === 'function';
  const video: string[] = [];
  for (const { name, codec } of VIDEO) {
    if (await hasVideo(codec)) video.push(name);
  }
  return { tracks, video, audio: (await hasOpus()) ? ['opus'] : [] };
}

async function hasVideo(codec: string): Promise<boolean> {
  try {
    const [encoder, decoder] = await Promise.all([
      VideoEncoder.isConfigSupported({ ...PICTURE, codec, latencyMode: 'realtime' }),
      VideoDecoder.isConfigSupported({ codec }),
    ]);
    return encoder.supported === true && decoder.supported === true;
  } catch {
    return false;
  }
}

async function hasOpus(): Promise<boolean> {
  const sound = { codec: 'opus', sampleRate: SAMPLE_RATE } as const;
  try {
    const [encoder, decoder] = await Promise.all([
      AudioEncoder.isConfigSupported({ ...sound, numberOfChannels: 1, bitrate: 40_000 }),
      AudioDecoder.isConfigSupported({ ...sound, numberOfChannels: 2 }),
    ]);
    return encoder.supported === true && decoder.supported === true;
  } catch {
    return false;
  }
}
