//! Sound and pictures: what is lost is sent again, or a key frame is asked for.

use std::time::Duration;

use serde_json::json;

use super::pair::{Pair, key_frame};

#[test]
fn sound_and_pictures_cross_both_ways() {
    let mut pair = Pair::new();
    let (offerer, answerer) = pair.connect(false);
    for (side, media) in [(0, &offerer["media"]), (1, &answerer["media"])] {
        assert_eq!(media[0]["kind"], "audio");
        assert_eq!(media[0]["direction"], "sendrecv");
        assert_eq!(media[1]["codecs"][0]["mime"], "video/VP8");
        let stats = pair.ok(side, json!({"op": "stats"}));
        assert_eq!(stats["outbound"].as_array().unwrap().len(), 2);
        assert_eq!(stats["transport"]["remoteCandidate"]["port"], 5000);
        assert_eq!(
            stats["transport"]["remoteCandidate"]["candidateType"],
            "host"
        );
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
        // At once, not when str0m has counted.
        let stats = pair.ok(side, json!({"op": "stats"}));
        let inbound = stats["inbound"].as_array().unwrap();
        let received = |kind: &str, what: &str| {
            let stream = inbound.iter().find(|stream| stream["kind"] == kind);
            stream.and_then(|stream| stream[what].as_u64()).unwrap()
        };
        assert_eq!(received("audio", "packetsReceived"), 1);
        assert!(received("video", "packetsReceived") >= 8);
        assert_eq!(received("video", "bytesReceived"), 9_000);
        let latest = |kind: &str| {
            let stream = inbound.iter().find(|stream| stream["kind"] == kind);
            stream.map(|stream| stream["latest"].clone()).unwrap()
        };
        assert_eq!(latest("audio")["rtpTimestamp"], 48_000);
        assert_eq!(latest("video")["rtpTimestamp"], 90_000);
        assert!(latest("audio")["ageMs"].as_f64().unwrap() < 1_000.0);
    }
}

#[test]
fn lost_packets_are_sent_again() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    pair.both_ways(|link| link.loss = 70);
    for number in 0..60_u64 {
        pair.send_frame(0, &offerer["media"][1], number * 33_333, &key_frame(6_000));
        pair.run(Duration::from_millis(33));
    }
    pair.run(Duration::from_secs(1));
    let arrived = pair.ends[1].media.len();
    assert!(arrived >= 57, "{arrived} of 60 pictures arrived");
}

#[test]
fn packets_that_do_not_come_are_counted() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    pair.both_ways(|link| link.loss = 50);
    for number in 0..1_000_u64 {
        pair.send_frame(0, &offerer["media"][0], number * 20_000, &[0; 80]);
        pair.run(Duration::from_millis(20));
    }
    pair.run(Duration::from_secs(1));
    let stats = pair.ok(1, json!({"op": "stats"}));
    let sound = stats["inbound"]
        .as_array()
        .unwrap()
        .iter()
        .find(|stream| stream["kind"] == "audio")
        .unwrap();
    let (lost, received) = (&sound["packetsLost"], &sound["packetsReceived"]);
    let (lost, received) = (lost.as_u64().unwrap(), received.as_u64().unwrap());
    assert!((30..70).contains(&lost), "{lost} of 1,000 lost at 50 ‰");
    assert!(
        (990..=1_000).contains(&(lost + received)),
        "{lost} + {received}"
    );
}

#[test]
fn a_key_frame_is_asked_for_but_not_while_one_is_under_way() {
    let mut pair = Pair::new();
    let (offerer, answerer) = pair.connect(false);
    pair.send_frame(0, &offerer["media"][1], 0, &key_frame(100));
    pair.until("a frame", |pair| !pair.ends[1].media.is_empty());
    let slot = &answerer["media"][1]["slot"];
    let wanted = json!({"ev": "keyframe", "slot": offerer["media"][1]["slot"]});
    pair.ok(1, json!({"op": "keyframe", "slot": slot}));
    pair.run(Duration::from_millis(50));
    assert!(!pair.told(0, &wanted));
    pair.run(Duration::from_secs(1));
    pair.ok(1, json!({"op": "keyframe", "slot": slot}));
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
fn what_is_left_of_an_h264_picture_is_withheld_even_if_it_looks_like_a_key_frame() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(false);
    let video = &offerer["media"][1];
    let h264 = video["codecs"].as_array().unwrap().iter();
    let h264: Vec<_> = h264.filter(|codec| codec["mime"] == "video/H264").collect();
    let mut media = video.clone();
    media["codecs"] = json!(h264);
    // A slice of an IDR picture that begins at macroblock 1, and one at macroblock 0.
    let rest = [0, 0, 0, 1, 0x65, 0x42, 0x84];
    let whole = [0, 0, 0, 1, 0x65, 0x88, 0x84];
    pair.send_frame(0, &media, 0, &rest);
    pair.run(Duration::from_secs(1));
    assert!(pair.ends[1].media.is_empty());
    let withheld = pair.ok(1, json!({"op": "stats"}))["inbound"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stream| stream["framesDropped"].as_u64().unwrap())
        .sum::<u64>();
    assert_eq!(withheld, 1);
    pair.send_frame(0, &media, 33_333, &whole);
    pair.until("the picture", |pair| !pair.ends[1].media.is_empty());
    assert_eq!(*pair.ends[1].media[0].payload, whole);
}
