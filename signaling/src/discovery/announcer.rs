//! What this node announces, and how it says goodbye.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use mdns_sd::{ServiceDaemon, ServiceInfo};
use tokio::time::{self, Instant};

use super::{
    Announcement, SERVICE_TYPE, Shared,
    daemon::{BUSY, Failed, done, instance},
    txt,
};
use crate::protocol::PeerId;

/// The daemon repeats a goodbye after 120 ms, and must not be stopped before.
const GOODBYE: Duration = Duration::from_millis(150);
/// Others forget a name one second after its second goodbye. If it is announced again before, some
/// don't notice that it was gone (seen in the lab).
const COME_BACK: Duration = Duration::from_millis(1300);

/// Our endpoints as one daemon knows them.
pub(super) struct Announcer {
    shared: Arc<Shared>,
    announced: BTreeMap<PeerId, Announcement>,
    /// Those that are to be announced though nothing about them has changed.
    stale: BTreeSet<PeerId>,
    /// When these may be announced again.
    leaving: BTreeMap<PeerId, Instant>,
    /// Number of the last announcement; see [`txt`].
    number: u32,
}

impl Announcer {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            announced: BTreeMap::new(),
            stale: BTreeSet::new(),
            leaving: BTreeMap::new(),
            // So that what a restarted node says is never taken for what it said before.
            number: rand::random(),
        }
    }

    /// Has [`Self::announce`] announce everything again.
    pub(super) fn repeat(&mut self) {
        self.stale = self.announced.keys().cloned().collect();
    }

    /// Brings what is announced in line with what is wanted. When to come back, if not all could be
    /// done now.
    pub(super) fn announce(&mut self, daemon: &ServiceDaemon) -> Result<Option<Instant>, Failed> {
        let now = Instant::now();
        self.leaving.retain(|_, until| *until > now);
        let wanted = self.shared.wanted().clone();
        let surplus: Vec<_> = self
            .announced
            .keys()
            .filter(|peer| !wanted.contains_key(peer))
            .cloned()
            .collect();
        for peer in surplus {
            if !self.leave(daemon, &peer)? {
                return Ok(Some(now + BUSY));
            }
        }
        for (peer, announcement) in wanted {
            let current = self.announced.get(&peer) == Some(&announcement);
            if (current && !self.stale.contains(&peer)) || self.leaving.contains_key(&peer) {
                continue;
            }
            if !self.register(daemon, &announcement, false)? {
                return Ok(Some(now + BUSY));
            }
            self.stale.remove(&peer);
            self.announced.insert(peer, announcement);
        }
        Ok(self.leaving.values().min().copied())
    }

    /// Registers an endpoint, anew if it was. Whether the daemon had room for it.
    fn register(
        &mut self,
        daemon: &ServiceDaemon,
        announcement: &Announcement,
        left: bool,
    ) -> Result<bool, Failed> {
        self.number = self.number.wrapping_add(1);
        let properties = txt::write(announcement, left, self.number);
        let info = ServiceInfo::new(
            SERVICE_TYPE,
            &announcement.peer.to_string(),
            // A host name for each endpoint: the goodbye of a guest takes its host's addresses along.
            &format!("{}.local.", announcement.peer),
            "",
            self.shared.port,
            properties.as_slice(),
        );
        let mut info = match info {
            Ok(info) => info.enable_addr_auto(),
            Err(error) => {
                // Bounded names and ids always fit; leaving it out is better than stopping.
                tracing::error!(%error, "announcement refused");
                return Ok(true);
            }
        };
        // Names are unique by construction: each has the hash of a key in it.
        info.set_requires_probe(false);
        done(daemon.register(info))
    }

    /// Says goodbye for an endpoint. Whether the daemon had room for it.
    fn leave(&mut self, daemon: &ServiceDaemon, peer: &PeerId) -> Result<bool, Failed> {
        if let Some(announcement) = self.announced.get(peer).cloned()
            && !self.register(daemon, &announcement, true)?
        {
            return Ok(false);
        }
        let unregistered = daemon.unregister(&instance(peer)).map(|_| ());
        if !done(unregistered)? {
            return Ok(false);
        }
        self.announced.remove(peer);
        self.stale.remove(peer);
        self.leaving
            .insert(peer.clone(), Instant::now() + COME_BACK);
        Ok(true)
    }

    /// Says goodbye for all.
    pub(super) async fn close(mut self, daemon: &ServiceDaemon) {
        let peers: Vec<_> = self.announced.keys().cloned().collect();
        for peer in peers {
            while let Ok(false) = self.leave(daemon, &peer) {
                time::sleep(BUSY).await;
            }
        }
        if !self.leaving.is_empty() {
            time::sleep(GOODBYE).await;
        }
    }
}
