//! What is lost, or never found: nodes, media, guests.

use super::endings::{assert_ended, ringing, two};
use super::values::{guest_of, node_id, secs};
use crate::{
    call::timing,
    protocol::{
        EndReason, PeerId,
        ui::{CallState, TransportState},
    },
};

#[test]
fn media_that_cannot_be_set_up() {
    let (mut world, alice, bob) = ringing();
    world.accept(&bob, 'c').unwrap();
    world.settle();
    assert_eq!(world.state(&alice, 'c'), Some(CallState::Connecting));
    world
        .transport(&alice, 'c', &bob.peer, TransportState::Failed)
        .unwrap();
    world.settle();
    let reason = EndReason::Failed;
    assert_ended(&world, (&alice, reason), (&bob, reason), false);
}

#[test]
fn nobody_at_that_address() {
    let (mut world, alice, _) = two();
    let nobody = PeerId::owner(node_id(9));
    world.place(&alice, &nobody, 'c').unwrap();
    world.run(timing::REACH - secs(1));
    assert_eq!(world.state(&alice, 'c'), Some(CallState::Calling));
    world.run(secs(1));
    assert_eq!(world.record(&alice).end, EndReason::Unreachable);
}

#[test]
fn a_node_that_vanishes_while_it_is_called() {
    let (mut world, alice, bob) = two();
    world.detach(&bob); // Nobody sees the call, so it doesn't ring.
    world.place(&alice, &bob.peer, 'c').unwrap();
    world.run(secs(20));
    world.is_cut = true;
    let node = bob.peer.node().clone();
    world.act(&alice, |machine, now| {
        machine.handle_link_failed(now, &node)
    });
    world.run(timing::REACH);
    assert_eq!(world.record(&alice).end, EndReason::Unreachable);
}

#[test]
fn a_broken_link_does_not_end_what_rings_or_is_active() {
    let (mut world, alice, bob) = ringing();
    let node = bob.peer.node().clone();
    world.act(&alice, |machine, now| {
        machine.handle_link_failed(now, &node)
    });
    world.run(secs(20));
    assert_eq!(world.state(&alice, 'c'), Some(CallState::Ringing));
    world.accept(&bob, 'c').unwrap();
    world.settle();
    for (here, there) in [(&alice, &bob), (&bob, &alice)] {
        world
            .transport(here, 'c', &there.peer, TransportState::Connected)
            .unwrap();
    }
    world.is_cut = true;
    world.act(&alice, |machine, now| {
        machine.handle_link_failed(now, &node)
    });
    world.run(secs(3600));
    assert_eq!(world.state(&alice, 'c'), Some(CallState::Active));
}

#[test]
fn a_guest_who_does_not_exist() {
    let (mut world, alice, _) = two();
    world.place(&alice, &guest_of(2, 'g'), 'c').unwrap();
    world.settle();
    assert_eq!(world.record(&alice).end, EndReason::Unreachable);
}

#[test]
fn a_guest_who_leaves_for_good() {
    let (mut world, alice, _) = two();
    let guest = world.attach(&guest_of(2, 'g'), true);
    world.connected(&alice, &guest, 'c');
    let peer = guest.peer.clone();
    world.act(&guest, |machine, now| {
        machine.end_endpoint(now, &peer, EndReason::Left)
    });
    world.settle();
    let reason = EndReason::Left;
    assert_ended(&world, (&alice, reason), (&guest, reason), false);
    world.place(&alice, &guest.peer, 'd').unwrap();
    world.settle();
    assert_eq!(world.records_of(&alice.peer)[1].end, EndReason::Unreachable);
}

#[test]
fn the_other_device_shuts_down() {
    let (mut world, alice, bob) = ringing();
    world.act(&alice, |machine, now| machine.end_all(now, EndReason::Left));
    world.settle();
    assert_ended(
        &world,
        (&alice, EndReason::Left),
        (&bob, EndReason::Left),
        true,
    );
}

#[test]
fn media_that_does_not_come() {
    let (mut world, alice, bob) = ringing();
    world.accept(&bob, 'c').unwrap();
    world.run(timing::CONNECT);
    world.settle();
    let reason = EndReason::Failed;
    assert_ended(&world, (&alice, reason), (&bob, reason), false);
}

#[test]
fn media_that_stays_away() {
    let (mut world, alice, bob) = two();
    world.connected(&alice, &bob, 'c');
    world
        .transport(&alice, 'c', &bob.peer, TransportState::Interrupted)
        .unwrap();
    assert!(world.view(&alice, 'c').unwrap().participants[0].interrupted);
    world.run(timing::INTERRUPTED - secs(1));
    world
        .transport(&alice, 'c', &bob.peer, TransportState::Connected)
        .unwrap();
    assert!(!world.view(&alice, 'c').unwrap().participants[0].interrupted);
    world.run(secs(600));
    world
        .transport(&alice, 'c', &bob.peer, TransportState::Interrupted)
        .unwrap();
    world.run(secs(10));
    world
        .transport(&alice, 'c', &bob.peer, TransportState::Interrupted)
        .unwrap();
    world.run(timing::INTERRUPTED - secs(10));
    world.settle();
    let reason = EndReason::ConnectionLost;
    assert_ended(&world, (&alice, reason), (&bob, reason), false);
}

#[test]
fn a_ui_that_gives_up_on_an_active_call() {
    let (mut world, alice, bob) = two();
    world.connected(&alice, &bob, 'c');
    world
        .transport(&bob, 'c', &alice.peer, TransportState::Failed)
        .unwrap();
    world.settle();
    let reason = EndReason::ConnectionLost;
    assert_ended(&world, (&alice, reason), (&bob, reason), false);
}

#[test]
fn a_node_that_restarts_has_forgotten_the_call() {
    let (mut world, alice, bob) = two();
    world.connected(&alice, &bob, 'c');
    let bob = world.restart(&bob);
    world.link_up(&alice, &bob);
    world.settle();
    assert_eq!(world.record(&alice).end, EndReason::ConnectionLost);
}

#[test]
fn an_ended_call_is_forgotten_in_the_end() {
    let (mut world, alice, bob) = ringing();
    world.decline(&bob, 'c').unwrap();
    world.run(timing::LINGER + secs(1));
    assert_eq!(world.view(&alice, 'c'), None);
    assert!(world.view(&bob, 'c').is_some());
    world.run(timing::REMEMBER - timing::LINGER);
    assert_eq!(world.view(&bob, 'c'), None);
    for ui in [&alice, &bob] {
        assert_eq!(world.machine(&ui.peer).poll_timeout(), None);
    }
}

#[test]
fn ringing_stops_at_both_ends_when_the_other_is_gone() {
    let (mut world, alice, bob) = ringing();
    world.is_cut = true;
    for (one, other) in [(&alice, &bob), (&bob, &alice)] {
        world.act(one, |machine, now| {
            machine.handle_peer_gone(now, &other.peer);
        });
        world.run(timing::FAREWELL);
        assert_eq!(world.record(one).end, EndReason::ConnectionLost);
    }
}

#[test]
fn a_peer_that_is_off_the_list_still_talks() {
    let (mut world, alice, bob) = two();
    world.connected(&alice, &bob, 'c');
    world.act(&alice, |machine, now| {
        machine.handle_peer_gone(now, &bob.peer);
    });
    world.run(timing::FAREWELL);
    assert_eq!(world.state(&alice, 'c'), Some(CallState::Active));
}

#[test]
fn a_goodbye_over_the_link_may_come_after_the_one_to_all() {
    let (mut world, alice, bob) = ringing();
    world.act(&alice, |machine, now| {
        machine.handle_peer_gone(now, &bob.peer);
    });
    world.act(&bob, |machine, now| machine.end_all(now, EndReason::Left));
    world.settle();
    assert_eq!(world.record(&alice).end, EndReason::Left);
}

#[test]
fn a_node_that_cannot_prove_its_id() {
    let (mut world, alice, bob) = two();
    world.is_cut = true;
    world.place(&alice, &bob.peer, 'c').unwrap();
    let node = bob.peer.node().clone();
    world.act(&alice, |machine, now| {
        machine.handle_link_refused(now, &node, EndReason::WrongKey)
    });
    world.settle();
    assert_eq!(world.record(&alice).end, EndReason::WrongKey);
}
