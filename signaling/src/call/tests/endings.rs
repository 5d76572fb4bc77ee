//! Every way a call can end, as both persons are told.

use std::{collections::BTreeSet, time::Instant};

use super::values::{guest_of, secs};
use super::world::{Ui, World};
use crate::{
    call::{ending::told, state::State, timing},
    protocol::{
        EndReason, ErrorCode,
        ui::{CallState, Direction},
    },
};

pub(super) fn two() -> (World, Ui, Ui) {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    (world, alice, bob)
}

pub(super) fn ringing() -> (World, Ui, Ui) {
    let (mut world, alice, bob) = two();
    world.place(&alice, &bob.peer, 'c').unwrap();
    assert_eq!(world.state(&alice, 'c'), Some(CallState::Calling));
    world.settle();
    assert_eq!(world.state(&alice, 'c'), Some(CallState::Ringing));
    assert_eq!(world.state(&bob, 'c'), Some(CallState::Ringing));
    (world, alice, bob)
}

/// Both are told this reason, once.
pub(super) fn assert_ended(
    world: &World,
    alice: (&Ui, EndReason),
    bob: (&Ui, EndReason),
    missed: bool,
) {
    let (placed, got) = (world.record(alice.0), world.record(bob.0));
    assert_eq!((placed.end, got.end), (alice.1, bob.1));
    assert!(!placed.missed, "nobody misses a call of their own");
    assert_eq!(got.missed, missed);
}

#[test]
fn declined() {
    let (mut world, alice, bob) = ringing();
    world.decline(&bob, 'c').unwrap();
    world.settle();
    let reason = EndReason::Declined;
    assert_ended(&world, (&alice, reason), (&bob, reason), false);
}

#[test]
fn hung_up_by_either() {
    for by_callee in [false, true] {
        let (mut world, alice, bob) = two();
        world.connected(&alice, &bob, 'c');
        world.run(secs(75));
        world
            .hang_up(if by_callee { &bob } else { &alice }, 'c')
            .unwrap();
        world.settle();
        let reason = EndReason::HungUp;
        assert_ended(&world, (&alice, reason), (&bob, reason), false);
        assert_eq!(world.record(&alice).talked.unwrap().as_secs(), 75);
        assert_eq!(
            world.view(&bob, 'c').unwrap().connected_ms.unwrap() / 1000,
            75
        );
    }
}

#[test]
fn cancelled_before_and_while_it_rings() {
    for visible in [false, true] {
        let mut world = World::new(&[1, 2]);
        let alice = world.owner(1);
        let bob = world.owner(2);
        if !visible {
            world.detach(&bob);
        }
        world.place(&alice, &bob.peer, 'c').unwrap();
        world.run(secs(5));
        let state = if visible {
            CallState::Ringing
        } else {
            CallState::Calling
        };
        assert_eq!(world.state(&alice, 'c'), Some(state));
        world.hang_up(&alice, 'c').unwrap();
        world.settle();
        let reason = EndReason::Cancelled;
        assert_ended(&world, (&alice, reason), (&bob, reason), true);
        assert_eq!(world.record(&bob).talked, None);
    }
}

#[test]
fn cancelled_before_the_invitation_got_through_is_a_missed_call_all_the_same() {
    let (mut world, alice, bob) = two();
    world.is_cut = true;
    world.place(&alice, &bob.peer, 'c').unwrap();
    world.run(secs(3));
    world.hang_up(&alice, 'c').unwrap();
    world.is_cut = false;
    world.link_up(&alice, &bob);
    world.settle();
    let reason = EndReason::Cancelled;
    assert_ended(&world, (&alice, reason), (&bob, reason), true);
}

#[test]
fn not_answered() {
    let (mut world, alice, bob) = ringing();
    world.run(timing::RING);
    world.settle();
    let reason = EndReason::NoAnswer;
    assert_ended(&world, (&alice, reason), (&bob, reason), true);
}

#[test]
fn not_answered_though_neither_hears_of_the_other_any_more() {
    let (mut world, alice, bob) = ringing();
    world.is_cut = true;
    world.run(timing::RING);
    let reason = EndReason::NoAnswer;
    assert_ended(&world, (&alice, reason), (&bob, reason), true);
}

#[test]
fn busy_with_another_disturbs_nobody() {
    let mut world = World::new(&[1, 2, 3]);
    let (alice, bob, carol) = (world.owner(1), world.owner(2), world.owner(3));
    world.connected(&alice, &bob, 'c');
    world.changes.clear();
    world.place(&carol, &bob.peer, 'd').unwrap();
    world.settle();
    assert_eq!(world.record(&carol).end, EndReason::Busy);
    let missed = world.record(&bob);
    assert_eq!(
        (missed.end, missed.missed, &missed.peer),
        (EndReason::Busy, true, &carol.peer)
    );
    assert_eq!(missed.direction, Direction::Incoming);
    assert!(
        world
            .changes
            .iter()
            .all(|(endpoint, _)| endpoint == &carol.peer)
    );
    assert_eq!(world.state(&bob, 'c'), Some(CallState::Active));
    assert_eq!(
        world.place(&bob, &carol.peer, 'e'),
        Err(ErrorCode::AlreadyInCall)
    );
}

#[test]
fn busy_while_ringing() {
    let mut world = World::new(&[1, 2, 3]);
    let (alice, bob, carol) = (world.owner(1), world.owner(2), world.owner(3));
    world.place(&alice, &bob.peer, 'c').unwrap();
    world.settle();
    world.place(&carol, &bob.peer, 'd').unwrap();
    world.settle();
    assert_eq!(world.record(&carol).end, EndReason::Busy);
    assert_eq!(world.state(&bob, 'c'), Some(CallState::Ringing));
}

#[test]
fn blocked_and_nothing_shown() {
    let (mut world, alice, bob) = two();
    let blocked = BTreeSet::from([alice.peer.clone()]);
    world.machine(&bob.peer).set_blocked(blocked);
    world.place(&alice, &bob.peer, 'c').unwrap();
    world.settle();
    assert_eq!(world.record(&alice).end, EndReason::Blocked);
    assert_eq!(world.records_of(&bob.peer), []);
    assert!(
        world
            .changes
            .iter()
            .all(|(endpoint, _)| endpoint == &alice.peer)
    );
    // Nor does another page of her node help.
    let herself = world.attach(&guest_of(1, 'g'), true);
    world.place(&herself, &bob.peer, 'e').unwrap();
    world.settle();
    assert_eq!(world.record(&herself).end, EndReason::Blocked);
    assert_eq!(world.records_of(&bob.peer), []);
    // A guest of Bob's may still be called.
    let guest = world.attach(&guest_of(2, 'g'), true);
    world.place(&alice, &guest.peer, 'd').unwrap();
    world.settle();
    assert_eq!(world.state(&alice, 'd'), Some(CallState::Ringing));
}

#[test]
fn a_reason_that_does_not_fit_becomes_one_that_does() {
    use Direction::{Incoming, Outgoing};
    let ringing = State::Ringing {
        until: Instant::now(),
    };
    for (direction, state, said, told_as) in [
        (Outgoing, ringing, EndReason::Cancelled, EndReason::Declined),
        (Outgoing, ringing, EndReason::HungUp, EndReason::HungUp),
        (Outgoing, State::Active, EndReason::Busy, EndReason::HungUp),
        (Incoming, ringing, EndReason::Declined, EndReason::Cancelled),
        (
            Incoming,
            State::Active,
            EndReason::NoAnswer,
            EndReason::Cancelled,
        ),
        (
            Incoming,
            State::Active,
            EndReason::Blocked,
            EndReason::HungUp,
        ),
    ] {
        assert_eq!(told(direction, &state, said), told_as);
    }
}
