/** Names: SDP's on the bridge, WebCodecs' in the worker. */
import type { Codec } from './bridge';

/** WebCodecs' names of what every WebRTC end can do (RFC 7742); of H.264 constrained baseline 3.1. */
export const VP8 = 'vp8';
export const H264 = 'avc1.42e01f';

/** WebCodecs' name of a negotiated codec of pictures. */
export function codecString(codec: Codec): string {
  if (codec.mime.toLowerCase() !== 'video/h264') return VP8;
  const named = profile(codec.fmtp ?? '');
  return named === null ? H264 : `avc1.${named}`;
}

/** `profile-level-id` of a format's parameters (RFC 6184). */
export function profile(fmtp: string): string | null {
  return /(?:^|;)\s*profile-level-id=([0-9a-f]{6})/i.exec(fmtp)?.[1]?.toLowerCase() ?? null;
}
