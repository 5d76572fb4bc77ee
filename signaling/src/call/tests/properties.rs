//! Whatever two people do and the network does to it, both ends come to the same.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use proptest::prelude::*;

use super::values::{MEDIA, answer, call_id, candidate, offer, secs};
use super::world::{Fate, TRIP, Ui, World};
use crate::{
    call::timing,
    protocol::{
        CallId, PeerId,
        media::Signal,
        ui::{CallState, CallView, TransportState},
    },
};

/// What a person, a window or the network does next.
#[derive(Debug, Clone)]
enum Act {
    Place,
    Accept,
    Decline,
    HangUp,
    Take,
    Open { webrtc: bool },
    Close,
    Signal(Signal),
    Transport(TransportState),
    Media { audio: bool },
    Wait(Duration),
    Cut(bool),
}

fn act() -> impl Strategy<Value = Act> {
    let signal = prop_oneof![
        (0..3u32).prop_map(offer),
        (0..3u32).prop_map(answer),
        (0..3u32).prop_map(|epoch| candidate(epoch, "c")),
    ];
    let transport = prop_oneof![
        3 => Just(TransportState::Connected),
        1 => Just(TransportState::Interrupted),
        1 => Just(TransportState::Failed),
    ];
    prop_oneof![
        4 => Just(Act::Place),
        4 => Just(Act::Accept),
        1 => Just(Act::Decline),
        1 => Just(Act::HangUp),
        2 => Just(Act::Take),
        2 => prop::bool::weighted(0.8).prop_map(|webrtc| Act::Open { webrtc }),
        1 => Just(Act::Close),
        3 => signal.prop_map(Act::Signal),
        2 => transport.prop_map(Act::Transport),
        1 => any::<bool>().prop_map(|audio| Act::Media { audio }),
        5 => (0..4000u64).prop_map(|ms| Act::Wait(Duration::from_millis(ms))),
        1 => (0..50u64).prop_map(|s| Act::Wait(secs(s))),
        1 => any::<bool>().prop_map(Act::Cut),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    let delay = prop_oneof![3 => 0..20u64, 1 => 0..3000u64].prop_map(Duration::from_millis);
    prop::collection::vec(delay, 0..3)
}

/// One person: the windows open, and the calls placed so far.
struct Person {
    seat: Ui,
    windows: Vec<Ui>,
    first_letter: char,
    placed: u8,
}

impl Person {
    /// An id nobody has used; there are 13 for each.
    fn next_call(&self) -> Option<char> {
        (self.placed < 13).then(|| char::from(self.first_letter as u8 + self.placed))
    }
}

fn live(world: &mut World, peer: &PeerId, ui: &Ui) -> Option<CallView> {
    let now = world.now;
    let mut views = world.machine(peer).views(now, peer, ui.ui);
    assert!(views.len() <= 1, "one call at a time");
    views.pop()
}

/// Does it with the person's live call; refusals are part of the game.
fn perform(world: &mut World, me: &mut Person, other: &PeerId, act: Act, which: usize) {
    match act {
        Act::Open { webrtc } => return me.windows.push(world.attach(&me.seat.peer, webrtc)),
        Act::Wait(time) => return world.run(time),
        Act::Cut(cut) => {
            world.is_cut = cut;
            if !cut {
                let there = Ui {
                    peer: other.clone(),
                    ui: me.seat.ui,
                };
                world.link_up(&me.seat, &there);
            }
            return;
        }
        Act::Place
        | Act::Accept
        | Act::Decline
        | Act::HangUp
        | Act::Take
        | Act::Close
        | Act::Signal(_)
        | Act::Transport(_)
        | Act::Media { .. } => {}
    }
    if me.windows.is_empty() {
        return;
    }
    let index = which % me.windows.len();
    if matches!(act, Act::Close) {
        let ui = me.windows.remove(index);
        return world.detach(&ui);
    }
    let ui = me.windows[index].clone();
    if matches!(act, Act::Place) {
        if let Some(call) = me.next_call()
            && world.place(&ui, other, call).is_ok()
        {
            me.placed += 1;
        }
        return;
    }
    let Some(call) = live(world, &me.seat.peer, &ui).map(|view| view.id) else {
        return;
    };
    let letter = call.as_str().chars().next().unwrap();
    let _refused = match act {
        Act::Accept => world.accept(&ui, letter),
        Act::Decline => world.decline(&ui, letter),
        Act::HangUp => world.hang_up(&ui, letter),
        Act::Take => world.take(&ui, letter),
        Act::Signal(signal) => world.signal(&ui, letter, other, signal),
        Act::Transport(state) => world.transport(&ui, letter, other, state),
        Act::Media { audio } => world.act(&ui, |machine, now| {
            let media = crate::protocol::media::MediaState { audio, ..MEDIA };
            machine.media(now, &ui.peer, ui.ui, &call, media)
        }),
        Act::Place | Act::Open { .. } | Act::Close | Act::Wait(_) | Act::Cut(_) => Ok(()),
    };
}

/// How far a call is, in the words both ends share.
fn stage(view: &CallView) -> (CallId, u8) {
    let stage = match view.state {
        CallState::Calling | CallState::Ringing => 0,
        CallState::Connecting | CallState::Active => 1,
        CallState::Ended => 2,
    };
    (view.id.clone(), stage)
}

fn assert_agreed(world: &mut World, people: &[Person; 2]) {
    let [one, other] = people.each_ref().map(|person| {
        live(world, &person.seat.peer, &person.seat)
            .as_ref()
            .map(stage)
    });
    assert_eq!(one, other, "both ends are in the same call, as far");
}

/// Every call that was ever shown has ended once, with a record unless it was merged.
fn assert_each_ended_once(world: &World) {
    let shown: BTreeSet<_> = world.changes.iter().cloned().collect();
    let recorded = world
        .records
        .iter()
        .map(|(peer, record)| (peer.clone(), record.call.clone()));
    let recorded: BTreeSet<_> = recorded.collect();
    let merged: BTreeSet<_> = world.merged.iter().cloned().collect();
    assert!(recorded.is_disjoint(&merged));
    let over: BTreeSet<_> = recorded.union(&merged).cloned().collect();
    assert_eq!(shown, over);
}

fn people(world: &mut World) -> [Person; 2] {
    [(1, 'a'), (2, 'n')].map(|(node, first_letter)| {
        let seat = world.owner(node);
        Person {
            windows: vec![seat.clone()],
            seat,
            first_letter,
            placed: 0,
        }
    })
}

fn start() -> (World, [Person; 2], Instant) {
    let mut world = World::new(&[1, 2]);
    let people = people(&mut world);
    let now = world.now;
    (world, people, now)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_ends_come_to_the_same(
        acts in prop::collection::vec((any::<bool>(), any::<usize>(), act()), 1..50),
        fates in prop::collection::vec(fate(), 0..60),
    ) {
        let (mut world, mut people, _) = start();
        world.fates = fates.into();
        for (is_first, which, act) in acts {
            let (me, other) = if is_first { (0, 1) } else { (1, 0) };
            let other = people[other].seat.peer.clone();
            perform(&mut world, &mut people[me], &other, act, which);
        }
        // From here on the network is sound; a link opens, as it does when somebody has news.
        world.fates.clear();
        world.is_cut = false;
        world.link_up(&people[0].seat, &people[1].seat);
        world.run(timing::RESEND_MOST * 2);
        world.settle();
        assert_agreed(&mut world, &people);
        // Everybody leaves: nothing stays.
        for person in &mut people {
            for ui in person.windows.drain(..) {
                world.detach(&ui);
            }
        }
        world.run(timing::RING + timing::RING);
        world.settle();
        for person in &people {
            prop_assert!(!world.machine(&person.seat.peer).is_busy(&person.seat.peer));
        }
        assert_each_ended_once(&world);
        world.run(timing::REMEMBER + secs(10));
        for person in &people {
            prop_assert_eq!(world.machine(&person.seat.peer).poll_timeout(), None);
        }
    }

    #[test]
    fn two_who_call_each_other_are_in_one_call(
        gap in 0..1500u64,
        is_first in any::<bool>(),
        late in any::<bool>(),
        fates in prop::collection::vec(fate(), 0..10),
    ) {
        let (mut world, people, _) = start();
        let lost = |fate: &Fate| usize::from(fate.is_empty());
        let mut losses = 3;
        world.fates = fates
            .into_iter()
            .map(|fate| {
                if lost(&fate) > losses {
                    return vec![TRIP];
                }
                losses -= lost(&fate);
                fate
            })
            .collect();
        let (one, other) = if is_first { (0, 1) } else { (1, 0) };
        let (one, other) = (people[one].seat.clone(), people[other].seat.clone());
        world.place(&one, &other.peer, 'a').unwrap();
        world.run(Duration::from_millis(if late { gap } else { gap % 5 }));
        world.place(&other, &one.peer, 'b').unwrap();
        world.run(secs(15));
        assert_agreed(&mut world, &people);
        let view = live(&mut world, &one.peer, &one);
        prop_assert!(view.is_some_and(|view| view.state == CallState::Connecting));
        prop_assert!(world.records.is_empty(), "{:?}", world.records);
        prop_assert_eq!(world.merged.len(), 1);
        for ui in [&one, &other] {
            let calls = [call_id('a'), call_id('b')];
            prop_assert!(world.changes.iter().all(|(_, call)| calls.contains(call)));
            prop_assert!(world.machine(&ui.peer).is_busy(&ui.peer));
        }
    }
}
