//! Ids, cards and signals to tell stories with.

use std::time::Duration;

use crate::protocol::{
    CallId, EndpointId, NodeId, PeerId,
    link::Card,
    media::{MediaState, Signal},
    ui::DeviceKind,
};

pub(super) const MEDIA: MediaState = MediaState {
    audio: true,
    video: true,
    screen: false,
};
pub(super) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) fn node_id(number: u8) -> NodeId {
    NodeId::from_digest(&[number; 32])
}

pub(super) fn call_id(letter: char) -> CallId {
    letter.to_string().repeat(CallId::LENGTH).parse().unwrap()
}

pub(super) fn guest_of(node: u8, letter: char) -> PeerId {
    let endpoint: EndpointId = letter.to_string().repeat(8).parse().unwrap();
    PeerId::guest(node_id(node), endpoint)
}

pub(super) fn card(name: &str) -> Card {
    Card {
        name: name.to_owned(),
        kind: DeviceKind::Laptop,
    }
}

pub(super) fn offer(epoch: u32) -> Signal {
    Signal::Offer {
        epoch,
        sdp: format!("offer {epoch}"),
    }
}

pub(super) fn answer(epoch: u32) -> Signal {
    Signal::Answer {
        epoch,
        sdp: format!("answer {epoch}"),
    }
}

pub(super) fn candidate(epoch: u32, text: &str) -> Signal {
    Signal::Candidate {
        epoch,
        candidate: text.to_owned(),
        sdp_mid: Some("0".to_owned()),
        sdp_m_line_index: Some(0),
        username_fragment: None,
    }
}
