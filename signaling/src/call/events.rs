//! What a call makes of what its participants say, of a link, and of time.

use std::time::Instant;

use super::{
    Effects,
    ending::told,
    leg::Transport,
    state::{Call, State},
    timing,
};
use crate::protocol::{
    EndReason, NodeId, PeerId,
    link::{LegBody, LegFrame},
    ui::{Direction, TransportState},
};

impl Call {
    /// A frame of a participant.
    pub(super) fn handle_frame(&mut self, fx: &mut Effects<'_>, frame: LegFrame) {
        let from = frame.from.clone();
        let Some(leg) = self.legs.get_mut(&from) else {
            return;
        };
        self.gone_until = None;
        let was_known = leg.remote_instance().is_some();
        let goes_on = frame.seq > 0 || leg.has_forgotten(frame.ack);
        if let Some(reason) = leg.handle_frame(fx.now, frame) {
            leg.close();
            self.end(fx, told(self.direction, &self.state, reason), None);
        } else if goes_on && let State::Ended { reason, .. } = self.state {
            // An invitation that was repeated, or overtaken by its end, has opened it there again.
            leg.repeat_end(fx, reason.unwrap_or(EndReason::Cancelled));
        }
        if !was_known && let State::Calling { reach_until, .. } = &mut self.state {
            *reach_until = None;
        }
        while let Some(body) = self.legs.get_mut(&from).and_then(|leg| leg.next()) {
            if self.is_live() {
                self.handle_body(fx, &from, body);
            }
        }
        if let Some(leg) = self.legs.get_mut(&from) {
            leg.acknowledge(fx);
        }
    }

    /// What a participant says, in turn. What doesn't fit the state is passed over: an honest node
    /// doesn't say it.
    fn handle_body(&mut self, fx: &mut Effects<'_>, from: &PeerId, body: LegBody) {
        let is_accepted = self.is_accepted();
        let Some(leg) = self.legs.get_mut(from) else {
            return;
        };
        match body {
            LegBody::Ringing => {
                if let State::Calling { until, .. } = self.state {
                    self.state = State::Ringing { until };
                    self.changed(fx);
                }
            }
            LegBody::Accept { media } => {
                if self.direction == Direction::Outgoing && !is_accepted {
                    leg.media = media;
                    self.accepted(fx);
                }
            }
            LegBody::Media { media } => {
                if (self.direction == Direction::Incoming || is_accepted) && leg.media != media {
                    leg.media = media;
                    self.changed(fx);
                }
            }
            LegBody::Signal { signal } => {
                let epoch = leg.epoch();
                if leg.admit(&signal) {
                    if leg.epoch() != epoch {
                        self.handle_new_epoch(fx, from);
                    }
                    self.deliver(fx, from, signal);
                }
            }
            LegBody::Invite { .. } | LegBody::End { .. } => {}
        }
    }

    /// The participant has made a new peer connection, and so will the UI here.
    fn handle_new_epoch(&mut self, fx: &mut Effects<'_>, from: &PeerId) {
        let is_active = self.state == State::Active;
        if let Some(leg) = self.legs.get_mut(from) {
            leg.interrupt(is_active, Some(fx.now + timing::INTERRUPTED));
        }
        self.changed(fx);
    }

    /// What the UI that holds the call says of the media path to a participant.
    pub(super) fn handle_transport(
        &mut self,
        fx: &mut Effects<'_>,
        peer: &PeerId,
        reported: TransportState,
    ) {
        let Some(leg) = self.legs.get_mut(peer) else {
            return;
        };
        let before = leg.transport;
        match (self.state, reported) {
            (State::Ended { .. }, _) => return,
            (_, TransportState::Connected) => leg.transport = Transport::Connected,
            (State::Active, TransportState::Interrupted) => {
                if !matches!(before, Transport::Interrupted { until: Some(_) }) {
                    let until = Some(fx.now + timing::INTERRUPTED);
                    leg.transport = Transport::Interrupted { until };
                }
            }
            (
                State::Calling { .. } | State::Ringing { .. } | State::Connecting { .. },
                TransportState::Interrupted,
            )
            // Before both agreed, nobody is told; the UI may offer anew when they do.
            | (State::Calling { .. } | State::Ringing { .. }, TransportState::Failed) => {
                leg.transport = Transport::New;
            }
            (State::Connecting { .. }, TransportState::Failed) => {
                return self.end(fx, EndReason::Failed, Some(EndReason::Failed));
            }
            (State::Active, TransportState::Failed) => {
                let lost = EndReason::ConnectionLost;
                return self.end(fx, lost, Some(lost));
            }
        }
        let changed = leg.transport != before;
        let connects =
            leg.transport == Transport::Connected && matches!(self.state, State::Connecting { .. });
        if connects {
            self.activate(fx.now);
        }
        if connects || (changed && self.state == State::Active) {
            self.changed(fx);
        }
    }

    /// A link to a node has opened: say again what may be lost, or at least something, so that a peer
    /// that has forgotten the call says so.
    pub(super) fn handle_link_up(&mut self, fx: &mut Effects<'_>, node: &NodeId) {
        if let State::Calling {
            reach_until: Some(until),
            ..
        } = &mut self.state
        {
            *until = fx.now + timing::REACH;
        }
        // From a callee who has not accepted this says nothing; the caller passes it over.
        let probe = self
            .is_live()
            .then_some(LegBody::Media { media: self.media });
        for leg in self.legs.values_mut() {
            if leg.remote().node() == node {
                let settled = leg.is_settled();
                leg.handle_link_up(fx);
                if let Some(probe) = probe.as_ref().filter(|_| settled) {
                    leg.send(fx, probe.clone());
                }
            }
        }
    }

    /// No link to a node could be made.
    pub(super) fn handle_link_failed(&mut self, fx: &mut Effects<'_>, node: &NodeId) {
        if self.legs.keys().any(|peer| peer.node() == node)
            && let State::Calling { reach_until, .. } = &mut self.state
        {
            reach_until.get_or_insert(fx.now + timing::REACH);
        }
    }

    /// No link to a node may be made.
    pub(super) fn handle_link_refused(
        &mut self,
        fx: &mut Effects<'_>,
        node: &NodeId,
        reason: EndReason,
    ) {
        if self.legs.keys().any(|peer| peer.node() == node)
            && matches!(self.state, State::Calling { .. })
        {
            self.end(fx, reason, None);
        }
    }

    /// A peer is gone from the network.
    pub(super) fn handle_peer_gone(&mut self, fx: &mut Effects<'_>, peer: &PeerId) {
        if self.legs.contains_key(peer) {
            self.gone_until = Some(fx.now + timing::FAREWELL);
        }
    }

    /// Time has passed.
    pub(super) fn handle_timeout(&mut self, fx: &mut Effects<'_>) {
        if let Some((at, reason)) = self.deadline()
            && at <= fx.now
        {
            self.end(fx, reason, Some(reason));
        }
        for leg in self.legs.values_mut() {
            leg.handle_timeout(fx);
        }
    }

    /// Whether this end has forgotten the call by now.
    pub(super) fn is_forgotten(&self, now: Instant) -> bool {
        matches!(self.state, State::Ended { forget_at, .. } if forget_at <= now)
    }

    /// When time matters next.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let own = match self.state {
            State::Ended { forget_at, .. } => Some(forget_at),
            State::Calling { .. }
            | State::Ringing { .. }
            | State::Connecting { .. }
            | State::Active => self.deadline().map(|(at, _)| at),
        };
        let legs = self.legs.values().filter_map(|leg| leg.poll_timeout());
        legs.chain(own).min()
    }
}
