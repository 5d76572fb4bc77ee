//! ICE: cuts, restarts, failures, names.

use std::{net::SocketAddr, time::Duration};

use serde_json::{Value, json};

use super::pair::{Pair, channel, joined};
use crate::{
    limits::{GOODBYE_TIMEOUT, ICE_FAILURE_TIMEOUT},
    session::sdp::Description,
};

#[test]
fn only_the_side_that_chooses_the_pair_is_ever_done() {
    let mut pair = Pair::new();
    pair.connect(false);
    let done = json!({"ev": "ice", "state": "completed"});
    pair.run(Duration::from_secs(5));
    assert!(!pair.told(0, &done), "there may be more candidates");
    for side in 0..2 {
        pair.ok(side, json!({"op": "candidate", "candidate": ""}));
    }
    pair.until("completed", |pair| pair.told(0, &done));
    pair.run(Duration::from_secs(5));
    assert!(pair.ice_is(0, &["completed"]) && pair.ice_is(1, &["connected"]));
    assert!(!pair.told(1, &done));
}

/// What that end was told of the pair it uses, and where in its events.
fn pair_told(pair: &Pair, side: usize) -> (usize, &Value) {
    let events = &pair.ends[side].events;
    let at = events.iter().rposition(|event| event["ev"] == "pair");
    (at.unwrap(), &events[at.unwrap()])
}

#[test]
fn the_pair_is_told_before_ice_is_connected() {
    let mut pair = Pair::new();
    pair.connect(false);
    let connected = json!({"ev": "ice", "state": "connected"});
    for (side, own, theirs) in [(0, "10.0.0.1", "10.0.0.2"), (1, "10.0.0.2", "10.0.0.1")] {
        let (at, told) = pair_told(&pair, side);
        let events = &pair.ends[side].events;
        assert!(events[..at].iter().all(|event| *event != connected));
        assert_eq!(
            (&told["address"], &told["port"]),
            (&json!(own), &json!(5000))
        );
        let remote = told["remote"].as_str().unwrap();
        assert!(
            remote.contains(&format!(" {theirs} 5000 typ host")),
            "{remote}"
        );
    }
}

#[test]
fn both_certificates_are_told_before_dtls_is_connected() {
    let mut pair = Pair::new();
    pair.connect(false);
    let of = |side: usize| {
        let events = &pair.ends[side].events;
        let connected = json!({"ev": "dtls", "state": "connected"});
        let mut before = events.iter().take_while(|event| **event != connected);
        let told = before.find(|event| event["ev"] == "certificates");
        told.unwrap().clone()
    };
    let (one, other) = (of(0), of(1));
    assert_eq!((&one["own"], &one["peer"]), (&other["peer"], &other["own"]));
    let der = one["peer"]["der"].as_str().unwrap();
    // A sequence, in DER.
    assert!(der.starts_with("30") && der.len() > 200, "{der}");
    assert!(
        one["peer"]["fingerprint"]
            .as_str()
            .unwrap()
            .starts_with("sha-256 ")
    );
}

/// Sound is offered from 0; what 1 answers, in SDP that 0 has not got yet.
fn answer_to_sound(pair: &mut Pair) -> String {
    let one = json!([{"key": 0, "mid": null, "kind": "audio", "direction": "sendrecv"}]);
    let offer = json!({"op": "offer", "transceivers": one, "data": false});
    let offer = pair.ok(0, offer);
    let remote = json!({"op": "remote", "type": "offer", "sdp": offer["sdp"]});
    let media = pair.ok(1, remote)["media"].clone();
    let transceivers = json!([{"mid": media[0]["mid"], "direction": "sendrecv"}]);
    let answer = pair.ok(1, json!({"op": "answer", "transceivers": transceivers}));
    answer["sdp"].as_str().unwrap().to_owned()
}

#[test]
fn a_peer_that_tells_no_candidates_is_reached_by_its_checks() {
    let mut pair = Pair::new();
    let silent: String = answer_to_sound(&mut pair)
        .split_inclusive('\n')
        .filter(|line| !line.contains("candidate"))
        .collect();
    pair.ok(0, json!({"op": "remote", "type": "answer", "sdp": silent}));
    pair.until("connected", |pair| pair.ice_is(0, &["connected"]));
    let (_, told) = pair_told(&pair, 0);
    let remote = told["remote"].as_str().unwrap();
    assert!(remote.contains(" 10.0.0.2 5000 typ prflx"), "{remote}");
    let stats = pair.ok(0, json!({"op": "stats"}));
    assert_eq!(
        stats["transport"]["remoteCandidate"]["candidateType"],
        "prflx"
    );
}

#[test]
fn candidates_of_what_was_found_already_change_nothing() {
    let mut pair = Pair::new();
    for (end, host) in pair.ends.iter_mut().zip([1, 2]) {
        let second = SocketAddr::from(([10, 0, 1, host], 5000));
        end.addresses.push(second);
        end.session.handle_address(pair.now, second);
    }
    let sdp = answer_to_sound(&mut pair);
    // Its checks are faster than its answer, and that is faster than its candidates.
    pair.run(Duration::from_millis(100));
    let (late, silent): (Vec<&str>, Vec<&str>) = sdp
        .split_inclusive("\r\n")
        .partition(|line| line.starts_with("a=candidate"));
    assert_eq!(late.len(), 2);
    let answer = json!({"op": "remote", "type": "answer", "sdp": silent.concat()});
    let sound = pair.ok(0, answer)["media"][0].clone();
    pair.until("connected", |pair| {
        pair.told(0, &json!({"ev": "dtls", "state": "connected"}))
    });
    let told = |pair: &Pair| -> Vec<Value> {
        let pairs = pair.ends.iter().flat_map(|end| &end.events);
        pairs
            .filter(|event| event["ev"] == "pair")
            .cloned()
            .collect()
    };
    let before = told(&pair);
    let mut time = 0;
    for candidate in late {
        pair.ok(0, json!({"op": "candidate", "candidate": candidate.trim()}));
        for _ in 0..50 {
            time += 20_000;
            pair.send_frame(0, &sound, time, b"sound");
            pair.run(Duration::from_millis(20));
        }
    }
    assert_eq!(told(&pair), before);
    let stats = pair.ok(0, json!({"op": "stats"}));
    assert_eq!(
        stats["transport"]["remoteCandidate"]["candidateType"],
        "host"
    );
}

#[test]
fn another_address_is_another_pair() {
    let mut pair = Pair::new();
    let (offerer, answerer) = pair.connect(false);
    pair.ends.iter_mut().for_each(|end| end.events.clear());
    pair.move_to(0, SocketAddr::from(([10, 0, 0, 77], 5000)));
    pair.negotiate_again(0, &offerer["media"], true);
    pair.run(Duration::from_secs(3));
    pair.send_frame(0, &offerer["media"][0], 5_000_000, b"from here");
    pair.send_frame(1, &answerer["media"][0], 5_000_000, b"to there");
    pair.run(Duration::from_secs(1));
    assert_eq!(pair_told(&pair, 0).1["address"], "10.0.0.77");
    let (_, told) = pair_told(&pair, 1);
    let remote = told["remote"].as_str().unwrap();
    assert!(remote.contains(" 10.0.0.77 5000 "), "{remote}");
}

#[test]
fn two_machines_on_a_cable_without_dhcp_reach_each_other() {
    let mut pair = Pair::new();
    for side in 0..2 {
        let host = u8::try_from(side + 1).unwrap();
        pair.move_to(side, SocketAddr::from(([169, 254, 7, host], 5000)));
    }
    let (offerer, _) = pair.connect(false);
    let (_, told) = pair_told(&pair, 0);
    assert_eq!(told["address"], "169.254.7.1");
    let remote = told["remote"].as_str().unwrap();
    assert!(remote.contains(" 169.254.7.2 5000 typ host"), "{remote}");
    // The cable is taken out and another put in: nothing is sent from the address that is gone.
    pair.move_to(0, "169.254.9.9:6000".parse().unwrap());
    for number in 0..200 {
        pair.send_frame(0, &offerer["media"][0], number * 20_000, b"still here");
        pair.run(Duration::from_millis(20));
    }
    assert!(!pair.ends[1].media.is_empty());
    assert_eq!(pair_told(&pair, 0).1["address"], "169.254.9.9");
}

#[test]
fn a_cut_is_noticed_and_an_ice_restart_heals_it() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    pair.both_ways(|link| link.cut = true);
    pair.until("disconnected", |pair| {
        pair.told(0, &json!({"ev": "ice", "state": "disconnected"}))
    });
    pair.until("failed", |pair| {
        pair.told(0, &json!({"ev": "ice", "state": "failed"}))
    });
    pair.both_ways(|link| link.cut = false);
    pair.ends[0].events.clear();
    let before = pair.now;
    pair.negotiate_again(0, &offerer["media"], true);
    pair.until("connected again", |pair| {
        pair.ice_is(0, &["connected", "completed"])
    });
    assert!(pair.now - before < Duration::from_secs(3));
    pair.send_frame(0, &offerer["media"][0], 5_000_000, b"still here");
    pair.until("sound", |pair| !pair.ends[1].media.is_empty());
}

#[test]
fn nobody_there_is_a_failure_and_a_ringing_peer_is_not() {
    let mut pair = Pair::new();
    let one = json!([{"key": 0, "mid": null, "kind": "audio", "direction": "sendrecv"}]);
    pair.both_ways(|link| link.cut = true);
    pair.ok(
        0,
        json!({"op": "offer", "transceivers": one, "data": false}),
    );
    pair.run(ICE_FAILURE_TIMEOUT * 3);
    assert!(!pair.ends[0].events.iter().any(|event| event["ev"] == "ice"));
    pair.ok(0, json!({"op": "discard"}));
    pair.negotiate(false);
    pair.until("failed", |pair| {
        pair.told(0, &json!({"ev": "ice", "state": "failed"}))
    });
}

#[test]
fn a_path_that_is_found_late_is_not_too_late_for_dtls() {
    for minutes in [1, 10] {
        let mut pair = Pair::new();
        pair.both_ways(|link| link.cut = true);
        let (offerer, _) = pair.negotiate(false);
        pair.run(Duration::from_secs(60 * minutes));
        for side in 0..2 {
            assert!(pair.ice_is(side, &["failed"]));
            assert!(!pair.told(side, &json!({"ev": "failed"})));
        }
        pair.both_ways(|link| link.cut = false);
        let before = pair.now;
        pair.negotiate_again(0, &offerer["media"], true);
        for side in 0..2 {
            pair.until("connected", |pair| {
                pair.told(side, &json!({"ev": "dtls", "state": "connected"}))
            });
        }
        let took = pair.now - before;
        assert!(took < Duration::from_secs(3), "{took:?}");
        pair.send_frame(0, &offerer["media"][0], 0, b"at last");
        pair.until("sound", |pair| !pair.ends[1].media.is_empty());
    }
}

#[test]
fn closing_tells_the_peer() {
    let mut pair = Pair::new();
    pair.connect(false);
    pair.close(0);
    pair.until("closed", |pair| {
        pair.told(1, &json!({"ev": "dtls", "state": "closed"}))
    });
    pair.until("over", |pair| pair.ends[0].session.is_ended());
}

#[test]
fn closing_tells_the_peer_however_early_in_the_handshakes() {
    let connected = json!({"ev": "dtls", "state": "connected"});
    for side in 0..2 {
        // Each step is a moment of its own in the handshakes of ICE, DTLS and SCTP.
        for steps in 0..25 {
            let mut pair = Pair::new();
            pair.ok(0, channel(0, true));
            pair.negotiate(true);
            for _ in 0..steps {
                pair.step();
            }
            let before = pair.now;
            pair.close(side);
            pair.until("over", |pair| pair.ends[side].session.is_ended());
            assert!(pair.now - before <= GOODBYE_TIMEOUT);
            pair.run(Duration::from_secs(1));
            assert!(
                !pair.told(1 - side, &connected)
                    || pair.told(1 - side, &json!({"ev": "dtls", "state": "closed"})),
                "side {side} left after {steps} steps"
            );
        }
    }
}

#[test]
fn what_comes_from_any_pair_that_was_checked_is_taken() {
    let mut pair = joined(channel(0, true));
    let there = pair.ends[1].addresses[0];
    let other = SocketAddr::from(([10, 0, 1, 2], 5000));
    pair.ends[1].addresses.push(other);
    pair.ends[1].session.handle_address(pair.now, other);
    // The peer's check has come; ours is not answered yet.
    pair.until("a check", |pair| {
        let live = pair.ends[0].session.live.as_ref().unwrap();
        live.candidates.has_checked(other)
    });
    for (from, comes) in [
        (other, true),
        (there, true),
        (SocketAddr::from(([10, 0, 9, 9], 5000)), false),
    ] {
        let before = pair.ends[0].data.len();
        pair.send_data(1, 32_768, false, b"hello");
        pair.deliver_from(1, from);
        assert_eq!(pair.ends[0].data.len() > before, comes, "from {from}");
    }
}

#[test]
fn a_peer_that_is_gone_does_not_keep_a_closed_connection() {
    let mut pair = Pair::new();
    pair.connect(true);
    pair.both_ways(|link| link.cut = true);
    let before = pair.now;
    pair.close(0);
    pair.until("over", |pair| pair.ends[0].session.is_ended());
    assert!(pair.now - before <= GOODBYE_TIMEOUT);
}

#[test]
fn names_are_looked_up_and_bounded() {
    let mut pair = Pair::new();
    for number in 0..100 {
        let candidate = format!("candidate:1 1 udp 2113937151 name-{number}.local 5000 typ host");
        pair.ok(0, json!({"op": "candidate", "candidate": candidate}));
    }
    assert_eq!(pair.ends[0].resolves.len(), crate::limits::MAX_LOOKUPS);
    let evil = "candidate:1 1 udp 2113937151 example.com 5000 typ host";
    assert_eq!(
        pair.refused(0, json!({"op": "candidate", "candidate": evil})),
        "OperationError"
    );
    pair.ok(0, json!({"op": "candidate", "candidate": ""}));
}

#[test]
fn either_side_restarts_ice_again_and_again() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    for round in 0..20_u64 {
        let side = usize::try_from(round % 2).unwrap();
        pair.negotiate_again(side, &offerer["media"], true);
        for side in 0..2 {
            pair.until("connected", |pair| {
                pair.ice_is(side, &["connected", "completed"])
            });
        }
        let before = pair.ends[1].media.len();
        pair.send_frame(0, &offerer["media"][0], round * 20_000, b"sound");
        pair.until("sound", |pair| pair.ends[1].media.len() > before);
    }
    // A peer that restarts for ever is not cut off: each generation has its own candidates.
    let candidate = "candidate:1 1 udp 2113937151 10.0.0.9 5000 typ host";
    for _ in 0..crate::limits::MAX_REMOTE_CANDIDATES {
        pair.ok(0, json!({"op": "candidate", "candidate": candidate}));
    }
}

#[test]
fn another_address_is_told_and_taken_without_a_restart() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    let address = "10.0.0.77:6000".parse().unwrap();
    pair.move_to(0, address);
    let told = pair.ends[0]
        .events
        .iter()
        .find(|event| event["ev"] == "candidate");
    let candidate = told.unwrap()["candidate"].as_str().unwrap().to_owned();
    assert!(candidate.contains("10.0.0.77 6000 typ host"), "{candidate}");
    let before = pair.now;
    // The peer learns of it by the checks alone.
    for number in 0..200 {
        pair.send_frame(0, &offerer["media"][0], number * 20_000, b"still here");
        pair.run(Duration::from_millis(20));
        if !pair.ends[1].media.is_empty() {
            break;
        }
    }
    let took = pair.now - before;
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[test]
fn after_a_change_of_address_a_restart_heals_within_a_second() {
    for side in 0..2 {
        let mut pair = Pair::new();
        let (offerer, _) = pair.connect(false);
        pair.both_ways(|link| link.cut = true);
        pair.run(Duration::from_secs(25));
        pair.both_ways(|link| link.cut = false);
        pair.move_to(0, "10.0.0.77:6000".parse().unwrap());
        let before = pair.now;
        pair.negotiate_again(side, &offerer["media"], true);
        pair.until("connected", |pair| {
            pair.ice_is(0, &["connected", "completed"])
                && pair.ice_is(1, &["connected", "completed"])
        });
        pair.send_frame(0, &offerer["media"][0], 5_000_000, b"still here");
        pair.until("sound", |pair| !pair.ends[1].media.is_empty());
        let took = pair.now - before;
        assert!(took < Duration::from_secs(1), "{took:?}, offered by {side}");
    }
}

#[test]
fn candidates_of_a_restart_are_of_the_generation_that_is_offered() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    let mid = &offerer["media"][0]["mid"];
    let one = json!([{"key": 0, "mid": mid, "kind": "audio", "direction": "sendrecv"}]);
    let restart = json!({"op": "offer", "transceivers": one, "data": false, "iceRestart": true});
    let before = pair.ok(0, json!({"op": "stats"}))["transport"]["ufrag"].clone();
    let offer = pair.ok(0, restart);
    let offered = Description::parse(offer["sdp"].as_str().unwrap()).unwrap();
    let offered = json!(offered.generation().unwrap());
    assert_ne!(offered, before);
    let address = SocketAddr::from(([10, 0, 0, 77], 6000));
    pair.ends[0].session.handle_address(pair.now, address);
    pair.drain(0);
    let told = pair.ends[0].events.last().unwrap();
    assert_eq!(told["ev"], "candidate");
    let told = offer["candidates"].as_array().unwrap().iter().chain([told]);
    for candidate in told {
        assert_eq!(candidate["ufrag"], offered);
        let text = candidate["candidate"].as_str().unwrap();
        let name = offered.as_str().unwrap();
        assert!(text.ends_with(&format!(" ufrag {name}")), "{text}");
    }
}

#[test]
fn a_peer_whose_candidates_are_of_no_use_is_found_by_its_checks() {
    let mut pair = Pair::new();
    let one = json!([{"key": 0, "mid": null, "kind": "audio", "direction": "sendrecv"}]);
    let offer = pair.ok(
        0,
        json!({"op": "offer", "transceivers": one, "data": false}),
    );
    let sdp = offer["sdp"].as_str().unwrap();
    let hidden = sdp.replace("10.0.0.1", "5ce0c0ff-ee00-4bad-8bad-000000000001.local");
    assert_ne!(sdp, hidden);
    let remote = pair.ok(1, json!({"op": "remote", "type": "offer", "sdp": hidden}));
    let mid = &remote["media"][0]["mid"];
    let answer = pair.ok(
        1,
        json!({"op": "answer", "transceivers": [{"mid": mid, "direction": "sendrecv"}]}),
    );
    pair.ok(
        0,
        json!({"op": "remote", "type": "answer", "sdp": answer["sdp"]}),
    );
    assert_eq!(pair.ends[1].resolves.len(), 1);
    for side in 0..2 {
        pair.until("connected", |pair| {
            pair.told(side, &json!({"ev": "dtls", "state": "connected"}))
        });
    }
}

#[test]
fn candidates_that_overtake_the_answer_belong_to_its_generation() {
    let mut pair = Pair::new();
    let one = json!([{"key": 0, "mid": null, "kind": "audio", "direction": "sendrecv"}]);
    let offer = pair.ok(
        0,
        json!({"op": "offer", "transceivers": one, "data": false}),
    );
    let bare: String = offer["sdp"]
        .as_str()
        .unwrap()
        .split_inclusive("\r\n")
        .filter(|line| !line.starts_with("a=candidate"))
        .collect();
    let remote = pair.ok(1, json!({"op": "remote", "type": "offer", "sdp": bare}));
    let evil = json!({"op": "candidate", "candidate": "candidate:nonsense"});
    assert_eq!(pair.refused(1, evil), "OperationError");
    for candidate in offer["candidates"].as_array().unwrap() {
        pair.ok(
            1,
            json!({"op": "candidate", "candidate": candidate["candidate"]}),
        );
    }
    let mid = &remote["media"][0]["mid"];
    let answer = pair.ok(
        1,
        json!({"op": "answer", "transceivers": [{"mid": mid, "direction": "sendrecv"}]}),
    );
    // The offerer sends nothing yet: only a candidate can lead the answerer to it.
    let sent = pair.links[1].sent.0;
    pair.run(Duration::from_secs(1));
    assert!(pair.links[1].sent.0 > sent);
    pair.ok(
        0,
        json!({"op": "remote", "type": "answer", "sdp": answer["sdp"]}),
    );
    pair.until("connected", |pair| {
        pair.told(0, &json!({"ev": "dtls", "state": "connected"}))
    });
}
