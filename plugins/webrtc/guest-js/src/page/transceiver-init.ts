/** What `addTransceiver` is given (WebRTC 1.0, section 5.1). */
import type { Direction, Kind } from '../shared/bridge';
import { readEncoding } from './parameters';
import { dictionary, enumeration, sequence } from './webidl';

const DIRECTIONS = ['sendrecv', 'sendonly', 'recvonly', 'inactive', 'stopped'] as const;

/** Read and checked. */
export interface TransceiverInit {
  readonly track: MediaStreamTrack | null;
  readonly kind: Kind;
  readonly direction: Direction;
  /** Ids, each once. */
  readonly streams: string[];
  readonly encoding: RTCRtpEncodingParameters | undefined;
}

/** Throws TypeError and RangeError. */
export function readTransceiver(trackOrKind: unknown, init: unknown): TransceiverInit {
  const track = trackOrKind instanceof MediaStreamTrack ? trackOrKind : null;
  const kind = track ? track.kind : String(trackOrKind);
  if (kind !== 'audio' && kind !== 'video') throw new TypeError(`'${kind}' is no kind of media`);
  const given = dictionary('the init', init);
  const direction =
    given.direction === undefined
      ? 'sendrecv'
      : enumeration('direction', given.direction, DIRECTIONS);
  if (direction === 'stopped') throw new TypeError("'stopped' is no direction to begin with");
  const streams = given.streams === undefined ? [] : sequence('streams', given.streams);
  const ids = streams.map((stream) => {
    if (!(stream instanceof MediaStream)) throw new TypeError('this is no stream');
    return stream.id;
  });
  const encodings =
    given.sendEncodings === undefined ? [] : sequence('sendEncodings', given.sendEncodings);
  checkRids(encodings as RTCRtpEncodingParameters[]);
  for (const one of encodings as RTCRtpEncodingParameters[]) readEncoding(kind, one);
  // Simulcast is not there: the others are left out, and the one needs no name then.
  const [encoding] = encodings as (RTCRtpEncodingParameters | undefined)[];
  return { track, kind, direction, streams: [...new Set(ids)], encoding };
}

/** Several encodings are told apart by a name each (RFC 8851, section 10). */
function checkRids(encodings: readonly RTCRtpEncodingParameters[]): void {
  const rids = encodings.map(({ rid }) => rid);
  const valid = rids.every((rid) => rid === undefined || /^[\dA-Za-z]{1,16}$/.test(rid));
  const several = encodings.length > 1;
  if (!valid || (several && (rids.includes(undefined) || new Set(rids).size < rids.length))) {
    throw new TypeError('an encoding has no name of its own');
  }
}
