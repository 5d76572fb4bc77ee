//! What becomes of an invitation from somebody this endpoint has a call with already.
//!
//! Both may have called each other at once; then the call of the caller with the smaller id survives.
//! The side that loses gives its own call up for the other's; the side that wins only has to wait, for
//! its own invitation is on the way. An invitation that is passed over is not acknowledged either:
//! should its sender still mean it later, it comes again by itself.

use super::state::State;
use crate::protocol::{PeerId, ui::Direction};

/// What to do with the invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing: our call goes on, or its end is about to arrive.
    PassOver,
    /// Give our call up for theirs, and accept theirs.
    Merge,
    /// Our call was with a run of theirs that is gone: it is lost, and theirs rings.
    Replace,
    /// Our call is over: ring.
    Ring,
}

/// Our call with them, and what is known of the two ends.
pub(super) struct Ours<'a> {
    pub(super) direction: Direction,
    pub(super) state: &'a State,
    /// Whether the invitation comes from the run of their node that our call is with, as far as
    /// that is known.
    pub(super) same_run: bool,
    pub(super) me: &'a PeerId,
    pub(super) them: &'a PeerId,
}

/// The table.
pub(super) fn decide(ours: &Ours<'_>) -> Verdict {
    use Direction::{Incoming, Outgoing};
    use State::{Active, Calling, Connecting, Ended, Ringing};
    match (ours.state, ours.direction, ours.same_run) {
        (Calling { .. } | Ringing { .. }, Outgoing, true) => {
            if ours.them < ours.me {
                Verdict::Merge
            } else {
                Verdict::PassOver
            }
        }
        // Their new run knows nothing of our invitation, so there is nothing to wait for.
        (Calling { .. } | Ringing { .. }, Outgoing, false) => Verdict::Merge,
        // They call again: the end of the first call is about to arrive.
        (Calling { .. } | Ringing { .. }, Incoming, true)
        | (Connecting { .. } | Active, Incoming | Outgoing, true) => Verdict::PassOver,
        (Calling { .. } | Ringing { .. }, Incoming, false)
        | (Connecting { .. } | Active, Incoming | Outgoing, false) => Verdict::Replace,
        (Ended { .. }, Incoming | Outgoing, true | false) => Verdict::Ring,
    }
}
