//! What the machine wants done.

use std::time::{Duration, Instant};

use crate::protocol::{
    CallId, EndReason, PeerId, UiId,
    link::{Card, LegFrame},
    media::{MediaState, Signal},
    ui::Direction,
};

/// Something for the driver to do, in the order in which it is polled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Take this frame to the node of its `to`: over a link, or straight back into
    /// [`Machine::handle_frame`](super::Machine::handle_frame) when that is this node.
    Frame(LegFrame),
    /// A call is new, or has changed, or has ended: push
    /// [`Machine::view`](super::Machine::view) to every UI of the endpoint.
    Changed {
        /// Whose call.
        endpoint: PeerId,
        /// Which.
        call: CallId,
    },
    /// A step of the negotiation for one UI.
    Signal {
        /// The UI, which holds the call.
        ui: UiId,
        /// The call.
        call: CallId,
        /// The participant it comes from.
        from: PeerId,
        /// The step.
        signal: Signal,
    },
    /// A call is over: exactly once for each call and endpoint, and never for a call that was merged
    /// into another.
    Ended {
        /// Whose call.
        endpoint: PeerId,
        /// What the history is to keep.
        record: Record,
    },
}

/// A call that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The call.
    pub call: CallId,
    /// With whom.
    pub peer: PeerId,
    /// How they showed themselves.
    pub card: Card,
    /// Who called.
    pub direction: Direction,
    /// Whether it was meant as a video call.
    pub video: bool,
    /// How it ended.
    pub end: EndReason,
    /// An incoming call that was not taken, and not declined by the person.
    pub missed: bool,
    /// When it was placed, or came in.
    pub started: Instant,
    /// From the first connection to the end; nothing if it was never connected.
    pub talked: Option<Duration>,
}

/// A call to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The new call's id.
    pub call: CallId,
    /// Whom.
    pub to: PeerId,
    /// How they show themselves.
    pub to_card: Card,
    /// How the caller shows itself.
    pub my_card: Card,
    /// Whether it is meant as a video call.
    pub video: bool,
    /// What the caller means to send.
    pub media: MediaState,
    /// A [`Signal::Offer`] of epoch 0.
    pub offer: Signal,
}
