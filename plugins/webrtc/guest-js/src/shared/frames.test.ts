import { expect, it } from 'vitest';

import {
  dataMessage,
  readDataHeader,
  readMediaHeader,
  readScreen,
  readSound,
  RECEIVED_HEADER,
  SENT_HEADER,
  writeMediaHeader,
  writeSoundHeader,
} from './frames';

it('writes the header of a frame byte for byte', () => {
  const bytes = new Uint8Array(SENT_HEADER);
  const timestamp = 1_795_376_260_532_123;
  writeMediaHeader(new DataView(bytes.buffer), {
    key: true,
    slot: 258,
    pt: 96,
    level: 255,
    timestamp,
  });
  expect([...bytes.subarray(0, 8)]).toEqual([1, 1, 2, 1, 96, 255, 0, 0]);
  expect(new DataView(bytes.buffer).getBigUint64(8, true)).toBe(BigInt(timestamp));
});

it('reads the header of a frame that came', () => {
  const view = new DataView(new ArrayBuffer(RECEIVED_HEADER + 3));
  view.setUint8(0, 1);
  view.setUint8(1, 2);
  view.setUint16(2, 7, true);
  view.setUint8(4, 111);
  view.setUint8(5, 30);
  view.setBigUint64(8, 20_000n, true);
  view.setBigUint64(16, 5_000_000_000n, true);
  view.setBigUint64(24, 4_004_003_002_001_000n, true);
  expect(readMediaHeader(view)).toEqual({
    key: false,
    gap: true,
    slot: 7,
    pt: 111,
    level: 30,
    mediaTime: 20_000,
    arrival: 5_000_000_000,
    captured: 4_004_003_002_001_000,
  });
});

it('takes nothing that is too short or of another kind', () => {
  expect(readMediaHeader(new DataView(new ArrayBuffer(RECEIVED_HEADER - 1)))).toBeNull();
  expect(readMediaHeader(new DataView(new ArrayBuffer(RECEIVED_HEADER)))).toBeNull();
  expect(readDataHeader(new DataView(new ArrayBuffer(4)))).toBeNull();
});

it('carries a message of a data channel', () => {
  const message = dataMessage(32_769, true, Uint8Array.of(9, 8));
  expect(readDataHeader(new DataView(message.buffer))).toEqual({ handle: 32_769, binary: true });
  expect([...message.subarray(8)]).toEqual([9, 8]);
});

it('carries captured sound, as Rust reads it', () => {
  const header = new DataView(new ArrayBuffer(16));
  const timestamp = 0x0102_0304_0506;
  writeSoundHeader(header, { slot: 0x1234, pt: 111, processing: 5, bitrate: 40_000, timestamp });
  const bytes = [...new Uint8Array(header.buffer)];
  expect(bytes.slice(0, 8)).toEqual([3, 5, 0x34, 0x12, 111, 0, 0x90, 0x01]);
  expect(bytes.slice(8)).toEqual([6, 5, 4, 3, 2, 1, 0, 0]);
});

it('reads what is heard of a remote sound', () => {
  const bytes = Uint8Array.of(3, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0, 0, 0x80, 0xbf);
  const sound = readSound(new DataView(bytes.buffer));
  expect(sound).toEqual({ slot: 5, samples: Float32Array.of(0.5, -1) });
  expect(readSound(new DataView(new ArrayBuffer(7)))).toBeNull();
});

it('reads a picture of a screen, and none that is shorter or longer than it says', () => {
  const picture = Uint8Array.of(
    4,
    0,
    0,
    0,
    3,
    0,
    1,
    0,
    7,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
  );
  const planes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7);
  const read = readScreen(new DataView(picture.buffer));
  expect(read).toEqual({ width: 3, height: 1, time: 7, planes });
  expect(readScreen(new DataView(picture.slice(0, -1).buffer))).toBeNull();
  expect(readScreen(new DataView(Uint8Array.of(...picture, 0).buffer))).toBeNull();
  expect(readScreen(new DataView(new ArrayBuffer(15)))).toBeNull();
});
