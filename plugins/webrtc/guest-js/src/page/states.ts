/** What a connection's state is made of (WebRTC 1.0, sections 4.4.1 to 4.4.3). */
import type { Direction, DtlsState, IceState } from '../shared/bridge';

/** All media goes over one transport here (max-bundle), so there is one of each state. */
export function connectionState(
  closed: boolean,
  ice: IceState,
  dtls: DtlsState,
): RTCPeerConnectionState {
  if (closed) return 'closed';
  if (ice === 'failed' || dtls === 'failed') return 'failed';
  if (ice === 'disconnected') return 'disconnected';
  if ((ice === 'new' || ice === 'closed') && (dtls === 'new' || dtls === 'closed')) return 'new';
  const iceUp = ice === 'connected' || ice === 'completed' || ice === 'closed';
  if (iceUp && (dtls === 'connected' || dtls === 'closed')) return 'connected';
  return 'connecting';
}

export function sends(direction: Direction | null): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

export function receives(direction: Direction | null): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

export function directionOf(send: boolean, receive: boolean): Direction {
  if (send) return receive ? 'sendrecv' : 'sendonly';
  return receive ? 'recvonly' : 'inactive';
}

/** The same section, seen by the other end. */
export function reversed(direction: Direction): Direction {
  return directionOf(receives(direction), sends(direction));
}

/** What both want (RFC 8829, section 5.3.1). `remote` is as the remote wrote it. */
export function answered(own: Direction, remote: Direction): Direction {
  const offered = reversed(remote);
  return directionOf(sends(own) && sends(offered), receives(own) && receives(offered));
}
