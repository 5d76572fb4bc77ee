use super::{MEDIA, Sample, assert_complete, assert_sample, call, guest, offer, peer};
use crate::protocol::{
    EndReason, ErrorCode, Instance, LINK_VERSION,
    link::{Card, LegBody, LegFrame, LinkMessage},
    ui::DeviceKind,
};

const KINDS: [&str; 10] = [
    "hello",
    "leg",
    "leg.invite",
    "leg.ringing",
    "leg.accept",
    "leg.end",
    "leg.signal",
    "leg.media",
    "goodbye",
    "error",
];

/// Fails to compile when a message has no sample below, nor a name above.
fn _all_messages(message: &LinkMessage, body: &LegBody) {
    match message {
        LinkMessage::Hello { .. }
        | LinkMessage::Leg(_)
        | LinkMessage::Goodbye
        | LinkMessage::Error { .. } => {}
    }
    match body {
        LegBody::Invite { .. }
        | LegBody::Ringing
        | LegBody::Accept { .. }
        | LegBody::End { .. }
        | LegBody::Signal { .. }
        | LegBody::Media { .. } => {}
    }
}

fn leg(seq: u32, body: Option<LegBody>) -> LinkMessage {
    LinkMessage::Leg(Box::new(LegFrame {
        call: call(),
        from: peer(),
        to: guest(),
        instance: Instance(4_294_967_295),
        seq,
        ack: 2,
        body,
    }))
}

pub(super) fn samples() -> Vec<Sample<LinkMessage>> {
    vec![
        (
            "hello",
            LinkMessage::Hello {
                version: LINK_VERSION,
            },
            r#"{"type":"hello","version":1}"#,
        ),
        (
            "leg",
            leg(0, None),
            r#"{"type":"leg","call":"CALL","from":"NODE","to":"NODE-guest234","instance":4294967295,"seq":0,"ack":2,"body":null}"#,
        ),
        (
            "leg.invite",
            leg(
                1,
                Some(LegBody::Invite {
                    caller: Card {
                        name: "Ada".to_owned(),
                        kind: DeviceKind::Laptop,
                    },
                    media: MEDIA,
                    video: true,
                    offer: offer(),
                }),
            ),
            r#"{"type":"leg","call":"CALL","from":"NODE","to":"NODE-guest234","instance":4294967295,"seq":1,"ack":2,"body":{"type":"invite","caller":{"name":"Ada","kind":"laptop"},"media":{"audio":true,"video":false,"screen":false},"video":true,"offer":{"type":"offer","epoch":0,"sdp":"v=0\r\n"}}}"#,
        ),
        (
            "leg.ringing",
            leg(1, Some(LegBody::Ringing)),
            r#"{"type":"leg","call":"CALL","from":"NODE","to":"NODE-guest234","instance":4294967295,"seq":1,"ack":2,"body":{"type":"ringing"}}"#,
        ),
        (
            "leg.accept",
            leg(2, Some(LegBody::Accept { media: MEDIA })),
            r#"{"type":"leg","call":"CALL","from":"NODE","to":"NODE-guest234","instance":4294967295,"seq":2,"ack":2,"body":{"type":"accept","media":{"audio":true,"video":false,"screen":false}}}"#,
        ),
        (
            "leg.end",
            leg(
                3,
                Some(LegBody::End {
                    reason: EndReason::ConnectionLost,
                }),
            ),
            r#"{"type":"leg","call":"CALL","from":"NODE","to":"NODE-guest234","instance":4294967295,"seq":3,"ack":2,"body":{"type":"end","reason":"connection_lost"}}"#,
        ),
        (
            "leg.signal",
            leg(4, Some(LegBody::Signal { signal: offer() })),
            r#"{"type":"leg","call":"CALL","from":"NODE","to":"NODE-guest234","instance":4294967295,"seq":4,"ack":2,"body":{"type":"signal","signal":{"type":"offer","epoch":0,"sdp":"v=0\r\n"}}}"#,
        ),
        (
            "leg.media",
            leg(5, Some(LegBody::Media { media: MEDIA })),
            r#"{"type":"leg","call":"CALL","from":"NODE","to":"NODE-guest234","instance":4294967295,"seq":5,"ack":2,"body":{"type":"media","media":{"audio":true,"video":false,"screen":false}}}"#,
        ),
        ("goodbye", LinkMessage::Goodbye, r#"{"type":"goodbye"}"#),
        (
            "error",
            LinkMessage::Error {
                code: ErrorCode::WrongSender,
            },
            r#"{"type":"error","code":"wrong_sender"}"#,
        ),
    ]
}

#[test]
fn what_two_nodes_say() {
    samples().iter().for_each(assert_sample);
    assert_complete(&samples(), &KINDS);
}
