import { expect, test } from 'vitest';
import { sameDescription } from './proposals';
import { emptyDescription, isEmpty, sections, withLine, withoutCandidates } from './sdp';

const TWO = [
  'v=0',
  'a=ice-ufrag:U',
  'a=ice-pwd:P',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:0',
  'a=msid:- t',
  'a=candidate:1 1 udp 1 10.0.0.1 5000 typ host',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=mid:1',
  'a=ice-ufrag:V',
  'a=ice-pwd:Q',
  'a=end-of-candidates',
  '',
].join('\r\n');

test('sections have credentials of their own, or the session’s', () => {
  expect(sections(TWO)).toMatchObject([
    { mid: '0', ufrag: 'U', password: 'P', named: true },
    { mid: '1', ufrag: 'V', password: 'Q', named: false },
  ]);
});

test('header extensions are those of the section', () => {
  const sdp = TWO.replace(
    'a=mid:0',
    'a=mid:0\r\na=extmap:4/sendonly urn:x:mid\r\na=extmap:5 urn:x:a b',
  );
  expect(sections(sdp).map(({ extensions }) => extensions)).toEqual([
    [
      { id: 4, uri: 'urn:x:mid', encrypted: false },
      { id: 5, uri: 'urn:x:a', encrypted: false },
    ],
    [],
  ]);
});

test('data says how long a message may be, or means 64 KiB', () => {
  const size = (line: string) =>
    sections(`${TWO}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n${line}`).map(
      ({ maxMessageSize }) => maxMessageSize,
    );
  expect(size('a=max-message-size:1000\r\n')).toEqual([null, null, 1000]);
  expect(size('a=max-message-size:0\r\n')).toEqual([null, null, 0]);
  expect(size('a=mid:2\r\n')).toEqual([null, null, 65_536]);
});

test('candidates are taken out, and put in where they belong', () => {
  const bare = withoutCandidates(TWO);
  expect(bare).not.toContain('candidate');
  const line = 'a=candidate:2 1 udp 1 10.0.0.2 5001 typ host';
  const put = withLine(bare, line, (number) => number === 0);
  expect(put.indexOf(line)).toBeGreaterThan(put.indexOf('m=audio'));
  expect(put.indexOf(line)).toBeLessThan(put.indexOf('m=video'));
  expect(withLine(put, line, (number) => number === 0)).toBe(put);
});

test('a description without sections is one, and garbage is none', () => {
  expect(isEmpty(emptyDescription(1))).toBe(true);
  expect([isEmpty(TWO), isEmpty(''), isEmpty('what?')]).toEqual([false, false, false]);
});

test('a page may change the text of a description, and not whose it is', () => {
  expect(sameDescription(TWO.replace('a=msid:- t', 'b=AS:50'), TWO)).toBe(true);
  expect(sameDescription(TWO.replace('ufrag:V', 'ufrag:W'), TWO)).toBe(false);
  expect(sameDescription('v=0\r\n', emptyDescription(1))).toBe(false);
});
