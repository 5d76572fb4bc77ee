/** The text of a session description, as far as the page has to do with it (RFC 8866). */

/** A description that says nothing but that there is a session: no section, so no transport. */
export function emptyDescription(version: number): string {
  return [
    'v=0',
    `o=- ${ORIGIN} ${version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    'a=msid-semantic: WMS',
    '',
  ].join('\r\n');
}

/** The same in all descriptions of a page: nothing is told by it. */
const ORIGIN = '4611731400430051336';
const CANDIDATES = /^a=(candidate:.*|end-of-candidates)\r?\n/gm;

/** Whether there is no section. A text that is no description at all has none either. */
export function isEmpty(sdp: string): boolean {
  return /^v=0\r?\n/.test(sdp) && !/^m=/m.test(sdp);
}

/** One section of media. */
export interface Section {
  readonly mid: string | null;
  readonly ufrag: string | null;
  readonly password: string | null;
  /** Whether it says which streams its track is in, if only that there is none. */
  readonly named: boolean;
  /** Header extensions (RFC 8285, section 8). */
  readonly extensions: readonly RTCRtpHeaderExtensionParameters[];
  /** Of data: bytes that a message to whoever wrote it may have; 0: any number (RFC 8841, section 6.1). */
  readonly maxMessageSize: number | null;
}

/** Where a section of data names no size (RFC 8841, section 6.1). */
const DEFAULT_MESSAGE_SIZE = 65_536;

export function sections(sdp: string): Section[] {
  const [session = '', ...parts] = split(sdp);
  return parts.map((part) => ({
    mid: attribute(part, 'mid'),
    ufrag: attribute(part, 'ice-ufrag') ?? attribute(session, 'ice-ufrag'),
    password: attribute(part, 'ice-pwd') ?? attribute(session, 'ice-pwd'),
    named: attribute(part, 'msid') !== null,
    extensions: extensions(part),
    maxMessageSize: part.startsWith('m=application')
      ? Number(/^a=max-message-size:(\d+)/m.exec(part)?.[1] ?? DEFAULT_MESSAGE_SIZE)
      : null,
  }));
}

/** Without what is told one by one. */
export function withoutCandidates(sdp: string): string {
  return sdp.replace(CANDIDATES, '');
}

/** With a line more in the given sections, unless they have it. */
export function withLine(sdp: string, line: string, into: (section: number) => boolean): string {
  const [session = '', ...parts] = split(sdp);
  const changed = parts.map((part, number) => {
    if (!into(number) || part.includes(`${line}\r\n`)) return part;
    return `${part}${part.endsWith('\n') ? '' : '\r\n'}${line}\r\n`;
  });
  return session + changed.join('');
}

function split(sdp: string): string[] {
  return sdp.split(/^(?=m=)/m);
}

function extensions(part: string): RTCRtpHeaderExtensionParameters[] {
  return [...part.matchAll(/^a=extmap:(\d+)\S* (\S+)/gm)].map(([, id, uri = '']) => ({
    id: Number(id),
    uri,
    encrypted: false,
  }));
}

function attribute(part: string, name: string): string | null {
  return new RegExp(`^a=${name}:(\\S+)`, 'm').exec(part)?.[1] ?? null;
}
