//! A running node: what the desktop app and the headless binary start, and stop.
//!
//! ```text
//! UIs ──┐
//! links ┼─▶ Inbox ─▶ driver ─▶ call machine, roster, store ─▶ frames, events, announcements
//! mDNS ─┘
//! ```
//!
//! The driver is the only owner of the state and the only reader of the clock.

mod attach;
mod commands;
mod config;
mod driver;
mod inputs;
mod outputs;
mod presence;
mod seats;
mod shutdown;
#[cfg(test)]
mod tests;

pub use config::{Config, Ready, StartError};

use std::sync::Arc;

use tokio::{sync::oneshot, task::JoinHandle};

use crate::{
    device,
    discovery::{self, Discovery},
    identity::Identity,
    inbox::Inbox,
    link::Links,
    protocol::{Instance, NoticeCode},
    relay,
    store::Store,
};

/// A running node.
#[derive(Debug)]
pub struct Node {
    inbox: Inbox,
    ready: Ready,
    stop: oneshot::Sender<()>,
    driver: JoinHandle<()>,
}

impl Node {
    /// Starts a node: when this returns, it serves, listens and is announced.
    ///
    /// # Errors
    /// See [`StartError`]; nothing is left running.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        Self::start_with(config, true).await
    }

    /// A node that neither looks for others nor is found: what a test on a real machine may start.
    #[cfg(test)]
    pub(crate) async fn start_unannounced(config: Config) -> Result<Self, StartError> {
        Self::start_with(config, false).await
    }

    async fn start_with(config: Config, on_mdns: bool) -> Result<Self, StartError> {
        let (store, mut notices) = Store::open(&config.data_dir)?;
        let identity = Arc::new(Identity::load_or_create(&config.data_dir)?);
        let node = identity.node_id().clone();

        let bound = relay::bind(config.port).await?;
        let (port, wanted_port_taken) = (bound.port, bound.wanted_taken);
        if wanted_port_taken {
            tracing::warn!(
                wanted = config.port,
                port,
                "the port is taken, using the next free one"
            );
            notices.push(NoticeCode::PortTaken);
        }

        let (inbox, inputs) = Inbox::new();
        // Announce before anything else is set up: others see us while the rest starts.
        let discovery = on_mdns.then(|| Discovery::start(port, node.clone(), inbox.clone()));
        let links = Links::new(identity.clone(), inbox.clone());
        let name = config.name.as_deref().map_or_else(
            || store.name().unwrap_or_else(device::default_name),
            ToOwned::to_owned,
        );
        let addresses = discovery::own_addresses();
        let mut driver = driver::Driver::new(driver::Parts {
            node: node.clone(),
            instance: Instance::random(),
            name: name.clone(),
            kind: device::default_kind(),
            port,
            store: Arc::new(store),
            inbox: inbox.clone(),
            notices,
            links: links.clone(),
            discovery,
            addresses,
        });
        driver.announce();
        let ready = Ready {
            id: node,
            name,
            port,
            wanted_port_taken,
            local_url: driver.local_url(),
            lan_urls: driver.lan_urls(),
        };
        let relay = relay::serve(bound, identity, inbox.clone(), links);
        let (stop, stopped) = oneshot::channel();
        let driver = tokio::spawn(driver.run(inputs, stopped, relay));
        Ok(Self {
            inbox,
            ready,
            stop,
            driver,
        })
    }

    /// Where UIs attach.
    #[must_use]
    pub fn inbox(&self) -> Inbox {
        self.inbox.clone()
    }

    /// Who this node is and where it is reached.
    #[must_use]
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Ends all calls with a reason, says goodbye on mDNS and on the links, and stops. Takes less
    /// than a second.
    pub async fn shutdown(self) {
        // A driver that is gone already needs no telling.
        let _ = self.stop.send(());
        if let Err(error) = self.driver.await {
            tracing::error!(%error, "the driver did not stop in order");
        }
    }
}
