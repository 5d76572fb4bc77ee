//! The bridge between page and plugin: a WebSocket on loopback for each peer connection.

pub(crate) mod counts;
pub(crate) mod frame;
pub(crate) mod messages;
pub(crate) mod outbox;
pub(crate) mod server;
