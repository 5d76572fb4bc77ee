//! Calling somebody.

use std::time::Instant;

use super::{
    Effects, Machine,
    leg::{Address, Leg},
    output::Place,
    state::Call,
};
use crate::protocol::{ErrorCode, PeerId, UiId, link::LegBody, media::Signal};

impl Machine {
    /// Calls somebody. If they are calling this endpoint right now, that call is accepted instead,
    /// and this one ends as merged into it.
    ///
    /// # Errors
    /// `self_call`, `call_exists`, `already_in_call`, `no_webrtc`, `not_attached`, `too_large`,
    /// `at_capacity`; `invalid_message` if the offer is none of epoch 0.
    pub fn place(
        &mut self,
        now: Instant,
        endpoint: &PeerId,
        ui: UiId,
        place: Place,
    ) -> Result<(), ErrorCode> {
        self.require_webrtc(endpoint, ui)?;
        if &place.to == endpoint {
            return Err(ErrorCode::SelfCall);
        }
        if !matches!(place.offer, Signal::Offer { epoch: 0, .. }) {
            return Err(ErrorCode::InvalidMessage);
        }
        if !place.offer.is_bounded() {
            return Err(ErrorCode::TooLarge);
        }
        if self.calls.keys().any(|(call, _)| call == &place.call) {
            return Err(ErrorCode::CallExists);
        }
        let ringing = match self.live_call(endpoint) {
            None => None,
            Some(call) if call.is_unanswered() && call.legs.contains_key(&place.to) => {
                Some(call.id.clone())
            }
            Some(_) => return Err(ErrorCode::AlreadyInCall),
        };
        if !self.make_room() {
            return Err(ErrorCode::AtCapacity);
        }
        let address = Address {
            call: place.call.clone(),
            local: endpoint.clone(),
            remote: place.to,
        };
        let leg = Leg::calling(address, place.to_card);
        let mut call = Call::outgoing(now, leg, place.call, endpoint.clone(), ui);
        call.video = place.video;
        call.media = place.media;
        let mut fx = Effects {
            now,
            instance: self.instance,
            out: &mut self.out,
        };
        if let Some(other) = &ringing {
            call.merge_into(&mut fx, other.clone());
        } else {
            let invite = LegBody::Invite {
                caller: place.my_card,
                media: place.media,
                video: place.video,
                offer: place.offer,
            };
            call.send(&mut fx, &invite);
            call.changed(&mut fx);
        }
        self.calls.insert((call.id.clone(), endpoint.clone()), call);
        match ringing {
            Some(other) => self.accept(now, endpoint, ui, &other, place.media),
            None => Ok(()),
        }
    }
}
