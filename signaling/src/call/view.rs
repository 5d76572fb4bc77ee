//! A call as one UI is shown it.

use std::time::Instant;

use super::{
    leg::{Leg, Transport},
    state::{Call, State},
};
use crate::protocol::{
    UiId,
    ui::{CallState, CallView, Holder, Participant, Trust},
};

/// The call for this UI of its endpoint.
pub(super) fn view(call: &Call, now: Instant, ui: UiId) -> CallView {
    let (state, end) = match call.state {
        State::Calling { .. } => (CallState::Calling, None),
        State::Ringing { .. } => (CallState::Ringing, None),
        State::Connecting { .. } => (CallState::Connecting, None),
        State::Active => (CallState::Active, None),
        State::Ended { reason, .. } => (CallState::Ended, reason),
    };
    CallView {
        id: call.id.clone(),
        direction: call.direction,
        state,
        end,
        merged_into: call.merged_into.clone(),
        video: call.video,
        participants: call.legs.values().map(participant).collect(),
        holder: match call.holder {
            Some(holder) if holder == ui => Holder::Here,
            Some(_) => Holder::Elsewhere,
            None => Holder::Nobody,
        },
        connected_ms: call.connected_ms(now),
    }
}

fn participant(leg: &Leg) -> Participant {
    Participant {
        peer: leg.remote().clone(),
        name: leg.card.name.clone(),
        // The driver knows whom was talked to, and what nodes are called.
        via: None,
        trust: Trust::New,
        kind: leg.card.kind,
        media: leg.media,
        polite: leg.is_polite(),
        epoch: leg.epoch(),
        interrupted: match leg.transport {
            Transport::New | Transport::Connected => false,
            Transport::Interrupted { .. } => true,
        },
    }
}
