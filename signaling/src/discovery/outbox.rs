//! What discovery has found, on its way to the driver. A newer word on the same peer replaces an older
//! one that has not been taken yet, so it is bounded however slow the driver and however loud the
//! network is.

use std::{
    collections::{BTreeMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    inbox::{Inbox, Input, Sighting},
    protocol::{PeerId, limits::MAX_PEERS},
};

/// The putting end.
#[derive(Debug, Clone)]
pub(super) struct Outbox {
    pending: Arc<Mutex<Pending>>,
    filled: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Pending {
    health: Option<bool>,
    addresses: Option<Vec<IpAddr>>,
    /// Seen, or gone.
    peers: BTreeMap<PeerId, Option<Sighting>>,
    order: VecDeque<PeerId>,
}

/// An outbox that is emptied into `inbox` until that is closed, or `stop`.
pub(super) fn open(inbox: Inbox, stop: CancellationToken) -> Outbox {
    let outbox = Outbox {
        pending: Arc::default(),
        filled: Arc::default(),
    };
    let source = outbox.clone();
    tokio::spawn(stop.run_until_cancelled_owned(async move {
        loop {
            let Some(input) = source.pending().take() else {
                source.filled.notified().await;
                continue;
            };
            if inbox.put(input).await.is_err() {
                return;
            }
        }
    }));
    outbox
}

impl Outbox {
    pub(super) fn seen(&self, sighting: Sighting) {
        self.put(|pending| pending.peer(sighting.peer.clone(), Some(sighting)));
    }

    pub(super) fn gone(&self, peer: PeerId) {
        self.put(|pending| pending.peer(peer, None));
    }

    pub(super) fn addresses(&self, addresses: Vec<IpAddr>) {
        self.put(|pending| pending.addresses = Some(addresses));
    }

    pub(super) fn health(&self, works: bool) {
        self.put(|pending| pending.health = Some(works));
    }

    fn put(&self, change: impl FnOnce(&mut Pending)) {
        change(&mut self.pending());
        self.filled.notify_one();
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        // Nothing in here panics half-way; a lost word on a peer would come again.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    fn peer(&mut self, peer: PeerId, sighting: Option<Sighting>) {
        if self.peers.contains_key(&peer) {
            self.peers.insert(peer, sighting);
        } else if self.peers.len() < MAX_PEERS {
            self.order.push_back(peer.clone());
            self.peers.insert(peer, sighting);
        }
    }

    fn take(&mut self) -> Option<Input> {
        if let Some(works) = self.health.take() {
            return Some(Input::DiscoveryHealth(works));
        }
        if let Some(addresses) = self.addresses.take() {
            return Some(Input::Addresses(addresses));
        }
        let peer = self.order.pop_front()?;
        let sighting = self.peers.remove(&peer)?;
        Some(sighting.map_or(Input::Gone(peer), Input::Seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{
        NodeId,
        ui::{DeviceKind, PeerStatus},
    };

    fn sighting(number: u32, name: &str) -> Sighting {
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&number.to_be_bytes());
        Sighting {
            peer: PeerId::owner(NodeId::from_digest(&digest)),
            name: name.to_owned(),
            kind: DeviceKind::Unknown,
            status: PeerStatus::Away,
            via: None,
            addresses: Vec::new(),
        }
    }

    #[test]
    fn the_last_word_counts_and_the_order_stays() {
        let mut pending = Pending::default();
        let (first, second) = (sighting(1, "a"), sighting(2, "b"));
        pending.peer(first.peer.clone(), Some(first.clone()));
        pending.peer(second.peer.clone(), Some(second.clone()));
        pending.peer(first.peer.clone(), None);
        pending.peer(second.peer.clone(), None);
        pending.peer(second.peer.clone(), Some(sighting(2, "c")));
        assert!(matches!(pending.take(), Some(Input::Gone(peer)) if peer == first.peer));
        assert!(matches!(pending.take(), Some(Input::Seen(s)) if s.name == "c"));
        assert!(pending.take().is_none());
    }

    #[test]
    fn a_flood_is_bounded() {
        let mut pending = Pending::default();
        for number in 0..5000 {
            let flood = sighting(number, "x");
            pending.peer(flood.peer.clone(), Some(flood));
        }
        assert_eq!(
            (pending.peers.len(), pending.order.len()),
            (MAX_PEERS, MAX_PEERS)
        );
    }

    #[tokio::test]
    async fn a_slow_driver_gets_everything_once() {
        let (inbox, mut inputs) = Inbox::new();
        let stop = CancellationToken::new();
        let outbox = open(inbox, stop.clone());
        outbox.health(false);
        outbox.addresses(vec![[10, 0, 0, 1].into()]);
        outbox.seen(sighting(1, "a"));
        outbox.gone(sighting(2, "b").peer);
        assert!(matches!(
            inputs.recv().await,
            Some(Input::DiscoveryHealth(false))
        ));
        assert!(matches!(inputs.recv().await, Some(Input::Addresses(a)) if a.len() == 1));
        assert!(matches!(inputs.recv().await, Some(Input::Seen(_))));
        assert!(matches!(inputs.recv().await, Some(Input::Gone(_))));
        stop.cancel();
        drop(outbox);
        assert!(
            inputs.recv().await.is_none(),
            "stopped, so the inbox is closed"
        );
    }
}
