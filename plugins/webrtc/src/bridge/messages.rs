//! The text messages of the bridge: what the page asks, and what it is told. `BRIDGE.md` describes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::counts::Stats;
use crate::error::WireError;

/// The version of the bridge; page and plugin are built together and must agree.
pub(crate) const VERSION: u32 = 1;

/// A message of the page. Without `id` it wants no reply.
#[derive(Debug, Deserialize)]
pub(crate) struct FromPage {
    pub(crate) id: Option<u32>,
    #[serde(flatten)]
    pub(crate) request: Request,
}

/// The part of a message that can be read though the rest is nonsense.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope {
    pub(crate) id: Option<u32>,
}

/// What the page asks for.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Request {
    Init {
        v: u32,
        codecs: Codecs,
        media_start_bps: Option<u64>,
    },
    Offer {
        transceivers: Vec<OfferedTransceiver>,
        data: bool,
        #[serde(default)]
        ice_restart: bool,
    },
    Discard,
    Remote {
        #[serde(rename = "type")]
        kind: DescriptionKind,
        sdp: String,
    },
    Answer {
        transceivers: Vec<AnsweredTransceiver>,
    },
    Candidate {
        candidate: String,
        ufrag: Option<String>,
    },
    Channel(NewChannel),
    ChannelClose {
        handle: u16,
    },
    Keyframe {
        slot: u16,
    },
    Desire {
        bps: u64,
    },
    /// How loud the voice of a slot is heard, 1 being as it was sent.
    Hear {
        slot: u16,
        gain: f32,
    },
    /// The least time that a voice waits, for its pictures.
    SoundFloor {
        slot: u16,
        ms: u32,
    },
    /// The microphone whose sound is sent in a slot, as far as this program can take it itself; without one it is the
    /// page that sends blocks.
    Microphone {
        slot: u16,
        device: Option<Device>,
        /// The page's clock, µs, which its sound is to be of.
        now: u64,
    },
    /// Whether the page wants what is heard of a voice as samples too.
    Tap {
        slot: u16,
        on: bool,
    },
    Stats,
    Close,
    #[serde(other)]
    Unknown,
}

/// A microphone, and what is to be done with its sound.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Device {
    /// As `MediaStreamTrack.label` has it.
    pub(crate) label: String,
    pub(crate) pt: u8,
    /// As in sound messages: echo 1, noise 2, uneven level 4.
    pub(crate) processing: u8,
    /// Bits a second.
    pub(crate) bitrate: u32,
    /// `RTCRtpEncodingParameters.active`: nothing is sent while it is false.
    pub(crate) active: bool,
    /// `MediaStreamTrack.enabled`: silence is sent while it is false.
    pub(crate) enabled: bool,
}

/// What the page can encode and decode, best first.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Codecs {
    pub(crate) audio: Vec<String>,
    pub(crate) video: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DescriptionKind {
    Offer,
    Answer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Audio,
    Video,
}

/// `RTCRtpTransceiverDirection` less "stopped".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    Sendrecv,
    Sendonly,
    Recvonly,
    Inactive,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OfferedTransceiver {
    pub(crate) key: u32,
    pub(crate) mid: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) direction: Direction,
    #[serde(default)]
    pub(crate) streams: Vec<String>,
    pub(crate) track: Option<String>,
    pub(crate) codecs: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) stopped: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct AnsweredTransceiver {
    pub(crate) mid: String,
    pub(crate) direction: Direction,
    #[serde(default)]
    pub(crate) streams: Vec<String>,
    pub(crate) track: Option<String>,
    pub(crate) codecs: Option<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewChannel {
    pub(crate) handle: u16,
    #[serde(default)]
    pub(crate) label: String,
    #[serde(default)]
    pub(crate) protocol: String,
    pub(crate) ordered: bool,
    pub(crate) max_retransmits: Option<u16>,
    pub(crate) max_packet_life_time: Option<u16>,
    #[serde(default)]
    pub(crate) negotiated: bool,
    pub(crate) stream_id: Option<u16>,
}

/// What a request is answered with.
#[derive(Debug, Serialize)]
pub(crate) struct Reply {
    pub(crate) id: u32,
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    Ok(Answer),
    Error(WireError),
}

/// The good outcome of each operation.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Init {
        fingerprint: String,
    },
    Offer {
        sdp: String,
        mids: BTreeMap<u32, String>,
        candidates: Vec<WireCandidate>,
    },
    RemoteOffer {
        media: Vec<RemoteMedia>,
        data: bool,
    },
    Answered {
        sdp: String,
        media: Vec<Negotiated>,
        candidates: Vec<WireCandidate>,
    },
    Accepted {
        media: Vec<Negotiated>,
    },
    Stats(Box<Stats>),
    Done {},
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireCandidate {
    pub(crate) candidate: String,
    pub(crate) mid: Option<String>,
    pub(crate) m_line: u16,
    pub(crate) ufrag: Option<String>,
}

/// A codec both sides have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireCodec {
    pub(crate) pt: u8,
    pub(crate) mime: String,
    pub(crate) clock_rate: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) channels: Option<u8>,
    pub(crate) fmtp: String,
}

/// A media section of a remote offer, as written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RemoteMedia {
    pub(crate) mid: String,
    pub(crate) m_line: u16,
    pub(crate) kind: Kind,
    pub(crate) direction: Direction,
    pub(crate) rejected: bool,
    pub(crate) streams: Vec<String>,
    pub(crate) track: Option<String>,
    pub(crate) codecs: Vec<WireCodec>,
}

/// A media section both sides agreed on.
#[derive(Debug, Serialize)]
pub(crate) struct Negotiated {
    pub(crate) mid: String,
    pub(crate) slot: u16,
    pub(crate) kind: Kind,
    pub(crate) direction: Direction,
    pub(crate) rejected: bool,
    pub(crate) streams: Vec<String>,
    pub(crate) track: Option<String>,
    pub(crate) codecs: Vec<WireCodec>,
}

/// What the page is told without having asked.
#[derive(Debug, Serialize)]
#[serde(tag = "ev", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Event {
    Ice {
        state: IceState,
    },
    Dtls {
        state: DtlsState,
    },
    /// Before DTLS is connected.
    Certificates {
        own: Certificate,
        peer: Certificate,
    },
    Candidate {
        #[serde(flatten)]
        candidate: WireCandidate,
    },
    /// Which pair ICE uses; before it says that it is connected.
    Pair {
        /// Of our candidate.
        address: String,
        port: u16,
        /// The peer's candidate, as it was told, or one that the peer did not tell of.
        remote: String,
    },
    Keyframe {
        slot: u16,
    },
    Estimate {
        bps: u64,
    },
    ChannelNew {
        handle: u16,
        label: String,
        protocol: String,
        ordered: bool,
        max_retransmits: Option<u16>,
        max_packet_life_time: Option<u16>,
        stream_id: Option<u16>,
    },
    /// A channel of the page has its stream.
    ChannelPlaced {
        handle: u16,
        stream_id: u16,
    },
    ChannelOpen {
        handle: u16,
        stream_id: Option<u16>,
    },
    ChannelClosed {
        handle: u16,
    },
    Released {
        handle: u16,
        bytes: u64,
    },
    MediaLost {
        slot: u16,
    },
    /// How late a voice is, twice a second while its packets come; the first with its first packet.
    Sound {
        slot: u16,
        /// Of the fastest packet since the last of these, as in media messages; 0: not known.
        captured: u64,
        arrival: u64,
        /// From the coming of a packet that is on time to its being heard.
        delay_ms: f64,
    },
    /// Whether a microphone could be opened here. If it is not, or no longer, the page sends its sound.
    Microphone {
        slot: u16,
        open: bool,
    },
    Failed {
        error: WireError,
    },
}

/// What an end has shown of itself.
#[derive(Debug, Serialize)]
pub(crate) struct Certificate {
    /// As in descriptions: the hash's name and its value.
    pub(crate) fingerprint: String,
    /// Hexadecimal.
    pub(crate) der: String,
}

/// `RTCIceTransportState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum IceState {
    New,
    Checking,
    Connected,
    Completed,
    Disconnected,
    Failed,
    Closed,
}

/// `RTCDtlsTransportState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DtlsState {
    New,
    Connecting,
    Connected,
    Closed,
}
