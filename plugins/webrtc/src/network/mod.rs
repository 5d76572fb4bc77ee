//! The machine's addresses and sockets, and the names of others.

pub(crate) mod names;
pub(crate) mod sockets;
