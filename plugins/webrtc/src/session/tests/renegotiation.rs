//! Sections that come, change and go, many times.

use serde_json::{Value, json};

use super::pair::{Pair, channel, key_frame};

/// What a side has on its list, as its page keeps it.
#[derive(Clone)]
struct Transceiver {
    key: u32,
    mid: Option<String>,
    kind: &'static str,
    direction: &'static str,
    stopped: bool,
}

fn wanted(list: &[Transceiver]) -> Value {
    list.iter()
        .map(|one| json!({"key": one.key, "mid": one.mid, "kind": one.kind, "direction": one.direction, "stopped": one.stopped}))
        .collect()
}

/// Offers that list from that side; the other answers with `direction`.
fn exchange(
    pair: &mut Pair,
    side: usize,
    list: &mut [Transceiver],
    direction: &str,
) -> (Value, Value) {
    let offer = pair.ok(
        side,
        json!({"op": "offer", "transceivers": wanted(list), "data": false}),
    );
    for one in list.iter_mut() {
        one.mid = offer["mids"][one.key.to_string()]
            .as_str()
            .map(str::to_owned);
    }
    let sdp = &offer["sdp"];
    let remote = pair.ok(
        1 - side,
        json!({"op": "remote", "type": "offer", "sdp": sdp}),
    );
    let answers: Vec<Value> = remote["media"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|media| media["rejected"] == false)
        .map(|media| json!({"mid": media["mid"], "direction": direction}))
        .collect();
    let answer = pair.ok(1 - side, json!({"op": "answer", "transceivers": answers}));
    let sdp = &answer["sdp"];
    let accepted = pair.ok(side, json!({"op": "remote", "type": "answer", "sdp": sdp}));
    (accepted, answer)
}

fn of(media: &Value, mid: Option<&str>) -> Value {
    let all = media["media"].as_array().unwrap();
    all.iter()
        .find(|one| one["mid"].as_str() == mid)
        .unwrap()
        .clone()
}

#[test]
fn pictures_are_added_turned_and_taken_away_again_and_again() {
    let mut pair = Pair::new();
    let sound = Transceiver {
        key: 0,
        mid: None,
        kind: "audio",
        direction: "sendrecv",
        stopped: false,
    };
    let mut list = vec![sound];
    exchange(&mut pair, 0, &mut list, "sendrecv");
    for side in 0..2 {
        pair.until("connected", |pair| {
            pair.told(side, &json!({"ev": "dtls", "state": "connected"}))
        });
    }
    for round in 0..12_u32 {
        let key = round + 1;
        list.push(Transceiver {
            key,
            mid: None,
            kind: "video",
            direction: "sendrecv",
            stopped: false,
        });
        let (ours, theirs) = exchange(&mut pair, 0, &mut list, "sendrecv");
        let mid = list.last().unwrap().mid.clone();
        let before = pair.ends[1].media.len();
        let timestamp = u64::from(round) * 1_000_000;
        pair.send_frame(0, &of(&ours, mid.as_deref()), timestamp, &key_frame(3_000));
        pair.until("a picture", |pair| pair.ends[1].media.len() > before);
        let before = pair.ends[0].media.len();
        pair.send_frame(
            1,
            &of(&theirs, mid.as_deref()),
            timestamp,
            &key_frame(3_000),
        );
        pair.until("one back", |pair| pair.ends[0].media.len() > before);
        for direction in ["recvonly", "inactive", "sendonly", "sendrecv"] {
            list.last_mut().unwrap().direction = direction;
            let (ours, _) = exchange(&mut pair, 0, &mut list, "sendrecv");
            assert_eq!(of(&ours, mid.as_deref())["direction"], direction);
        }
        list.last_mut().unwrap().stopped = true;
        let (_, answer) = exchange(&mut pair, 0, &mut list, "sendrecv");
        list.pop();
        let text = answer["sdp"].as_str().unwrap();
        assert!(text.contains("m=video 0 "), "{text}");
    }
}

#[test]
fn a_rejected_section_need_not_say_what_its_formats_are() {
    let mut pair = Pair::new();
    let both = json!([
        {"key": 0, "mid": null, "kind": "audio", "direction": "sendrecv"},
        {"key": 1, "mid": null, "kind": "video", "direction": "sendrecv"},
    ]);
    let offer = json!({"op": "offer", "transceivers": both, "data": false});
    let offer = pair.ok(0, offer);
    let text = offer["sdp"].as_str().unwrap();
    let (session, sections) = text.split_once("m=audio 9 ").unwrap();
    let (audio, video) = sections.split_once("m=video ").unwrap();
    let kept = |line: &&str| !line.starts_with("a=rtpmap:") && !line.starts_with("a=fmtp:");
    let audio: String = audio.split_inclusive('\n').filter(kept).collect();
    let text = format!("{session}m=audio 0 {audio}m=video {video}");
    let remote = json!({"op": "remote", "type": "offer", "sdp": text});
    let media = pair.ok(1, remote)["media"].clone();
    assert_eq!(
        (&media[0]["rejected"], &media[1]["rejected"]),
        (&json!(true), &json!(false))
    );
    let answers = json!([{"mid": media[1]["mid"], "direction": "sendrecv"}]);
    let answer = pair.ok(1, json!({"op": "answer", "transceivers": answers}));
    let text = answer["sdp"].as_str().unwrap();
    assert!(text.contains("m=audio 0 UDP/TLS/RTP/SAVPF 111"), "{text}");
}

#[test]
fn when_the_first_section_is_stopped_the_others_go_on() {
    let mut pair = Pair::new();
    let transceiver = |key, kind| Transceiver {
        key,
        mid: None,
        kind,
        direction: "sendrecv",
        stopped: false,
    };
    let mut list = vec![transceiver(0, "audio"), transceiver(1, "video")];
    exchange(&mut pair, 0, &mut list, "sendrecv");
    for side in 0..2 {
        pair.until("connected", |pair| {
            pair.told(side, &json!({"ev": "dtls", "state": "connected"}))
        });
    }
    list[0].stopped = true;
    let restart =
        json!({"op": "offer", "transceivers": wanted(&list), "data": false, "iceRestart": true});
    let offer = pair.ok(0, restart);
    let text = offer["sdp"].as_str().unwrap();
    let (rejected, used) = text.split_once("m=video ").unwrap();
    assert!(rejected.contains("m=audio 0 "), "{text}");
    assert!(!rejected.contains("a=candidate:"), "{text}");
    assert!(used.contains("a=candidate:"), "{text}");
    assert_eq!(
        offer["candidates"][0]["mid"],
        *list[1].mid.as_ref().unwrap()
    );
    assert_eq!(offer["candidates"][0]["mLine"], 1);
    let (ours, _) = exchange(&mut pair, 0, &mut list, "sendrecv");
    let video = of(&ours, list[1].mid.as_deref());
    pair.send_frame(0, &video, 0, &key_frame(3_000));
    pair.until("a picture", |pair| !pair.ends[1].media.is_empty());
}

#[test]
fn sections_are_bounded() {
    let mut pair = Pair::new();
    let many: Vec<Transceiver> = (0..65)
        .map(|key| Transceiver {
            key,
            mid: None,
            kind: "audio",
            direction: "sendrecv",
            stopped: false,
        })
        .collect();
    let offer =
        |list: &[Transceiver]| json!({"op": "offer", "transceivers": wanted(list), "data": false});
    assert_eq!(pair.refused(0, offer(&many)), "OperationError");
    pair.ok(0, offer(&many[..64]));
}

#[test]
fn an_answer_may_want_less() {
    let mut pair = Pair::new();
    let video = Transceiver {
        key: 0,
        mid: None,
        kind: "video",
        direction: "sendrecv",
        stopped: false,
    };
    let mut list = vec![video];
    for (theirs, ours) in [
        ("recvonly", "sendonly"),
        ("sendonly", "recvonly"),
        ("inactive", "inactive"),
        ("sendrecv", "sendrecv"),
        // Now to an offer without changes.
        ("recvonly", "sendonly"),
        ("sendrecv", "sendrecv"),
        ("inactive", "inactive"),
    ] {
        let (accepted, answered) = exchange(&mut pair, 0, &mut list, theirs);
        assert_eq!(accepted["media"][0]["direction"], ours);
        assert_eq!(answered["media"][0]["direction"], theirs);
    }
    exchange(&mut pair, 0, &mut list, "recvonly");
    list[0].direction = "sendonly";
    let offer = json!({"op": "offer", "transceivers": wanted(&list), "data": false});
    let offer = pair.ok(0, offer)["sdp"].as_str().unwrap().to_owned();
    assert!(offer.contains("a=sendonly"), "{offer}");
    let (_, answered) = exchange(&mut pair, 0, &mut list, "recvonly");
    let answer = answered["sdp"].as_str().unwrap();
    let rejecting = answer.replace("m=video 9 ", "m=video 0 ");
    let offer = json!({"op": "offer", "transceivers": wanted(&list), "data": false});
    pair.ok(0, offer);
    let remote = json!({"op": "remote", "type": "answer", "sdp": rejecting});
    let media = &pair.ok(0, remote)["media"][0];
    assert_eq!(
        (&media["rejected"], &media["direction"]),
        (&json!(true), &json!("inactive"))
    );
}

#[test]
fn what_a_peer_gets_wrong_is_refused_and_taken_back() {
    let mut pair = Pair::new();
    let (ours, theirs) = pair.connect(false);
    let list = |direction: &str| -> Value {
        let media = ours["media"].as_array().unwrap();
        media
            .iter()
            .map(|media| json!({"key": media["slot"], "mid": media["mid"], "kind": media["kind"], "direction": direction}))
            .collect()
    };
    let swapped = |description: &Value| -> String {
        let text = description["sdp"].as_str().unwrap();
        let (session, sections) = text.split_once("m=audio ").unwrap();
        let (audio, video) = sections.split_once("m=video ").unwrap();
        format!("{session}m=video {video}m=audio {audio}")
    };
    pair.ok(
        0,
        json!({"op": "offer", "transceivers": list("inactive"), "data": false}),
    );
    let answer = json!({"op": "remote", "type": "answer", "sdp": swapped(&theirs)});
    assert_eq!(pair.refused(0, answer), "InvalidAccessError");
    assert_eq!(
        pair.refused(0, json!({"op": "discard"})),
        "InvalidStateError"
    );
    // It is as it was.
    pair.send_frame(0, &ours["media"][1], 0, &key_frame(3_000));
    pair.until("a picture", |pair| !pair.ends[1].media.is_empty());
    let offer = pair.ok(
        0,
        json!({"op": "offer", "transceivers": list("recvonly"), "data": false}),
    );
    let wrong = json!({"op": "remote", "type": "offer", "sdp": swapped(&offer)});
    let mid = pair.ok(1, wrong)["media"][0]["mid"].clone();
    let answer = json!({"op": "answer", "transceivers": [{"mid": mid, "direction": "sendrecv"}]});
    assert_eq!(pair.refused(1, answer), "InvalidAccessError");
    pair.ok(1, json!({"op": "discard"}));
    let right = json!({"op": "remote", "type": "offer", "sdp": offer["sdp"]});
    pair.ok(1, right);
    let nobody = json!({"op": "answer", "transceivers": [{"mid": "x", "direction": "sendrecv"}]});
    assert_eq!(pair.refused(1, nobody), "InvalidAccessError");
    let answers: Vec<Value> = ours["media"]
        .as_array()
        .unwrap()
        .iter()
        .map(|media| json!({"mid": media["mid"], "direction": "sendrecv"}))
        .collect();
    let answer = pair.ok(1, json!({"op": "answer", "transceivers": answers}));
    let answer = json!({"op": "remote", "type": "answer", "sdp": answer["sdp"]});
    assert_eq!(pair.ok(0, answer)["media"][1]["direction"], "recvonly");
}

#[test]
fn offers_are_taken_back_many_times_and_then_made() {
    let mut pair = Pair::new();
    pair.ok(0, channel(0, true));
    let both = json!([
        {"key": 0, "mid": null, "kind": "audio", "direction": "sendrecv"},
        {"key": 1, "mid": null, "kind": "video", "direction": "sendrecv"},
    ]);
    for _ in 0..30 {
        pair.ok(
            0,
            json!({"op": "offer", "transceivers": both, "data": true}),
        );
        pair.ok(0, json!({"op": "discard"}));
        let offer = pair.ok(
            1,
            json!({"op": "offer", "transceivers": both, "data": false}),
        );
        pair.ok(
            0,
            json!({"op": "remote", "type": "offer", "sdp": offer["sdp"]}),
        );
        pair.ok(0, json!({"op": "discard"}));
        pair.ok(1, json!({"op": "discard"}));
    }
    pair.connect(true);
    pair.until("open", |pair| {
        pair.told(0, &json!({"ev": "channelOpen", "handle": 0}))
    });
}
