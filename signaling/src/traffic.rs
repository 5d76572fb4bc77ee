//! The log of what passes: type, direction and size of each message. Never its contents, an address
//! or a secret.

use serde::Serialize;

use crate::protocol::{ErrorCode, wire};

/// The log's target.
pub(crate) const TARGET: &str = "lanline::relay";

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    UiToNode,
    NodeToUi,
    NodeToLink,
    LinkToNode,
}

impl Direction {
    fn as_str(self) -> &'static str {
        match self {
            Self::UiToNode => "ui→node",
            Self::NodeToUi => "node→ui",
            Self::NodeToLink => "node→link",
            Self::LinkToNode => "link→node",
        }
    }
}

/// Logs a message of `bytes` bytes.
pub(crate) fn log<T: Serialize>(direction: Direction, message: &T, bytes: usize) {
    if tracing::enabled!(target: TARGET, tracing::Level::INFO) {
        let kind = wire::kind_of(message);
        tracing::info!(target: TARGET, direction = direction.as_str(), kind, bytes);
    }
}

/// Logs a message that could not be read.
pub(crate) fn log_refused(direction: Direction, code: ErrorCode, bytes: usize) {
    tracing::info!(target: TARGET, direction = direction.as_str(), refused = %code, bytes);
}
