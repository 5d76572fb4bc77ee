/** What the part of the address after `#` asks for. */
import type { CallId, PeerId } from '../protocol';
import { isCallId, isPeerId } from './ids';

export type Launch =
  | { readonly type: 'nothing' }
  /** `#true`: call the owner of this page's node, as soon as that can be. */
  | { readonly type: 'call_owner' }
  /** `#accept=CALL`: handed over by the app, whose webview has no WebRTC. */
  | { readonly type: 'accept'; readonly call: CallId }
  /** `#call=PEER`, `#call=PEER&audio`: likewise. */
  | { readonly type: 'call'; readonly peer: PeerId; readonly video: boolean };

/** Reads it; what it can't read asks for nothing. */
export function parseLaunch(hash: string): Launch {
  if (hash === '#true') return { type: 'call_owner' };
  const [action = '', ...flags] = hash.replace(/^#/, '').split('&');
  const [verb, value = ''] = action.split('=');
  if (verb === 'accept' && isCallId(value)) return { type: 'accept', call: value };
  if (verb === 'call' && isPeerId(value)) {
    return { type: 'call', peer: value, video: !flags.includes('audio') };
  }
  return { type: 'nothing' };
}

/** The address that makes a browser do it. */
export function launchPath(launch: Launch): string {
  switch (launch.type) {
    case 'nothing':
      return '/';
    case 'call_owner':
      return '/#true';
    case 'accept':
      return `/#accept=${launch.call}`;
    case 'call':
      return `/#call=${launch.peer}${launch.video ? '' : '&audio'}`;
  }
}
