//! Offers and answers.

use serde_json::json;

use super::pair::{Pair, channel};

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
fn pictures_are_offered_with_a_say_in_how_long_they_are_held_back() {
    let mut pair = Pair::new();
    let one = json!([{"key": 0, "mid": null, "kind": "video", "direction": "sendrecv"}]);
    let offer = pair.ok(
        0,
        json!({"op": "offer", "transceivers": one, "data": false}),
    );
    let remote = json!({"op": "remote", "type": "offer", "sdp": offer["sdp"]});
    let mid = pair.ok(1, remote)["media"][0]["mid"].clone();
    let one = json!([{"mid": mid, "direction": "sendrecv"}]);
    let answer = pair.ok(1, json!({"op": "answer", "transceivers": one}));
    for description in [&offer, &answer] {
        let sdp = description["sdp"].as_str().unwrap();
        assert!(sdp.contains("rtp-hdrext/playout-delay"), "{sdp}");
    }
}

#[test]
fn descriptions_that_no_connection_can_be_made_of_are_refused() {
    let mut pair = Pair::new();
    let one = json!([{"key": 0, "mid": null, "kind": "audio", "direction": "sendrecv"}]);
    let offer = pair.ok(
        0,
        json!({"op": "offer", "transceivers": one, "data": false}),
    );
    let sdp = offer["sdp"].as_str().unwrap();
    let without = |what: &str| -> String {
        let lines = sdp.lines().filter(|line| !line.starts_with(what));
        lines.map(|line| format!("{line}\r\n")).collect()
    };
    for changed in [
        without("a=fingerprint:"),
        without("a=rtcp-mux"),
        sdp.replace("a=ice-ufrag:", "a=ice-ufrag:$"),
        sdp.replace("a=ice-pwd:", "a=ice-pwd:$"),
        without("a=ice-pwd:") + "a=ice-pwd:short\r\n",
    ] {
        let remote = json!({"op": "remote", "type": "offer", "sdp": changed});
        assert_eq!(pair.refused(1, remote), "InvalidAccessError", "{changed}");
    }
    // Formats with fixed numbers need no names (RFC 3551).
    let fixed = sdp.replace("UDP/TLS/RTP/SAVPF ", "UDP/TLS/RTP/SAVPF 0 8 ");
    assert_ne!(fixed, sdp);
    let remote = json!({"op": "remote", "type": "offer", "sdp": fixed});
    let mid = pair.ok(1, remote)["media"][0]["mid"].clone();
    let one = json!([{"mid": mid, "direction": "sendrecv"}]);
    let answer = pair.ok(1, json!({"op": "answer", "transceivers": one}));
    assert_eq!(answer["media"][0]["codecs"][0]["mime"], "audio/opus");
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

#[test]
fn what_the_peer_takes_now_counts_not_what_it_once_offered() {
    let mut pair = Pair::new();
    let first = json!([{"key": 0, "mid": null, "kind": "video", "direction": "sendrecv", "codecs": ["H264", "VP8"]}]);
    let offer = pair.ok(
        0,
        json!({"op": "offer", "transceivers": first, "data": false}),
    );
    let offer = json!({"op": "remote", "type": "offer", "sdp": offer["sdp"]});
    let mid = &pair.ok(1, offer)["media"][0]["mid"];
    let chosen = json!([{"mid": mid, "direction": "sendrecv", "codecs": ["VP8"]}]);
    let answer = pair.ok(1, json!({"op": "answer", "transceivers": chosen}));
    let answer = json!({"op": "remote", "type": "answer", "sdp": answer["sdp"]});
    pair.ok(0, answer);

    let again = json!([{"key": 0, "mid": mid, "kind": "video", "direction": "sendrecv", "codecs": ["VP8"]}]);
    let offer = pair.ok(
        1,
        json!({"op": "offer", "transceivers": again, "data": false, "iceRestart": true}),
    );
    let offer = json!({"op": "remote", "type": "offer", "sdp": offer["sdp"]});
    pair.ok(0, offer);
    let answer = pair.ok(0, json!({"op": "answer", "transceivers": chosen}));
    let answer = json!({"op": "remote", "type": "answer", "sdp": answer["sdp"]});
    let codecs = &pair.ok(1, answer)["media"][0]["codecs"];
    assert_eq!(codecs.as_array().unwrap().len(), 1, "{codecs}");
    assert_eq!(codecs[0]["mime"], "video/VP8");
}
