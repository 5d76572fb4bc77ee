//! Why there is no link, by who is at fault.

use crate::protocol::ErrorCode;

/// Why a link could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The network: nothing answered at any of the node's addresses.
    #[error("the node can't be reached")]
    Unreachable,
    /// Whoever answers there can't prove the node's id.
    #[error("another key than the node's id stands for")]
    WrongKey,
    /// The node speaks another version.
    #[error("another version of the protocol")]
    IncompatibleVersion,
    /// The node answered with something that is no link.
    #[error("the other side broke the protocol")]
    Misbehaved,
    /// This node has as many links as it takes.
    #[error("too many links")]
    AtCapacity,
}

impl LinkError {
    /// The code people are told of; nothing when the node just couldn't be reached.
    #[must_use]
    pub fn code(self) -> Option<ErrorCode> {
        match self {
            Self::Unreachable | Self::Misbehaved => None,
            Self::WrongKey => Some(ErrorCode::WrongKey),
            Self::IncompatibleVersion => Some(ErrorCode::IncompatibleVersion),
            Self::AtCapacity => Some(ErrorCode::AtCapacity),
        }
    }
}
