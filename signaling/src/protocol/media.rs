//! What two UIs tell each other about media, passed on by their nodes unread.

use serde::{Deserialize, Serialize};

use super::limits;

/// What a participant sends, or means to send, at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
pub struct MediaState {
    /// A microphone that is not muted.
    pub audio: bool,
    /// Pictures: of a camera that is on, or of a screen.
    pub video: bool,
    /// The pictures are of a screen that is shared. Absent means they are not.
    #[serde(default)]
    pub screen: bool,
}

/// One step of a WebRTC negotiation (W3C WebRTC 1.0, section 4.4).
///
/// `epoch` counts the `RTCPeerConnection`s of a call's leg: a UI that takes up a call without one
/// (after a reload, or in another window) makes a new one and offers with the next epoch; whoever
/// receives an offer of a higher epoch replaces theirs. Signals of a lower epoch are stale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Signal {
    /// An SDP offer.
    Offer {
        /// The peer connection it belongs to.
        epoch: u32,
        /// The session description.
        sdp: String,
    },
    /// An SDP answer.
    Answer {
        /// The peer connection it belongs to.
        epoch: u32,
        /// The session description.
        sdp: String,
    },
    /// A trickled ICE candidate (RFC 8838), or the end of them when `candidate` is empty.
    Candidate {
        /// The peer connection it belongs to.
        epoch: u32,
        /// The candidate line.
        candidate: String,
        /// The media section's id.
        sdp_mid: Option<String>,
        /// The media section's index.
        sdp_m_line_index: Option<u16>,
        /// The ICE generation it belongs to.
        username_fragment: Option<String>,
    },
}

impl Signal {
    /// The peer connection this signal belongs to.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        match self {
            Self::Offer { epoch, .. }
            | Self::Answer { epoch, .. }
            | Self::Candidate { epoch, .. } => *epoch,
        }
    }

    /// Whether its parts are within their bounds.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        match self {
            Self::Offer { sdp, .. } | Self::Answer { sdp, .. } => {
                sdp.len() <= limits::MAX_SDP_BYTES
            }
            Self::Candidate {
                candidate,
                sdp_mid,
                username_fragment,
                ..
            } => {
                candidate.len() <= limits::MAX_CANDIDATE_BYTES
                    && sdp_mid.as_ref().is_none_or(|mid| mid.len() <= 64)
                    && username_fragment.as_ref().is_none_or(|u| u.len() <= 256)
            }
        }
    }
}
