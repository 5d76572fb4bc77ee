import { expect, test } from 'vitest';

import { preferredVideoCodecs } from './codecs';

test('H.264 that may fragment comes first, then the browser’s own order', () => {
  const codecs = [
    { mimeType: 'video/VP8' },
    { mimeType: 'video/rtx' },
    { mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=0;profile-level-id=42e01f' },
    { mimeType: 'video/VP9', sdpFmtpLine: 'profile-id=0' },
    { mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=1;profile-level-id=42e01f' },
  ];
  expect(preferredVideoCodecs(codecs)).toEqual([
    codecs[4],
    codecs[2],
    codecs[0],
    codecs[1],
    codecs[3],
  ]);
});

test('without H.264 nothing moves', () => {
  const codecs = [{ mimeType: 'video/VP8' }, { mimeType: 'video/AV1' }];
  expect(preferredVideoCodecs(codecs)).toEqual(codecs);
});
