/** What the part of the address after `#` asks for. */
import type { PeerId } from '../protocol';
import { isPeerId } from './ids';

export type Launch =
  | { readonly type: 'nothing' }
  /** `#true`: call the owner of this page's node, as soon as that can be. */
  | { readonly type: 'call_owner' }
  /**
   * `#call=PEER`, `#call=PEER&audio`: handed over by the app, whose webview has no WebRTC. Any page can have
   * this address opened, so the person is asked before anybody is called.
   */
  | { readonly type: 'call'; readonly peer: PeerId; readonly video: boolean };

/** Reads it; what it can't read asks for nothing. */
export function parseLaunch(hash: string): Launch {
  if (hash === '#true') return { type: 'call_owner' };
  const [action = '', ...flags] = hash.replace(/^#/, '').split('&');
  const [verb, value = ''] = action.split('=');
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
    case 'call':
      return `/#call=${launch.peer}${launch.video ? '' : '&audio'}`;
  }
}
