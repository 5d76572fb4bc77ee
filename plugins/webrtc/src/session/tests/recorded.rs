//! What Chromium 156 and Firefox ESR 153 really offer (recorded), answered.

use serde_json::{Value, json};

use super::pair::Pair;
use crate::session::sdp::Description;

const CALL: [(&str, &str); 2] = [
    ("Chromium", include_str!("browsers/chromium-call.sdp")),
    ("Firefox", include_str!("browsers/firefox-call.sdp")),
];
const HIDDEN: [(&str, &str); 2] = [
    ("Chromium", include_str!("browsers/chromium-hidden.sdp")),
    ("Firefox", include_str!("browsers/firefox-hidden.sdp")),
];
const SIMULCAST: [(&str, &str); 2] = [
    ("Chromium", include_str!("browsers/chromium-simulcast.sdp")),
    ("Firefox", include_str!("browsers/firefox-simulcast.sdp")),
];
const REJECTED: [(&str, &str); 2] = [
    ("Chromium", include_str!("browsers/chromium-rejected.sdp")),
    ("Firefox", include_str!("browsers/firefox-rejected.sdp")),
];

/// Takes the offer, answers it as a page that wants all it can have, and gives what the page was told of
/// the offer and of the answer.
fn answered(pair: &mut Pair, sdp: &str) -> (Value, Value) {
    let remote = pair.ok(1, json!({"op": "remote", "type": "offer", "sdp": sdp}));
    let answers: Vec<Value> = remote["media"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|media| media["rejected"] == false)
        .map(|media| json!({"mid": media["mid"], "direction": "sendrecv", "streams": ["s"], "track": "t"}))
        .collect();
    let answer = pair.ok(1, json!({"op": "answer", "transceivers": answers}));
    (remote, answer)
}

/// Each section of the offer is in the answer, in its place (RFC 3264, section 6).
fn mirrors(offer: &str, answer: &Value) {
    let kinds = |text: &str| -> Vec<(String, String)> {
        let description = Description::parse(text).unwrap();
        let sections = description.sections().iter();
        sections
            .map(|section| {
                let kind = format!("{:?} {}", section.kind(), section.is_data());
                (section.mid().unwrap().to_owned(), kind)
            })
            .collect()
    };
    assert_eq!(kinds(offer), kinds(answer["sdp"].as_str().unwrap()));
}

#[test]
fn a_call_with_data_is_taken_whole() {
    for (browser, sdp) in CALL {
        let mut pair = Pair::new();
        let (remote, answer) = answered(&mut pair, sdp);
        mirrors(sdp, &answer);
        assert_eq!(remote["data"], true, "{browser}");
        for (index, kind) in ["audio", "video"].into_iter().enumerate() {
            let (theirs, ours) = (&remote["media"][index], &answer["media"][index]);
            assert_eq!(theirs["kind"], kind, "{browser}");
            assert_eq!(theirs["direction"], "sendrecv", "{browser}");
            assert_eq!(theirs["streams"].as_array().unwrap().len(), 1, "{browser}");
            assert!(theirs["track"].is_string(), "{browser}");
            assert_eq!(ours["direction"], "sendrecv", "{browser}");
        }
        assert_eq!(
            answer["media"][0]["codecs"][0]["mime"], "audio/opus",
            "{browser}"
        );
        assert_eq!(
            answer["media"][1]["codecs"][0]["mime"], "video/VP8",
            "{browser}"
        );
        let video = answer["media"][1]["codecs"].as_array().unwrap();
        // Debian's Firefox comes without OpenH264.
        let h264 = video.iter().any(|codec| codec["mime"] == "video/H264");
        assert_eq!(h264, browser == "Chromium", "{browser}");
        let text = answer["sdp"].as_str().unwrap();
        for needed in [
            "transport-wide-cc",
            "a=rtcp-fb:",
            "nack pli",
            "a=setup:",
            "a=sctp-port:5000",
        ] {
            assert!(text.contains(needed), "{browser}: no {needed} in {text}");
        }
    }
}

#[test]
fn hidden_addresses_are_looked_up_once_each() {
    for (browser, sdp) in HIDDEN {
        let mut pair = Pair::new();
        let (remote, answer) = answered(&mut pair, sdp);
        mirrors(sdp, &answer);
        // What only receives is only sent to.
        assert_eq!(remote["media"][0]["direction"], "recvonly", "{browser}");
        assert_eq!(answer["media"][0]["direction"], "sendonly", "{browser}");
        let names = &pair.ends[1].resolves;
        assert!(!names.is_empty(), "{browser}");
        for name in names {
            assert!(sdp.contains(name.as_str()), "{browser}: {name}");
            assert_eq!(
                names.iter().filter(|other| *other == name).count(),
                1,
                "{browser}"
            );
        }
    }
}

#[test]
fn of_a_simulcast_offer_one_picture_is_taken() {
    for (browser, sdp) in SIMULCAST {
        let mut pair = Pair::new();
        let (remote, answer) = answered(&mut pair, sdp);
        mirrors(sdp, &answer);
        assert_eq!(remote["media"][0]["direction"], "sendonly", "{browser}");
        assert_eq!(answer["media"][0]["direction"], "recvonly", "{browser}");
        let text = answer["sdp"].as_str().unwrap();
        assert!(!text.contains("a=simulcast"), "{browser}: {text}");
        assert!(!text.contains("a=rid"), "{browser}: {text}");
    }
}

#[test]
fn a_section_that_is_rejected_stays_so() {
    for (browser, sdp) in REJECTED {
        let mut pair = Pair::new();
        let (remote, answer) = answered(&mut pair, sdp);
        mirrors(sdp, &answer);
        assert_eq!(remote["media"][1]["rejected"], true, "{browser}");
        assert_eq!(remote["data"], true, "{browser}");
        let text = answer["sdp"].as_str().unwrap();
        assert!(text.contains("m=video 0 "), "{browser}: {text}");
        let bundle = text.lines().find(|line| line.starts_with("a=group:BUNDLE"));
        assert_eq!(bundle.unwrap().trim(), "a=group:BUNDLE 0 2", "{browser}");
    }
}

#[test]
fn the_same_offer_again_changes_nothing() {
    for (browser, sdp) in CALL.into_iter().chain(SIMULCAST) {
        let mut pair = Pair::new();
        let (_, first) = answered(&mut pair, sdp);
        let (_, second) = answered(&mut pair, sdp);
        assert_eq!(first["media"], second["media"], "{browser}");
    }
}
