/**
 * The wire of a browser that refuses `wss` on a self-signed certificate though the person accepted
 * it for the page (Safari): Server-Sent Events in, POST out, both same-origin.
 */
import type { ToNode } from '../protocol';
import { Silence } from './silence';
import type { Wakes } from './wakes';
import { parseFromNode, type OpenWire } from './wire';

/** Carries the secret that the stream's first event, `session`, gave. */
export const SESSION_HEADER = 'lanline-session';

/** Messages that may wait to be posted; a connection that falls behind further is dropped. */
const MAX_WAITING = 256;

/** Opens `/ui/events` at the origin of `page`. */
export function eventStreamWire(page: URL, wakes: Wakes): OpenWire {
  const events = new URL('/ui/events', page);
  const messages = new URL('/ui/messages', page);
  return (handlers) => {
    const source = new EventSource(events);
    let secret: string | null = null;
    let over = false;
    let waiting: (ToNode | null)[] = [];
    let posting = false;

    const stop = () => {
      over = true;
      silence.stop();
      waiting = [];
      source.close();
    };
    const end = () => {
      if (over) return;
      stop();
      handlers.closed();
    };
    const silence = new Silence(wakes, end);
    // One at a time: two POSTs on two connections could overtake each other.
    const drain = async (session: string) => {
      if (posting) return;
      posting = true;
      try {
        for (let next = waiting.shift(); next !== undefined && !over; next = waiting.shift()) {
          const response = await fetch(messages, {
            method: 'POST',
            headers: { 'content-type': 'application/json', [SESSION_HEADER]: session },
            body: next && JSON.stringify(next),
          });
          if (!response.ok) end();
        }
      } catch {
        end();
      } finally {
        posting = false;
      }
    };

    // Nothing to say is an answer to a ping.
    const post = (message: ToNode | null) => {
      if (over || secret === null) return;
      if (waiting.length >= MAX_WAITING) {
        end();
        return;
      }
      waiting.push(message);
      void drain(secret);
    };

    source.addEventListener('session', (event: MessageEvent<unknown>) => {
      if (over || secret !== null || typeof event.data !== 'string') return;
      secret = event.data;
      silence.heard();
      handlers.opened();
    });
    source.addEventListener('ping', () => {
      if (over) return;
      silence.heard();
      post(null);
    });
    source.onmessage = (event) => {
      if (over) return;
      silence.heard();
      const message = parseFromNode(event.data);
      if (message) handlers.received(message);
    };
    // EventSource would come back by itself, with a new session: that is for the host to do.
    source.onerror = end;
    return {
      send: post,
      close: stop,
    };
  };
}
