/** What follows from the node's view of a call. */
import type { CallId, CallView, Peer } from '../protocol';
import type { CallPhase } from './model';

/** A call this window is about to place, until the node says how it is. */
export function newCall(id: CallId, peer: Peer, video: boolean): CallView {
  return {
    id,
    direction: 'outgoing',
    state: 'calling',
    end: null,
    merged_into: null,
    video,
    participants: [
      {
        peer: peer.id,
        name: peer.name,
        via: peer.via,
        trust: peer.trust,
        kind: peer.kind,
        media: { audio: false, video: false, screen: false },
        polite: false,
        epoch: 0,
        interrupted: false,
      },
    ],
    holder: 'here',
    connected_ms: null,
  };
}

/** Whether the person is called, and the node knows of no decision. */
export function isUnanswered({ state, direction }: CallView): boolean {
  return state === 'ringing' && direction === 'incoming';
}

/**
 * Whether both sides want the call: nothing captured is sent before. `taken`: the person took it in
 * this window.
 */
export function isAgreed(view: CallView, taken: boolean): boolean {
  if (view.state === 'connecting' || view.state === 'active') return true;
  return isUnanswered(view) && taken;
}

/** How far it is, as a view switches on it. */
export function phaseOf(view: CallView, taken: boolean): CallPhase {
  switch (view.state) {
    case 'calling':
      return 'calling';
    case 'ringing':
      if (view.direction === 'outgoing') return 'ringing';
      return taken ? 'connecting' : 'incoming';
    case 'connecting':
      return 'connecting';
    case 'active':
      return 'active';
    case 'ended':
      // Merged: the other call's view is about to come.
      return view.merged_into === null ? 'ended' : 'connecting';
  }
}
