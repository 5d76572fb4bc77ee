/** Which section of a description belongs to which transceiver (RFC 8829, sections 5.9 to 5.11). */
import type { AnswerTransceiver, Direction, Negotiated, RemoteMedia } from '../shared/bridge';
import type { Line } from './line';
import { sections } from './sdp';
import { answered, receives, reversed, sends } from './states';

/** A section of a remote offer, and its transceiver. */
export interface Held {
  readonly media: RemoteMedia;
  readonly line: Line;
  /** The transceiver was made for this offer. */
  readonly created: boolean;
  /** It had no section before. */
  readonly associated: boolean;
  /** Ids of the streams that its track was in before. */
  readonly streams: readonly string[];
}

export interface RemoteTracks {
  readonly line: Line;
  readonly streams: readonly string[];
}

/** What the page is told of tracks that come and go. */
export class TrackChanges {
  /** They begin to be received; streams as the remote names them. */
  readonly added: RemoteTracks[] = [];
  /** They cease. */
  readonly removed: Line[] = [];

  /** `direction` is ours. */
  note(line: Line, direction: Direction, streams: readonly string[]): void {
    if (line.stopped) return;
    const before = receives(line.fired);
    const changed = streamIds(line).join(' ') !== streams.join(' ');
    line.fired = direction;
    if (receives(direction) && (!before || changed)) this.added.push({ line, streams });
    else if (!receives(direction) && before) this.removed.push(line);
  }
}

/** Ids of the streams that a remote's track is in. One that names none, in words of old, has its own. */
export function streamsOf(
  { mid, streams }: { readonly mid: string; readonly streams: readonly string[] },
  sdp: string,
  unnamed: string,
): readonly string[] {
  const named = sections(sdp).find((section) => section.mid === mid)?.named ?? true;
  return named ? streams : [unnamed];
}

/** Finds the transceiver for a section of a remote offer, or makes it. */
export function hold(
  media: RemoteMedia,
  lines: readonly Line[],
  make: (kind: Line['kind']) => Line,
): Held {
  const known = lines.find(({ mid }) => mid === media.mid);
  if (known) {
    return { media, line: known, created: false, associated: false, streams: streamIds(known) };
  }
  const waiting = lines.find(
    (line) =>
      line.mid === null &&
      line.kind === media.kind &&
      line.addedTrack &&
      !line.stopped &&
      receives(media.direction),
  );
  const line = waiting ?? make(media.kind);
  line.mid = media.mid;
  return { media, line, created: !waiting, associated: true, streams: streamIds(line) };
}

function streamIds({ remoteStreams }: Line): string[] {
  return remoteStreams.map(({ id }) => id);
}

/** What a description of ours said of a section: the page may have changed its mind since. */
export interface Said {
  readonly direction: Direction;
  readonly streams: readonly string[];
  /** It was of a transceiver that the page had stopped. */
  readonly stopped: boolean;
}

/** Takes over what both ends have agreed on for a section. `remote` is as the remote wrote it. */
export function agree(
  line: Line,
  media: Negotiated,
  offered: boolean,
  said: Said,
  remote: Direction,
): void {
  line.slot = media.slot;
  line.transported = true;
  line.codecs = media.codecs;
  line.current = media.rejected ? 'inactive' : media.direction;
  if (sends(line.current)) line.hasSent = true;
  // An answer to the remote's offer leaves it without media: to stop it takes an offer of ours (RFC 9429, section 5.3.1).
  if (media.rejected || (said.stopped && offered)) line.end();
  const own = offered ? said.direction : media.direction;
  line.described = { offered, own, remote, streams: said.streams };
}

/** What is asked of Rust for an answer to these sections. */
export function answerFor(held: readonly Held[]): AnswerTransceiver[] {
  return held
    .filter(({ media }) => !media.rejected)
    .map(({ media, line }) => ({
      mid: media.mid,
      direction: line.stopped ? 'inactive' : answered(line.direction, media.direction),
      streams: line.streams,
      track: line.track?.id ?? null,
      codecs: wanted(line),
    }));
}

/** Whether the agreed state differs from what the page wants (WebRTC 1.0, section 4.7.3). */
export function differs(line: Line): boolean {
  const { described, direction } = line;
  if (line.ended) return false;
  if (line.stopped) return described !== null;
  if (!described) return true;
  const streams = line.streams.join(' ') !== described.streams.join(' ');
  if (sends(direction) && streams) return true;
  return described.offered
    ? direction !== described.own && direction !== reversed(described.remote)
    : answered(direction, described.remote) !== described.own;
}

/**
 * Whether our offer rejects the section of a transceiver. Not the first: Chromium (156) makes another transport where the
 * section is rejected that the bundle's began with, and shakes hands anew. It is left without media.
 */
export function isRejected(line: Line, first: boolean): boolean {
  return line.stopped && !first;
}

/** Codec names in the page's order; VP8 first where it has none, as in all browsers. */
export function wanted({ kind, preferred }: Line): string[] {
  if (kind === 'audio') return ['opus'];
  return preferred?.length ? [...preferred] : ['VP8', 'H264'];
}
