//! A call over a network that loses, repeats and reorders.

use super::values::{answer, candidate, offer, secs};
use super::world::{TRIP, World};
use crate::protocol::{
    ErrorCode,
    limits::MAX_LEG_WINDOW,
    media::Signal,
    ui::{CallState, TransportState},
};

#[test]
fn what_is_lost_is_sent_again_ever_more_slowly() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.is_cut = true;
    let start = world.now;
    world.place(&alice, &bob.peer, 'c').unwrap();
    let mut sent_at = Vec::new();
    for _ in 0..90 {
        world.run(secs(1) / 10);
        sent_at.extend(
            world
                .frames
                .drain(..)
                .map(|_| (world.now - start).as_secs_f32().round()),
        );
    }
    assert_eq!(sent_at, [0.0, 1.0, 3.0, 7.0]);
    world.is_cut = false;
    world.link_up(&alice, &bob);
    world.settle();
    assert_eq!(
        world.state(&alice, 'c'),
        Some(CallState::Ringing),
        "at once with the link"
    );
}

#[test]
fn each_signal_arrives_once_and_in_order() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.place(&alice, &bob.peer, 'c').unwrap();
    world.settle();
    let texts: Vec<String> = (0..12).map(|n| n.to_string()).collect();
    for (n, text) in (0..).zip(&texts) {
        world.fates.push_back(match n % 4 {
            0 => Vec::new(),
            1 => vec![TRIP * 40, TRIP * 50],
            2 => vec![TRIP * (20 - n)],
            _ => vec![TRIP, TRIP * 9, TRIP * 70],
        });
        world
            .signal(&alice, 'c', &bob.peer, candidate(0, text))
            .unwrap();
    }
    world.run(secs(8));
    let expected: Vec<Signal> = [offer(0)]
        .into_iter()
        .chain(texts.iter().map(|text| candidate(0, text)))
        .collect();
    assert_eq!(world.signals_of(&bob), expected);
}

#[test]
fn a_call_outlives_its_link() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.connected(&alice, &bob, 'c');
    world.is_cut = true;
    world.signal(&alice, 'c', &bob.peer, offer(0)).unwrap();
    world.run(secs(300));
    assert_eq!(world.state(&bob, 'c'), Some(CallState::Active));
    world.is_cut = false;
    world.link_up(&alice, &bob);
    world.settle();
    assert_eq!(world.signals_of(&bob), [offer(0), offer(0)]);
    world.signal(&bob, 'c', &alice.peer, answer(0)).unwrap();
    world.settle();
    assert_eq!(world.signals_of(&alice), [answer(0)]);
}

#[test]
fn an_end_that_nobody_heard_is_learnt_from_the_next_link() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.connected(&alice, &bob, 'c');
    world.is_cut = true;
    world.hang_up(&alice, 'c').unwrap();
    world.run(secs(120)); // Alice's node has forgotten the call by now.
    assert_eq!(world.view(&alice, 'c'), None);
    assert_eq!(world.state(&bob, 'c'), Some(CallState::Active));
    world.is_cut = false;
    world.link_up(&alice, &bob);
    world.settle();
    assert_eq!(world.state(&bob, 'c'), Some(CallState::Ended));
}

#[test]
fn an_end_overtakes_what_got_lost_before_it() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.connected(&alice, &bob, 'c');
    world.fates.push_back(Vec::new());
    world.signal(&alice, 'c', &bob.peer, offer(0)).unwrap();
    world.hang_up(&alice, 'c').unwrap();
    world.settle();
    assert_eq!(world.state(&bob, 'c'), Some(CallState::Ended));
}

#[test]
fn a_window_that_is_full_refuses_signals_but_not_the_end() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.connected(&alice, &bob, 'c');
    world.is_cut = true;
    let refused = (0..MAX_LEG_WINDOW)
        .find_map(|_| world.signal(&alice, 'c', &bob.peer, candidate(0, "")).err());
    assert_eq!(refused, Some(ErrorCode::AtCapacity));
    world.hang_up(&alice, 'c').unwrap();
    world.is_cut = false;
    world.run(secs(2));
    assert_eq!(world.state(&bob, 'c'), Some(CallState::Ended));
}

#[test]
fn an_accept_and_a_cancel_that_cross() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.place(&alice, &bob.peer, 'c').unwrap();
    world.settle();
    world.accept(&bob, 'c').unwrap();
    world.hang_up(&alice, 'c').unwrap();
    world.settle();
    let (cancelled, told) = (world.record(&alice), world.record(&bob));
    assert_eq!(cancelled.end, told.end);
    assert!(!told.missed, "the person took it");
    let late = world.transport(&bob, 'c', &alice.peer, TransportState::Connected);
    assert_eq!(late, Err(ErrorCode::WrongState));
}

#[test]
fn what_has_arrived_is_not_sent_again() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.connected(&alice, &bob, 'c');
    world.hang_up(&alice, 'c').unwrap();
    world.settle();
    world.frames.clear();
    world.run(secs(20));
    assert_eq!(world.frames, [], "all was acknowledged, the end too");
}

#[test]
fn an_acknowledgement_that_got_lost_is_said_again() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.connected(&alice, &bob, 'c');
    world.settle();
    world.fates.extend([vec![TRIP], vec![]]);
    world
        .signal(&alice, 'c', &bob.peer, candidate(0, "a"))
        .unwrap();
    world.run(secs(2));
    world.frames.clear();
    world.run(secs(20));
    assert_eq!(world.frames, []);
    assert_eq!(world.signals_of(&bob), [offer(0), candidate(0, "a")]);
}

#[test]
fn regression_an_invitation_that_its_end_overtook_does_not_stay() {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    world.detach(&bob); // So that nothing but an acknowledgement is said of it.
    world.fates.extend([vec![TRIP * 9], vec![TRIP]]);
    world.place(&alice, &bob.peer, 'c').unwrap();
    world.hang_up(&alice, 'c').unwrap();
    world.settle();
    assert_eq!(world.state(&bob, 'c'), Some(CallState::Ended));
    assert!(world.record(&bob).missed);
}
