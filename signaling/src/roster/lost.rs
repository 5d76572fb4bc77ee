//! Nodes that went without a word, and are looked for at their last address: every 4 s for a minute,
//! every 15 s for ten, every minute for an hour.
//!
//! A device that slept, or whose switch or access point was silent, announces nothing when it is back,
//! for its own addresses never changed; and mDNS asks for strangers ever more rarely. One TCP
//! connection that succeeds is reason to ask again.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::protocol::{NodeId, limits::MAX_LOST};

/// Shortest time between two searches that [`Lost::answered`] asks for.
const SEARCH_AGAIN: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(super) struct Lost {
    nodes: BTreeMap<NodeId, Search>,
    searched_at: Option<Instant>,
}

#[derive(Debug)]
struct Search {
    addresses: Vec<SocketAddr>,
    since: Instant,
    next_at: Instant,
}

/// How long to wait before the next attempt; nothing once it is not worth another.
fn pause(missing: Duration) -> Option<Duration> {
    match missing.as_secs() {
        0..60 => Some(Duration::from_secs(4)),
        60..600 => Some(Duration::from_secs(15)),
        600..3600 => Some(Duration::from_secs(60)),
        3600.. => None,
    }
}

impl Lost {
    pub(super) fn insert(&mut self, now: Instant, node: NodeId, addresses: Vec<SocketAddr>) {
        if self.nodes.len() >= MAX_LOST {
            let oldest = self.nodes.iter().min_by_key(|(_, search)| search.since);
            if let Some(oldest) = oldest.map(|(node, _)| node.clone()) {
                self.nodes.remove(&oldest);
            }
        }
        let next_at = now + pause(Duration::ZERO).unwrap_or_default();
        self.nodes.insert(
            node,
            Search {
                addresses,
                since: now,
                next_at,
            },
        );
    }

    pub(super) fn forget(&mut self, node: &NodeId) {
        self.nodes.remove(node);
    }

    pub(super) fn addresses(&self, node: &NodeId) -> &[SocketAddr] {
        self.nodes.get(node).map_or(&[], |search| &search.addresses)
    }

    /// A probe of `node` was answered. Whether to search: the node is lost, and it wasn't done just now.
    pub(super) fn answered(&mut self, now: Instant, node: &NodeId) -> bool {
        let soon = self.searched_at.is_some_and(|at| now < at + SEARCH_AGAIN);
        if soon || !self.nodes.contains_key(node) {
            return false;
        }
        self.searched_at = Some(now);
        true
    }

    pub(super) fn next_at(&self) -> Option<Instant> {
        self.nodes.values().map(|search| search.next_at).min()
    }

    /// Whom to probe now, and where.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Vec<(NodeId, Vec<SocketAddr>)> {
        let mut due = Vec::new();
        self.nodes.retain(|node, search| {
            if search.next_at > now {
                return true;
            }
            let Some(pause) = pause(now.saturating_duration_since(search.since)) else {
                return false;
            };
            search.next_at = now + pause;
            due.push((node.clone(), search.addresses.clone()));
            true
        });
        due
    }
}
