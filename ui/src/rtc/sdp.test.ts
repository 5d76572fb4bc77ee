import { expect, test } from 'vitest';

import { withStartBitrate } from './sdp';

const SDP = [
  'v=0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 102',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtpmap:102 H264/90000',
  'a=fmtp:102 packetization-mode=1;profile-level-id=42e01f',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  '',
].join('\r\n');

test('each video codec is told where to start, and nothing else is touched', () => {
  const lines = withStartBitrate(SDP, 4000).split('\r\n');
  expect(lines).toEqual([
    'v=0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'a=rtpmap:111 opus/48000/2',
    'a=fmtp:111 minptime=10;useinbandfec=1',
    'm=video 9 UDP/TLS/RTP/SAVPF 96 97 102',
    'a=rtpmap:96 VP8/90000',
    'a=fmtp:96 x-google-start-bitrate=4000',
    'a=rtpmap:97 rtx/90000',
    'a=fmtp:97 apt=96',
    'a=rtpmap:102 H264/90000',
    'a=fmtp:102 packetization-mode=1;profile-level-id=42e01f;x-google-start-bitrate=4000',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    '',
  ]);
});

test('done twice is done once', () => {
  const once = withStartBitrate(SDP, 4000);
  expect(withStartBitrate(once, 4000)).toBe(once);
});

test('what is no SDP stays what it is', () => {
  for (const text of ['', 'nonsense', 'm=video', 'a=rtpmap:96 VP8/90000']) {
    expect(withStartBitrate(text, 4000)).toBe(text);
  }
});
