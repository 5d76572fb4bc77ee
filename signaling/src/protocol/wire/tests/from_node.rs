use super::{
    MEDIA, Sample, assert_complete, assert_sample, call, endpoint, guest, node, offer, peer,
};
use crate::protocol::{
    EndReason, ErrorCode, NoticeCode,
    ui::{
        CallState, CallView, DeviceKind, Direction, Event, FromNode, HistoryEntry, Holder, Me,
        Participant, Peer, PeerStatus, Role, Trust,
    },
};

const KINDS: [&str; 12] = [
    "reply",
    "reply",
    "event.welcome",
    "event.me",
    "event.roster",
    "event.call",
    "event.signal",
    "event.history",
    "event.network_changed",
    "event.notices",
    "event.replaced",
    "event.goodbye",
];

/// Fails to compile when an event has no sample below, nor a name above.
fn _all_events(event: &Event) {
    match event {
        Event::Welcome { .. }
        | Event::Me(_)
        | Event::Roster { .. }
        | Event::Call(_)
        | Event::Signal { .. }
        | Event::History { .. }
        | Event::NetworkChanged
        | Event::Notices { .. }
        | Event::Replaced
        | Event::Goodbye => {}
    }
}

fn call_view() -> CallView {
    CallView {
        id: call(),
        direction: Direction::Incoming,
        state: CallState::Ended,
        end: Some(EndReason::NoAnswer),
        merged_into: None,
        video: true,
        participants: vec![Participant {
            peer: peer(),
            name: "Ada".to_owned(),
            via: None,
            trust: Trust::NameTaken,
            kind: DeviceKind::Laptop,
            media: MEDIA,
            polite: true,
            epoch: 0,
            interrupted: false,
        }],
        holder: Holder::Nobody,
        connected_ms: None,
    }
}

pub(super) fn samples() -> Vec<Sample<FromNode>> {
    vec![
        (
            "reply",
            FromNode::Reply { id: 7, error: None },
            r#"{"type":"reply","id":7,"error":null}"#,
        ),
        (
            "reply",
            FromNode::Reply {
                id: 7,
                error: Some(ErrorCode::HeldElsewhere),
            },
            r#"{"type":"reply","id":7,"error":"held_elsewhere"}"#,
        ),
        (
            "event.welcome",
            FromNode::Event(Event::Welcome {
                token: "t".to_owned(),
                endpoint: Some(endpoint()),
            }),
            r#"{"type":"event","event":"welcome","token":"t","endpoint":"guest234"}"#,
        ),
        (
            "event.me",
            FromNode::Event(Event::Me(Me {
                peer: guest(),
                role: Role::Guest,
                name: "Ada".to_owned(),
                kind: DeviceKind::Phone,
                node_name: "Desk".to_owned(),
                join_urls: vec!["https://10.0.0.2:3000/".to_owned()],
                local_url: "http://localhost:3000/".to_owned(),
                version: "0.1.0".to_owned(),
            })),
            r#"{"type":"event","event":"me","peer":"NODE-guest234","role":"guest","name":"Ada","kind":"phone","node_name":"Desk","join_urls":["https://10.0.0.2:3000/"],"local_url":"http://localhost:3000/","version":"0.1.0"}"#,
        ),
        (
            "event.roster",
            FromNode::Event(Event::Roster {
                peers: vec![Peer {
                    id: peer(),
                    node: node(),
                    name: "Ada".to_owned(),
                    kind: DeviceKind::Desktop,
                    role: Role::Owner,
                    via: None,
                    status: PeerStatus::InCall,
                    trust: Trust::NameTaken,
                    blocked: false,
                }],
            }),
            r#"{"type":"event","event":"roster","peers":[{"id":"NODE","node":"NODE","name":"Ada","kind":"desktop","role":"owner","via":null,"status":"in_call","trust":"name_taken","blocked":false}]}"#,
        ),
        (
            "event.call",
            FromNode::Event(Event::Call(call_view())),
            r#"{"type":"event","event":"call","id":"CALL","direction":"incoming","state":"ended","end":"no_answer","merged_into":null,"video":true,"participants":[{"peer":"NODE","name":"Ada","via":null,"trust":"name_taken","kind":"laptop","media":{"audio":true,"video":false,"screen":false},"polite":true,"epoch":0,"interrupted":false}],"holder":"nobody","connected_ms":null}"#,
        ),
        (
            "event.signal",
            FromNode::Event(Event::Signal {
                call: call(),
                from: peer(),
                signal: offer(),
            }),
            r#"{"type":"event","event":"signal","call":"CALL","from":"NODE","signal":{"type":"offer","epoch":0,"sdp":"v=0\r\n"}}"#,
        ),
        (
            "event.history",
            FromNode::Event(Event::History {
                entries: vec![HistoryEntry {
                    call: call(),
                    peer: peer(),
                    name: "Ada".to_owned(),
                    kind: DeviceKind::Tablet,
                    direction: Direction::Outgoing,
                    video: false,
                    end: EndReason::HungUp,
                    at_ms: 1_795_368_986_000,
                    talked_s: Some(75),
                    missed: false,
                    seen: true,
                }],
            }),
            r#"{"type":"event","event":"history","entries":[{"call":"CALL","peer":"NODE","name":"Ada","kind":"tablet","direction":"outgoing","video":false,"end":"hung_up","at_ms":1795368986000,"talked_s":75,"missed":false,"seen":true}]}"#,
        ),
        (
            "event.network_changed",
            FromNode::Event(Event::NetworkChanged),
            r#"{"type":"event","event":"network_changed"}"#,
        ),
        (
            "event.notices",
            FromNode::Event(Event::Notices {
                codes: vec![NoticeCode::PortTaken],
            }),
            r#"{"type":"event","event":"notices","codes":["port_taken"]}"#,
        ),
        (
            "event.replaced",
            FromNode::Event(Event::Replaced),
            r#"{"type":"event","event":"replaced"}"#,
        ),
        (
            "event.goodbye",
            FromNode::Event(Event::Goodbye),
            r#"{"type":"event","event":"goodbye"}"#,
        ),
    ]
}

#[test]
fn what_a_node_says_to_a_ui() {
    samples().iter().for_each(assert_sample);
    assert_complete(&samples(), &KINDS);
}

#[test]
fn a_kind_of_device_of_a_later_version_is_unknown() {
    let text = r#""watch""#;
    assert_eq!(
        super::decode::<DeviceKind>(text.as_bytes()),
        Ok(DeviceKind::Unknown)
    );
}

#[test]
fn regression_an_event_alone_has_a_kind_of_its_own() {
    assert_eq!(super::kind_of(&Event::Goodbye), "goodbye");
}
