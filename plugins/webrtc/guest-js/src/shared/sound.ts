/** How sound is cut in the engine: one channel, as WebRTC's own voice path. */

export const SAMPLE_RATE = 48_000;
/** Samples in a block that is encoded: 20 ms. */
export const BLOCK = 960;
/** What can be asked of captured sound, as `getUserMedia` names it. */
export const PROCESSING = ['echoCancellation', 'noiseSuppression', 'autoGainControl'] as const;
export type Processing = Record<(typeof PROCESSING)[number], boolean>;
/** Names of the worklet's processors. */
export const CAPTURE = 'tauri-webrtc-capture';
export const PLAYER = 'tauri-webrtc-player';

/** Bits a second: full-band speech, and music well enough (RFC 7587, section 3.1.1). */
export const DEFAULT_BITRATE = 40_000;

/** As it crosses the bridge: a bit for each of {@link PROCESSING}; 0: leave the sound as it is. */
export function processingBits(wish: Processing | null): number {
  if (!wish) return 0;
  return PROCESSING.reduce((bits, name, index) => bits | (wish[name] ? 1 << index : 0), 0);
}
