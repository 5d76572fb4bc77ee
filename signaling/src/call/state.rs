//! One endpoint's end of one call: its state, who holds it, and its ending.

use std::{collections::BTreeMap, time::Instant};

use super::{
    Effects,
    leg::{Leg, Transport},
    output::Output,
    timing,
};
use crate::protocol::{
    CallId, EndReason, PeerId, UiId, link::LegBody, media::MediaState, ui::Direction,
};

/// How far a call is. The diagram is in the [module's documentation](super).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Outgoing: not known to ring yet.
    Calling {
        /// When nobody has answered.
        until: Instant,
        /// When the callee is unreachable; nothing once its node was heard of.
        reach_until: Option<Instant>,
    },
    /// It rings at the callee's.
    Ringing {
        /// When nobody has answered.
        until: Instant,
    },
    /// Accepted; media can't flow yet.
    Connecting {
        /// When it has failed.
        until: Instant,
    },
    /// Media can flow.
    Active,
    /// Over.
    Ended {
        /// When this end forgets it.
        forget_at: Instant,
        /// How it ended; nothing if it was merged into another call.
        reason: Option<EndReason>,
        /// How long after the first connection, in milliseconds.
        connected_ms: Option<u64>,
    },
}

/// One endpoint's end of one call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) id: CallId,
    pub(super) local: PeerId,
    pub(super) direction: Direction,
    pub(super) video: bool,
    pub(super) state: State,
    pub(super) merged_into: Option<CallId>,
    /// The other participants; one today.
    pub(super) legs: BTreeMap<PeerId, Leg>,
    /// The UI with the peer connections.
    pub(super) holder: Option<UiId>,
    /// When the call ends for want of a UI that holds it.
    pub(super) grace_until: Option<Instant>,
    /// When the call ends because the other, who is gone from the network, has not said why either.
    pub(super) gone_until: Option<Instant>,
    /// What this endpoint sends, or means to.
    pub(super) media: MediaState,
    /// Whether the caller was told that it rings.
    pub(super) has_rung: bool,
    pub(super) started: Instant,
    pub(super) connected: Option<Instant>,
}

impl Call {
    /// A call of this endpoint, held by the UI that places it.
    pub(super) fn outgoing(now: Instant, leg: Leg, id: CallId, local: PeerId, ui: UiId) -> Self {
        let state = State::Calling {
            until: now + timing::RING,
            reach_until: Some(now + timing::REACH),
        };
        Self::new(now, leg, id, local, Direction::Outgoing, state, Some(ui))
    }

    /// A call to this endpoint, held by nobody yet.
    pub(super) fn incoming(now: Instant, leg: Leg, id: CallId, local: PeerId) -> Self {
        let state = State::Ringing {
            until: now + timing::RING,
        };
        Self::new(now, leg, id, local, Direction::Incoming, state, None)
    }

    fn new(
        now: Instant,
        leg: Leg,
        id: CallId,
        local: PeerId,
        direction: Direction,
        state: State,
        holder: Option<UiId>,
    ) -> Self {
        Self {
            id,
            local,
            direction,
            video: false,
            state,
            merged_into: None,
            legs: BTreeMap::from([(leg.remote().clone(), leg)]),
            holder,
            grace_until: None,
            gone_until: None,
            media: MediaState::default(),
            has_rung: false,
            started: now,
            connected: None,
        }
    }

    pub(super) fn is_live(&self) -> bool {
        !matches!(self.state, State::Ended { .. })
    }

    /// Whether the person was called and has not decided yet.
    pub(super) fn is_unanswered(&self) -> bool {
        self.direction == Direction::Incoming && matches!(self.state, State::Ringing { .. })
    }

    /// Whether both wanted it, and it isn't over.
    pub(super) fn is_accepted(&self) -> bool {
        match self.state {
            State::Connecting { .. } | State::Active => true,
            State::Calling { .. } | State::Ringing { .. } | State::Ended { .. } => false,
        }
    }

    /// Milliseconds since the first connection.
    pub(super) fn connected_ms(&self, now: Instant) -> Option<u64> {
        if let State::Ended { connected_ms, .. } = self.state {
            return connected_ms;
        }
        let since = now.saturating_duration_since(self.connected?);
        Some(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn changed(&self, fx: &mut Effects<'_>) {
        fx.out.push_back(Output::Changed {
            endpoint: self.local.clone(),
            call: self.id.clone(),
        });
    }

    /// Says something to all participants.
    pub(super) fn send(&mut self, fx: &mut Effects<'_>, body: &LegBody) {
        for leg in self.legs.values_mut() {
            leg.send(fx, body.clone());
        }
    }

    /// Both want it: it connects, or has connected already while it rang.
    pub(super) fn accepted(&mut self, fx: &mut Effects<'_>) {
        self.state = State::Connecting {
            until: fx.now + timing::CONNECT,
        };
        if self
            .legs
            .values()
            .any(|leg| leg.transport == Transport::Connected)
        {
            self.activate(fx.now);
        }
        self.changed(fx);
    }

    /// Media can flow.
    pub(super) fn activate(&mut self, now: Instant) {
        self.state = State::Active;
        self.connected.get_or_insert(now);
    }
}
