//! Codes: how errors, endings and notices are told apart. The sentence for each is the UI's, in the
//! language of the person.

use serde::{Deserialize, Serialize};

/// Why a request was refused, or a message not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The message is larger than [`super::limits::MAX_MESSAGE_BYTES`].
    #[error("message too large")]
    TooLarge,
    /// Not JSON, or not of the type it says.
    #[error("invalid message")]
    InvalidMessage,
    /// A `type` this version doesn't know.
    #[error("unknown message")]
    UnknownMessage,
    /// A request before the UI attached, or a second attach.
    #[error("not attached")]
    NotAttached,
    /// More requests than [`super::limits::REQUESTS_PER_SECOND`].
    #[error("too many requests")]
    RateLimited,
    /// The request doesn't fit the state of the call.
    #[error("not in this state of the call")]
    WrongState,
    /// No such call, or a call this endpoint is not in.
    #[error("not in this call")]
    NotInCall,
    /// A call with this id exists.
    #[error("call id in use")]
    CallExists,
    /// This endpoint is in a call already.
    #[error("already in a call")]
    AlreadyInCall,
    /// No such peer is known.
    #[error("unknown peer")]
    UnknownPeer,
    /// A peer can't call itself.
    #[error("cannot call yourself")]
    SelfCall,
    /// Another window of the same person holds the call.
    #[error("the call is in another window")]
    HeldElsewhere,
    /// The UI can't do WebRTC.
    #[error("no WebRTC here")]
    NoWebrtc,
    /// The owner's seat is for the device itself: refused to a connection from the LAN.
    #[error("only on the device itself")]
    NotOwner,
    /// The name is empty, too long or has control characters.
    #[error("invalid name")]
    InvalidName,
    /// A bound of [`super::limits`] is reached.
    #[error("at capacity")]
    AtCapacity,
    /// A node spoke for an endpoint that isn't its own.
    #[error("wrong sender")]
    WrongSender,
    /// A node could not prove the id it was announced with.
    #[error("wrong key")]
    WrongKey,
    /// The other node speaks another version.
    #[error("incompatible version")]
    IncompatibleVersion,
    /// Settings or history could not be written.
    #[error("could not be saved")]
    NotSaved,
    /// The node is shutting down.
    #[error("shutting down")]
    ShuttingDown,
    /// The app's node did not start: neither the wanted port nor one of the next is free.
    #[error("no free port")]
    NoPort,
    /// The app's node did not start: its data directory can't be made, read or written.
    #[error("data directory unusable")]
    DataDirUnusable,
    /// Another Lanline on this device uses the data directory.
    #[error("data directory in use")]
    DataDirInUse,
    /// The app's node did not start: its key can't be read, or is not a key.
    #[error("identity unusable")]
    IdentityUnusable,
    /// The app found no browser to hand a call to.
    #[error("no browser")]
    NoBrowser,
}

/// How a call ended, as its person is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The callee said no.
    Declined,
    /// The callee is in another call.
    Busy,
    /// Nobody answered within the ringing time.
    NoAnswer,
    /// The caller gave up while it rang.
    Cancelled,
    /// One of the two hung up.
    HungUp,
    /// The other end is gone: its node, its page or the network between.
    ConnectionLost,
    /// No link to the callee's node could be made.
    Unreachable,
    /// Whoever answers at the callee's address can't prove the callee's id.
    WrongKey,
    /// The callee's node speaks another version of the protocol.
    Incompatible,
    /// The media could not be set up.
    Failed,
    /// The callee takes no calls from this peer.
    Blocked,
    /// The other device closed Lanline.
    Left,
}

/// Something a person should know though they asked for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(rename_all = "snake_case")]
pub enum NoticeCode {
    /// The settings file could not be read; it was kept aside and defaults are used.
    SettingsCorrupt,
    /// The call history could not be read; it was kept aside.
    HistoryCorrupt,
    /// Settings or history can't be written to disk at the moment.
    NotSaved,
    /// The wanted port was taken; another is used.
    PortTaken,
    /// This device has no network but itself.
    NoNetwork,
    /// mDNS could not be started: nobody is found, and nobody finds this device.
    DiscoveryFailed,
}
