/** Names: SDP's on the bridge, WebCodecs' in the worker. */
import type { Codec } from './bridge';

/** Constrained baseline 3.1, what every WebRTC end can do (RFC 7742). */
const H264_BASELINE = '42e01f';

/** WebCodecs' name of a negotiated codec of pictures. */
export function codecString(codec: Codec): string {
  if (codec.mime.toLowerCase() !== 'video/h264') return 'vp8';
  return `avc1.${profile(codec.fmtp ?? '') ?? H264_BASELINE}`;
}

/** `profile-level-id` of a format's parameters (RFC 6184). */
export function profile(fmtp: string): string | null {
  return /(?:^|;)\s*profile-level-id=([0-9a-f]{6})/i.exec(fmtp)?.[1]?.toLowerCase() ?? null;
}
