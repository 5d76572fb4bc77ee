use super::{MEDIA, Sample, assert_complete, assert_sample, call, endpoint, guest, offer, peer};
use crate::protocol::{
    media::Signal,
    ui::{Attach, Command, DeviceKind, Resume, Role, ToNode, TransportState},
};

const KINDS: [&str; 14] = [
    "attach",
    "request.place",
    "request.accept",
    "request.decline",
    "request.hang_up",
    "request.take",
    "request.signal",
    "request.signal",
    "request.media",
    "request.transport",
    "request.set_name",
    "request.set_blocked",
    "request.history_seen",
    "request.clear_history",
];

/// Fails to compile when a command has no sample below, nor a name above.
fn _all_commands(command: &Command) {
    match command {
        Command::Place { .. }
        | Command::Accept { .. }
        | Command::Decline { .. }
        | Command::HangUp { .. }
        | Command::Take { .. }
        | Command::Signal { .. }
        | Command::Media { .. }
        | Command::Transport { .. }
        | Command::SetName { .. }
        | Command::SetBlocked { .. }
        | Command::HistorySeen
        | Command::ClearHistory => {}
    }
}

fn request(command: Command) -> ToNode {
    ToNode::Request { id: 7, command }
}

pub(super) fn samples() -> Vec<Sample<ToNode>> {
    vec![
        (
            "attach",
            ToNode::Attach(Attach {
                role: Role::Guest,
                webrtc: true,
                kind: DeviceKind::Phone,
                name: Some("Ada".to_owned()),
                resume: Some(Resume {
                    endpoint: Some(endpoint()),
                    token: "t".to_owned(),
                }),
            }),
            r#"{"type":"attach","role":"guest","webrtc":true,"kind":"phone","name":"Ada","resume":{"endpoint":"guest234","token":"t"}}"#,
        ),
        (
            "request.place",
            request(Command::Place {
                call: call(),
                to: peer(),
                video: true,
                media: MEDIA,
                offer: offer(),
            }),
            r#"{"type":"request","id":7,"command":{"type":"place","call":"CALL","to":"NODE","video":true,"media":{"audio":true,"video":false,"screen":false},"offer":{"type":"offer","epoch":0,"sdp":"v=0\r\n"}}}"#,
        ),
        (
            "request.accept",
            request(Command::Accept {
                call: call(),
                media: MEDIA,
            }),
            r#"{"type":"request","id":7,"command":{"type":"accept","call":"CALL","media":{"audio":true,"video":false,"screen":false}}}"#,
        ),
        (
            "request.decline",
            request(Command::Decline { call: call() }),
            r#"{"type":"request","id":7,"command":{"type":"decline","call":"CALL"}}"#,
        ),
        (
            "request.hang_up",
            request(Command::HangUp { call: call() }),
            r#"{"type":"request","id":7,"command":{"type":"hang_up","call":"CALL"}}"#,
        ),
        (
            "request.take",
            request(Command::Take { call: call() }),
            r#"{"type":"request","id":7,"command":{"type":"take","call":"CALL"}}"#,
        ),
        (
            "request.signal",
            request(Command::Signal {
                call: call(),
                to: guest(),
                signal: Signal::Answer {
                    epoch: 1,
                    sdp: "v=0".to_owned(),
                },
            }),
            r#"{"type":"request","id":7,"command":{"type":"signal","call":"CALL","to":"NODE-guest234","signal":{"type":"answer","epoch":1,"sdp":"v=0"}}}"#,
        ),
        (
            "request.signal",
            request(Command::Signal {
                call: call(),
                to: peer(),
                signal: Signal::Candidate {
                    epoch: 1,
                    candidate: String::new(),
                    sdp_mid: Some("0".to_owned()),
                    sdp_m_line_index: Some(0),
                    username_fragment: None,
                },
            }),
            r#"{"type":"request","id":7,"command":{"type":"signal","call":"CALL","to":"NODE","signal":{"type":"candidate","epoch":1,"candidate":"","sdp_mid":"0","sdp_m_line_index":0,"username_fragment":null}}}"#,
        ),
        (
            "request.media",
            request(Command::Media {
                call: call(),
                media: MEDIA,
            }),
            r#"{"type":"request","id":7,"command":{"type":"media","call":"CALL","media":{"audio":true,"video":false,"screen":false}}}"#,
        ),
        (
            "request.transport",
            request(Command::Transport {
                call: call(),
                peer: peer(),
                state: TransportState::Interrupted,
            }),
            r#"{"type":"request","id":7,"command":{"type":"transport","call":"CALL","peer":"NODE","state":"interrupted"}}"#,
        ),
        (
            "request.set_name",
            request(Command::SetName {
                name: "Ada".to_owned(),
            }),
            r#"{"type":"request","id":7,"command":{"type":"set_name","name":"Ada"}}"#,
        ),
        (
            "request.set_blocked",
            request(Command::SetBlocked {
                peer: peer(),
                blocked: true,
            }),
            r#"{"type":"request","id":7,"command":{"type":"set_blocked","peer":"NODE","blocked":true}}"#,
        ),
        (
            "request.history_seen",
            request(Command::HistorySeen),
            r#"{"type":"request","id":7,"command":{"type":"history_seen"}}"#,
        ),
        (
            "request.clear_history",
            request(Command::ClearHistory),
            r#"{"type":"request","id":7,"command":{"type":"clear_history"}}"#,
        ),
    ]
}

#[test]
fn what_a_ui_says() {
    samples().iter().for_each(assert_sample);
    assert_complete(&samples(), &KINDS);
}
