//! Whether a node's relay accepts a connection.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{net::TcpStream, sync::Semaphore, time};

use crate::protocol::{NodeId, limits::MAX_PROBES};

/// A host on the same LAN answers within milliseconds; this leaves room for one lost SYN, which is
/// repeated after a second (RFC 6298).
const PROBE_TIMEOUT: Duration = Duration::from_millis(1500);
/// Addresses tried, all at once.
const PROBE_ADDRESSES: usize = 3;

/// The probes, under way or waiting for a place: one of each node at most, or a node whose link comes and
/// goes could pile them up.
#[derive(Debug, Clone)]
pub(super) struct Probes {
    places: Arc<Semaphore>,
    nodes: Arc<Mutex<BTreeSet<NodeId>>>,
}

impl Probes {
    pub(super) fn new() -> Self {
        Self {
            places: Arc::new(Semaphore::new(MAX_PROBES)),
            nodes: Arc::default(),
        }
    }

    /// A probe of this node, if there is none.
    pub(super) fn begin(&self, node: NodeId) -> Option<Probe> {
        let probes = self.clone();
        let is_first = self.nodes().insert(node.clone());
        is_first.then_some(Probe { probes, node })
    }

    fn nodes(&self) -> MutexGuard<'_, BTreeSet<NodeId>> {
        // Each change is one insertion or removal.
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One probe; dropped, it makes room for the next of its node.
#[derive(Debug)]
pub(super) struct Probe {
    probes: Probes,
    node: NodeId,
}

impl Probe {
    /// Whether the node's relay answers. By then the node may be probed anew: who is told may ask again
    /// at once.
    pub(super) async fn run(self, addresses: &[SocketAddr]) -> bool {
        let Ok(_place) = self.probes.places.acquire().await else {
            return false;
        };
        answers(addresses).await
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.probes.nodes().remove(&self.node);
    }
}

/// Whether a connection could be made to one of the first addresses. It is closed at once.
async fn answers(addresses: &[SocketAddr]) -> bool {
    let mut attempts: FuturesUnordered<_> = addresses
        .iter()
        .take(PROBE_ADDRESSES)
        .map(TcpStream::connect)
        .collect();
    let first = async {
        while let Some(attempt) = attempts.next().await {
            if attempt.is_ok() {
                return true;
            }
        }
        false
    };
    time::timeout(PROBE_TIMEOUT, first).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    fn node(number: u8) -> NodeId {
        NodeId::from_digest(&[number; 32])
    }

    #[tokio::test]
    async fn a_node_is_probed_once_at_a_time() {
        let probes = Probes::new();
        let first = probes.begin(node(1)).unwrap();
        assert!(probes.begin(node(1)).is_none());
        assert!(probes.begin(node(2)).is_some(), "not so another");
        assert!(!first.run(&[]).await);
        drop(probes.begin(node(1)).unwrap());
        assert!(
            probes.begin(node(1)).is_some(),
            "also after one that was stopped"
        );
    }

    #[tokio::test]
    async fn a_listener_answers_and_a_closed_port_does_not() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let open = listener.local_addr().unwrap();
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shut = closed.local_addr().unwrap();
        drop(closed);
        assert!(answers(&[open]).await);
        assert!(answers(&[shut, open]).await);
        assert!(!answers(&[shut]).await);
        assert!(!answers(&[]).await);
    }
}
