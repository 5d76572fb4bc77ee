//! What a node may say that no honest one would.

use super::values::{MEDIA, answer, call_id, candidate, card, guest_of, node_id, offer, secs};
use super::world::{Ui, World};
use crate::protocol::{
    CallId, EndReason, Instance, PeerId,
    limits::{
        INVITATION_BURST, MAX_CALLS, MAX_HISTORY, MAX_LEG_WINDOW, MAX_PENDING_SIGNALS,
        MAX_SDP_BYTES,
    },
    link::{LegBody, LegFrame},
    media::Signal,
    ui::CallState,
};

/// A frame made by hand.
fn frame(from: &PeerId, to: &PeerId, call: char, seq: u32, body: LegBody) -> LegFrame {
    LegFrame {
        call: call_id(call),
        from: from.clone(),
        to: to.clone(),
        instance: Instance(666),
        seq,
        ack: 0,
        body: Some(body),
    }
}

fn invite(offer: Signal) -> LegBody {
    LegBody::Invite {
        caller: card("Mallory"),
        media: MEDIA,
        video: true,
        offer,
    }
}

/// Every body, with what an attacker would like to see done.
fn bodies() -> Vec<LegBody> {
    let huge = "x".repeat(MAX_SDP_BYTES + 1);
    vec![
        invite(offer(0)),
        invite(offer(7)),
        invite(answer(0)),
        LegBody::Ringing,
        LegBody::Accept { media: MEDIA },
        LegBody::End {
            reason: EndReason::HungUp,
        },
        LegBody::Signal {
            signal: offer(u32::MAX),
        },
        LegBody::Signal {
            signal: Signal::Offer {
                epoch: 0,
                sdp: huge,
            },
        },
        LegBody::Media { media: MEDIA },
    ]
}

fn two() -> (World, Ui, Ui, PeerId) {
    let mut world = World::new(&[1, 2]);
    let (alice, bob) = (world.owner(1), world.owner(2));
    (world, alice, bob, PeerId::owner(node_id(3)))
}

#[test]
fn a_stranger_cannot_touch_a_call() {
    let (mut world, alice, bob, mallory) = two();
    world.connected(&alice, &bob, 'c');
    let before = (
        world.view(&alice, 'c'),
        world.view(&bob, 'c'),
        world.signals.clone(),
    );
    for victim in [&alice.peer, &bob.peer] {
        for seq in [0, 1, 2, 3, u32::MAX] {
            for body in bodies() {
                world.inject(frame(&mallory, victim, 'c', seq, body));
            }
        }
    }
    world.settle();
    let after = (
        world.view(&alice, 'c'),
        world.view(&bob, 'c'),
        world.signals.clone(),
    );
    assert_eq!(before.2, after.2);
    let states = [&after.0, &after.1].map(|view| view.as_ref().unwrap().state);
    assert_eq!(states, [CallState::Active; 2]);
    assert!(world.records.is_empty());
}

#[test]
fn a_participant_out_of_order_is_passed_over() {
    let (mut world, alice, bob, mallory) = two();
    // Mallory rings Alice, accepts its own call, and sends what it likes.
    world.inject(frame(&mallory, &alice.peer, 'm', 1, invite(offer(0))));
    for (seq, body) in (2..).zip(
        bodies()
            .into_iter()
            .filter(|b| !matches!(b, LegBody::End { .. })),
    ) {
        world.inject(frame(&mallory, &alice.peer, 'm', seq, body));
    }
    let view = world.view(&alice, 'm').unwrap();
    assert_eq!(
        (view.state, view.participants[0].epoch),
        (CallState::Ringing, 0)
    );
    assert_eq!(world.signals_of(&alice), [offer(0)]);
    world.decline(&alice, 'm').unwrap();
    // And nobody is kept from calling.
    world.connected(&bob, &alice, 'c');
}

#[test]
fn an_accept_without_a_call_is_disowned_only_if_there_was_one() {
    let (mut world, alice, _, mallory) = two();
    let mut stray = frame(
        &mallory,
        &alice.peer,
        'm',
        2,
        LegBody::Accept { media: MEDIA },
    );
    world.inject(stray.clone());
    assert!(world.frames.is_empty(), "its invitation may be on the way");
    stray.ack = 3;
    world.inject(stray);
    let reply = world.frames.pop().unwrap();
    let lost = EndReason::ConnectionLost;
    assert_eq!(
        (reply.seq, reply.body),
        (0, Some(LegBody::End { reason: lost }))
    );
    for silent in [None, Some(LegBody::End { reason: lost })] {
        let body = LegBody::Ringing;
        let bare = LegFrame {
            body: silent,
            ack: 3,
            ..frame(&mallory, &alice.peer, 'm', 0, body)
        };
        world.inject(bare);
        assert!(world.frames.is_empty(), "or two nodes would talk for ever");
    }
}

#[test]
fn invitations_that_make_no_sense_are_refused() {
    let (mut world, alice, _, mallory) = two();
    for body in bodies().into_iter().skip(1).take(2) {
        world.inject(frame(&mallory, &alice.peer, 'm', 1, body));
        assert_eq!(world.state(&alice, 'm'), None);
        let end = LegBody::End {
            reason: EndReason::Failed,
        };
        assert_eq!(world.frames.pop().unwrap().body, Some(end));
    }
    // For another node, or to oneself: the driver doesn't let these through; the machine neither.
    world.inject(frame(&alice.peer, &alice.peer, 'm', 1, invite(offer(0))));
    assert_eq!(world.state(&alice, 'm'), None);
}

#[test]
fn a_flood_on_a_leg_is_bounded() {
    let (mut world, alice, _, mallory) = two();
    world.inject(frame(&mallory, &alice.peer, 'm', 1, invite(offer(0))));
    let window = u32::try_from(MAX_LEG_WINDOW).unwrap();
    for seq in 3..window * 4 {
        let signal = candidate(0, "c");
        world.inject(frame(
            &mallory,
            &alice.peer,
            'm',
            seq,
            LegBody::Signal { signal },
        ));
    }
    world.signals.clear();
    world.inject(frame(
        &mallory,
        &alice.peer,
        'm',
        2,
        LegBody::Media { media: MEDIA },
    ));
    assert_eq!(
        world.signals.len(),
        MAX_LEG_WINDOW - 1,
        "what waited for its turn"
    );
    let second = world.attach(&alice.peer, true);
    world.detach(&alice);
    assert_eq!(world.signals_of(&second).len(), MAX_PENDING_SIGNALS);
}

#[test]
fn large_frames_that_wait_for_their_turn_are_bounded_in_bytes() {
    let (mut world, alice, _, mallory) = two();
    world.inject(frame(&mallory, &alice.peer, 'm', 1, invite(offer(0))));
    world.signals.clear();
    let sdp = "x".repeat(MAX_SDP_BYTES);
    for seq in 3..60 {
        let signal = Signal::Offer {
            epoch: 0,
            sdp: sdp.clone(),
        };
        world.inject(frame(
            &mallory,
            &alice.peer,
            'm',
            seq,
            LegBody::Signal { signal },
        ));
    }
    world.inject(frame(
        &mallory,
        &alice.peer,
        'm',
        2,
        LegBody::Media { media: MEDIA },
    ));
    assert_eq!(world.signals.len(), 5, "256 KiB of 48 KiB offers");
}

/// One of many calls.
fn numbered(n: usize) -> CallId {
    let digit = |d: usize| char::from(b'a' + u8::try_from(d % 26).unwrap());
    let text: String = (0..26).map(|i| digit(n / 26usize.pow(i % 3))).collect();
    text.parse().unwrap()
}

#[test]
fn calls_that_come_all_the_time_leave_few_records_and_keep_nobody_from_calling() {
    let (mut world, alice, bob, mallory) = two();
    let end = LegBody::End {
        reason: EndReason::Cancelled,
    };
    for n in 0..MAX_HISTORY {
        for (seq, body) in (1..).zip([invite(offer(0)), end.clone()]) {
            world.inject(LegFrame {
                call: numbered(n),
                ..frame(&mallory, &alice.peer, 'm', seq, body)
            });
        }
    }
    let burst = usize::try_from(INVITATION_BURST).unwrap();
    assert_eq!(world.records_of(&alice.peer).len(), burst);
    let refused = LegBody::End {
        reason: EndReason::Busy,
    };
    let replies = world.frames.iter().filter_map(|frame| frame.body.as_ref());
    let refused = replies.filter(|body| **body == refused).count();
    assert_eq!(refused, MAX_HISTORY - burst);
    world.connected(&bob, &alice, 'c');
}

#[test]
fn somebody_who_calls_a_busy_person_all_the_time() {
    let (mut world, alice, bob, _) = two();
    world.connected(&alice, &bob, 'c');
    for n in 0..MAX_CALLS * 2 {
        // By as many nodes, or it would be refused for that.
        let mallory = PeerId::owner(node_id(u8::try_from(3 + n % 250).unwrap()));
        world.inject(LegFrame {
            call: numbered(n),
            ..frame(&mallory, &bob.peer, 'm', 1, invite(offer(0)))
        });
    }
    assert_eq!(world.records_of(&bob.peer).len(), MAX_CALLS / 2 - 1);
    assert_eq!(world.state(&bob, 'c'), Some(CallState::Active));
    world.run(secs(60));
    world.hang_up(&bob, 'c').unwrap();
    world.settle();
    assert_eq!(world.state(&alice, 'c'), Some(CallState::Ended));
}

#[test]
fn a_name_that_disguises_itself() {
    let (mut world, alice, _, mallory) = two();
    let LegBody::Invite {
        media,
        video,
        offer,
        ..
    } = invite(offer(0))
    else {
        unreachable!()
    };
    let caller = card(&format!(" Al\u{202e}ice\n\u{7}{}", "!".repeat(100)));
    let body = LegBody::Invite {
        caller,
        media,
        video,
        offer,
    };
    world.inject(frame(&mallory, &alice.peer, 'm', 1, body));
    let name = world.view(&alice, 'm').unwrap().participants[0]
        .name
        .clone();
    assert!(
        name.starts_with("Alice !") && name.chars().count() <= 40,
        "{name}"
    );
}

#[test]
fn another_guest_of_the_same_node_is_another_person() {
    let (mut world, alice, bob, _) = two();
    world.connected(&alice, &bob, 'c');
    let imposter = guest_of(2, 'g');
    let end = LegBody::End {
        reason: EndReason::HungUp,
    };
    world.inject(frame(&imposter, &alice.peer, 'c', 9, end));
    assert_eq!(world.state(&alice, 'c'), Some(CallState::Active));
}

#[test]
fn an_acknowledgement_of_what_was_never_sent() {
    let (mut world, alice, bob, _) = two();
    world.is_cut = true;
    world.place(&alice, &bob.peer, 'c').unwrap();
    let body = LegBody::Ringing;
    let bare = LegFrame {
        body: None,
        ack: u32::MAX,
        ..frame(&bob.peer, &alice.peer, 'c', 0, body)
    };
    world.inject(bare);
    world.frames.clear();
    world.run(secs(2));
    assert_eq!(
        world.frames.len(),
        1,
        "the invitation is sent again all the same"
    );
}

#[test]
fn epochs_rise_one_at_a_time_and_with_an_offer() {
    let (mut world, alice, _, mallory) = two();
    world.inject(frame(&mallory, &alice.peer, 'm', 1, invite(offer(0))));
    let steps = [
        (offer(2), 0),
        (answer(1), 0),
        (candidate(1, "c"), 0),
        (offer(1), 1),
        (offer(0), 1),
        (offer(u32::MAX), 1),
    ];
    for (seq, (signal, epoch)) in (2..).zip(steps) {
        world.inject(frame(
            &mallory,
            &alice.peer,
            'm',
            seq,
            LegBody::Signal { signal },
        ));
        let view = world.view(&alice, 'm').unwrap();
        assert_eq!(view.participants[0].epoch, epoch, "frame {seq}");
    }
    assert_eq!(world.signals_of(&alice), [offer(0), offer(1)]);
}

#[test]
fn another_run_of_a_node_has_no_say_in_a_call_but_that_it_has_forgotten_it() {
    let (mut world, alice, bob, _) = two();
    world.place(&alice, &bob.peer, 'c').unwrap();
    world.settle();
    let accept = LegBody::Accept { media: MEDIA };
    world.inject(frame(&bob.peer, &alice.peer, 'c', 2, accept));
    assert_eq!(world.state(&alice, 'c'), Some(CallState::Ringing));
    let lost = LegBody::End {
        reason: EndReason::ConnectionLost,
    };
    world.inject(frame(&bob.peer, &alice.peer, 'c', 0, lost));
    assert_eq!(world.state(&alice, 'c'), Some(CallState::Ended));
}
