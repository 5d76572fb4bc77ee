//! A UI that goes, and one that goes on with its call.

use super::values::{answer, offer, secs};
use super::world::World;
use crate::{
    call::timing,
    protocol::{
        EndReason, ErrorCode,
        ui::{CallState, Holder, TransportState},
    },
};

#[test]
fn a_reload_takes_the_call_up_again() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.connected(&alice, &bob, 'c');
    world.run(secs(60));
    world.detach(&bob);
    world.run(secs(3));
    let reloaded = world.owner(2);
    let now = world.now;
    let views = world.machine(&bob.peer).views(now, &bob.peer, reloaded.ui);
    assert_eq!(views.len(), 1);
    assert_eq!(
        (views[0].holder, views[0].state),
        (Holder::Nobody, CallState::Active)
    );
    assert!(views[0].participants[0].interrupted);
    world.take(&reloaded, 'c').unwrap();
    let epoch = world.view(&reloaded, 'c').unwrap().participants[0].epoch;
    world
        .signal(&reloaded, 'c', &alice.peer, offer(epoch + 1))
        .unwrap();
    world.settle();
    world.signal(&alice, 'c', &bob.peer, answer(1)).unwrap();
    world.settle();
    assert_eq!(world.signals_of(&reloaded), [answer(1)]);
    for (here, there) in [(&reloaded, &alice), (&alice, &reloaded)] {
        world
            .transport(here, 'c', &there.peer, TransportState::Connected)
            .unwrap();
    }
    world.run(secs(600));
    let view = world.view(&reloaded, 'c').unwrap();
    assert_eq!((view.state, view.holder), (CallState::Active, Holder::Here));
    assert_eq!(
        view.connected_ms.unwrap() / 1000,
        663,
        "one call, one timer"
    );
}

#[test]
fn a_ui_that_stays_away_loses_the_call_on_both_sides() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.connected(&alice, &bob, 'c');
    world.detach(&bob);
    world.run(timing::GRACE);
    world.settle();
    for ui in [&alice, &bob] {
        assert_eq!(world.record(ui).end, EndReason::ConnectionLost);
    }
}

#[test]
fn a_take_that_never_connects_loses_the_call() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.connected(&alice, &bob, 'c');
    world.detach(&bob);
    let reloaded = world.owner(2);
    world.take(&reloaded, 'c').unwrap();
    world.run(timing::INTERRUPTED);
    world.settle();
    assert_eq!(world.record(&alice).end, EndReason::ConnectionLost);
}

#[test]
fn a_caller_reloads_while_it_rings() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.place(&alice, &bob.peer, 'c').unwrap();
    world.settle();
    world.detach(&alice);
    world.signal(&bob, 'c', &alice.peer, answer(0)).unwrap();
    world.settle();
    let reloaded = world.owner(1);
    world.take(&reloaded, 'c').unwrap();
    world.signal(&reloaded, 'c', &bob.peer, offer(1)).unwrap();
    world.settle();
    assert_eq!(world.signals_of(&bob), [offer(0), offer(1)]);
    world.accept(&bob, 'c').unwrap();
    world.settle();
    assert_eq!(world.state(&reloaded, 'c'), Some(CallState::Connecting));
}

#[test]
fn a_caller_that_stays_away_while_it_rings_has_cancelled() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.place(&alice, &bob.peer, 'c').unwrap();
    world.settle();
    world.detach(&alice);
    world.run(timing::GRACE);
    world.settle();
    assert_eq!(world.record(&alice).end, EndReason::Cancelled);
    let missed = world.record(&bob);
    assert_eq!((missed.end, missed.missed), (EndReason::Cancelled, true));
}

#[test]
fn a_call_moves_to_another_window() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.connected(&alice, &bob, 'c');
    let second = world.owner(2);
    let elsewhere = Err(ErrorCode::HeldElsewhere);
    let failed = TransportState::Failed;
    assert_eq!(
        world.transport(&second, 'c', &alice.peer, failed),
        elsewhere
    );
    world.take(&second, 'c').unwrap();
    // What the first window still says of its own connection ends nothing.
    assert_eq!(world.transport(&bob, 'c', &alice.peer, failed), elsewhere);
    world
        .transport(&second, 'c', &alice.peer, TransportState::Connected)
        .unwrap();
    world.detach(&bob);
    world.run(secs(600));
    assert_eq!(world.state(&second, 'c'), Some(CallState::Active));
}

#[test]
fn the_other_side_waits_for_the_new_connection_but_not_for_ever() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.connected(&alice, &bob, 'c');
    world.detach(&bob);
    let reloaded = world.owner(2);
    world.take(&reloaded, 'c').unwrap();
    world.signal(&reloaded, 'c', &alice.peer, offer(1)).unwrap();
    world.settle();
    assert!(world.view(&alice, 'c').unwrap().participants[0].interrupted);
    let connected = TransportState::Connected;
    world
        .transport(&reloaded, 'c', &alice.peer, connected)
        .unwrap();
    world.run(timing::INTERRUPTED);
    assert_eq!(world.record(&alice).end, EndReason::ConnectionLost);
}
