//! ICE: cuts, restarts, failures, names.

use std::time::Duration;

use serde_json::{Value, json};

use super::pair::Pair;
use crate::limits::ICE_FAILURE_TIMEOUT;

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
    let transceivers: Vec<Value> = offerer["media"]
        .as_array()
        .unwrap()
        .iter()
        .map(|media| json!({"key": media["slot"], "mid": media["mid"], "kind": media["kind"], "direction": "sendrecv"}))
        .collect();
    let offer = pair.ok(
        0,
        json!({"op": "offer", "transceivers": transceivers, "data": false, "iceRestart": true}),
    );
    let remote = pair.ok(
        1,
        json!({"op": "remote", "type": "offer", "sdp": offer["sdp"]}),
    );
    let answers: Vec<Value> = remote["media"]
        .as_array()
        .unwrap()
        .iter()
        .map(|media| json!({"mid": media["mid"], "direction": "sendrecv"}))
        .collect();
    let answer = pair.ok(1, json!({"op": "answer", "transceivers": answers}));
    pair.ends[0].events.clear();
    pair.ok(
        0,
        json!({"op": "remote", "type": "answer", "sdp": answer["sdp"]}),
    );
    let before = pair.now;
    pair.until("connected again", |pair| {
        let states = ["connected", "completed"];
        states
            .iter()
            .any(|state| pair.told(0, &json!({"ev": "ice", "state": state})))
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
fn closing_tells_the_peer() {
    let mut pair = Pair::new();
    pair.connect(false);
    pair.ends[0].session.close();
    pair.until("closed", |pair| {
        pair.told(1, &json!({"ev": "dtls", "state": "closed"}))
    });
    pair.until("over", |pair| pair.ends[0].session.is_ended());
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
