//! Frames of legs this node doesn't know: invitations, and what comes after this node forgot.

use std::time::Instant;

use super::{
    Effects, Machine,
    glare::{Ours, Verdict, decide},
    leg::{Address, Leg},
    machine::is_blocked,
    output::Output,
    state::{Call, State},
};
use crate::protocol::{
    EndReason, PeerId,
    limits::MAX_CALLS,
    link::{Card, LegBody, LegFrame},
    media::{MediaState, Signal},
    name::shown_name,
};

/// An invitation that has been looked over.
struct Invitation {
    address: Address,
    frame: LegFrame,
    card: Card,
    media: MediaState,
    video: bool,
    offer: Signal,
}

impl Machine {
    /// A frame of a leg there is nothing known of.
    pub(super) fn handle_unknown_leg(&mut self, now: Instant, mut frame: LegFrame) {
        match frame.body.take() {
            // Nothing to say to an acknowledgement, or two nodes would talk for ever.
            None => {}
            Some(LegBody::End { .. }) => self.confirm_end(&frame),
            Some(LegBody::Invite {
                caller,
                media,
                video,
                offer,
            }) if frame.seq == 1 => {
                let is_offer = matches!(offer, Signal::Offer { epoch: 0, .. });
                if !is_offer || !offer.is_bounded() {
                    return self.refuse(&frame, EndReason::Failed);
                }
                self.handle_invitation(
                    now,
                    Invitation {
                        address: Address {
                            call: frame.call.clone(),
                            local: frame.to.clone(),
                            remote: frame.from.clone(),
                        },
                        card: Card {
                            name: shown_name(&caller.name, &frame.from),
                            ..caller
                        },
                        frame,
                        media,
                        video,
                        offer,
                    },
                );
            }
            Some(
                LegBody::Invite { .. }
                | LegBody::Ringing
                | LegBody::Accept { .. }
                | LegBody::Signal { .. }
                | LegBody::Media { .. },
            ) => self.disown(&frame),
        }
    }

    fn handle_invitation(&mut self, now: Instant, invitation: Invitation) {
        let me = &invitation.address.local;
        let them = &invitation.address.remote;
        if !self.endpoints.contains_key(me) {
            return self.refuse(&invitation.frame, EndReason::Unreachable);
        }
        if self
            .calls
            .contains_key(&(invitation.frame.call.clone(), me.clone()))
        {
            // A stranger to a call that goes by this id here.
            return self.refuse(&invitation.frame, EndReason::Failed);
        }
        let ours = self
            .live_call(me)
            .filter(|call| call.legs.contains_key(them));
        let verdict = ours.map_or(Verdict::Ring, |call| judge(call, &invitation));
        let is_blocked = me.is_owner() && is_blocked(&self.blocked, them);
        match verdict {
            Verdict::PassOver => {}
            Verdict::Merge => self.merge(now, invitation),
            Verdict::Ring | Verdict::Replace if is_blocked => {
                self.refuse(&invitation.frame, EndReason::Blocked);
            }
            // What both want is never too much.
            Verdict::Ring | Verdict::Replace if !self.admission.admit(now, them.node(), me) => {
                self.refuse(&invitation.frame, EndReason::Busy);
            }
            Verdict::Replace => {
                let me = me.clone();
                self.end_lost(now, &me);
                self.ring(now, invitation);
            }
            Verdict::Ring => self.ring(now, invitation),
        }
    }

    /// A new incoming call, or busy.
    fn ring(&mut self, now: Instant, invitation: Invitation) {
        let is_busy = self.is_busy(&invitation.address.local);
        // Nobody can have the calls of others forgotten by calling somebody busy again and again.
        if (is_busy && self.calls.len() >= MAX_CALLS / 2) || !self.make_room() {
            return self.refuse(&invitation.frame, EndReason::Busy);
        }
        let mut call = incoming(now, invitation);
        let seat = self.endpoints.get(&call.local);
        let is_visible = seat.is_some_and(|seat| seat.is_visible());
        let nominee = seat.and_then(|seat| seat.nominee());
        let mut fx = Effects {
            now,
            instance: self.instance,
            out: &mut self.out,
        };
        if is_busy {
            call.refuse_as_busy(&mut fx);
        } else {
            call.ring(&mut fx, is_visible, nominee);
        }
        for leg in call.legs.values_mut() {
            leg.acknowledge(&mut fx);
        }
        self.calls
            .insert((call.id.clone(), call.local.clone()), call);
    }

    /// Both have called each other, and theirs survives: it is accepted, by the UI that placed ours.
    fn merge(&mut self, now: Instant, invitation: Invitation) {
        if !self.make_room() {
            return; // It comes again.
        }
        let mut theirs = incoming(now, invitation);
        let mut fx = Effects {
            now,
            instance: self.instance,
            out: &mut self.out,
        };
        let ours = self
            .calls
            .values_mut()
            .find(|call| call.local == theirs.local && call.is_live());
        let Some(ours) = ours else {
            return;
        };
        let (holder, grace_until, media) = (ours.holder, ours.grace_until, ours.media);
        ours.merge_into(&mut fx, theirs.id.clone());
        theirs.grace_until = grace_until;
        theirs.accept(&mut fx, holder, media);
        self.calls
            .insert((theirs.id.clone(), theirs.local.clone()), theirs);
    }

    fn end_lost(&mut self, now: Instant, endpoint: &PeerId) {
        let mut fx = Effects {
            now,
            instance: self.instance,
            out: &mut self.out,
        };
        for call in self
            .calls
            .values_mut()
            .filter(|call| &call.local == endpoint)
        {
            call.end(&mut fx, EndReason::ConnectionLost, None);
        }
    }

    /// Makes room for one more call, if need be by forgetting the one that ended first.
    pub(super) fn make_room(&mut self) -> bool {
        if self.calls.len() < MAX_CALLS {
            return true;
        }
        let ended = self
            .calls
            .iter()
            .filter_map(|(key, call)| match call.state {
                State::Ended { forget_at, .. } => Some((forget_at, key)),
                State::Calling { .. }
                | State::Ringing { .. }
                | State::Connecting { .. }
                | State::Active => None,
            });
        match ended.min().map(|(_, key)| key.clone()) {
            Some(key) => self.calls.remove(&key).is_some(),
            None => false,
        }
    }

    /// The peer need not say again that it has left.
    fn confirm_end(&mut self, frame: &LegFrame) {
        if frame.seq > 0 {
            self.reply(frame, frame.seq, None);
        }
    }

    /// The peer speaks of a call this node has forgotten. One that has had nothing of ours may only
    /// have overtaken its own invitation.
    fn disown(&mut self, frame: &LegFrame) {
        if frame.ack > 0 {
            self.refuse(frame, EndReason::ConnectionLost);
        }
    }

    /// Ends a leg without keeping anything of it: whoever still speaks on it is told again.
    fn refuse(&mut self, frame: &LegFrame, reason: EndReason) {
        self.reply(frame, frame.seq, Some(LegBody::End { reason }));
    }

    fn reply(&mut self, frame: &LegFrame, ack: u32, body: Option<LegBody>) {
        self.out.push_back(Output::Frame(LegFrame {
            call: frame.call.clone(),
            from: frame.to.clone(),
            to: frame.from.clone(),
            instance: self.instance,
            seq: 0,
            ack,
            body,
        }));
    }
}

fn judge(call: &Call, invitation: &Invitation) -> Verdict {
    let them = &invitation.address.remote;
    let run = call.legs.get(them).and_then(Leg::remote_instance);
    decide(&Ours {
        direction: call.direction,
        state: &call.state,
        same_run: run.is_none_or(|run| run == invitation.frame.instance),
        me: &call.local,
        them,
    })
}

fn incoming(now: Instant, invitation: Invitation) -> Call {
    let Invitation {
        address,
        frame,
        card,
        media,
        video,
        offer,
    } = invitation;
    let local = address.local.clone();
    let leg = Leg::called(address, frame.instance, card, media, offer);
    let mut call = Call::incoming(now, leg, frame.call, local);
    call.video = video;
    call
}
