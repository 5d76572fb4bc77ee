//! Who is there: sightings and time in, a list of peers out. It reads no clock and owns no socket.
//!
//! mDNS alone takes two minutes to notice that a device was switched off. So every node is asked for a
//! sign of life ([`RosterOutput::Probe`], a TCP connection to its relay) some four seconds after the
//! last one; one that doesn't answer is doubted, and mDNS is told to verify its peers within two
//! seconds ([`RosterOutput::Verify`]). Whoever is gone without a word is looked for at its last address
//! for a while ([`lost`]), because nothing is announced when a silent network comes back.

mod liveness;
mod lost;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    time::Instant,
};

use crate::{
    inbox::Sighting,
    protocol::{
        NodeId, PeerId,
        limits::{MAX_ADDRESSES, MAX_PEERS, MAX_PEERS_PER_NODE},
    },
};
use liveness::Liveness;
use lost::Lost;

/// How many a newcomer makes us doubt because they had its address.
const FORMER_TENANTS: usize = 4;

/// What is to be done, or is worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RosterOutput {
    /// Try to connect to a node's relay, and report with [`Roster::handle_probed`].
    Probe(NodeId, Vec<SocketAddr>),
    /// Have mDNS verify a peer: [`Roster::handle_gone`] follows if nobody answers.
    Verify(PeerId),
    /// Have mDNS ask anew who is there.
    Search,
    /// [`Roster::peers`] has changed.
    Changed,
    /// This peer is no longer among them.
    Gone(PeerId),
    /// An address of this node is gone from [`Roster::addresses`], which has the new ones already: it
    /// has moved. One that only came in addition is no such news; they arrive one after the other.
    AddressesChanged(NodeId),
}

/// The peers known now.
#[derive(Debug)]
pub struct Roster {
    own: NodeId,
    peers: BTreeMap<PeerId, Sighting>,
    nodes: BTreeMap<NodeId, Liveness>,
    lost: Lost,
    /// A peer was turned away for want of room.
    turned_away: bool,
    outputs: VecDeque<RosterOutput>,
}

impl Roster {
    /// An empty roster of the node `own`, which never lists itself; its id also sets its probes apart
    /// in time from those of the other nodes.
    #[must_use]
    pub fn new(own: NodeId) -> Self {
        Self {
            own,
            peers: BTreeMap::new(),
            nodes: BTreeMap::new(),
            lost: Lost::default(),
            turned_away: false,
            outputs: VecDeque::new(),
        }
    }

    /// A peer was seen, or has changed.
    ///
    /// A sighting of a node that is known already doesn't put off its next probe: mDNS is repeated from
    /// caches, and anybody can send it.
    pub fn handle_seen(&mut self, now: Instant, mut sighting: Sighting) {
        let node = sighting.peer.node().clone();
        if node == self.own || sighting.addresses.is_empty() {
            return;
        }
        sighting.addresses.truncate(MAX_ADDRESSES);
        let known = self.peers.get(&sighting.peer);
        if known == Some(&sighting) {
            return;
        }
        if known.is_none() && !self.has_room(&node) {
            self.turned_away = true;
            return;
        }
        // Of a lost node: where it was.
        let before = self.addresses(&node);
        let first_address = sighting.addresses.first().copied();
        self.peers.insert(sighting.peer.clone(), sighting);
        self.lost.forget(&node);
        self.nodes
            .entry(node.clone())
            .or_insert_with(|| Liveness::new(now, &self.own, &node));
        let after = self.addresses(&node);
        if after != before {
            self.doubt_former_tenants(&node, first_address);
        }
        if before.iter().any(|address| !after.contains(address)) {
            self.push(RosterOutput::AddressesChanged(node));
        }
        self.push(RosterOutput::Changed);
    }

    /// A peer said goodbye, or did not answer when it was verified.
    pub fn handle_gone(&mut self, now: Instant, peer: &PeerId) {
        let node = peer.node().clone();
        let addresses = self.addresses(&node);
        if self.peers.remove(peer).is_none() {
            return;
        }
        self.push(RosterOutput::Changed);
        self.push(RosterOutput::Gone(peer.clone()));
        if self.peers_of(&node).next().is_none() {
            let doubted = self.nodes.remove(&node).is_some_and(|n| n.is_doubted());
            if doubted {
                self.lost.insert(now, node, addresses);
            }
        }
        if std::mem::take(&mut self.turned_away) {
            self.push(RosterOutput::Search);
        }
    }

    /// A probe of a node was answered, or was not.
    pub fn handle_probed(&mut self, now: Instant, node: &NodeId, alive: bool) {
        if let Some(liveness) = self.nodes.get_mut(node) {
            if alive {
                liveness.evidence(now);
            } else if liveness.no_answer(now) {
                self.verify(node);
            }
        } else if alive && self.lost.answered(now, node) {
            self.push(RosterOutput::Search);
        }
    }

    /// Something was received over a link with this node, which is as good as a probe. What was only
    /// sent must not be reported: it would hide a death.
    pub fn handle_link_activity(&mut self, now: Instant, node: &NodeId) {
        if let Some(liveness) = self.nodes.get_mut(node) {
            liveness.evidence(now);
        }
    }

    /// The time [`Self::poll_timeout`] named has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        let mut due = Vec::new();
        for (node, liveness) in &mut self.nodes {
            if let Some(what) = liveness.handle_timeout(now) {
                due.push((node.clone(), what));
            }
        }
        for (node, what) in due {
            if what.verify() {
                self.verify(&node);
            }
            if what.probe() {
                let addresses = self.addresses(&node);
                self.push(RosterOutput::Probe(node, addresses));
            }
        }
        for (node, mut addresses) in self.lost.handle_timeout(now) {
            // Where somebody else is now, an answer would say nothing.
            addresses.retain(|a| !self.peers.values().any(|s| s.addresses.contains(a)));
            if !addresses.is_empty() {
                self.push(RosterOutput::Probe(node, addresses));
            }
        }
    }

    /// When [`Self::handle_timeout`] is to be called next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let nodes = self.nodes.values().map(Liveness::due_at);
        nodes.chain(self.lost.next_at()).min()
    }

    /// The next thing to do; call it until it has nothing, after every other call.
    pub fn poll_output(&mut self) -> Option<RosterOutput> {
        self.outputs.pop_front()
    }

    /// All peers, in the order of their ids.
    pub fn peers(&self) -> impl Iterator<Item = &Sighting> {
        self.peers.values()
    }

    /// One peer.
    #[must_use]
    pub fn get(&self, peer: &PeerId) -> Option<&Sighting> {
        self.peers.get(peer)
    }

    /// Where a node's relay listens, best first; where it last did, for a node that was lost.
    #[must_use]
    pub fn addresses(&self, node: &NodeId) -> Vec<SocketAddr> {
        let mut addresses = Vec::new();
        // All peers of a node have its addresses; they differ only while a change comes in.
        for address in self.peers_of(node).flat_map(|peer| &peer.addresses) {
            if addresses.len() < MAX_ADDRESSES && !addresses.contains(address) {
                addresses.push(*address);
            }
        }
        if addresses.is_empty() {
            addresses.extend(self.lost.addresses(node));
        }
        addresses
    }

    fn peers_of(&self, node: &NodeId) -> impl Iterator<Item = &Sighting> {
        // The owner's id is the node's, and sorts before all of its guests'.
        self.peers
            .range(PeerId::owner(node.clone())..)
            .map(|(_, sighting)| sighting)
            .take_while(move |sighting| sighting.peer.node() == node)
    }

    fn has_room(&self, node: &NodeId) -> bool {
        self.peers.len() < MAX_PEERS && self.peers_of(node).count() < MAX_PEERS_PER_NODE
    }

    fn verify(&mut self, node: &NodeId) {
        let peers: Vec<_> = self.peers_of(node).map(|s| s.peer.clone()).collect();
        for peer in peers {
            self.push(RosterOutput::Verify(peer));
        }
    }

    /// Whoever else is thought to be at the best address of `node` has probably left without a word,
    /// and its address was given away: a probe would find the new tenant, so mDNS is asked.
    fn doubt_former_tenants(&mut self, node: &NodeId, address: Option<SocketAddr>) {
        let former: Vec<_> = self
            .peers
            .values()
            .filter(|s| s.peer.node() != node && s.addresses.first().copied() == address)
            .map(|s| s.peer.clone())
            .take(FORMER_TENANTS)
            .collect();
        for peer in former {
            self.push(RosterOutput::Verify(peer));
        }
    }

    fn push(&mut self, output: RosterOutput) {
        if !self.outputs.contains(&output) {
            self.outputs.push_back(output);
        }
    }
}
