//! Which UI of an endpoint has the call: nomination, a second window, a reload.

use super::values::{MEDIA, answer, call_id, candidate, guest_of, node_id, offer, secs};
use super::world::World;
use crate::{
    call::timing,
    protocol::{
        EndReason, ErrorCode, PeerId,
        link::LegBody,
        media::MediaState,
        ui::{CallState, Holder, TransportState},
    },
};

#[test]
fn the_first_ui_answers_while_it_rings_and_accepting_is_all_that_is_left() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    let second = world.owner(2);
    world.place(&alice, &bob.peer, 'c').unwrap();
    world
        .signal(&alice, 'c', &bob.peer, candidate(0, "a"))
        .unwrap();
    world.settle();
    assert_eq!(world.signals_of(&bob), [offer(0), candidate(0, "a")]);
    assert_eq!(world.signals_of(&second), []);
    world.signal(&bob, 'c', &alice.peer, answer(0)).unwrap();
    world.settle();
    assert_eq!(world.signals_of(&alice), [answer(0)]);
    for (here, there) in [(&alice, &bob), (&bob, &alice)] {
        world
            .transport(here, 'c', &there.peer, TransportState::Connected)
            .unwrap();
        assert_eq!(
            world.state(here, 'c'),
            Some(CallState::Ringing),
            "nobody accepted"
        );
    }
    world.accept(&bob, 'c').unwrap();
    assert_eq!(world.state(&bob, 'c'), Some(CallState::Active));
    world.settle();
    let view = world.view(&alice, 'c').unwrap();
    assert_eq!(view.state, CallState::Active);
    assert!(view.connected_ms.is_some());
    assert_eq!(view.participants[0].media, MEDIA);
    assert_eq!(world.signals_of(&bob).len(), 2, "nothing is told twice");
}

#[test]
fn a_second_window_that_accepts_before_anything_was_answered_gets_the_offer() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob, second) = (world.owner(1), world.owner(2), world.owner(2));
    world.place(&alice, &bob.peer, 'c').unwrap();
    world
        .signal(&alice, 'c', &bob.peer, candidate(0, "a"))
        .unwrap();
    world.settle();
    world.accept(&second, 'c').unwrap();
    assert_eq!(world.signals_of(&second), [offer(0), candidate(0, "a")]);
    assert_eq!(world.view(&second, 'c').unwrap().holder, Holder::Here);
    assert_eq!(world.view(&bob, 'c').unwrap().holder, Holder::Elsewhere);
    let refused = world.signal(&bob, 'c', &alice.peer, answer(0));
    assert_eq!(refused, Err(ErrorCode::HeldElsewhere));
}

#[test]
fn a_second_window_that_accepts_after_the_first_answered_starts_an_epoch() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob, second) = (world.owner(1), world.owner(2), world.owner(2));
    world.place(&alice, &bob.peer, 'c').unwrap();
    world.settle();
    world.signal(&bob, 'c', &alice.peer, answer(0)).unwrap();
    world
        .transport(&bob, 'c', &alice.peer, TransportState::Connected)
        .unwrap();
    world.accept(&second, 'c').unwrap();
    assert_eq!(world.signals_of(&second), []);
    let connecting = world.state(&second, 'c');
    assert_eq!(
        connecting,
        Some(CallState::Connecting),
        "not with this window's media yet"
    );
    world.signal(&second, 'c', &alice.peer, offer(1)).unwrap();
    world.settle();
    assert_eq!(world.signals_of(&alice), [answer(0), offer(1)]);
    assert_eq!(world.view(&alice, 'c').unwrap().participants[0].epoch, 1);
    // What the first window still had under way is stale.
    world
        .signal(&alice, 'c', &bob.peer, candidate(0, "late"))
        .unwrap();
    world.settle();
    assert_eq!(world.signals_of(&second), []);
}

#[test]
fn a_call_to_nobody_rings_once_somebody_opens_a_window() {
    let mut world = World::new(&[1, 2]);
    let alice = world.owner(1);
    let owner = PeerId::owner(node_id(2));
    world.place(&alice, &owner, 'c').unwrap();
    world.run(secs(20));
    assert_eq!(world.state(&alice, 'c'), Some(CallState::Calling));
    let window = world.attach(&owner, false);
    world.settle();
    assert_eq!(world.state(&alice, 'c'), Some(CallState::Ringing));
    assert_eq!(world.view(&window, 'c').unwrap().holder, Holder::Nobody);
    assert_eq!(world.accept(&window, 'c'), Err(ErrorCode::NoWebrtc));
    let browser = world.owner(2);
    let ringing = Some(LegBody::Ringing);
    let rings = world.frames.iter().filter(|frame| frame.body == ringing);
    assert_eq!(rings.count(), 1, "it rings once, in however many windows");
    assert_eq!(world.signals_of(&browser), [offer(0)]);
    world.accept(&browser, 'c').unwrap();
    assert_eq!(world.view(&window, 'c').unwrap().holder, Holder::Elsewhere);
    assert_eq!(world.take(&window, 'c'), Err(ErrorCode::NoWebrtc));
}

#[test]
fn a_nominee_that_goes_is_followed_by_the_next() {
    let mut world = World::new(&[1, 2]);
    let (alice, first, second) = (world.owner(1), world.owner(2), world.owner(2));
    world.place(&alice, &first.peer, 'c').unwrap();
    world.settle();
    world.detach(&first);
    assert_eq!(world.signals_of(&second), [offer(0)]);
    world.signal(&second, 'c', &alice.peer, answer(0)).unwrap();
    world.detach(&second);
    let third = world.owner(2);
    assert_eq!(world.view(&third, 'c').unwrap().holder, Holder::Here);
    assert_eq!(
        world.signals_of(&third),
        [],
        "answered already: it starts an epoch"
    );
    world.run(timing::GRACE + secs(5));
    assert_eq!(world.state(&alice, 'c'), Some(CallState::Ringing));
}

#[test]
fn what_each_sends_is_told() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.connected(&alice, &bob, 'c');
    let muted = MediaState {
        audio: false,
        video: true,
        screen: false,
    };
    world
        .act(&bob, |machine, now| {
            machine.media(now, &bob.peer, bob.ui, &call_id('c'), muted)
        })
        .unwrap();
    world.settle();
    assert_eq!(
        world.view(&alice, 'c').unwrap().participants[0].media,
        muted
    );
}

#[test]
fn both_ends_at_one_node() {
    let mut world = World::new(&[1]);
    let owner = world.owner(1);
    let guest = world.attach(&guest_of(1, 'g'), true);
    world.place(&guest, &owner.peer, 'c').unwrap();
    world.settle();
    assert_eq!(world.signals_of(&owner), [offer(0)]);
    world.accept(&owner, 'c').unwrap();
    world.signal(&owner, 'c', &guest.peer, answer(0)).unwrap();
    world.settle();
    assert_eq!(world.signals_of(&guest), [answer(0)]);
    assert_eq!(world.state(&guest, 'c'), Some(CallState::Connecting));
    world.hang_up(&guest, 'c').unwrap();
    world.settle();
    for ui in [&owner, &guest] {
        assert_eq!(world.record(ui).end, EndReason::HungUp);
    }
}

#[test]
fn commands_out_of_order_are_refused() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    assert_eq!(
        world.place(&alice, &alice.peer, 'c'),
        Err(ErrorCode::SelfCall)
    );
    assert_eq!(world.accept(&alice, 'c'), Err(ErrorCode::NotInCall));
    world.place(&alice, &bob.peer, 'c').unwrap();
    world.settle();
    assert_eq!(
        world.place(&alice, &bob.peer, 'c'),
        Err(ErrorCode::CallExists)
    );
    assert_eq!(
        world.place(&alice, &bob.peer, 'd'),
        Err(ErrorCode::AlreadyInCall)
    );
    for refused in [
        world.accept(&alice, 'c'),
        world.decline(&alice, 'c'),
        world.hang_up(&bob, 'c'),
        world.take(&bob, 'c'),
        world.signal(&alice, 'c', &bob.peer, offer(2)),
        world.signal(&alice, 'c', &bob.peer, answer(1)),
        world.signal(&alice, 'c', &bob.peer, candidate(1, "")),
    ] {
        assert_eq!(refused, Err(ErrorCode::WrongState));
    }
    let stranger = guest_of(2, 'g');
    let not_in_call = Err(ErrorCode::NotInCall);
    assert_eq!(
        world.signal(&alice, 'c', &stranger, candidate(0, "")),
        not_in_call
    );
    let huge = candidate(0, &"x".repeat(4096));
    assert_eq!(
        world.signal(&alice, 'c', &bob.peer, huge),
        Err(ErrorCode::TooLarge)
    );
    world.decline(&bob, 'c').unwrap();
    world.settle();
    for refused in [
        world.accept(&bob, 'c'),
        world.hang_up(&alice, 'c'),
        world.take(&alice, 'c'),
    ] {
        assert_eq!(refused, Err(ErrorCode::WrongState));
    }
}
