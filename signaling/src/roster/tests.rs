//! The roster on virtual time, against a network that is made up.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use proptest::prelude::*;

use super::*;
use crate::protocol::{
    EndpointId,
    limits::MAX_GUESTS,
    ui::{DeviceKind, PeerStatus},
};

fn node(number: u8) -> NodeId {
    NodeId::from_digest(&[number; 32])
}

fn address(host: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, host], 3000))
}

fn sighting(peer: PeerId, host: u8) -> Sighting {
    Sighting {
        peer,
        name: "Ada".to_owned(),
        kind: DeviceKind::Desktop,
        status: PeerStatus::Available,
        via: None,
        addresses: vec![address(host)],
    }
}

fn owner(number: u8) -> Sighting {
    sighting(PeerId::owner(node(number)), number)
}

/// How a host that is not well behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Its program was killed: connections are refused at once.
    Killed,
    /// Its cable was pulled: nothing comes back.
    Unplugged,
    /// A firewall drops connections; mDNS works.
    Firewalled,
}

#[derive(Debug)]
enum Fact {
    Probed(NodeId, bool),
    Verified(PeerId),
}

/// A roster with a network around it: probes are answered and verifications expire as they do in the lab.
struct World {
    start: Instant,
    now: Instant,
    roster: Roster,
    faults: BTreeMap<NodeId, Fault>,
    facts: Vec<(Instant, Fact)>,
    changes: usize,
    probes: Vec<Instant>,
    verifies: usize,
    searches: usize,
    moved: BTreeSet<NodeId>,
}

impl World {
    fn new() -> Self {
        let start = Instant::now();
        Self {
            start,
            now: start,
            roster: Roster::new(node(0)),
            faults: BTreeMap::new(),
            facts: Vec::new(),
            changes: 0,
            probes: Vec::new(),
            verifies: 0,
            searches: 0,
            moved: BTreeSet::new(),
        }
    }

    fn see(&mut self, sighting: Sighting) {
        self.roster.handle_seen(self.now, sighting);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.roster.poll_output() {
            match output {
                RosterOutput::Probe(node, addresses) => {
                    assert!(!addresses.is_empty());
                    self.probes.push(self.now);
                    let (after, alive) = match self.faults.get(&node) {
                        None => (2, true),
                        Some(Fault::Killed) => (2, false),
                        Some(Fault::Unplugged | Fault::Firewalled) => (1500, false),
                    };
                    let at = self.now + Duration::from_millis(after);
                    self.facts.push((at, Fact::Probed(node, alive)));
                }
                RosterOutput::Verify(peer) => {
                    self.verifies += 1;
                    let at = self.now + Duration::from_millis(2020);
                    self.facts.push((at, Fact::Verified(peer)));
                }
                RosterOutput::Search => self.searches += 1,
                RosterOutput::Changed => self.changes += 1,
                RosterOutput::Gone(peer) => assert!(self.roster.get(&peer).is_none()),
                RosterOutput::AddressesChanged(node) => {
                    self.moved.insert(node);
                }
            }
        }
    }

    /// Lets time pass up to `end`, from one deadline to the next.
    fn run_until(&mut self, end: Instant) {
        loop {
            self.facts.sort_by_key(|(at, _)| *at);
            let fact_at = self.facts.first().map(|(at, _)| *at);
            let next = fact_at.into_iter().chain(self.roster.poll_timeout()).min();
            let Some(next) = next.filter(|next| *next <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(next);
            if fact_at.is_some_and(|at| at <= self.now) {
                match self.facts.remove(0).1 {
                    Fact::Probed(node, alive) => self.roster.handle_probed(self.now, &node, alive),
                    // Whoever died after the question answers no more; who died before didn't either.
                    Fact::Verified(peer) => match self.faults.get(peer.node()) {
                        None | Some(Fault::Firewalled) => {}
                        Some(Fault::Killed | Fault::Unplugged) => {
                            self.roster.handle_gone(self.now, &peer);
                        }
                    },
                }
            } else {
                self.roster.handle_timeout(self.now);
            }
            self.drain();
        }
    }

    fn run(&mut self, time: Duration) {
        self.run_until(self.now + time);
    }

    /// Milliseconds from now until `peer` is gone.
    fn until_gone(&mut self, peer: &PeerId) -> u128 {
        let from = self.now;
        while self.roster.get(peer).is_some() {
            assert!(self.now < from + Duration::from_secs(60), "still there");
            self.run(Duration::from_millis(10));
        }
        (self.now - from).as_millis()
    }
}

#[test]
fn killed_or_unplugged_is_gone_within_ten_seconds_whenever_it_happens() {
    let mut worst = 0;
    for fault in [Fault::Killed, Fault::Unplugged] {
        for offset in (0..12_000).step_by(97) {
            let mut world = World::new();
            world.see(owner(1));
            world.run(Duration::from_millis(offset));
            assert_eq!(world.roster.peers().count(), 1);
            world.faults.insert(node(1), fault);
            worst = worst.max(world.until_gone(&PeerId::owner(node(1))));
        }
    }
    assert!((6000..9000).contains(&worst), "{worst} ms at worst");
}

#[test]
fn a_driver_that_never_answers_a_probe_hides_no_death() {
    let start = Instant::now();
    let mut roster = Roster::new(node(0));
    roster.handle_seen(start, owner(1));
    let (mut now, mut verified) = (start, None);
    while verified.is_none() {
        now = roster.poll_timeout().unwrap();
        roster.handle_timeout(now);
        while let Some(output) = roster.poll_output() {
            if output == RosterOutput::Verify(PeerId::owner(node(1))) {
                verified = Some(now);
            }
        }
    }
    assert!(now + Duration::from_secs(2) < start + Duration::from_secs(10));
}

#[test]
fn link_activity_puts_off_probes_but_not_a_death() {
    let mut world = World::new();
    world.see(owner(1));
    for _ in 0..100 {
        world.run(Duration::from_secs(1));
        world.roster.handle_link_activity(world.now, &node(1));
    }
    assert_eq!(world.probes.len(), 0);
    world.faults.insert(node(1), Fault::Unplugged);
    assert!(world.until_gone(&PeerId::owner(node(1))) < 9000);
}

#[test]
fn repeated_sightings_hide_no_death() {
    let mut world = World::new();
    world.see(owner(1));
    world.faults.insert(node(1), Fault::Unplugged);
    let started = world.now;
    let peer = PeerId::owner(node(1));
    let mut flip = false;
    while world.roster.get(&peer).is_some() && world.now < started + Duration::from_secs(20) {
        world.run(Duration::from_millis(300));
        flip = !flip;
        // A cache that tells the old news again, or somebody who wants it to be believed.
        if world.roster.get(&peer).is_some() {
            world.see(Sighting {
                status: if flip {
                    PeerStatus::InCall
                } else {
                    PeerStatus::Available
                },
                ..owner(1)
            });
        }
    }
    assert!(world.now < started + Duration::from_secs(10));
}

#[test]
fn a_firewalled_node_stays_and_its_death_is_noticed() {
    let mut world = World::new();
    world.see(owner(1));
    world.faults.insert(node(1), Fault::Firewalled);
    world.run(Duration::from_secs(300));
    assert_eq!(world.roster.peers().count(), 1);
    assert_eq!(world.changes, 1, "and doesn't flap");
    assert!(world.verifies < 300 / 5, "{} verifications", world.verifies);
    world.faults.insert(node(1), Fault::Unplugged);
    assert!(world.until_gone(&PeerId::owner(node(1))) < 9000);
}

#[test]
fn a_healthy_network_is_asked_every_four_seconds_and_not_in_step() {
    let mut world = World::new();
    for number in 1..=100 {
        world.see(owner(number));
    }
    world.changes = 0;
    world.run(Duration::from_secs(60));
    assert_eq!((world.changes, world.verifies), (0, 0));
    let rate = world.probes.len() as f64 / 100.0 / 60.0;
    assert!((0.22..0.29).contains(&rate), "{rate} a second and node");
    // In any tenth of a second of the last minute: a crowd of 100 in step would be one burst.
    let mut buckets: BTreeMap<u128, usize> = BTreeMap::new();
    for at in &world.probes {
        *buckets
            .entry((*at - world.start).as_millis() / 100)
            .or_default() += 1;
    }
    assert!(buckets.values().max() < Some(&25), "{buckets:?}");
}

#[test]
fn two_nodes_probe_a_third_at_different_times() {
    let now = Instant::now();
    let due: BTreeSet<_> = (1..=100)
        .map(|own| {
            let mut roster = Roster::new(node(own));
            roster.handle_seen(now, owner(0));
            roster.poll_timeout()
        })
        .collect();
    assert!(due.len() > 95);
}

#[test]
fn goodbye_is_believed_and_not_looked_into() {
    let mut world = World::new();
    world.see(owner(1));
    world.roster.handle_gone(world.now, &PeerId::owner(node(1)));
    world.drain();
    assert_eq!(world.roster.peers().count(), 0);
    assert_eq!(world.roster.poll_timeout(), None);
    assert!(world.roster.addresses(&node(1)).is_empty());
    world.roster.handle_gone(world.now, &PeerId::owner(node(1)));
    assert_eq!(world.roster.poll_output(), None, "gone is gone once");
}

#[test]
fn a_lost_node_that_is_back_is_searched_for() {
    let mut world = World::new();
    world.see(owner(1));
    world.faults.insert(node(1), Fault::Unplugged);
    world.until_gone(&PeerId::owner(node(1)));
    assert_eq!(world.roster.addresses(&node(1)), [address(1)]);
    world.run(Duration::from_secs(30));
    assert_eq!(world.searches, 0);
    world.faults.remove(&node(1));
    world.run(Duration::from_secs(5));
    assert_eq!(world.searches, 1);
    world.see(owner(1));
    world.run(Duration::from_secs(20));
    assert_eq!((world.searches, world.roster.peers().count()), (1, 1));
}

#[test]
fn a_lost_node_is_forgotten_in_the_end() {
    let mut world = World::new();
    world.see(owner(1));
    world.faults.insert(node(1), Fault::Killed);
    world.until_gone(&PeerId::owner(node(1)));
    let before = world.probes.len();
    world.run(Duration::from_secs(2 * 3600));
    assert_eq!(world.roster.poll_timeout(), None);
    let probes = world.probes.len() - before;
    assert!((80..130).contains(&probes), "{probes}");
}

#[test]
fn an_address_given_to_another_betrays_its_former_tenant() {
    let mut world = World::new();
    world.see(owner(1));
    world.see(sighting(PeerId::owner(node(2)), 1));
    assert_eq!(world.verifies, 1);
    // Probes of node 1 now reach node 2 and succeed, so only the verification can tell.
    world.faults.insert(node(1), Fault::Killed);
    world.run(Duration::from_millis(2100));
    assert!(world.roster.get(&PeerId::owner(node(1))).is_none());
    assert!(world.roster.get(&PeerId::owner(node(2))).is_some());
}

#[test]
fn a_new_address_is_told_once() {
    let mut world = World::new();
    let guest = PeerId::guest(node(1), EndpointId::random());
    world.see(owner(1));
    world.see(sighting(guest.clone(), 1));
    let mut both = owner(1);
    both.addresses.push(address(9));
    world.see(both);
    assert!(world.moved.is_empty(), "one more is no move");
    world.see(sighting(guest, 9));
    world.see(sighting(PeerId::owner(node(1)), 9));
    assert_eq!(world.moved, BTreeSet::from([node(1)]));
    assert_eq!(world.roster.addresses(&node(1)), [address(9)]);
}

#[test]
fn the_same_again_changes_nothing() {
    let mut world = World::new();
    world.see(owner(1));
    world.see(owner(1));
    assert_eq!(world.changes, 1);
    world.see(owner(0));
    assert_eq!(world.changes, 1, "and we don't list ourselves");
    world.see(Sighting {
        addresses: Vec::new(),
        ..owner(2)
    });
    assert_eq!(world.changes, 1, "nor whom nobody could reach");
}

#[test]
fn a_node_is_there_with_all_the_guests_it_seats() {
    let mut world = World::new();
    world.see(owner(1));
    for _ in 0..MAX_GUESTS {
        world.see(sighting(PeerId::guest(node(1), EndpointId::random()), 1));
    }
    assert_eq!(world.roster.peers().count(), 1 + MAX_GUESTS);
}

#[test]
fn floods_are_bounded() {
    let mut world = World::new();
    for _ in 0..2 * MAX_PEERS_PER_NODE {
        world.see(sighting(PeerId::guest(node(1), EndpointId::random()), 1));
    }
    assert_eq!(world.roster.peers().count(), MAX_PEERS_PER_NODE);
    for number in 0..4000_u32 {
        let mut digest = [7; 32];
        digest[..4].copy_from_slice(&number.to_be_bytes());
        let id = PeerId::owner(NodeId::from_digest(&digest));
        let mut flood = sighting(id, 3);
        flood.addresses = (0..200).map(address).collect();
        world.see(flood);
    }
    assert_eq!(world.roster.peers().count(), MAX_PEERS);
    assert!(
        world
            .roster
            .peers()
            .all(|s| s.addresses.len() <= MAX_ADDRESSES)
    );
    let gone = world.roster.peers().next().unwrap().peer.clone();
    world.roster.handle_gone(world.now, &gone);
    world.drain();
    assert_eq!(world.searches, 1, "there is room for those turned away");
}

proptest! {
    /// Whatever comes in whatever order: nobody who is dead stays longer than ten seconds, nobody alive
    /// leaves, and the deadlines never stand still.
    #[test]
    fn the_dead_leave_and_the_living_stay(
        steps in prop::collection::vec((0..4_u8, 1..5_u8, 0..9000_u64), 1..40)
    ) {
        let mut world = World::new();
        for (what, number, wait) in steps {
            match what {
                0 => { world.faults.remove(&node(number)); world.see(owner(number)); }
                1 => { world.faults.insert(node(number), Fault::Killed); }
                2 => { world.faults.insert(node(number), Fault::Unplugged); }
                _ => if !world.faults.contains_key(&node(number)) {
                    world.roster.handle_link_activity(world.now, &node(number));
                }
            }
            world.run(Duration::from_millis(wait));
            prop_assert!(world.roster.poll_timeout().is_none_or(|at| at > world.now));
        }
        world.run(Duration::from_secs(10));
        for peer in world.roster.peers() {
            prop_assert!(!world.faults.contains_key(peer.peer.node()));
        }
    }
}
