//! What a node is started with, what it says when it is ready, and why it may not start.

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    identity::IdentityError,
    protocol::{NodeId, PeerId},
    relay::RelayError,
    store::StoreError,
};

/// What a node is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the key, the settings and the history are kept; made if absent.
    pub data_dir: PathBuf,
    /// The wanted TCP port of the relay; the next free one is used if it is taken, any if it is 0.
    pub port: u16,
    /// A display name for this run, instead of the one in the settings. Must be clean:
    /// [`crate::protocol::name::clean_name`].
    pub name: Option<String>,
}

impl Config {
    /// The relay's port unless another is asked for.
    pub const DEFAULT_PORT: u16 = 3000;
}

/// A node that serves, listens and is announced.
#[derive(Debug, Clone, Serialize)]
pub struct Ready {
    /// Its id.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// The relay's TCP port.
    pub port: u16,
    /// Whether another port was wanted.
    #[serde(skip)]
    pub wanted_port_taken: bool,
    /// Where a browser on this device opens the UI.
    pub local_url: String,
    /// Where a browser on the LAN opens the UI, best first.
    pub lan_urls: Vec<String>,
}

impl Ready {
    /// The owner's endpoint.
    #[must_use]
    pub fn owner(&self) -> PeerId {
        PeerId::owner(self.id.clone())
    }
}

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key can't be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// No port could be bound.
    #[error(transparent)]
    Relay(#[from] RelayError),
}
