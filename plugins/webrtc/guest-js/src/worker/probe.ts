/** What this webview can do, found out by asking it and not by its version. */
import { H264, VP8 } from '../shared/codecs';
import type { Support } from '../shared/messages';

const PICTURE = { width: 1280, height: 720, bitrate: 1_000_000, framerate: 30 } as const;

const VIDEO = [
  { name: 'VP8', codec: VP8 },
  { name: 'H264', codec: H264 },
] as const;

/** Asks for codecs both ways. Opus is Rust's. */
export async function probe(): Promise<Support> {
  const tracks =
    typeof MediaStreamTrackProcessor === 'function' && typeof VideoTrackGenerator === 'function';
  const video: string[] = [];
  for (const { name, codec } of VIDEO) {
    if (await hasVideo(codec)) video.push(name);
  }
  return { tracks, video };
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
