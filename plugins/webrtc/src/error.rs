//! What a request of the page can fail with, by the names of the W3C.

use serde::Serialize;
use str0m::{RtcError, error::SdpError};

/// Why a request was refused. Each has the name of the `DOMException` the page throws for it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    #[error("the message is malformed: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("the message is larger than {} bytes", crate::limits::MAX_TEXT)]
    MessageTooLarge,
    #[error("there is no such operation")]
    UnknownOperation,
    #[error("the connection was not initialised")]
    NotInitialised,
    #[error("the connection was initialised before")]
    InitialisedTwice,
    #[error("the page speaks another version of the bridge")]
    UnknownVersion,
    #[error("there is no offer to answer")]
    NoOffer,
    #[error("there is no offer of ours to be answered")]
    NoPendingOffer,
    #[error("an offer is already under way")]
    OfferPending,
    #[error("the description is larger than {} bytes", crate::limits::MAX_SDP)]
    DescriptionTooLarge,
    #[error(
        "the description has more than {} media sections",
        crate::limits::MAX_SECTIONS
    )]
    TooManySections,
    #[error("line {line} of the description is not SDP")]
    SdpSyntax { line: usize },
    #[error("the description can't be used: {0}")]
    Sdp(#[from] SdpError),
    #[error(
        "a media section has no identification (a=mid), or one that is not a token of 16 characters at most"
    )]
    Mid,
    #[error("an ICE name or password (a=ice-ufrag, a=ice-pwd) is malformed")]
    IceCredentials,
    #[error("there is no fingerprint (a=fingerprint): media is not sent but by DTLS")]
    Fingerprint,
    #[error("RTCP has a port of its own (no a=rtcp-mux)")]
    RtcpMux,
    #[error("the description can't be applied: {0}")]
    Apply(RtcError),
    #[error("the candidate is malformed")]
    Candidate,
    #[error("there is no media section {0:?}")]
    UnknownSection(String),
    #[error("there are too many data channels")]
    TooManyChannels,
    #[error(
        "the data channel's label and protocol have more than {} bytes",
        crate::limits::MAX_CHANNEL_NAMES
    )]
    ChannelNames,
    #[error("the data channel's handle is in use, or not the page's to give")]
    ChannelHandle,
    #[error("the data channel's stream is in use, or beyond the last")]
    ChannelStream,
    #[error("there is no such data channel")]
    UnknownChannel,
}

impl RequestError {
    /// The name of the exception (Web IDL, section 2.8.1; WebRTC 1.0).
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "TypeError",
            Self::UnknownOperation | Self::UnknownVersion => "NotSupportedError",
            Self::NotInitialised
            | Self::InitialisedTwice
            | Self::NoOffer
            | Self::NoPendingOffer
            | Self::OfferPending => "InvalidStateError",
            Self::MessageTooLarge
            | Self::DescriptionTooLarge
            | Self::TooManySections
            | Self::Candidate
            | Self::ChannelHandle
            | Self::ChannelNames
            | Self::ChannelStream
            | Self::TooManyChannels => "OperationError",
            Self::SdpSyntax { .. } | Self::Sdp(_) => "SyntaxError",
            Self::Mid
            | Self::IceCredentials
            | Self::Fingerprint
            | Self::RtcpMux
            | Self::Apply(_)
            | Self::UnknownSection(_)
            | Self::UnknownChannel => "InvalidAccessError",
        }
    }

    /// As it crosses the bridge.
    pub(crate) fn to_wire(&self) -> WireError {
        WireError {
            name: self.name(),
            message: self.to_string(),
        }
    }
}

/// An error as the page gets it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct WireError {
    pub(crate) name: &'static str,
    pub(crate) message: String,
}
