import { expect, test } from 'vitest';
import { controlOf, DataChannel } from './channel';
import { PERMIT } from './webidl';

function make() {
  const sent: { binary: boolean; text: string }[] = [];
  const closing: number[] = [];
  const info = {
    handle: 3,
    label: 'l',
    protocol: '',
    ordered: true,
    maxRetransmits: null,
    maxPacketLifeTime: null,
    negotiated: false,
    id: null,
  };
  const channel = new DataChannel(PERMIT, info, {
    maxMessageSize: 262_144,
    send: (_handle, binary, payload) =>
      sent.push({ binary, text: new TextDecoder().decode(payload) }),
    closeChannel: (handle) => closing.push(handle),
  });
  const events: string[] = [];
  for (const type of ['open', 'bufferedamountlow', 'closing', 'close', 'error', 'message']) {
    channel.addEventListener(type, () => events.push(`${type} ${channel.readyState}`));
  }
  return { channel, control: controlOf(channel), sent, closing, events };
}

test('opens, and is sent nothing before', () => {
  const { channel, control, events, sent } = make();
  expect(() => {
    channel.send('early');
  }).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
  control.opened(5);
  expect([channel.id, channel.readyState, events]).toEqual([5, 'open', ['open open']]);
  channel.send('text');
  channel.send(new Uint8Array([65, 66]).subarray(1));
  expect(sent).toEqual([
    { binary: false, text: 'text' },
    { binary: true, text: 'B' },
  ]);
});

test('what waits is counted in bytes, and the page told when it is little', () => {
  const { channel, control, events } = make();
  control.opened(1);
  channel.bufferedAmountLowThreshold = 2;
  channel.send('ü…');
  expect(channel.bufferedAmount).toBe(5);
  control.released(2);
  expect([channel.bufferedAmount, events.includes('bufferedamountlow open')]).toEqual([3, false]);
  control.released(5);
  expect([channel.bufferedAmount, events.includes('bufferedamountlow open')]).toEqual([0, true]);
});

test('too much at once is refused, and not sent', () => {
  const { channel, control, sent } = make();
  control.opened(1);
  expect(() => {
    channel.send(new ArrayBuffer(262_145));
  }).toThrow(TypeError);
  expect(() => {
    for (let count = 0; count < 65; count++) channel.send(new ArrayBuffer(262_144));
  }).toThrow(expect.objectContaining({ name: 'OperationError' }));
  expect(sent.length).toBe(64);
});

test('blobs keep their place among messages, and closing comes after them', async () => {
  const { channel, control, sent, closing } = make();
  control.opened(1);
  channel.send(new Blob(['first']));
  channel.send('second');
  channel.close();
  expect(channel.readyState).toBe('closing');
  while (closing.length === 0) await Promise.resolve();
  expect(sent.map(({ text }) => text)).toEqual(['first', 'second']);
});

test('a blob that can not be read holds up nothing', async () => {
  const { channel, control, sent, closing } = make();
  control.opened(1);
  const gone = new Blob(['gone']);
  gone.arrayBuffer = () => Promise.reject(new DOMException('no such file', 'NotReadableError'));
  channel.send(gone);
  channel.send('second');
  channel.close();
  expect(channel.bufferedAmount).toBe(10);
  for (let turn = 0; closing.length === 0 && turn < 100; turn++) await Promise.resolve();
  expect(sent.map(({ text }) => text)).toEqual(['second']);
  expect([channel.bufferedAmount, control.counters().messagesSent]).toEqual([6, 1]);
});

test('a text is given as it was sent, with its byte order mark', () => {
  const { channel, control } = make();
  control.opened(1);
  const got: unknown[] = [];
  channel.addEventListener('message', (event) => got.push((event as MessageEvent).data));
  control.received(false, new TextEncoder().encode('\ufeffhi').buffer);
  expect(got).toEqual(['\ufeffhi']);
});

test('messages are what the page wants of them', async () => {
  const { channel, control } = make();
  control.opened(1);
  const got: unknown[] = [];
  channel.addEventListener('message', (event) => got.push((event as MessageEvent).data));
  const bytes = new Uint8Array([104, 105]).buffer;
  control.received(false, bytes);
  control.received(true, bytes);
  channel.binaryType = 'blob';
  control.received(true, bytes);
  channel.binaryType = 'nothing such' as BinaryType;
  expect([got[0], got[1], channel.binaryType]).toEqual(['hi', bytes, 'blob']);
  expect(await (got[2] as Blob).text()).toBe('hi');
});

test('the remote closes it, or the transport fails', () => {
  const { control, events } = make();
  control.opened(1);
  control.closed(false);
  control.closed(true);
  expect(events).toEqual(['open open', 'closing closing', 'close closed']);
  const failing = make();
  failing.control.opened(1);
  failing.control.closed(true);
  expect(failing.events).toEqual(['open open', 'error closed', 'close closed']);
});

test('its id is known before it is open', () => {
  const { channel, control, events } = make();
  expect(channel.id).toBeNull();
  control.placed(1);
  expect([channel.id, channel.readyState, events]).toEqual([1, 'connecting', []]);
});

test('a channel of the remote’s is open when it is announced, and may be closed then', () => {
  const { channel, control, events } = make();
  control.announced(2, () => {
    expect(channel.readyState).toBe('open');
    channel.close();
  });
  expect(events).toEqual([]);
});
