//! The log tells what passes: type, direction and size. It never tells what was said, where anybody is, or
//! a secret.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

mod support;

use std::{
    io,
    sync::{Arc, Mutex},
};

use lanline_signaling::protocol::{
    CallId, ErrorCode, PeerId,
    link::{Card, LegBody},
    media::{MediaState, Signal},
    ui::{Attach, Command, DeviceKind, Event, FromNode, Resume, Role, ToNode},
};
use support::{Node, Ui, frame, hostile::Mallory};
use tracing_subscriber::EnvFilter;

const SDP: &str =
    "v=0\r\no=- 4711 2 IN IP4 192.168.77.88\r\na=ice-pwd:sesame\r\na=fingerprint:sha-256 AB:CD";
const CANDIDATE: &str = "candidate:1 1 udp 2122260223 192.168.77.88 50007 typ host";
const TOKEN: &str = "token-that-opens-the-seat";
const NAME: &str = "Wilhelmina";

/// What must never be in the log.
const PRIVATE: &[&str] = &[
    "v=0",
    "sesame",
    "fingerprint",
    "candidate:",
    "192.168",
    "127.0.0.1",
    "::1",
    "50007",
    TOKEN,
    NAME,
];

#[tokio::test]
async fn a_call_leaves_types_directions_and_sizes_alone() {
    let log = Log::install();
    let (mut a, mut b) = (Node::start().await, Node::start().await);
    let (a_id, b_id) = (a.id().clone(), b.id().clone());
    let offer = Signal::Offer {
        epoch: 0,
        sdp: SDP.to_owned(),
    };

    // A UI attaches and places a call.
    let mut ui = Ui::open(a.address).await.unwrap();
    let token = TOKEN.to_owned();
    let attach = Attach {
        role: Role::Guest,
        webrtc: true,
        kind: DeviceKind::Phone,
        name: Some(NAME.to_owned()),
        resume: Some(Resume {
            endpoint: None,
            token: token.clone(),
        }),
    };
    ui.say(&ToNode::Attach(attach)).await;
    let (_, events) = a.seat(1).await;
    let endpoint = None;
    let welcome = Event::Welcome { token, endpoint };
    events.send(welcome.clone()).unwrap();
    assert_eq!(ui.hear().await, Some(FromNode::Event(welcome)));
    let command = Command::Place {
        call: CallId::random(),
        to: PeerId::owner(b_id.clone()),
        video: true,
        media: MediaState::default(),
        offer: offer.clone(),
    };
    ui.say(&ToNode::Request { id: 1, command }).await;
    a.answer(1, Ok(())).await;
    ui.expect_reply(1, None).await;

    // The invitation and a candidate go over a link.
    let invite = LegBody::Invite {
        caller: Card {
            name: NAME.to_owned(),
            kind: DeviceKind::Phone,
        },
        media: MediaState::default(),
        video: true,
        offer: offer.clone(),
    };
    let signal = Signal::Candidate {
        epoch: 0,
        candidate: CANDIDATE.to_owned(),
        sdp_mid: None,
        sdp_m_line_index: None,
        username_fragment: None,
    };
    for (seq, body) in [(1, invite), (2, LegBody::Signal { signal })] {
        let message = frame(&a_id, &b_id, seq, Some(body));
        a.links.send(&b_id, &[b.address], message);
    }
    b.expect_up(&a_id).await;
    b.input().await;
    b.input().await;
    events
        .send(Event::Signal {
            call: CallId::random(),
            from: PeerId::owner(b_id.clone()),
            signal: offer,
        })
        .unwrap();
    assert!(ui.hear().await.is_some());

    // Things go wrong, too.
    ui.say_text(format!("{{\"type\":\"{TOKEN}\"}}")).await;
    ui.expect_reply(0, Some(ErrorCode::UnknownMessage)).await;
    ui.say_text(CANDIDATE.to_owned()).await;
    ui.expect_reply(0, Some(ErrorCode::InvalidMessage)).await;
    a.expect_up(&b_id).await;
    let stranger = Mallory::honest();
    let message = frame(&a_id, stranger.id(), 1, None);
    a.links.send(stranger.id(), &[b.address], message);
    a.expect_failed(stranger.id(), Some(ErrorCode::WrongKey))
        .await;
    let mut link = stranger.link(b.address).await;
    link.greet().await;
    link.say(CANDIDATE).await;
    assert!(link.hear().await.is_some());
    a.links.shutdown().await;

    let text = log.text();
    for expected in [
        "direction=\"ui→node\" kind=\"attach\"",
        "direction=\"node→ui\" kind=\"event.welcome\"",
        "direction=\"ui→node\" kind=\"request.place\"",
        "direction=\"node→ui\" kind=\"reply\"",
        "direction=\"node→link\" kind=\"hello\"",
        "direction=\"node→link\" kind=\"leg.invite\"",
        "direction=\"link→node\" kind=\"leg.invite\"",
        "direction=\"link→node\" kind=\"leg.signal\"",
        "direction=\"node→ui\" kind=\"event.signal\"",
        "direction=\"ui→node\" refused=unknown message",
        "direction=\"link→node\" refused=invalid message",
        "lanline::relay: direction",
        "bytes=",
        "another key",
    ] {
        assert!(text.contains(expected), "{expected} is not in:\n{text}");
    }
    for private in PRIVATE {
        assert!(!text.contains(private), "{private} is in:\n{text}");
    }
}

/// Everything logged in this process: ours whatever its level, other crates' as far as a program shows
/// it that isn't asked for more.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn install() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("info,lanline=trace,lanline_signaling=trace"))
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
