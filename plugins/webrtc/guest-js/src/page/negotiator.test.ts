import { expect, test } from 'vitest';
import type { Direction, Kind, Negotiated, RemoteMedia } from '../shared/bridge';
import type { Engine } from './engine';
import { Line } from './line';
import { Negotiator, type NegotiatorOwner } from './negotiator';
import type { Asked } from './proposals';
import type { Requests } from './requests';
import { differs } from './sections';

const OFFER = 'v=0\r\nm=audio 9 X 111\r\na=mid:0\r\na=msid:s t\r\na=ice-ufrag:R\r\na=ice-pwd:r\r\n';
const OWN = 'v=0\r\nm=audio 9 X 111\r\na=mid:0\r\na=ice-ufrag:O\r\na=ice-pwd:o\r\n';
const CANDIDATE = {
  candidate: 'candidate:1 1 udp 1 10.0.0.1 5000 typ host',
  mid: '0',
  mLine: 0,
  ufrag: 'O',
};

class FakeTrack extends EventTarget {
  readyState = 'live';
  stop(): void {
    this.readyState = 'ended';
  }
}

/** A negotiator whose Rust side answers from a list. */
function make(answers: Record<string, unknown>) {
  const asked: string[] = [];
  const told: string[] = [];
  const offers: Asked[] = [];
  const lines: Line[] = [];
  const track = () => new FakeTrack() as unknown as MediaStreamTrack;
  const engine = {
    post: () => undefined,
    discard: () => undefined,
    generate: () => ({ id: 1, track: track() }),
    remoteSound: () => ({ track: track(), attach: () => undefined, close: () => undefined }),
  } as unknown as Engine;
  const add = (kind: Kind, direction: Direction, addedTrack = false) => {
    const line = new Line(lines.length, kind, direction, engine, () => undefined);
    line.addedTrack = addedTrack;
    lines.push(line);
    return line;
  };
  const requests = {
    send: (name: string, fields: unknown) => {
      asked.push(name);
      if (name === 'offer') offers.push(fields as Asked);
      const answer = answers[name];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? {});
    },
  } as unknown as Requests;
  const owner: NegotiatorOwner = {
    closed: false,
    lines,
    wantsData: false,
    addLine: add,
    removeLine: (line) => lines.splice(lines.indexOf(line), 1),
    handleSignalingState: () => told.push(negotiator.state),
    hasNewCandidates: (candidates) => candidates.length > 0,
    handleCandidates: (candidates) => told.push(`${candidates.length} candidates`),
    handleRollback: () => told.push('rolled back'),
    handleTracks: (added, removed) => told.push(`+${added.length} -${removed.length}`),
    updateMedia: () => undefined,
  };
  const negotiator = new Negotiator(owner, requests);
  return { negotiator, add, lines, asked, told, offers };
}

const section: RemoteMedia = {
  mid: '0',
  mLine: 0,
  kind: 'audio',
  direction: 'sendrecv',
  rejected: false,
  streams: ['s'],
  track: 't',
  codecs: [],
};
const agreed: Negotiated = {
  mid: '0',
  slot: 0,
  kind: 'audio',
  direction: 'sendrecv',
  rejected: false,
  streams: ['s'],
  track: 't',
  codecs: [],
};
const offered = {
  sdp: `${OWN}a=${CANDIDATE.candidate}\r\n`,
  mids: { 0: '0' },
  candidates: [CANDIDATE],
};

test('an offer is made, applied and answered', async () => {
  const { negotiator, add, lines, told } = make({
    offer: offered,
    remoteAnswer: { media: [agreed] },
  });
  add('audio', 'sendrecv');
  expect(negotiator.needed).toBe(true);
  const { sdp } = await negotiator.createOffer(false);
  expect(sdp).toBe(OWN);
  await negotiator.setLocal('offer', sdp);
  expect([lines[0]?.mid, lines[0]?.transported]).toEqual(['0', true]);
  await negotiator.setRemote('answer', OFFER);
  expect(told).toEqual(['have-local-offer', '1 candidates', 'stable', '+1 -0']);
  expect([lines[0]?.current, negotiator.needed]).toEqual(['sendrecv', false]);
  expect(negotiator.currentLocal?.sdp).toBe(OWN);
});

test('what the page changes while an offer waits for its answer is offered next', async () => {
  const { negotiator, add } = make({
    offer: { ...offered, mids: { 0: '0', 1: '1', 2: '2' } },
    remoteAnswer: {
      media: [
        { ...agreed, direction: 'recvonly' },
        { ...agreed, mid: '1' },
        { ...agreed, mid: '2', direction: 'inactive' },
      ],
    },
  });
  const [turned, moved, stopped] = [
    add('audio', 'recvonly'),
    add('audio', 'sendrecv'),
    add('audio', 'inactive'),
  ];
  await negotiator.setLocal(undefined, '');
  turned.direction = 'sendrecv';
  moved.streams = ['other'];
  stopped.stop();
  await negotiator.setRemote('answer', OFFER);
  expect([turned, moved, stopped].map(differs)).toEqual([true, true, true]);
  expect(stopped.ended).toBe(false);
});

test('streams that the page names after it has answered are offered next', async () => {
  const { negotiator, lines } = make({
    remoteOffer: { media: [section], data: false },
    answer: { sdp: OWN, media: [agreed], candidates: [] },
  });
  await negotiator.setRemote('offer', OFFER);
  const [line] = lines;
  if (!line) throw new Error('no transceiver');
  line.direction = 'sendrecv';
  await negotiator.createAnswer();
  line.streams = ['other'];
  await negotiator.setLocal(undefined, '');
  expect(negotiator.needed).toBe(true);
});

test('what the answer says of extensions and messages holds', async () => {
  const { negotiator, add, lines } = make({ offer: offered, remoteAnswer: { media: [agreed] } });
  add('audio', 'sendrecv');
  await negotiator.setLocal('offer', '');
  expect([lines[0]?.extensions, negotiator.maxMessageSize]).toEqual([[], null]);
  const data = 'm=application 9 UDP/DTLS/SCTP x\r\na=mid:1\r\na=max-message-size:99\r\n';
  await negotiator.setRemote('answer', `${OFFER}a=extmap:1 urn:x:level\r\n${data}`);
  expect(lines[0]?.extensions).toEqual([{ id: 1, uri: 'urn:x:level', encrypted: false }]);
  expect(negotiator.maxMessageSize).toBe(99);
});

test('what the remote offers gets transceivers, and they go with a rollback', async () => {
  const { negotiator, lines, told } = make({ remoteOffer: { media: [section], data: true } });
  await negotiator.setRemote('offer', OFFER);
  expect([lines.length, negotiator.hasData]).toEqual([1, true]);
  await negotiator.setRemote('rollback', '');
  expect([lines.length, negotiator.hasData, negotiator.pendingRemote]).toEqual([0, false, null]);
  expect(told).toEqual(['have-remote-offer', '+1 -0', 'stable', '+0 -1']);
});

test('what the remote rejects in an offer of its own is stopped', async () => {
  const remoteOffer = { media: [section], data: false };
  const answers = { remoteOffer, answer: { sdp: OWN, media: [agreed], candidates: [] } };
  const { negotiator, lines, told } = make(answers);
  await negotiator.setRemote('offer', OFFER);
  await negotiator.setLocal(undefined, '');
  const [line] = lines;
  if (!line) throw new Error('no transceiver');
  const { track } = line.remote;
  answers.remoteOffer = { media: [{ ...section, rejected: true }], data: false };
  answers.answer = { ...answers.answer, media: [{ ...agreed, rejected: true }] };
  await negotiator.setRemote('offer', OFFER.replace('audio 9', 'audio 0'));
  expect([track.readyState, line.stopped, line.ended]).toEqual(['ended', true, false]);
  expect(told.at(-1)).toBe('+0 -1');
  await negotiator.setLocal(undefined, '');
  expect([line.ended, negotiator.needed]).toEqual([true, false]);
});

test('a transceiver that the page stops is offered as such, and gone when that is answered', async () => {
  const { negotiator, add, lines, offers } = make({
    offer: offered,
    remoteAnswer: { media: [agreed] },
  });
  const line = add('audio', 'sendrecv');
  await negotiator.setLocal(undefined, '');
  await negotiator.setRemote('answer', OFFER);
  const other = add('audio', 'sendrecv');
  other.mid = '1';
  for (const one of [line, other]) one.stop();
  expect([negotiator.needed, line.ended]).toEqual([true, false]);
  await negotiator.setLocal(undefined, '');
  const stopped = offers.map(({ transceivers }) => transceivers.map((one) => one.stopped));
  // The first carries the transport.
  expect(stopped).toEqual([[false], [false, true]]);
  await negotiator.setRemote('answer', OFFER);
  expect([lines[0]?.ended, negotiator.needed]).toEqual([true, false]);
});

test('a transceiver that addTrack was called for stays after a rollback', async () => {
  const { negotiator, lines } = make({ remoteOffer: { media: [section], data: false } });
  await negotiator.setRemote('offer', OFFER);
  const [line] = lines;
  if (!line) throw new Error('no transceiver');
  line.addedTrack = true;
  await negotiator.setRemote('rollback', '');
  expect([lines, line.mid]).toEqual([[line], null]);
});

test('the remote’s offer goes before ours, which is taken back', async () => {
  const { negotiator, add, asked, told } = make({
    offer: offered,
    remoteOffer: { media: [section], data: false },
    answer: { sdp: OWN, media: [agreed], candidates: [] },
  });
  add('audio', 'sendrecv', true);
  await negotiator.setLocal(undefined, '');
  await negotiator.setRemote('offer', OFFER);
  await negotiator.setLocal(undefined, '');
  expect(asked).toEqual(['offer', 'discard', 'remoteOffer', 'answer']);
  expect(told.filter((text) => text.includes('-offer') || text === 'stable')).toEqual([
    'have-local-offer',
    'stable',
    'have-remote-offer',
    'stable',
  ]);
  expect(negotiator.offeredFirst).toBe(true);
});

test.each([
  ['answer', '', 'InvalidStateError'],
  ['answer', 'v=0\r\n', 'InvalidModificationError'],
  ['offer', OFFER, 'InvalidModificationError'],
  ['rollback', '', 'InvalidStateError'],
  ['pranswer', '', 'InvalidStateError'],
] as const)('a local %s %j is refused in stable', async (type, sdp, name) => {
  const { negotiator, told } = make({});
  await expect(negotiator.setLocal(type, sdp)).rejects.toMatchObject({ name });
  expect(told).toEqual([]);
});

test('an answer without an offer, and an offer that Rust does not take, change nothing', async () => {
  const refusal = new DOMException('no', 'OperationError');
  const { negotiator, told } = make({ remoteOffer: refusal });
  await expect(negotiator.setRemote('answer', OFFER)).rejects.toMatchObject({
    name: 'InvalidStateError',
  });
  await expect(negotiator.setRemote('offer', OFFER)).rejects.toBe(refusal);
  expect([negotiator.state, told]).toEqual(['stable', []]);
});

test('a second offer that Rust does not take leaves the first', async () => {
  const answers: Record<string, unknown> = {
    remoteOffer: { media: [section], data: false },
    answer: { sdp: OWN, media: [agreed], candidates: [] },
  };
  const { negotiator, lines, told } = make(answers);
  await negotiator.setRemote('offer', OFFER);
  answers.remoteOffer = new DOMException('no', 'OperationError');
  await expect(negotiator.setRemote('offer', 'v=0\r\nm=x')).rejects.toBe(answers.remoteOffer);
  expect([lines.length, negotiator.pendingRemote?.sdp]).toEqual([1, OFFER]);
  answers.remoteOffer = { media: [{ ...section, direction: 'inactive' }], data: false };
  await negotiator.setRemote('offer', OFFER);
  expect(told).toEqual(['have-remote-offer', '+1 -0', '+0 -1', '+0 -0']);
  await negotiator.setLocal(undefined, '');
  expect([negotiator.state, lines.length]).toEqual(['stable', 1]);
});

test('an answer that can not be applied leaves an offer that can be taken back, or made anew', async () => {
  const { negotiator, add, asked } = make({
    offer: offered,
    remoteAnswer: new DOMException('no', 'InvalidAccessError'),
    discard: new DOMException('nothing is held', 'InvalidStateError'),
  });
  add('audio', 'sendrecv');
  await negotiator.setLocal(undefined, '');
  await expect(negotiator.setRemote('answer', OFFER)).rejects.toThrow('no');
  await negotiator.setLocal(undefined, '');
  expect(asked).toEqual(['offer', 'remoteAnswer', 'offer']);
  await negotiator.setRemote('rollback', '');
  expect(negotiator.state).toBe('stable');
});

test('descriptions without sections are none of Rust’s business', async () => {
  const { negotiator, asked } = make({});
  const { sdp } = await negotiator.createOffer(false);
  await negotiator.setLocal('offer', sdp);
  await negotiator.setRemote('answer', sdp);
  await negotiator.setRemote('offer', sdp);
  await negotiator.setLocal(undefined, '');
  expect([asked, negotiator.state]).toEqual([[], 'stable']);
});

test('ICE is restarted when there is something to restart', async () => {
  const { negotiator, add } = make({ offer: offered, remoteAnswer: { media: [agreed] } });
  negotiator.restartIce();
  expect(negotiator.needed).toBe(false);
  add('audio', 'sendrecv');
  await negotiator.setLocal('offer', '');
  await negotiator.setRemote('answer', OFFER);
  negotiator.restartIce();
  expect([negotiator.restartWanted, negotiator.needed]).toEqual([true, true]);
});
