//! How a call ends: when time is up, and what each side is told.

use std::time::Instant;

use super::{
    Effects,
    leg::Transport,
    output::{Output, Record},
    state::{Call, State},
    timing,
};
use crate::protocol::{CallId, EndReason, ui::Direction};

impl Call {
    /// Ends the call, and says so to the others unless they know.
    pub(super) fn end(&mut self, fx: &mut Effects<'_>, reason: EndReason, tell: Option<EndReason>) {
        if self.is_live() {
            let record = self.record(fx.now, reason);
            self.finish(fx.now, Some(reason));
            self.tell_end(fx, tell);
            self.changed(fx);
            self.keep(fx, record);
        }
    }

    /// Turns a call away that nobody was told of, because this endpoint is in another.
    pub(super) fn refuse_as_busy(&mut self, fx: &mut Effects<'_>) {
        let record = self.record(fx.now, EndReason::Busy);
        self.finish(fx.now, Some(EndReason::Busy));
        self.tell_end(fx, Some(EndReason::Busy));
        self.keep(fx, record);
    }

    fn tell_end(&mut self, fx: &mut Effects<'_>, tell: Option<EndReason>) {
        for leg in self.legs.values_mut() {
            match tell {
                Some(told) => leg.send_end(fx, told, true),
                None => leg.close(),
            }
        }
    }

    fn record(&self, now: Instant, end: EndReason) -> Option<Record> {
        let leg = self.legs.values().next()?;
        Some(Record {
            call: self.id.clone(),
            peer: leg.remote().clone(),
            card: leg.card.clone(),
            direction: self.direction,
            video: self.video,
            end,
            missed: self.is_unanswered() && end != EndReason::Declined,
            started: self.started,
            talked: self.connected.map(|at| now.saturating_duration_since(at)),
        })
    }

    fn keep(&self, fx: &mut Effects<'_>, record: Option<Record>) {
        if let Some(record) = record {
            fx.out.push_back(Output::Ended {
                endpoint: self.local.clone(),
                record,
            });
        }
    }

    /// Ends the call without a word, as another goes on in its place.
    pub(super) fn merge_into(&mut self, fx: &mut Effects<'_>, other: CallId) {
        self.merged_into = Some(other);
        self.finish(fx.now, None);
        for leg in self.legs.values_mut() {
            // The invitation must not ring any more if it has not arrived.
            leg.send_end(fx, EndReason::Cancelled, false);
        }
        self.changed(fx);
    }

    fn finish(&mut self, now: Instant, reason: Option<EndReason>) {
        let remembered = match self.direction {
            Direction::Outgoing => timing::LINGER,
            Direction::Incoming => timing::REMEMBER,
        };
        self.state = State::Ended {
            forget_at: now + remembered,
            reason,
            connected_ms: self.connected_ms(now),
        };
        self.holder = None;
        self.grace_until = None;
    }

    /// When the call ends unless something happens, and as what.
    pub(super) fn deadline(&self) -> Option<(Instant, EndReason)> {
        let grace = |reason| self.grace_until.map(|at| (at, reason));
        let mut deadlines = [None, None, None];
        match self.state {
            State::Calling { until, reach_until } => {
                deadlines[0] = Some((until, EndReason::NoAnswer));
                deadlines[1] = reach_until.map(|at| (at, EndReason::Unreachable));
                deadlines[2] = grace(EndReason::Cancelled);
            }
            State::Ringing { until } => {
                deadlines[0] = Some((until, EndReason::NoAnswer));
                deadlines[1] = grace(EndReason::Cancelled);
                deadlines[2] = self.gone_until.map(|at| (at, EndReason::ConnectionLost));
            }
            State::Connecting { until } => {
                deadlines[0] = Some((until, EndReason::Failed));
                deadlines[1] = grace(EndReason::ConnectionLost);
            }
            State::Active => {
                let interrupted = self.legs.values().filter_map(|leg| match leg.transport {
                    Transport::Interrupted { until } => until,
                    Transport::New | Transport::Connected => None,
                });
                deadlines[0] = interrupted.min().map(|at| (at, EndReason::ConnectionLost));
                deadlines[1] = grace(EndReason::ConnectionLost);
            }
            State::Ended { .. } => {}
        }
        deadlines.into_iter().flatten().min_by_key(|(at, _)| *at)
    }
}

/// What this endpoint's person is told when the other end left for a reason. A reason that doesn't fit
/// the state (two things happened at once, or the other end is not honest) becomes one that does.
pub(super) fn told(direction: Direction, state: &State, reason: EndReason) -> EndReason {
    use EndReason::{
        Blocked, Busy, Cancelled, ConnectionLost, Declined, Failed, HungUp, Incompatible, Left,
        NoAnswer, Unreachable, WrongKey,
    };
    let accepted = match state {
        State::Calling { .. } | State::Ringing { .. } => false,
        State::Connecting { .. } | State::Active | State::Ended { .. } => true,
    };
    match (reason, direction, accepted) {
        (ConnectionLost | Failed | Left, _, _) => reason,
        // Found out by this end about the other, never told by it.
        (WrongKey | Incompatible, _, _) => ConnectionLost,
        // The callee accepted and hung up, and only the second was heard in time.
        (HungUp, Direction::Outgoing, _) | (HungUp, Direction::Incoming, true) => HungUp,
        (NoAnswer | Declined | Busy | Blocked | Unreachable, Direction::Outgoing, false) => reason,
        (Cancelled, Direction::Outgoing, false) => Declined,
        (NoAnswer, Direction::Incoming, false) => NoAnswer,
        (
            HungUp | Cancelled | Declined | Busy | Blocked | Unreachable,
            Direction::Incoming,
            false,
        ) => Cancelled,
        // The caller gave up just as the callee accepted.
        (Cancelled | NoAnswer, Direction::Incoming, true) => Cancelled,
        (Declined | Busy | Blocked | Unreachable, Direction::Incoming, true)
        | (
            Cancelled | NoAnswer | Declined | Busy | Blocked | Unreachable,
            Direction::Outgoing,
            true,
        ) => HungUp,
    }
}
