/** Send parameters and capabilities (WebRTC 1.0, sections 5.2 and 5.4). */
import type { Codec, Kind } from '../shared/bridge';
import type { AudioSettings, VideoSettings } from '../shared/messages';
import { processingBits } from '../shared/sound';
import { processingOf } from './processing';
import { dictionary, sequence } from './webidl';

type Preference = VideoSettings['degradationPreference'];

/** lib.dom lacks it, and Lanline's like use it. */
export type SendParameters = RTCRtpSendParameters & { degradationPreference?: Preference };

const PREFERENCES: readonly unknown[] = ['balanced', 'maintain-framerate', 'maintain-resolution'];

/** The one encoding of a sender: simulcast is not there. */
export interface Encoding {
  active: boolean;
  maxBitrate?: number;
  maxFramerate?: number;
  scaleResolutionDownBy?: number;
  rid?: string;
  priority?: RTCPriorityType;
  networkPriority?: RTCPriorityType;
}

/** Reads a page's encoding. Throws as `addTransceiver` and `setParameters` do. */
export function readEncoding(kind: Kind, given: RTCRtpEncodingParameters | undefined): Encoding {
  const encoding: Encoding = { active: given?.active ?? true };
  if (given?.maxBitrate !== undefined)
    encoding.maxBitrate = positive('maxBitrate', given.maxBitrate);
  const scale = given?.scaleResolutionDownBy ?? 1;
  if (!(scale >= 1)) throw new RangeError('scaleResolutionDownBy is below 1');
  if (kind === 'audio') return encoding;
  if (given?.maxFramerate !== undefined) {
    if (!(given.maxFramerate >= 0)) throw new RangeError('maxFramerate is below 0');
    encoding.maxFramerate = given.maxFramerate;
  }
  encoding.scaleResolutionDownBy = scale;
  return encoding;
}

/** Throws TypeError where what is required is missing. */
export function checkShape(given: unknown): void {
  const parameters = dictionary('the parameters', given);
  if (parameters.transactionId === undefined) throw new TypeError('transactionId is missing');
  for (const name of ['encodings', 'codecs', 'headerExtensions']) sequence(name, parameters[name]);
  if (parameters.rtcp === undefined) throw new TypeError('rtcp is missing');
}

/** Throws InvalidModificationError where a page changed what it may not (section 5.2). */
export function checkUnchanged(last: SendParameters, given: SendParameters): void {
  const fixed = ({ transactionId, codecs, headerExtensions, rtcp, encodings }: SendParameters) =>
    JSON.stringify([
      transactionId,
      codecs.map((codec) => Object.entries(codec).sort()),
      headerExtensions,
      Object.entries(rtcp).sort(),
      encodings.map(({ rid }) => rid),
    ]);
  if (fixed(last) === fixed(given)) return;
  throw new DOMException('not what getParameters returned', 'InvalidModificationError');
}

/** Reads `degradationPreference`; nothing if it isn't given. */
export function readPreference(given: unknown): Preference | null {
  if (given === undefined || given === null) return null;
  if (!PREFERENCES.includes(given)) throw new TypeError('this is no degradationPreference');
  return given as Preference;
}

export function videoSettings(
  encoding: Encoding,
  preference: Preference | null,
  track: MediaStreamTrack | null,
): VideoSettings {
  const detail = track?.contentHint === 'detail' || track?.contentHint === 'text';
  return {
    active: encoding.active,
    maxBitrate: encoding.maxBitrate ?? null,
    maxFramerate: encoding.maxFramerate ?? null,
    scaleResolutionDownBy: encoding.scaleResolutionDownBy ?? 1,
    degradationPreference: preference ?? (detail ? 'maintain-resolution' : 'balanced'),
    enabled: track?.enabled ?? true,
  };
}

export function audioSettings(encoding: Encoding, track: MediaStreamTrack): AudioSettings {
  return {
    active: encoding.active,
    maxBitrate: encoding.maxBitrate ?? null,
    processing: processingBits(processingOf(track)),
  };
}

const H264 = 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=';
/** Every browser has both (RFC 7742). */
const VIDEO: readonly RTCRtpCodec[] = [
  { mimeType: 'video/VP8', clockRate: 90_000 },
  { mimeType: 'video/H264', clockRate: 90_000, sdpFmtpLine: `${H264}42e01f` },
  { mimeType: 'video/H264', clockRate: 90_000, sdpFmtpLine: `${H264}42001f` },
];
let video = VIDEO;

/** What the webview was found to encode and decode, by SDP's names; both kinds are taken to be there before. */
export function restrictVideo(names: readonly string[]): void {
  video = VIDEO.filter(({ mimeType }) => names.some((name) => mimeType === `video/${name}`));
}

/** What the page may choose from. */
export function capabilities(kind: string): RTCRtpCapabilities | null {
  switch (kind) {
    case 'audio':
      return {
        codecs: [
          {
            mimeType: 'audio/opus',
            clockRate: 48_000,
            channels: 2,
            sdpFmtpLine: 'minptime=10;useinbandfec=1',
          },
        ],
        headerExtensions: [],
      };
    case 'video':
      return { codecs: video.map((codec) => ({ ...codec })), headerExtensions: [] };
    default:
      return null;
  }
}

/** Throws `InvalidModificationError` for what isn't in the capabilities. Returns codec names. */
export function readPreferences(kind: Kind, codecs: readonly RTCRtpCodec[]): string[] {
  const known = capabilities(kind)?.codecs ?? [];
  const names: string[] = [];
  for (const codec of codecs) {
    const { mimeType } = codec;
    const name = mimeType.slice(mimeType.indexOf('/') + 1);
    if (['rtx', 'red', 'ulpfec'].includes(name.toLowerCase())) continue;
    if (!known.some((one) => sameCodec(one, codec))) {
      throw new DOMException(`${mimeType} is not in the capabilities`, 'InvalidModificationError');
    }
    if (!names.includes(name)) names.push(name);
  }
  return names;
}

function sameCodec(one: RTCRtpCodec, other: RTCRtpCodec): boolean {
  return (
    one.mimeType.toLowerCase() === other.mimeType.toLowerCase() &&
    one.clockRate === other.clockRate &&
    one.channels === other.channels &&
    one.sdpFmtpLine === other.sdpFmtpLine
  );
}

/** As `getParameters` shows them. */
export function codecParameters(codecs: readonly Codec[]): RTCRtpCodecParameters[] {
  return codecs.map(({ pt, mime, clockRate, channels, fmtp }) => ({
    payloadType: pt,
    mimeType: mime,
    clockRate,
    ...(channels ? { channels } : {}),
    ...(fmtp ? { sdpFmtpLine: fmtp } : {}),
  }));
}

function positive(name: string, value: number): number {
  if (!(value > 0)) throw new RangeError(`${name} is not above 0`);
  return value;
}
