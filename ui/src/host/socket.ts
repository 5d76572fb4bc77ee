/** The usual wire of a browser: a WebSocket to the page's own origin. */
import { Silence } from './silence';
import type { Wakes } from './wakes';
import { parseFromNode, type OpenWire } from './wire';

/** Opens `/ui` at the origin of `page`. */
export function socketWire(page: URL, wakes: Wakes): OpenWire {
  const url = new URL('/ui', page);
  url.protocol = page.protocol === 'https:' ? 'wss:' : 'ws:';
  return (handlers) => {
    const socket = new WebSocket(url);
    let over = false;
    const stop = () => {
      over = true;
      silence.stop();
      socket.close();
    };
    const end = () => {
      if (over) return;
      stop();
      handlers.closed();
    };
    const silence = new Silence(wakes, end);
    socket.onopen = () => {
      if (over) return;
      silence.heard();
      handlers.opened();
    };
    socket.onmessage = (event) => {
      if (over) return;
      silence.heard();
      // The node's ping is an empty message, which is none to be read.
      const message = parseFromNode(event.data);
      if (message) handlers.received(message);
    };
    socket.onclose = end;
    return {
      send: (message) => {
        socket.send(JSON.stringify(message));
      },
      close: stop,
    };
  };
}
