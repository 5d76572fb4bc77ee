import { expect, test } from 'vitest';
import { SessionDescription } from './description';
import type { Negotiator } from './negotiator';
import { RemoteCandidates } from './remote-candidates';
import type { Requests } from './requests';

test('no more candidates are noted than can be of use', async () => {
  const sdp = (ufrag: string) => `v=0\r\nm=audio 9 X 111\r\na=mid:0\r\na=ice-ufrag:${ufrag}\r\n`;
  const negotiator = {
    pendingRemote: null,
    currentRemote: new SessionDescription({ type: 'answer', sdp: sdp('A') }),
  };
  let asked = 0;
  const requests = { send: () => Promise.resolve((asked += 1)) };
  const candidates = new RemoteCandidates(
    negotiator as unknown as Negotiator,
    requests as unknown as Requests,
    () => false,
  );
  const add = async (count: number) => {
    for (let port = 1; port <= count; port++) {
      const candidate = `candidate:1 1 udp 1 10.0.0.1 ${port} typ host`;
      await candidates.add({
        candidate,
        sdpMid: '0',
        sdpMLineIndex: null,
        usernameFragment: null,
      });
    }
  };
  const lines = () => negotiator.currentRemote.sdp.split('a=candidate').length - 1;
  await add(130);
  expect([asked, lines(), candidates.known.length]).toEqual([130, 128, 128]);
  negotiator.currentRemote = new SessionDescription({ type: 'answer', sdp: sdp('B') });
  await add(1);
  expect(lines()).toBe(1);
});
