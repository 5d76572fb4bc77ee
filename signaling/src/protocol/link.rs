//! What two nodes say to each other over a link.

use serde::{Deserialize, Serialize};

use super::{
    codes::{EndReason, ErrorCode},
    ids::{CallId, Instance, PeerId},
    media::{MediaState, Signal},
    ui::DeviceKind,
};

/// One WebSocket text message of a link. Who sent it is known from the TLS handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LinkMessage {
    /// The first message of each side.
    Hello {
        /// [`super::LINK_VERSION`] of the sender.
        version: u32,
    },
    /// A frame of one leg of a call.
    Leg(Box<LegFrame>),
    /// The node is shutting down; its calls were ended before this.
    Goodbye,
    /// The last message before the link is closed because of what the other side sent.
    Error {
        /// What was wrong.
        code: ErrorCode,
    },
}

/// One frame between the two ends of a leg. Frames are numbered and acknowledged, because a link may
/// be lost and made anew during a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegFrame {
    /// The call.
    pub call: CallId,
    /// Who sends it: an endpoint of the sending node.
    pub from: PeerId,
    /// For whom: an endpoint of the receiving node.
    pub to: PeerId,
    /// The sender's run; see [`Instance`].
    pub instance: Instance,
    /// Number of this frame among those with a body, from 1; 0 for a bare acknowledgement, and for
    /// the [`LegBody::End`] of a node that keeps nothing of this leg (it refused the invitation, or
    /// has forgotten the call). Frames numbered 0 are never acknowledged.
    pub seq: u32,
    /// All frames of the other side up to this one have arrived.
    pub ack: u32,
    /// What it says; a bare acknowledgement says nothing.
    pub body: Option<LegBody>,
}

/// What a leg's frame says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LegBody {
    /// Please join this call.
    Invite {
        /// Who calls.
        caller: Card,
        /// What the caller means to send.
        media: MediaState,
        /// Whether it is meant as a video call.
        video: bool,
        /// The caller's offer, so that the callee can answer while it rings.
        offer: Signal,
    },
    /// It rings where the callee can see it.
    Ringing,
    /// The callee's person accepted.
    Accept {
        /// What the callee sends.
        media: MediaState,
    },
    /// This end has left the call.
    End {
        /// Why.
        reason: EndReason,
    },
    /// A step of the WebRTC negotiation.
    Signal {
        /// The step.
        signal: Signal,
    },
    /// What this end sends has changed.
    Media {
        /// What it sends now.
        media: MediaState,
    },
}

/// How a peer shows itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Display name: a label, not an identity.
    pub name: String,
    /// What kind of device it is.
    pub kind: DeviceKind,
}
