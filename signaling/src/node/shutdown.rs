//! How a node stops: nobody is left waiting, and it takes less than a second.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::driver::Driver;
use crate::{
    inbox::Input,
    protocol::{EndReason, ui::Event},
    relay::RelayHandle,
    store::Store,
};

/// The most a goodbye may take; whoever hasn't heard it by then finds out by itself.
const GOODBYE: Duration = Duration::from_millis(700);

impl Driver {
    /// Ends every call with a reason, then tells mDNS, the links and the UIs.
    pub(super) async fn shut_down(mut self, inputs: mpsc::Receiver<Input>, relay: RelayHandle) {
        let now = Instant::now();
        self.machine.end_all(now, EndReason::Left);
        self.settle(now);
        for ui in self.seats.all_uis() {
            self.push(ui, Event::Goodbye);
        }
        let Self {
            links,
            discovery,
            seats,
            store,
            ..
        } = self;
        // Closing the events' queues lets the UIs' sockets end after their last event.
        drop(seats);
        // Whoever still asks for something is told that the node is shutting down.
        drop(inputs);
        let goodbye = async {
            tokio::join!(
                links.shutdown(),
                async {
                    if let Some(discovery) = discovery {
                        discovery.shutdown().await;
                    }
                },
                relay.shutdown(),
                save(store),
            );
        };
        if tokio::time::timeout(GOODBYE, goodbye).await.is_err() {
            tracing::warn!("stopped before everybody had heard the goodbye");
        }
    }
}

/// Writes what was not written yet; blocking, so off the runtime's own threads.
async fn save(store: Arc<Store>) {
    let saved = tokio::task::spawn_blocking(move || store.save()).await;
    if let Ok(Err(error)) = saved {
        tracing::error!(%error, "settings or history could not be saved");
    }
}
