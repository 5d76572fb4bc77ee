/** The engine's worker: codecs and sockets, away from the page's own thread. */
import type { Given, Shown, ToPage, ToWorker } from '../shared/messages';
import { Generators } from './generators';
import { Link } from './link';
import { probe } from './probe';
import { ScreenFeed } from './screen-feed';
import { warmUp } from './warm';

/** The part of DedicatedWorkerGlobalScope that is used; the DOM library types a window. */
interface Scope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: ToPage, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
const post = (message: ToPage, transfer: Transferable[] = []) => {
  scope.postMessage(message, transfer);
};
const links = new Map<number, Link>();
let players: MessagePort | null = null;
const generators = new Generators(post, (generator) => {
  players?.postMessage({ generator } satisfies Given);
});
const screens = new Map<number, ScreenFeed>();
let warm = false;

scope.onmessage = ({ data: message }) => {
  if (message.to === 'players') {
    players = message.port;
    players.onmessage = ({ data }: MessageEvent<Shown>) => {
      generators.shown(data.generator, data.total);
    };
    return;
  }
  if (message.to === 'generators') {
    generators.make(message.count);
    return;
  }
  if (message.to === 'discard') {
    generators.discard(message.generator);
    screens.get(message.generator)?.close();
    screens.delete(message.generator);
    return;
  }
  if (message.to === 'screen') {
    const { generator, url, token } = message;
    const feed = new ScreenFeed(url, token, generators.sink(generator), (live) => {
      post({ to: 'screen', generator, live });
    });
    screens.set(generator, feed);
    return;
  }
  if (message.to === 'open') {
    const { pc, url, token } = message;
    if (!warm) warmUp();
    warm = true;
    links.set(pc, new Link(pc, url, token, generators, post));
    return;
  }
  const link = links.get(message.pc);
  if (message.to === 'counters') {
    // Of one that is closed, too: the page waits for an answer.
    const counters = link?.counters() ?? [];
    post({ to: 'counters', pc: message.pc, id: message.id, counters });
    return;
  }
  if (!link) return;
  switch (message.to) {
    case 'text':
      link.sendText(message.text);
      return;
    case 'data':
      link.sendData(message);
      return;
    case 'close':
      link.close();
      links.delete(message.pc);
      return;
    case 'sendVideo':
      link.sendVideo(message);
      return;
    case 'sendAudio':
      link.sendAudio(message);
      return;
    case 'stopSending':
      link.stopSending(message.slot);
      return;
    case 'receiveVideo':
      link.receiveVideo(message);
      return;
    case 'target':
      link.setTarget(message);
      return;
    case 'receiveAudio':
      link.receiveAudio(message);
      return;
    case 'stopReceiving':
      link.stopReceiving(message.slot);
      return;
  }
};

void probe().then((support) => {
  post({ to: 'probed', support });
});
