//! Two sessions joined by a network of our own, on virtual time.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::network::{Datagram, Link};
use crate::{
    bridge::{
        frame::{BinaryFromPage, MediaToPage},
        messages::FromPage,
    },
    session::{Output, Session, stun::is_stun},
};

/// One end, and what its page was told.
pub(super) struct End {
    pub(super) session: Session,
    /// Those it has a socket on.
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) replies: VecDeque<Value>,
    pub(super) events: Vec<Value>,
    pub(super) media: Vec<MediaToPage>,
    /// When each of them came.
    pub(super) arrivals: Vec<Instant>,
    pub(super) data: Vec<(u16, bool, Vec<u8>)>,
    pub(super) resolves: Vec<String>,
}

/// Both, and the datagrams under way.
pub(super) struct Pair {
    pub(super) began: Instant,
    pub(super) now: Instant,
    pub(super) ends: [End; 2],
    /// From 0 to 1, and back.
    pub(super) links: [Link; 2],
}

impl Pair {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        let end = |index: usize| {
            let address = SocketAddr::from(([10, 0, 0, u8::try_from(index + 1).unwrap()], 5000));
            let mut session = Session::new(now);
            session.handle_address(now, address);
            End {
                session,
                addresses: vec![address],
                replies: VecDeque::new(),
                events: Vec::new(),
                media: Vec::new(),
                arrivals: Vec::new(),
                data: Vec::new(),
                resolves: Vec::new(),
            }
        };
        let mut pair = Self {
            began: now,
            now,
            ends: [end(0), end(1)],
            links: [Link::new(1), Link::new(2)],
        };
        for side in 0..2 {
            let codecs = json!({"audio": ["opus"], "video": ["VP8", "H264"]});
            pair.ok(side, json!({"op": "init", "v": 1, "codecs": codecs}));
        }
        pair
    }

    /// Asks and gets the reply.
    pub(super) fn ask(&mut self, side: usize, mut request: Value) -> Value {
        request["id"] = json!(7);
        let message: FromPage = serde_json::from_value(request).unwrap();
        self.ends[side].session.handle_request(self.now, message);
        self.drain(side);
        self.ends[side].replies.pop_front().unwrap()
    }

    pub(super) fn ok(&mut self, side: usize, request: Value) -> Value {
        let reply = self.ask(side, request.clone());
        assert!(reply.get("ok").is_some(), "{request} gave {reply}");
        reply["ok"].clone()
    }

    pub(super) fn refused(&mut self, side: usize, request: Value) -> String {
        let reply = self.ask(side, request);
        reply["error"]["name"].as_str().unwrap().to_owned()
    }

    /// That page closes its connection.
    pub(super) fn close(&mut self, side: usize) {
        self.ends[side].session.close(self.now);
        self.drain(side);
    }

    pub(super) fn drain(&mut self, side: usize) {
        let end = &mut self.ends[side];
        while let Some(output) = end.session.poll_output() {
            match output {
                Output::Transmit(sent) => {
                    if end.addresses.contains(&sent.source) {
                        let datagram = Datagram {
                            from: sent.source,
                            to: sent.destination,
                            bytes: sent.contents.to_vec(),
                        };
                        self.links[side].send(self.now, datagram);
                    }
                }
                Output::Reply(reply) => {
                    end.replies.push_back(serde_json::to_value(&reply).unwrap());
                }
                Output::Event(event) => end.events.push(serde_json::to_value(&event).unwrap()),
                Output::Audio(frame) | Output::Video(frame) => {
                    end.media.push(frame);
                    end.arrivals.push(self.now);
                }
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
    pub(super) fn step(&mut self) {
        let far = self.now + Duration::from_secs(3600);
        self.step_until(far);
    }

    /// The same, but not beyond that time.
    fn step_until(&mut self, end: Instant) {
        for side in 0..2 {
            self.drain(side);
        }
        let timers = self
            .ends
            .iter()
            .filter_map(|end| end.session.poll_timeout());
        let arrivals = self.links.iter().filter_map(Link::next);
        let next = timers.chain(arrivals).min().unwrap_or(end);
        self.now = self.now.max(next.min(end));
        for (link, to) in [(0, 1), (1, 0)] {
            while let Some(datagram) = self.links[link].receive(self.now) {
                if self.ends[to].addresses.contains(&datagram.to) {
                    self.ends[to].session.handle_datagram(
                        self.now,
                        datagram.from,
                        datagram.to,
                        &datagram.bytes,
                    );
                    self.drain(to);
                }
            }
        }
        for side in 0..2 {
            self.ends[side].session.handle_timeout(self.now);
            self.drain(side);
        }
    }

    /// Lets things happen until then.
    pub(super) fn run_to(&mut self, end: Instant) {
        while self.now < end {
            self.step_until(end);
        }
    }

    pub(super) fn run(&mut self, duration: Duration) {
        self.run_to(self.now + duration);
    }

    /// What both directions are like from now on.
    pub(super) fn both_ways(&mut self, change: impl Fn(&mut Link)) {
        self.links.iter_mut().for_each(change);
    }

    pub(super) fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
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

    pub(super) fn told(&self, side: usize, event: &Value) -> bool {
        let fields = event.as_object().unwrap();
        self.ends[side]
            .events
            .iter()
            .any(|told| fields.iter().all(|(name, value)| told[name] == *value))
    }

    /// What that end has sent last, but for its checks, arrives as if from there.
    pub(super) fn deliver_from(&mut self, side: usize, from: SocketAddr) {
        let far = self.now + Duration::from_secs(1);
        while let Some(datagram) = self.links[side].receive(far) {
            if is_stun(&datagram.bytes) {
                continue;
            }
            let session = &mut self.ends[1 - side].session;
            session.handle_datagram(self.now, from, datagram.to, &datagram.bytes);
            self.drain(1 - side);
        }
    }

    /// The next check of that end, which does not arrive.
    pub(super) fn next_check(&mut self, side: usize) -> Datagram {
        loop {
            self.step();
            let far = self.now + Duration::from_secs(1);
            while let Some(datagram) = self.links[side].receive(far) {
                // A binding request (RFC 8489, section 18.1).
                if datagram.bytes.starts_with(&[0, 1]) {
                    return datagram;
                }
            }
        }
    }

    /// That end loses its addresses and has another.
    pub(super) fn move_to(&mut self, side: usize, address: SocketAddr) {
        for gone in std::mem::replace(&mut self.ends[side].addresses, vec![address]) {
            self.ends[side].session.handle_address_gone(self.now, gone);
        }
        self.ends[side].session.handle_address(self.now, address);
        self.drain(side);
    }

    /// Offer from that side with the sections of the last negotiation, and what the peer answers.
    pub(super) fn negotiate_again(&mut self, side: usize, media: &Value, ice_restart: bool) {
        let media = media.as_array().unwrap();
        let transceivers: Vec<Value> = media
            .iter()
            .map(|media| json!({"key": media["slot"], "mid": media["mid"], "kind": media["kind"], "direction": "sendrecv"}))
            .collect();
        let data = false;
        let offer = self.ok(
            side,
            json!({"op": "offer", "transceivers": transceivers, "data": data, "iceRestart": ice_restart}),
        );
        let offer = json!({"op": "remote", "type": "offer", "sdp": offer["sdp"]});
        let remote = self.ok(1 - side, offer);
        let answers: Vec<Value> = remote["media"]
            .as_array()
            .unwrap()
            .iter()
            .map(|media| json!({"mid": media["mid"], "direction": "sendrecv"}))
            .collect();
        let answer = self.ok(1 - side, json!({"op": "answer", "transceivers": answers}));
        let answer = json!({"op": "remote", "type": "answer", "sdp": answer["sdp"]});
        self.ok(side, answer);
    }

    /// Whether ICE of that side says so now.
    pub(super) fn ice_is(&self, side: usize, states: &[&str]) -> bool {
        let told = self.ends[side].events.iter().rev();
        let state = told
            .filter(|event| event["ev"] == "ice")
            .find_map(|event| event["state"].as_str());
        state.is_some_and(|state| states.contains(&state))
    }

    /// Offer from 0, answer from 1.
    pub(super) fn negotiate(&mut self, data: bool) -> (Value, Value) {
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

    pub(super) fn connect(&mut self, data: bool) -> (Value, Value) {
        let media = self.negotiate(data);
        for side in 0..2 {
            self.until("connected", |pair| {
                pair.told(side, &json!({"ev": "dtls", "state": "connected"}))
            });
        }
        media
    }

    pub(super) fn send_frame(
        &mut self,
        side: usize,
        media: &Value,
        timestamp: u64,
        payload: &[u8],
    ) {
        let mut frame = vec![
            1,
            u8::from(payload.first().is_some_and(|byte| byte & 1 == 0)),
        ];
        frame.extend_from_slice(
            &u16::try_from(media["slot"].as_u64().unwrap())
                .unwrap()
                .to_le_bytes(),
        );
        frame.push(u8::try_from(media["codecs"][0]["pt"].as_u64().unwrap()).unwrap());
        frame.extend_from_slice(&[255, 0, 0]);
        frame.extend_from_slice(&timestamp.to_le_bytes());
        frame.extend_from_slice(payload);
        self.send_binary(side, &frame);
    }

    pub(super) fn send_data(&mut self, side: usize, handle: u16, binary: bool, payload: &[u8]) {
        let wire = crate::bridge::frame::data_to_wire(handle, binary, payload);
        self.send_binary(side, &wire);
    }

    /// A binary message of the page, whatever is in it.
    pub(super) fn send_binary(&mut self, side: usize, message: &[u8]) {
        let session = &mut self.ends[side].session;
        match BinaryFromPage::parse(message) {
            Some(BinaryFromPage::Media(frame)) => session.handle_media(self.now, &frame),
            Some(BinaryFromPage::Data {
                handle,
                binary,
                payload,
            }) => session.handle_data(self.now, handle, binary, payload),
            Some(BinaryFromPage::Sound(_)) | None => {}
        }
        self.drain(side);
    }
}

/// A VP8 key frame's first bytes, and filling.
pub(super) fn key_frame(size: usize) -> Vec<u8> {
    let mut frame = vec![0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01];
    frame.resize(size, 7);
    frame
}

pub(super) fn channel(handle: u16, ordered: bool) -> Value {
    json!({"op": "channel", "handle": handle, "label": "chat", "ordered": ordered})
}

/// Connected, and a channel open on both sides: 0 on the first, 32,768 on the other.
pub(super) fn joined(request: Value) -> Pair {
    let mut pair = Pair::new();
    pair.ok(0, request);
    pair.connect(true);
    pair.until("open", |pair| {
        pair.told(0, &json!({"ev": "channelOpen", "handle": 0}))
            && pair.told(1, &json!({"ev": "channelNew", "handle": 32_768}))
    });
    pair
}
