//! Two sessions against each other, on virtual time and a network of our own.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Output, Session, sdp::Description};
use crate::{
    bridge::{frame::MediaToPage, messages::FromPage},
    limits::ICE_FAILURE_TIMEOUT,
};

const LATENCY: Duration = Duration::from_millis(5);

/// One end, and what its page was told.
struct End {
    session: Session,
    address: SocketAddr,
    replies: VecDeque<Value>,
    events: Vec<Value>,
    media: Vec<MediaToPage>,
    data: Vec<(u16, bool, Vec<u8>)>,
    resolves: Vec<String>,
}

/// Both, and the datagrams under way.
struct Pair {
    now: Instant,
    ends: [End; 2],
    wire: VecDeque<(Instant, usize, SocketAddr, SocketAddr, Vec<u8>)>,
    /// Nothing arrives while it is cut.
    cut: bool,
    /// Every nth datagram is lost; 0: none.
    lose: usize,
    sent: usize,
}

impl Pair {
    fn new() -> Self {
        let now = Instant::now();
        let end = |index: usize| {
            let address = SocketAddr::from(([10, 0, 0, u8::try_from(index + 1).unwrap()], 5000));
            let mut session = Session::new(now);
            session.handle_address(now, address);
            End {
                session,
                address,
                replies: VecDeque::new(),
                events: Vec::new(),
                media: Vec::new(),
                data: Vec::new(),
                resolves: Vec::new(),
            }
        };
        let mut pair = Self {
            now,
            ends: [end(0), end(1)],
            wire: VecDeque::new(),
            cut: false,
            lose: 0,
            sent: 0,
        };
        for side in 0..2 {
            let codecs = json!({"audio": ["opus"], "video": ["VP8", "H264"]});
            pair.ok(side, json!({"op": "init", "v": 1, "codecs": codecs}));
        }
        pair
    }

    /// Asks and gets the reply.
    fn ask(&mut self, side: usize, mut request: Value) -> Value {
        request["id"] = json!(7);
        let message: FromPage = serde_json::from_value(request).unwrap();
        self.ends[side].session.handle_request(self.now, message);
        self.drain(side);
        self.ends[side].replies.pop_front().unwrap()
    }

    fn ok(&mut self, side: usize, request: Value) -> Value {
        let reply = self.ask(side, request.clone());
        assert!(reply.get("ok").is_some(), "{request} gave {reply}");
        reply["ok"].clone()
    }

    fn refused(&mut self, side: usize, request: Value) -> String {
        let reply = self.ask(side, request);
        reply["error"]["name"].as_str().unwrap().to_owned()
    }

    fn drain(&mut self, side: usize) {
        let end = &mut self.ends[side];
        while let Some(output) = end.session.poll_output() {
            match output {
                Output::Transmit(sent) => {
                    self.sent += 1;
                    let lost = self.lose > 0 && self.sent.is_multiple_of(self.lose);
                    if !self.cut && !lost {
                        let at = self.now + LATENCY;
                        let bytes = sent.contents.to_vec();
                        self.wire
                            .push_back((at, 1 - side, sent.source, sent.destination, bytes));
                    }
                }
                Output::Reply(reply) => {
                    end.replies.push_back(serde_json::to_value(&reply).unwrap());
                }
                Output::Event(event) => end.events.push(serde_json::to_value(&event).unwrap()),
                Output::Audio(frame) | Output::Video(frame) => end.media.push(frame),
                Output::Data {
                    handle,
                    binary,
                    payload,
                } => end.data.push((handle, binary, payload)),
                Output::Resolve(name) => end.resolves.push(name),
            }
        }
    }

    /// Goes to the next thing that happens.
    fn step(&mut self) {
        for side in 0..2 {
            self.drain(side);
        }
        let arrival = self.wire.front().map(|(at, ..)| *at);
        let timers = self
            .ends
            .iter()
            .filter_map(|end| end.session.poll_timeout());
        let next = timers.chain(arrival).min().unwrap();
        self.now = self.now.max(next);
        while self.wire.front().is_some_and(|(at, ..)| *at <= self.now) {
            let (_, to, from, at, bytes) = self.wire.pop_front().unwrap();
            self.ends[to]
                .session
                .handle_datagram(self.now, from, at, &bytes);
            self.drain(to);
        }
        for side in 0..2 {
            self.ends[side].session.handle_timeout(self.now);
            self.drain(side);
        }
    }

    fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let limit = self.now + Duration::from_secs(60);
        while !done(self) {
            if self.now >= limit {
                let told: Vec<_> = self
                    .ends
                    .iter()
                    .map(|end| (&end.events, end.media.len(), end.data.len()))
                    .collect();
                panic!("never: {what}; {told:?}");
            }
            self.step();
        }
    }

    fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.now < end {
            self.step();
        }
    }

    fn told(&self, side: usize, event: &Value) -> bool {
        let fields = event.as_object().unwrap();
        self.ends[side]
            .events
            .iter()
            .any(|told| fields.iter().all(|(name, value)| told[name] == *value))
    }

    /// Offer from 0, answer from 1.
    fn negotiate(&mut self, data: bool) -> (Value, Value) {
        let both = json!([
            {"key": 0, "mid": null, "kind": "audio", "direction": "sendrecv", "streams": [], "track": null},
            {"key": 1, "mid": null, "kind": "video", "direction": "sendrecv", "streams": ["s"], "track": "t"},
        ]);
        let offer = self.ok(
            0,
            json!({"op": "offer", "transceivers": both, "data": data}),
        );
        let remote = self.ok(
            1,
            json!({"op": "remote", "type": "offer", "sdp": offer["sdp"]}),
        );
        let answers: Vec<Value> = remote["media"]
            .as_array()
            .unwrap()
            .iter()
            .map(|media| json!({"mid": media["mid"], "direction": "sendrecv", "streams": [], "track": "x"}))
            .collect();
        let answer = self.ok(1, json!({"op": "answer", "transceivers": answers}));
        let accepted = self.ok(
            0,
            json!({"op": "remote", "type": "answer", "sdp": answer["sdp"]}),
        );
        (accepted, answer)
    }

    fn connect(&mut self, data: bool) -> (Value, Value) {
        let media = self.negotiate(data);
        for side in 0..2 {
            self.until("connected", |pair| {
                pair.told(side, &json!({"ev": "dtls", "state": "connected"}))
            });
        }
        media
    }

    fn send_frame(&mut self, side: usize, media: &Value, timestamp: u64, payload: &[u8]) {
        let mut frame = vec![1, 1];
        frame.extend_from_slice(
            &u16::try_from(media["slot"].as_u64().unwrap())
                .unwrap()
                .to_le_bytes(),
        );
        frame.push(u8::try_from(media["codecs"][0]["pt"].as_u64().unwrap()).unwrap());
        frame.extend_from_slice(&[255, 0, 0]);
        frame.extend_from_slice(&timestamp.to_le_bytes());
        frame.extend_from_slice(payload);
        self.ends[side].session.handle_binary(self.now, &frame);
        self.drain(side);
    }

    fn send_data(&mut self, side: usize, handle: u16, binary: bool, payload: &[u8]) {
        let wire = crate::bridge::frame::data_to_wire(handle, binary, payload);
        self.ends[side].session.handle_binary(self.now, &wire);
        self.drain(side);
    }
}

/// A VP8 key frame's first bytes, and filling.
fn key_frame(size: usize) -> Vec<u8> {
    let mut frame = vec![0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01];
    frame.resize(size, 7);
    frame
}

fn channel(handle: u16, ordered: bool) -> Value {
    json!({"op": "channel", "handle": handle, "label": "chat", "ordered": ordered})
}

#[test]
fn sound_and_pictures_cross_both_ways() {
    let mut pair = Pair::new();
    let (offerer, answerer) = pair.connect(false);
    for (side, media) in [(0, &offerer["media"]), (1, &answerer["media"])] {
        assert_eq!(media[0]["kind"], "audio");
        assert_eq!(media[0]["direction"], "sendrecv");
        assert_eq!(media[1]["codecs"][0]["mime"], "video/VP8");
        pair.send_frame(side, &media[0], 1_000_000, b"opus");
        pair.send_frame(side, &media[1], 1_000_000, &key_frame(9_000));
    }
    for side in 0..2 {
        pair.until("both frames", |pair| pair.ends[side].media.len() == 2);
        let media = &pair.ends[side].media;
        let video = media.iter().find(|frame| frame.slot == 1).unwrap();
        assert_eq!(*video.payload, *key_frame(9_000));
        assert!(video.key);
        assert!(media.iter().any(|frame| *frame.payload == *b"opus"));
    }
}

#[test]
fn lost_packets_are_sent_again() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    pair.lose = 15;
    for number in 0..60_u64 {
        pair.send_frame(0, &offerer["media"][1], number * 33_333, &key_frame(6_000));
        pair.run(Duration::from_millis(33));
    }
    pair.run(Duration::from_secs(1));
    let arrived = pair.ends[1].media.len();
    assert!(arrived >= 57, "{arrived} of 60 pictures arrived");
}

#[test]
fn a_key_frame_is_asked_for() {
    let mut pair = Pair::new();
    let (offerer, answerer) = pair.connect(false);
    pair.send_frame(0, &offerer["media"][1], 0, &key_frame(100));
    pair.until("a frame", |pair| !pair.ends[1].media.is_empty());
    let slot = answerer["media"][1]["slot"].clone();
    let message = serde_json::from_value(json!({"op": "keyframe", "slot": slot})).unwrap();
    pair.ends[1].session.handle_request(pair.now, message);
    let wanted = json!({"ev": "keyframe", "slot": offerer["media"][1]["slot"]});
    pair.until("the request", |pair| pair.told(0, &wanted));
}

#[test]
fn pictures_after_a_loss_are_withheld_until_a_key_frame() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    let mut delta = key_frame(100);
    delta[0] |= 1;
    pair.send_frame(0, &offerer["media"][1], 0, &delta);
    pair.until("the request", |pair| {
        pair.told(0, &json!({"ev": "keyframe"}))
    });
    assert!(pair.ends[1].media.is_empty());
    pair.send_frame(0, &offerer["media"][1], 33_333, &key_frame(100));
    pair.send_frame(0, &offerer["media"][1], 66_666, &delta);
    pair.until("both", |pair| pair.ends[1].media.len() == 2);
}

#[test]
fn nothing_is_received_where_nothing_was_agreed() {
    let mut pair = Pair::new();
    let one = json!([{"key": 0, "mid": null, "kind": "video", "direction": "sendrecv"}]);
    let offer = pair.ok(
        0,
        json!({"op": "offer", "transceivers": one, "data": false}),
    );
    let remote = pair.ok(
        1,
        json!({"op": "remote", "type": "offer", "sdp": offer["sdp"]}),
    );
    assert_eq!(remote["media"][0]["direction"], "sendrecv");
    let mid = &remote["media"][0]["mid"];
    let answer = pair.ok(
        1,
        json!({"op": "answer", "transceivers": [{"mid": mid, "direction": "recvonly"}]}),
    );
    assert_eq!(answer["media"][0]["direction"], "recvonly");
    let accepted = pair.ok(
        0,
        json!({"op": "remote", "type": "answer", "sdp": answer["sdp"]}),
    );
    assert_eq!(accepted["media"][0]["direction"], "sendonly");
}

#[test]
fn data_crosses_in_both_forms_and_buffered_amount_is_true() {
    let mut pair = Pair::new();
    pair.ok(0, channel(4, true));
    pair.connect(true);
    pair.until("open", |pair| {
        pair.told(0, &json!({"ev": "channelOpen", "handle": 4}))
    });
    pair.until("known", |pair| {
        pair.told(1, &json!({"ev": "channelNew", "label": "chat"}))
    });
    let big = vec![9; 200_000];
    for _ in 0..20 {
        pair.send_data(0, 4, true, &big);
    }
    pair.send_data(0, 4, false, b"");
    pair.send_data(0, 4, false, "grüß".as_bytes());
    pair.until("all of it", |pair| pair.ends[1].data.len() == 21);
    assert_eq!(pair.ends[1].data[0], (32_768, true, big));
    assert_eq!(
        pair.ends[1].data[20],
        (32_768, false, "grüß".as_bytes().to_vec())
    );
    let total = 20 * 200_000 + "grüß".len();
    let all = json!({"ev": "released", "handle": 4, "bytes": total});
    pair.until("all has left", |pair| pair.told(0, &all));
    pair.send_data(1, 32_768, true, b"back");
    pair.until("an answer", |pair| !pair.ends[0].data.is_empty());
    assert_eq!(pair.ends[0].data[0], (4, true, b"back".to_vec()));
    pair.ok(1, json!({"op": "channelClose", "handle": 32_768}));
    pair.until("closed", |pair| {
        pair.told(0, &json!({"ev": "channelClosed", "handle": 4}))
    });
}

#[test]
fn a_channel_made_later_needs_no_offer() {
    let mut pair = Pair::new();
    pair.ok(0, channel(0, true));
    pair.connect(true);
    pair.until("open", |pair| {
        pair.told(0, &json!({"ev": "channelOpen", "handle": 0}))
    });
    pair.ok(1, channel(1, false));
    pair.until("open", |pair| {
        pair.told(1, &json!({"ev": "channelOpen", "handle": 1}))
    });
    pair.until("known", |pair| {
        pair.told(0, &json!({"ev": "channelNew", "ordered": false}))
    });
}

#[test]
fn an_offer_can_be_taken_back_and_the_peers_taken() {
    let mut pair = Pair::new();
    let one = json!([{"key": 0, "mid": null, "kind": "audio", "direction": "sendrecv"}]);
    pair.ok(1, channel(3, true));
    pair.ok(1, json!({"op": "offer", "transceivers": one, "data": true}));
    let theirs = pair.ok(
        0,
        json!({"op": "offer", "transceivers": one, "data": false}),
    );
    let sdp = json!({"op": "remote", "type": "offer", "sdp": theirs["sdp"]});
    assert_eq!(pair.refused(1, sdp.clone()), "InvalidStateError");
    pair.ok(1, json!({"op": "discard"}));
    let remote = pair.ok(1, sdp);
    let mid = &remote["media"][0]["mid"];
    let answer = pair.ok(
        1,
        json!({"op": "answer", "transceivers": [{"mid": mid, "direction": "sendrecv"}]}),
    );
    pair.ok(
        0,
        json!({"op": "remote", "type": "answer", "sdp": answer["sdp"]}),
    );
    pair.until("connected", |pair| {
        pair.told(0, &json!({"ev": "dtls", "state": "connected"}))
    });
    // The channel of the offer that was taken back goes with the next.
    let again = json!([{"key": 0, "mid": mid, "kind": "audio", "direction": "sendrecv"}]);
    let offer = pair.ok(
        1,
        json!({"op": "offer", "transceivers": again, "data": true}),
    );
    pair.ok(
        0,
        json!({"op": "remote", "type": "offer", "sdp": offer["sdp"]}),
    );
    let answer = pair.ok(
        0,
        json!({"op": "answer", "transceivers": [{"mid": mid, "direction": "sendrecv"}]}),
    );
    pair.ok(
        1,
        json!({"op": "remote", "type": "answer", "sdp": answer["sdp"]}),
    );
    pair.until("open", |pair| {
        pair.told(1, &json!({"ev": "channelOpen", "handle": 3}))
    });
}

#[test]
fn a_cut_is_noticed_and_an_ice_restart_heals_it() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    pair.cut = true;
    pair.until("disconnected", |pair| {
        pair.told(0, &json!({"ev": "ice", "state": "disconnected"}))
    });
    pair.until("failed", |pair| {
        pair.told(0, &json!({"ev": "ice", "state": "failed"}))
    });
    pair.cut = false;
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
    pair.cut = true;
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

#[test]
fn what_comes_out_of_order_is_refused_by_name() {
    let mut pair = Pair::new();
    assert_eq!(
        pair.refused(0, json!({"op": "answer", "transceivers": []})),
        "InvalidStateError"
    );
    assert_eq!(
        pair.refused(0, json!({"op": "discard"})),
        "InvalidStateError"
    );
    let offer = pair.ok(
        0,
        json!({"op": "offer", "data": false, "transceivers": [{"key": 0, "mid": null, "kind": "audio", "direction": "sendrecv"}]}),
    );
    assert_eq!(
        pair.refused(
            1,
            json!({"op": "remote", "type": "answer", "sdp": offer["sdp"]})
        ),
        "InvalidStateError"
    );
    assert_eq!(
        pair.refused(
            0,
            json!({"op": "remote", "type": "answer", "sdp": "v=0\r\nnonsense"})
        ),
        "SyntaxError"
    );
    assert_eq!(
        pair.refused(
            0,
            json!({"op": "init", "v": 1, "codecs": {"audio": [], "video": []}})
        ),
        "InvalidStateError"
    );
    assert_eq!(pair.refused(0, json!({"op": "fly"})), "NotSupportedError");
}

#[test]
fn a_peer_without_a_codec_of_ours_gets_an_answer() {
    let mut pair = Pair::new();
    let one = json!([{"key": 0, "mid": null, "kind": "video", "direction": "sendrecv"}]);
    let offer = pair.ok(
        0,
        json!({"op": "offer", "transceivers": one, "data": false}),
    );
    let foreign = offer["sdp"]
        .as_str()
        .unwrap()
        .replace("VP8", "XYZ9")
        .replace("H264", "XYZ8");
    let remote = pair.ok(1, json!({"op": "remote", "type": "offer", "sdp": foreign}));
    assert_eq!(remote["media"][0]["codecs"], json!([]));
    let mid = &remote["media"][0]["mid"];
    let answer = pair.ok(
        1,
        json!({"op": "answer", "transceivers": [{"mid": mid, "direction": "sendrecv"}]}),
    );
    assert_eq!(answer["media"][0]["codecs"], json!([]));
}

#[test]
fn preferred_codecs_come_first_on_both_sides() {
    let mut pair = Pair::new();
    let one = json!([{"key": 0, "mid": null, "kind": "video", "direction": "sendrecv", "codecs": ["H264", "VP8"]}]);
    let offer = pair.ok(
        0,
        json!({"op": "offer", "transceivers": one, "data": false}),
    );
    let remote = pair.ok(
        1,
        json!({"op": "remote", "type": "offer", "sdp": offer["sdp"]}),
    );
    assert_eq!(remote["media"][0]["codecs"][0]["mime"], "video/H264");
    let mid = &remote["media"][0]["mid"];
    let answer = pair.ok(
        1,
        json!({"op": "answer", "transceivers": [{"mid": mid, "direction": "sendrecv"}]}),
    );
    assert_eq!(answer["media"][0]["codecs"][0]["mime"], "video/H264");
    let accepted = pair.ok(
        0,
        json!({"op": "remote", "type": "answer", "sdp": answer["sdp"]}),
    );
    assert_eq!(accepted["media"][0]["codecs"][0]["mime"], "video/H264");
}

#[test]
fn codecs_that_are_not_preferred_are_not_offered() {
    let mut pair = Pair::new();
    let one = json!([{"key": 0, "mid": null, "kind": "video", "direction": "sendrecv", "codecs": ["VP8"]}]);
    let offer = pair.ok(
        0,
        json!({"op": "offer", "transceivers": one, "data": false}),
    );
    let sdp = offer["sdp"].as_str().unwrap();
    assert!(
        sdp.contains("m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"),
        "{sdp}"
    );
    assert!(!sdp.contains("H264") && !sdp.contains("apt=108"), "{sdp}");
    let remote = pair.ok(1, json!({"op": "remote", "type": "offer", "sdp": sdp}));
    let mid = &remote["media"][0]["mid"];
    let answer = pair.ok(
        1,
        json!({"op": "answer", "transceivers": [{"mid": mid, "direction": "sendrecv"}]}),
    );
    let accepted = pair.ok(
        0,
        json!({"op": "remote", "type": "answer", "sdp": answer["sdp"]}),
    );
    assert_eq!(accepted["media"][0]["codecs"].as_array().unwrap().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_datagrams_leave_the_call_alive(floods in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..40)) {
        let mut pair = Pair::new();
        let (offerer, _) = pair.connect(false);
        let (from, to) = (pair.ends[0].address, pair.ends[1].address);
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
}
