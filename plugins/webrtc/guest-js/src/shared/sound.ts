/** How sound is cut in the engine: one channel, as WebRTC's own voice path. */

export const SAMPLE_RATE = 48_000;
/** Samples in a block that is encoded: 20 ms. */
export const BLOCK = 960;
/** Names of the worklet's processors. */
export const CAPTURE = 'tauri-webrtc-capture';
export const PLAYER = 'tauri-webrtc-player';
