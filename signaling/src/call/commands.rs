//! What a UI can ask of its endpoint's calls.

use std::time::Instant;

use super::{
    Effects, Machine,
    leg::Leg,
    state::{Call, State},
};
use crate::protocol::{
    CallId, EndReason, ErrorCode, PeerId, UiId,
    link::LegBody,
    media::{MediaState, Signal},
    ui::{Direction, TransportState},
};

impl Machine {
    /// Takes an incoming call, in this UI.
    ///
    /// # Errors
    /// `not_in_call`, `wrong_state`, `no_webrtc`, `not_attached`.
    pub fn accept(
        &mut self,
        now: Instant,
        endpoint: &PeerId,
        ui: UiId,
        call: &CallId,
        media: MediaState,
    ) -> Result<(), ErrorCode> {
        let webrtc = self.require_webrtc(endpoint, ui);
        self.with_call(now, endpoint, call, |call, fx| {
            if !call.is_unanswered() {
                return Err(ErrorCode::WrongState);
            }
            webrtc?;
            call.accept(fx, Some(ui), media);
            Ok(())
        })
    }

    /// Says no to an incoming call.
    ///
    /// # Errors
    /// `not_in_call`, `wrong_state`.
    pub fn decline(
        &mut self,
        now: Instant,
        endpoint: &PeerId,
        call: &CallId,
    ) -> Result<(), ErrorCode> {
        self.with_call(now, endpoint, call, |call, fx| {
            if !call.is_unanswered() {
                return Err(ErrorCode::WrongState);
            }
            call.end(fx, EndReason::Declined, Some(EndReason::Declined));
            Ok(())
        })
    }

    /// Leaves a call, or cancels it while it rings.
    ///
    /// # Errors
    /// `not_in_call`; `wrong_state` also for an incoming call that rings: decline it.
    pub fn hang_up(
        &mut self,
        now: Instant,
        endpoint: &PeerId,
        call: &CallId,
    ) -> Result<(), ErrorCode> {
        self.with_call(now, endpoint, call, |call, fx| {
            let reason = match (call.state, call.direction) {
                (State::Calling { .. } | State::Ringing { .. }, Direction::Outgoing) => {
                    EndReason::Cancelled
                }
                (State::Connecting { .. } | State::Active, _) => EndReason::HungUp,
                (State::Calling { .. } | State::Ringing { .. }, Direction::Incoming)
                | (State::Ended { .. }, _) => return Err(ErrorCode::WrongState),
            };
            call.end(fx, reason, Some(reason));
            Ok(())
        })
    }

    /// Goes on with a call in this UI, which makes a new peer connection.
    ///
    /// # Errors
    /// `not_in_call`, `no_webrtc`, `not_attached`; `wrong_state` also for an incoming call that rings:
    /// accept it.
    pub fn take(
        &mut self,
        now: Instant,
        endpoint: &PeerId,
        ui: UiId,
        call: &CallId,
    ) -> Result<(), ErrorCode> {
        let webrtc = self.require_webrtc(endpoint, ui);
        self.with_call(now, endpoint, call, |call, fx| {
            if !call.is_live() || call.is_unanswered() {
                return Err(ErrorCode::WrongState);
            }
            webrtc?;
            call.take(fx, ui);
            Ok(())
        })
    }

    /// Passes a step of the negotiation on to a participant.
    ///
    /// # Errors
    /// `not_in_call` also when `to` isn't in it; `held_elsewhere`; `wrong_state` also for an epoch that
    /// has not begun; `too_large`; `at_capacity` when too much waits for an acknowledgement.
    pub fn signal(
        &mut self,
        now: Instant,
        endpoint: &PeerId,
        ui: UiId,
        call: &CallId,
        to: &PeerId,
        signal: Signal,
    ) -> Result<(), ErrorCode> {
        self.with_held_call(now, endpoint, ui, call, |call, fx| {
            let leg = call.legs.get_mut(to).ok_or(ErrorCode::NotInCall)?;
            let epoch = leg.epoch();
            leg.signal(fx, signal)?;
            if leg.epoch() != epoch {
                call.changed(fx);
            }
            Ok(())
        })
    }

    /// Notes what this endpoint sends now, and tells the others.
    ///
    /// # Errors
    /// `not_in_call`, `held_elsewhere`, `at_capacity`; `wrong_state` also for an incoming call that
    /// rings: it is said with the accept.
    pub fn media(
        &mut self,
        now: Instant,
        endpoint: &PeerId,
        ui: UiId,
        call: &CallId,
        media: MediaState,
    ) -> Result<(), ErrorCode> {
        self.with_held_call(now, endpoint, ui, call, |call, fx| {
            if call.is_unanswered() {
                return Err(ErrorCode::WrongState);
            }
            if call.media != media {
                if !call.legs.values().all(Leg::has_room) {
                    return Err(ErrorCode::AtCapacity);
                }
                call.media = media;
                call.send(fx, &LegBody::Media { media });
            }
            Ok(())
        })
    }

    /// Notes how the media path to a participant does.
    ///
    /// # Errors
    /// `not_in_call` also when `peer` isn't in it; `held_elsewhere`; `wrong_state`.
    pub fn transport(
        &mut self,
        now: Instant,
        endpoint: &PeerId,
        ui: UiId,
        call: &CallId,
        peer: &PeerId,
        state: TransportState,
    ) -> Result<(), ErrorCode> {
        self.with_held_call(now, endpoint, ui, call, |call, fx| {
            if !call.legs.contains_key(peer) {
                return Err(ErrorCode::NotInCall);
            }
            call.handle_transport(fx, peer, state);
            Ok(())
        })
    }

    pub(super) fn require_webrtc(&self, endpoint: &PeerId, ui: UiId) -> Result<(), ErrorCode> {
        match self
            .endpoints
            .get(endpoint)
            .and_then(|seat| seat.webrtc(ui))
        {
            Some(true) => Ok(()),
            Some(false) => Err(ErrorCode::NoWebrtc),
            None => Err(ErrorCode::NotAttached),
        }
    }

    fn with_call(
        &mut self,
        now: Instant,
        endpoint: &PeerId,
        call: &CallId,
        act: impl FnOnce(&mut Call, &mut Effects<'_>) -> Result<(), ErrorCode>,
    ) -> Result<(), ErrorCode> {
        let key = (call.clone(), endpoint.clone());
        let call = self.calls.get_mut(&key).ok_or(ErrorCode::NotInCall)?;
        let mut fx = Effects {
            now,
            instance: self.instance,
            out: &mut self.out,
        };
        act(call, &mut fx)
    }

    fn with_held_call(
        &mut self,
        now: Instant,
        endpoint: &PeerId,
        ui: UiId,
        call: &CallId,
        act: impl FnOnce(&mut Call, &mut Effects<'_>) -> Result<(), ErrorCode>,
    ) -> Result<(), ErrorCode> {
        self.with_call(now, endpoint, call, |call, fx| {
            if !call.is_live() {
                Err(ErrorCode::WrongState)
            } else if call.holder != Some(ui) {
                Err(ErrorCode::HeldElsewhere)
            } else {
                act(call, fx)
            }
        })
    }
}
