//! Both call each other: at once, nearly at once, and again after it went wrong.

use super::values::{call_id, offer, secs};
use super::world::{TRIP, Ui, World};
use crate::call::timing;
use crate::protocol::{
    EndReason,
    ui::{CallState, Direction, Holder},
};

/// Two people, the one with the smaller id first.
fn two() -> (World, Ui, Ui) {
    let mut world = World::new(&[1, 2]);
    let (one, other) = (world.owner(1), world.owner(2));
    if one.peer < other.peer {
        (world, one, other)
    } else {
        (world, other, one)
    }
}

/// It is one call, and both are in it.
fn assert_one_call(world: &mut World, small: &Ui, large: &Ui, call: char, merged: char) {
    assert_eq!(world.state(small, call), Some(CallState::Connecting));
    let taken = world.view(large, call).unwrap();
    assert_eq!(
        (taken.state, taken.holder),
        (CallState::Connecting, Holder::Here)
    );
    assert_eq!(taken.direction, Direction::Incoming);
    let given_up = world.view(large, merged).unwrap();
    assert_eq!((given_up.state, given_up.end), (CallState::Ended, None));
    assert_eq!(given_up.merged_into, Some(call_id(call)));
    assert_eq!(world.signals_of(large), [offer(0)]);
    world.run(secs(15));
    assert!(
        world.records.is_empty(),
        "nothing ended, nobody was busy, nobody missed a call"
    );
    world.hang_up(large, call).unwrap();
    world.run(timing::REMEMBER + secs(10));
    for ui in [small, large] {
        assert_eq!(world.record(ui).call, call_id(call));
    }
}

#[test]
fn at_once() {
    let (mut world, small, large) = two();
    world.place(&small, &large.peer, 'a').unwrap();
    world.place(&large, &small.peer, 'b').unwrap();
    world.settle();
    assert_one_call(&mut world, &small, &large, 'a', 'b');
}

#[test]
fn the_surviving_invitation_comes_long_after_the_other() {
    let (mut world, small, large) = two();
    world.fates.push_back(vec![secs(3)]);
    world.place(&small, &large.peer, 'a').unwrap();
    world.place(&large, &small.peer, 'b').unwrap();
    world.run(secs(1) / 2);
    assert_eq!(world.state(&small, 'a'), Some(CallState::Calling));
    assert_eq!(
        world.state(&small, 'b'),
        None,
        "their call doesn't ring here"
    );
    world.run(secs(1));
    assert_one_call(&mut world, &small, &large, 'a', 'b');
}

#[test]
fn the_given_up_invitation_comes_last_and_twice() {
    let (mut world, small, large) = two();
    world.place(&small, &large.peer, 'a').unwrap();
    world.fates.extend([vec![TRIP], vec![TRIP * 2, secs(5)]]);
    world.place(&large, &small.peer, 'b').unwrap();
    world.run(secs(1));
    assert_one_call(&mut world, &small, &large, 'a', 'b');
}

#[test]
fn calling_back_somebody_who_rings_accepts() {
    let (mut world, small, large) = two();
    for (caller, callee) in [(&small, &large), (&large, &small)] {
        world.place(caller, &callee.peer, 'a').unwrap();
        world.settle();
        assert_eq!(world.state(callee, 'a'), Some(CallState::Ringing));
        world.place(callee, &caller.peer, 'b').unwrap();
        world.settle();
        let own = world.view(callee, 'b').unwrap();
        assert_eq!(own.merged_into, Some(call_id('a')));
        assert_eq!(world.state(callee, 'a'), Some(CallState::Connecting));
        assert_eq!(world.state(caller, 'a'), Some(CallState::Connecting));
        assert_eq!(
            world.state(caller, 'b'),
            None,
            "nothing of it was said to the other"
        );
        world.hang_up(caller, 'a').unwrap();
        world.run(timing::REMEMBER + secs(10));
        assert_eq!(world.records.len(), 2);
        world.records.clear();
    }
}

#[test]
fn the_winner_cancels_and_the_other_call_rings() {
    let (mut world, small, large) = two();
    world.is_cut = true;
    world.place(&small, &large.peer, 'a').unwrap();
    world.place(&large, &small.peer, 'b').unwrap();
    world.hang_up(&small, 'a').unwrap();
    world.is_cut = false;
    world.run(secs(2));
    // Both frames of the cancelled call arrived: the two were one call, and it was cancelled.
    assert_eq!(
        world.view(&large, 'b').unwrap().merged_into,
        Some(call_id('a'))
    );
    assert_eq!(world.state(&small, 'a'), Some(CallState::Ended));
    assert_eq!(world.state(&large, 'a'), Some(CallState::Ended));
    world.run(timing::REMEMBER + secs(10));
    assert!(!world.machine(&small.peer).is_busy(&small.peer));
    assert!(!world.machine(&large.peer).is_busy(&large.peer));
}

#[test]
fn the_loser_reloads_meanwhile() {
    let (mut world, small, large) = two();
    world.place(&small, &large.peer, 'a').unwrap();
    world.place(&large, &small.peer, 'b').unwrap();
    world.detach(&large);
    world.settle();
    let reloaded = world.attach(&large.peer, true);
    let view = world.view(&reloaded, 'a').unwrap();
    assert_eq!(
        (view.state, view.holder),
        (CallState::Connecting, Holder::Nobody)
    );
    world.take(&reloaded, 'a').unwrap();
    world.signal(&reloaded, 'a', &small.peer, offer(1)).unwrap();
    world.settle();
    assert_eq!(world.signals_of(&small), [offer(1)]);
}

#[test]
fn calling_again_before_the_end_of_the_first_call_is_heard() {
    let (mut world, small, large) = two();
    for (caller, callee) in [(&small, &large), (&large, &small)] {
        world.connected(caller, callee, 'a');
        world.fates.push_back(Vec::new()); // The end gets lost.
        world.hang_up(caller, 'a').unwrap();
        world.place(caller, &callee.peer, 'b').unwrap();
        world.settle();
        assert_eq!(world.state(callee, 'a'), Some(CallState::Active));
        world.run(secs(2));
        assert_eq!(world.state(callee, 'a'), Some(CallState::Ended));
        assert_eq!(world.state(caller, 'b'), Some(CallState::Ringing));
        world.decline(callee, 'b').unwrap();
        world.run(timing::REMEMBER + secs(10));
        let ends: Vec<_> = world.records.iter().map(|(_, record)| record.end).collect();
        let (hung_up, declined) = (EndReason::HungUp, EndReason::Declined);
        assert_eq!(ends, [hung_up, hung_up, declined, declined]);
        world.records.clear();
    }
}

#[test]
fn somebody_whose_node_restarted_calls_again() {
    for is_callers_node in [true, false] {
        let (mut world, small, large) = two();
        world.connected(&small, &large, 'a');
        let (gone, stays) = if is_callers_node {
            (&small, &large)
        } else {
            (&large, &small)
        };
        let anew = world.restart(gone);
        world.place(&anew, &stays.peer, 'b').unwrap();
        world.settle();
        assert_eq!(world.record(stays).end, EndReason::ConnectionLost);
        assert_eq!(world.state(stays, 'b'), Some(CallState::Ringing));
    }
}

#[test]
fn somebody_whose_node_restarted_while_we_called_calls_us() {
    let (mut world, small, large) = two();
    world.place(&small, &large.peer, 'a').unwrap();
    world.settle();
    let anew = world.restart(&large);
    world.place(&anew, &small.peer, 'b').unwrap();
    world.settle();
    // Nobody there remembers the first call, though its id would have won.
    let given_up = world.view(&small, 'a').unwrap();
    assert_eq!(given_up.merged_into, Some(call_id('b')));
    assert_eq!(world.state(&small, 'b'), Some(CallState::Connecting));
    assert_eq!(world.state(&anew, 'b'), Some(CallState::Connecting));
}

#[test]
fn somebody_whose_node_restarted_while_it_called_us_calls_again() {
    let (mut world, small, large) = two();
    world.place(&small, &large.peer, 'a').unwrap();
    world.settle();
    let anew = world.restart(&small);
    world.place(&anew, &large.peer, 'b').unwrap();
    world.settle();
    let missed = world.record(&large);
    assert_eq!(
        (missed.end, missed.missed),
        (EndReason::ConnectionLost, true)
    );
    assert_eq!(world.state(&large, 'b'), Some(CallState::Ringing));
}

#[test]
fn regression_an_invitation_repeated_after_its_end_does_not_ring_for_long() {
    let (mut world, small, large) = two();
    world.fates.extend([vec![TRIP], vec![TRIP * 2, secs(5)]]);
    world.place(&small, &large.peer, 'a').unwrap();
    world.place(&large, &small.peer, 'b').unwrap();
    world.run(secs(1));
    world.hang_up(&small, 'a').unwrap();
    world.run(secs(6));
    assert_eq!(world.state(&small, 'b'), Some(CallState::Ended));
}

#[test]
fn the_loser_goes_and_does_not_come_back() {
    let (mut world, small, large) = two();
    world.place(&small, &large.peer, 'a').unwrap();
    world.place(&large, &small.peer, 'b').unwrap();
    world.detach(&large);
    world.settle();
    world.run(timing::GRACE);
    for ui in [&small, &large] {
        assert_eq!(world.record(ui).end, EndReason::ConnectionLost);
    }
}

#[test]
fn a_given_up_invitation_that_got_lost_is_not_sent_again() {
    let (mut world, small, large) = two();
    // Both that large says of its own call get lost: the invitation, and later its end.
    world.fates.extend([vec![TRIP], vec![], vec![]]);
    world.place(&small, &large.peer, 'a').unwrap();
    world.place(&large, &small.peer, 'b').unwrap();
    world.settle();
    assert_eq!(world.state(&small, 'a'), Some(CallState::Connecting));
    world.hang_up(&small, 'a').unwrap();
    world.run(timing::REMEMBER);
    for ui in [&small, &large] {
        assert_eq!(world.record(ui).call, call_id('a'), "nobody missed a call");
    }
}
