/** Which host this page has, and which seat it asks for. */
import type { Role } from '../protocol';
import { BrowserHost } from './browser';
import type { Host } from './host';
import { Seat } from './seat';
import { socketWire } from './socket';
import { eventStreamWire } from './sse';
import { insideTauri, TauriHost } from './tauri';

/** The host for this window. */
export function chooseHost(scope: Window): Host {
  const seat = new Seat(sessionStorageOf(scope));
  if (insideTauri(scope)) return new TauriHost(seat);
  const page = new URL(scope.location.href);
  return new BrowserHost({
    socket: socketWire(page, scope),
    fallback: 'EventSource' in scope ? eventStreamWire(page, scope) : null,
    seat,
    wakes: scope,
    random: () => Math.random(),
  });
}

/**
 * The seat a page asks for: the person whose device it is uses the app, or a page from loopback;
 * `#true` makes such a page a guest, as everybody from the LAN is.
 */
export function chooseRole(scope: Window): Role {
  if (insideTauri(scope)) return 'owner';
  const { hostname, hash } = scope.location;
  return isLoopback(hostname) && hash !== '#true' ? 'owner' : 'guest';
}

/** Whether a URL's host is this device. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

function sessionStorageOf(scope: Window): Storage | null {
  try {
    return scope.sessionStorage;
  } catch {
    return null;
  }
}
