/** Layout of the bridge's binary messages (little-endian). */

export const MEDIA = 1;
export const DATA = 2;
/** Sound as samples: captured, or what is heard of a remote track. */
export const SOUND = 3;
/** A picture of a screen, I420. */
export const SCREEN = 4;
/** Bytes before the payload of a media message to Rust. */
export const SENT_HEADER = 16;
/** Bytes before the payload of a media message from Rust. */
export const RECEIVED_HEADER = 32;
/** Bytes before the payload of a data message. */
export const DATA_HEADER = 8;
/** Bytes before the samples of a sound message to Rust. */
export const SENT_SOUND_HEADER = 16;
/** Bytes before the samples of a sound message from Rust. */
export const HEARD_SOUND_HEADER = 8;
/** Bytes before the planes of a picture of a screen. */
export const SCREEN_HEADER = 16;
/** Bits a second of a step of the bitrate in a sound's header. */
const BITRATE_UNIT = 100;
/** No audio level is known. */
export const NO_LEVEL = 255;

/** A frame to be sent, without its payload. */
export interface SentFrame {
  readonly key: boolean;
  readonly slot: number;
  readonly pt: number;
  /** −dBov, 0 to 127, or {@link NO_LEVEL}. */
  readonly level: number;
  /** Microseconds, one clock for all slots. */
  readonly timestamp: number;
}

/** Captured sound, without its samples. */
export interface SentSound {
  readonly slot: number;
  readonly pt: number;
  /** What is to be done to it, see `processingBits`. */
  readonly processing: number;
  /** Bits a second. */
  readonly bitrate: number;
  /** Microseconds, one clock for all slots. */
  readonly timestamp: number;
}

/** A frame that came, without its payload. */
export interface ReceivedFrame {
  readonly key: boolean;
  /** Something before it was lost. */
  readonly gap: boolean;
  readonly slot: number;
  readonly pt: number;
  readonly level: number;
  /** Microseconds of media time, a clock of the slot's own. */
  readonly mediaTime: number;
  /** Microseconds, when its last packet came; one clock for all slots. */
  readonly arrival: number;
  /** Microseconds on the remote's clock, one for all its slots; 0 if not known yet. */
  readonly captured: number;
}

/** Writes the header of a media message to the start of `view`. */
export function writeMediaHeader(view: DataView, frame: SentFrame): void {
  view.setUint8(0, MEDIA);
  view.setUint8(1, frame.key ? 1 : 0);
  view.setUint16(2, frame.slot, true);
  view.setUint8(4, frame.pt);
  view.setUint8(5, frame.level);
  view.setUint16(6, 0, true);
  writeU64(view, 8, frame.timestamp);
}

/** Nothing if it is no media message, or shorter than its header. */
export function readMediaHeader(view: DataView): ReceivedFrame | null {
  if (view.byteLength < RECEIVED_HEADER || view.getUint8(0) !== MEDIA) return null;
  const flags = view.getUint8(1);
  return {
    key: (flags & 1) !== 0,
    gap: (flags & 2) !== 0,
    slot: view.getUint16(2, true),
    pt: view.getUint8(4),
    level: view.getUint8(5),
    mediaTime: readU64(view, 8),
    arrival: readU64(view, 16),
    captured: readU64(view, 24),
  };
}

/** A data channel's message, header and all. */
export function dataMessage(
  handle: number,
  binary: boolean,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(DATA_HEADER + payload.byteLength);
  const view = new DataView(message.buffer);
  view.setUint8(0, DATA);
  view.setUint8(1, binary ? 1 : 0);
  view.setUint16(2, handle, true);
  message.set(payload, DATA_HEADER);
  return message;
}

/** Nothing if it is no data message. */
export function readDataHeader(view: DataView): { handle: number; binary: boolean } | null {
  if (view.byteLength < DATA_HEADER || view.getUint8(0) !== DATA) return null;
  return { handle: view.getUint16(2, true), binary: (view.getUint8(1) & 1) !== 0 };
}

/** Writes the header of a sound message to the start of `view`. */
export function writeSoundHeader(view: DataView, sound: SentSound): void {
  view.setUint8(0, SOUND);
  view.setUint8(1, sound.processing);
  view.setUint16(2, sound.slot, true);
  view.setUint8(4, sound.pt);
  view.setUint8(5, 0);
  view.setUint16(6, Math.min(65_535, Math.round(sound.bitrate / BITRATE_UNIT)), true);
  writeU64(view, 8, sound.timestamp);
}

/** Nothing if it is no sound message. */
export function readSound(
  view: DataView<ArrayBuffer>,
): { slot: number; samples: Float32Array<ArrayBuffer> } | null {
  if (view.byteLength < HEARD_SOUND_HEADER || view.getUint8(0) !== SOUND) return null;
  const length = (view.byteLength - HEARD_SOUND_HEADER) >> 2;
  return {
    slot: view.getUint16(2, true),
    samples: new Float32Array(view.buffer, view.byteOffset + HEARD_SOUND_HEADER, length),
  };
}

/** A picture of a screen: its rows of luma, then of each chroma, without anything between them. */
export interface ScreenPicture {
  readonly width: number;
  readonly height: number;
  /** Microseconds since the first. */
  readonly time: number;
  readonly planes: Uint8Array<ArrayBuffer>;
}

/** Nothing if it is no picture of a screen, or not as long as it says it is. */
export function readScreen(view: DataView<ArrayBuffer>): ScreenPicture | null {
  if (view.byteLength < SCREEN_HEADER || view.getUint8(0) !== SCREEN) return null;
  const width = view.getUint16(4, true);
  const height = view.getUint16(6, true);
  const length = width * height + 2 * ((width + 1) >> 1) * ((height + 1) >> 1);
  if (length === 0 || view.byteLength - SCREEN_HEADER !== length) return null;
  const planes = new Uint8Array(view.buffer, view.byteOffset + SCREEN_HEADER, length);
  return { width, height, time: readU64(view, 8), planes };
}

/** Two halves, since a BigInt for each frame is garbage; exact up to 2^53 µs (285 years). */
function writeU64(view: DataView, at: number, value: number): void {
  const whole = Math.max(0, Math.round(value));
  view.setUint32(at, whole >>> 0, true);
  view.setUint32(at + 4, Math.floor(whole / 4_294_967_296), true);
}

function readU64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 4_294_967_296 + view.getUint32(at, true);
}
