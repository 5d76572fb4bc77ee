//! The wire, byte for byte: each kind of message once, and then anything at all.

mod from_node;
mod fuzzed;
mod link;
mod to_node;

use serde::{Serialize, de::DeserializeOwned};

use super::{decode, encode, kind_of};
use crate::protocol::{
    CallId, EndpointId, ErrorCode, NodeId, PeerId,
    limits::{MAX_CANDIDATE_BYTES, MAX_MESSAGE_BYTES, MAX_SDP_BYTES},
    media::{MediaState, Signal},
    ui::{FromNode, ToNode},
};

/// A kind of message, one message of it, and how that is written.
type Sample<T> = (&'static str, T, &'static str);

const MEDIA: MediaState = MediaState {
    audio: true,
    video: false,
    screen: false,
};

fn node() -> NodeId {
    "n".repeat(NodeId::LENGTH).parse().unwrap()
}

fn peer() -> PeerId {
    PeerId::owner(node())
}

fn endpoint() -> EndpointId {
    "guest234".parse().unwrap()
}

fn guest() -> PeerId {
    PeerId::guest(node(), endpoint())
}

fn call() -> CallId {
    "c".repeat(CallId::LENGTH).parse().unwrap()
}

fn offer() -> Signal {
    Signal::Offer {
        epoch: 0,
        sdp: "v=0\r\n".to_owned(),
    }
}

/// A sample as it is written: `NODE` and `CALL` stand for the two long ids.
fn written(sample: &str) -> String {
    sample
        .replace("NODE", node().as_str())
        .replace("CALL", call().as_str())
}

fn assert_sample<T>((kind, message, text): &Sample<T>)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let text = written(text);
    assert_eq!(encode(message).unwrap(), text);
    assert_eq!(decode::<T>(text.as_bytes()).as_ref(), Ok(message));
    assert_eq!(&kind_of(message), kind);
}

/// Every kind has a sample: `kinds` names all there are.
fn assert_complete<T>(samples: &[Sample<T>], kinds: &[&str]) {
    let sampled: Vec<&str> = samples.iter().map(|(kind, _, _)| *kind).collect();
    assert_eq!(sampled, kinds);
}

#[test]
fn sizes_are_bounded_both_ways() {
    let long = " ".repeat(MAX_MESSAGE_BYTES + 1);
    assert_eq!(decode::<ToNode>(long.as_bytes()), Err(ErrorCode::TooLarge));
    assert_eq!(encode(&long), Err(ErrorCode::TooLarge));
    assert!(encode(&" ".repeat(MAX_MESSAGE_BYTES - 2)).is_ok());
}

#[test]
fn signals_are_bounded_in_each_part() {
    let sdp = |length| "s".repeat(length);
    let candidate = |line: usize, mid: usize, fragment: usize| Signal::Candidate {
        epoch: 0,
        candidate: "c".repeat(line),
        sdp_mid: Some("m".repeat(mid)),
        sdp_m_line_index: None,
        username_fragment: Some("f".repeat(fragment)),
    };
    let most = MAX_CANDIDATE_BYTES;
    for (signal, bounded) in [
        (
            Signal::Offer {
                epoch: 0,
                sdp: sdp(MAX_SDP_BYTES),
            },
            true,
        ),
        (
            Signal::Offer {
                epoch: 0,
                sdp: sdp(MAX_SDP_BYTES + 1),
            },
            false,
        ),
        (
            Signal::Answer {
                epoch: 0,
                sdp: sdp(MAX_SDP_BYTES + 1),
            },
            false,
        ),
        (candidate(most, 64, 256), true),
        (candidate(most + 1, 64, 256), false),
        (candidate(most, 65, 256), false),
        (candidate(most, 64, 257), false),
    ] {
        assert_eq!(signal.is_bounded(), bounded);
    }
}

#[test]
fn what_is_not_understood_is_told_apart() {
    let unknown = ErrorCode::UnknownMessage;
    let invalid = ErrorCode::InvalidMessage;
    for (text, code) in [
        ("", invalid),
        ("null", invalid),
        ("[]", invalid),
        ("{}", invalid),
        ("\u{feff}{}", invalid),
        (r#"{"type":"dance"}"#, unknown),
        (r#"{"type":5}"#, invalid),
        (r#"{"type":"request","id":1}"#, invalid),
        (
            r#"{"type":"request","id":1,"command":{"type":"dance"}}"#,
            unknown,
        ),
        (
            r#"{"type":"request","id":-1,"command":{"type":"history_seen"}}"#,
            invalid,
        ),
        (
            r#"{"type":"request","id":1,"command":{"type":"hang_up","call":"short"}}"#,
            invalid,
        ),
        (
            r#"{"type":"request","id":1,"command":{"type":"hang_up","call":"CALL"}} x"#,
            invalid,
        ),
        (
            r#"{"type":"attach","role":"owner","webrtc":"yes","kind":"phone"}"#,
            invalid,
        ),
    ] {
        assert_eq!(
            decode::<ToNode>(written(text).as_bytes()),
            Err(code),
            "{text}"
        );
    }
    let deep = "[".repeat(MAX_MESSAGE_BYTES);
    assert_eq!(decode::<ToNode>(deep.as_bytes()), Err(invalid));
    assert_eq!(decode::<ToNode>(&[0xff, 0xfe]), Err(invalid));
}

#[test]
fn regression_a_value_that_is_not_known_is_no_unknown_message() {
    let text = r#"{"type":"attach","role":"king","webrtc":true,"kind":"phone"}"#;
    assert_eq!(
        decode::<ToNode>(text.as_bytes()),
        Err(ErrorCode::InvalidMessage)
    );
    let text = r#"{"type":"reply","id":1,"error":"reply_not_known"}"#;
    assert_eq!(
        decode::<FromNode>(text.as_bytes()),
        Err(ErrorCode::InvalidMessage)
    );
}

#[test]
fn what_is_too_much_is_passed_over() {
    let text = r#"{"type":"request","id":1,"command":{"type":"history_seen","why":"x"},"new":{}}"#;
    assert!(
        decode::<ToNode>(text.as_bytes()).is_ok(),
        "a later version may say more"
    );
}
