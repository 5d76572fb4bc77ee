//! Nonsense from the network and from the peer.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use proptest::prelude::*;
use serde_json::{Value, json};
use str0m::rtp::Extension;

use super::pair::{Pair, channel};
use crate::{
    limits::{MAX_REMOTE_CANDIDATES, MAX_UNNAMED_SOURCES, SOURCE_LIFETIME},
    session::sdp::Description,
};

/// Anything a page can ask for, in any order.
fn any_request() -> impl Strategy<Value = Value> {
    let mid = prop_oneof![Just(json!(null)), "[a-z0-9]{1,3}".prop_map(Value::from)];
    let direction = prop::sample::select(vec!["sendrecv", "sendonly", "recvonly", "inactive"]);
    let kind = prop::sample::select(vec!["audio", "video"]);
    let transceiver = (0_u32..4, mid, kind, direction.clone(), any::<bool>()).prop_map(
        |(key, mid, kind, direction, stopped)| {
            json!({"key": key, "mid": mid, "kind": kind, "direction": direction, "stopped": stopped})
        },
    );
    let transceivers = prop::collection::vec(transceiver, 0..4);
    let id = prop_oneof![0_u16..4, Just(65_534), Just(65_535)];
    prop_oneof![
        3 => (transceivers, any::<bool>(), any::<bool>()).prop_map(|(list, data, restart)| {
            json!({"op": "offer", "transceivers": list, "data": data, "iceRestart": restart})
        }),
        1 => Just(json!({"op": "discard"})),
        // Their text, and what they are, is put in when they are asked.
        3 => Just(json!({"op": "remote", "type": "offer"})),
        3 => Just(json!({"op": "remote", "type": "answer"})),
        3 => direction.prop_map(|direction| json!({"op": "answer", "direction": direction})),
        1 => (0_u16..4, any::<bool>(), prop::option::of(id)).prop_map(|(handle, negotiated, id)| {
            json!({"op": "channel", "handle": handle, "ordered": true, "negotiated": negotiated, "streamId": id})
        }),
        1 => (0_u16..4).prop_map(|handle| json!({"op": "channelClose", "handle": handle})),
        1 => (0_u16..4).prop_map(|slot| json!({"op": "keyframe", "slot": slot})),
        1 => any::<u64>().prop_map(|bps| json!({"op": "desire", "bps": bps})),
        1 => Just(json!({"op": "stats"})),
        1 => Just(json!({"op": "candidate", "candidate": "candidate:1 1 udp 1 10.0.0.9 9 typ host"})),
    ]
}

#[test]
fn checks_from_everywhere_are_not_all_answered() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    // The peer itself sends it from one port after the other: it is valid from each.
    let check = pair.next_check(0);
    let far = pair.now + Duration::from_secs(1);
    while pair.links[1].receive(far).is_some() {}
    for port in 10_000..12_000 {
        let from = SocketAddr::from(([10, 0, 0, 1], port));
        let session = &mut pair.ends[1].session;
        session.handle_datagram(pair.now, from, check.to, &check.bytes);
        pair.drain(1);
    }
    let mut reached = BTreeSet::new();
    while let Some(datagram) = pair.links[1].receive(far) {
        reached.insert(datagram.to);
    }
    assert!(!reached.is_empty() && reached.len() <= MAX_REMOTE_CANDIDATES);
    pair.run(Duration::from_secs(10));
    assert!(pair.ice_is(1, &["connected", "completed"]));
    pair.send_frame(0, &offerer["media"][0], 0, b"alive");
    pair.until("sound", |pair| !pair.ends[1].media.is_empty());
}

/// A packet of sound that anybody can write: it names the section, and is of that source.
fn forged(pair: &Pair, media: &Value, ssrc: u32) -> Vec<u8> {
    let mid = media["mid"].as_str().unwrap();
    let live = pair.ends[1].session.live.as_ref().unwrap();
    let numbers = live.rtc.media(mid.into()).unwrap().remote_extmap();
    let number = numbers.id_of(Extension::RtpMid).unwrap();
    let mut packet = vec![0x90, 111, 0, 9, 0, 0, 0, 9];
    packet.extend(ssrc.to_be_bytes());
    // RFC 8285, section 4.2.
    let mut element = vec![number << 4 | u8::try_from(mid.len() - 1).unwrap()];
    element.extend(mid.bytes());
    element.resize(element.len().next_multiple_of(4), 0);
    packet.extend([0xbe, 0xde, 0, u8::try_from(element.len() / 4).unwrap()]);
    packet.extend(element);
    packet.resize(packet.len() + 80, 0x55);
    packet
}

/// Sound from 0 to 1 every 20 ms for that long, and before each block a packet of the next of those sources, if there is
/// one. How much was heard.
fn speak(
    pair: &mut Pair,
    media: &Value,
    duration: Duration,
    mut sources: std::ops::Range<u32>,
) -> usize {
    let before = pair.ends[1].media.len();
    let end = pair.now + duration;
    while pair.now < end {
        if let Some(ssrc) = sources.next() {
            forge(pair, media, ssrc);
        }
        let timestamp = pair.now.duration_since(pair.began).as_micros();
        pair.send_frame(0, media, timestamp.try_into().unwrap(), b"sound");
        pair.run(Duration::from_millis(20));
    }
    pair.ends[1].media.len() - before
}

fn forge(pair: &mut Pair, media: &Value, ssrc: u32) {
    let (from, to) = (pair.ends[0].addresses[0], pair.ends[1].addresses[0]);
    let packet = forged(pair, media, ssrc);
    let session = &mut pair.ends[1].session;
    session.handle_datagram(pair.now, from, to, &packet);
    pair.drain(1);
}

/// Of the sources of what was forged so many have a stream.
fn streams(pair: &mut Pair, ssrcs: std::ops::Range<u32>) -> usize {
    let live = pair.ends[1].session.live.as_mut().unwrap();
    let mut api = live.rtc.direct_api();
    ssrcs
        .filter(|ssrc| api.stream_rx(&(*ssrc).into()).is_some())
        .count()
}

const NONE: std::ops::Range<u32> = 0..0;
const FORGED: std::ops::Range<u32> = 1_000..2_000;

#[test]
fn forged_packets_take_no_stream_that_sends() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    let sound = &offerer["media"][0];
    // Until the peer no longer names the section in each packet.
    speak(&mut pair, sound, Duration::from_secs(10), NONE);
    let heard = speak(&mut pair, sound, Duration::from_secs(5), FORGED);
    assert!(heard >= 249, "{heard} of 250");
    assert_eq!(streams(&mut pair, FORGED), 0);
}

#[test]
fn a_stream_that_was_taken_while_it_paused_is_given_back() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    let sound = &offerer["media"][0];
    // Until the peer no longer names the section in each packet.
    speak(&mut pair, sound, Duration::from_secs(10), NONE);
    pair.run(SOURCE_LIFETIME);
    for ssrc in FORGED {
        forge(&mut pair, sound, ssrc);
    }
    let taken = streams(&mut pair, FORGED);
    assert!(
        (1..=MAX_UNNAMED_SOURCES).contains(&taken),
        "{taken} streams"
    );
    let heard = speak(&mut pair, sound, Duration::from_secs(2), NONE);
    assert!(heard >= 99, "{heard} of 100");
    assert_eq!(streams(&mut pair, FORGED), 0);
}

#[test]
fn a_peer_that_begins_anew_with_another_source_is_heard_again() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    let sound = &offerer["media"][0];
    speak(&mut pair, sound, Duration::from_secs(1), NONE);
    let live = pair.ends[0].session.live.as_mut().unwrap();
    let mid = sound["mid"].as_str().unwrap().into();
    let mut api = live.rtc.direct_api();
    assert!(
        api.reset_stream_tx(mid, None, 77.into(), Some(78.into()))
            .is_some()
    );
    assert_eq!(speak(&mut pair, sound, SOURCE_LIFETIME * 9 / 10, NONE), 0);
    let heard = speak(&mut pair, sound, Duration::from_secs(1), NONE);
    assert!(heard >= 30, "{heard} of 50");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_datagrams_leave_the_call_alive(floods in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..40)) {
        let mut pair = Pair::new();
        let (offerer, _) = pair.connect(false);
        let (from, to) = (pair.ends[0].addresses[0], pair.ends[1].addresses[0]);
        for bytes in floods {
            pair.ends[1].session.handle_datagram(pair.now, from, to, &bytes);
            // The same as STUN, DTLS, RTP and RTCP, by their first byte (RFC 7983).
            for first in [0_u8, 22, 128, 129] {
                let mut dressed = bytes.clone();
                if let Some(byte) = dressed.first_mut() {
                    *byte = first;
                }
                pair.ends[1].session.handle_datagram(pair.now, from, to, &dressed);
                pair.drain(1);
            }
        }
        pair.send_frame(0, &offerer["media"][0], 0, b"alive");
        pair.until("sound", |pair| !pair.ends[1].media.is_empty());
    }

    #[test]
    fn any_text_is_a_description_or_refused(text in "(v=0\r\n)?([a-z]=[ -~]{0,40}\r\n){0,20}", kind in prop::bool::ANY) {
        let kind = if kind { "offer" } else { "answer" };
        let mut pair = Pair::new();
        pair.ask(1, json!({"op": "remote", "type": kind, "sdp": text}));
        pair.ask(1, json!({"op": "answer", "transceivers": []}));
    }

    #[test]
    fn a_description_with_lines_changed_is_taken_or_refused(changes in prop::collection::vec((any::<prop::sample::Index>(), "[ -~]{0,30}", 0_u8..4), 1..8)) {
        let mut pair = Pair::new();
        pair.ok(0, channel(0, true));
        let both = json!([
            {"key": 0, "mid": null, "kind": "audio", "direction": "sendrecv"},
            {"key": 1, "mid": null, "kind": "video", "direction": "sendrecv"},
        ]);
        let offer = pair.ok(0, json!({"op": "offer", "transceivers": both, "data": true}));
        let mut lines: Vec<String> = offer["sdp"].as_str().unwrap().lines().map(str::to_owned).collect();
        for (at, text, how) in changes {
            let at = at.index(lines.len());
            match how {
                0 => lines[at] = text,
                1 => { lines.remove(at); lines.push("a=x".to_owned()); }
                2 => { let line = lines[at].clone(); lines.push(line); }
                _ => { let cut = lines[at].len() / 2; lines[at].truncate(cut); }
            }
        }
        let sdp = lines.join("\r\n") + "\r\n";
        let remote = pair.ask(1, json!({"op": "remote", "type": "offer", "sdp": sdp}));
        let answers: Vec<Value> = remote["ok"]["media"].as_array().into_iter().flatten()
            .map(|media| json!({"mid": media["mid"], "direction": "sendrecv"})).collect();
        pair.ask(1, json!({"op": "answer", "transceivers": answers}));
        pair.ask(0, json!({"op": "remote", "type": "answer", "sdp": sdp}));
    }

    #[test]
    fn descriptions_keep_their_lines(text in "v=0\r\n(m=audio 9 RTP 0\r\na=mid:[a-z0-9]{1,16}\r\n(a=[a-z]{1,9}\r\n){0,5}){0,5}") {
        if let Ok(description) = Description::parse(&text) {
            prop_assert_eq!(description.to_text(), text);
        }
    }

    #[test]
    fn pages_that_ask_for_anything_get_an_answer(asked in prop::collection::vec((0_usize..2, any_request(), 0_u64..300), 1..60)) {
        let mut pair = Pair::new();
        // What each side last said: the other gets it as it is, when it fits and when it doesn't.
        let mut said = [json!("v=0\r\n"), json!("v=0\r\n")];
        let mut mids: [Vec<Value>; 2] = [Vec::new(), Vec::new()];
        for (side, mut request, wait) in asked {
            match request["op"].as_str().unwrap() {
                "remote" => request["sdp"] = said[1 - side].clone(),
                "answer" => {
                    let direction = request["direction"].clone();
                    request["transceivers"] = mids[side].iter()
                        .map(|mid| json!({"mid": mid, "direction": direction})).collect();
                }
                _ => {}
            }
            let reply = pair.ask(side, request.clone());
            prop_assert!(reply.get("ok").is_some() || reply["error"]["name"].is_string(), "{}", reply);
            let ok = &reply["ok"];
            if ok["sdp"].is_string() {
                said[side] = ok["sdp"].clone();
            }
            if request["op"] == "remote" && request["type"] == "offer" && ok["media"].is_array() {
                mids[side] = ok["media"].as_array().unwrap().iter()
                    .filter(|media| media["rejected"] == false)
                    .map(|media| media["mid"].clone()).collect();
            }
            for handle in 0..4 {
                pair.send_data(side, handle, true, b"x");
            }
            pair.run(std::time::Duration::from_millis(wait));
        }
    }
}
