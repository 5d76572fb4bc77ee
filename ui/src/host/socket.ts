/** The usual wire of a browser: a WebSocket to the page's own origin. */
import { parseFromNode, type OpenWire } from './wire';

/** Opens `/ui` at the origin of `page`. */
export function socketWire(page: URL): OpenWire {
  const url = new URL('/ui', page);
  url.protocol = page.protocol === 'https:' ? 'wss:' : 'ws:';
  return (handlers) => {
    const socket = new WebSocket(url);
    let over = false;
    const end = () => {
      if (over) return;
      over = true;
      handlers.closed();
    };
    socket.onopen = () => {
      if (!over) handlers.opened();
    };
    socket.onmessage = (event) => {
      if (over) return;
      const message = parseFromNode(event.data);
      if (message) handlers.received(message);
    };
    socket.onclose = end;
    return {
      send: (message) => {
        socket.send(JSON.stringify(message));
      },
      close: () => {
        over = true;
        socket.close();
      },
    };
  };
}
