//! Data channels.

use std::time::Duration;

use serde_json::json;

use super::pair::{Pair, channel, joined};
use crate::limits::{MAX_CHANNEL_MESSAGE, MAX_CHANNEL_NAMES};

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
    pair.until("all of it", |pair| pair.ends[1].data.len() == 22);
    assert_eq!(pair.ends[1].data[0], (32_768, true, big));
    assert_eq!(pair.ends[1].data[20], (32_768, false, Vec::new()));
    assert_eq!(
        pair.ends[1].data[21],
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
fn a_channel_that_is_closed_before_it_is_open_tells_so() {
    let negotiated = |handle: u16| json!({"op": "channel", "handle": handle, "label": "", "ordered": true, "negotiated": true, "streamId": handle});
    let mut pair = Pair::new();
    let closed = |handle: u16| json!({"ev": "channelClosed", "handle": handle});
    let close = |handle: u16| json!({"op": "channelClose", "handle": handle});
    pair.ok(0, channel(0, true));
    pair.ok(0, channel(1, true));
    // No offer yet.
    pair.ok(0, close(0));
    assert!(pair.told(0, &closed(0)));
    pair.ok(0, negotiated(20));
    pair.negotiate(true);
    pair.ok(0, channel(3, true));
    // Agreed on, and no SCTP yet.
    for handle in [1, 20] {
        pair.ok(0, close(handle));
    }
    pair.until("closed", |pair| {
        pair.told(0, &closed(1)) && pair.told(0, &closed(20))
    });
    pair.until("open", |pair| {
        pair.told(0, &json!({"ev": "channelOpen", "handle": 3}))
    });
    for handle in [0, 1, 20] {
        assert!(!pair.told(0, &json!({"ev": "channelOpen", "handle": handle})));
    }
}

#[test]
fn a_stream_that_a_page_names_is_nobody_elses() {
    let named = |handle: u16| json!({"op": "channel", "handle": handle, "label": "", "ordered": true, "negotiated": true, "streamId": handle});
    let mut pair = Pair::new();
    // Whichever side is DTLS's client is to have stream 0 for the first that names none, and the other stream 1.
    for side in 0..2 {
        pair.ok(side, channel(7, true));
        pair.ok(side, named(0));
        pair.ok(side, named(1));
    }
    pair.negotiate(true);
    for side in 0..2 {
        for handle in [0, 1, 7] {
            pair.until("open", |pair| {
                pair.told(side, &json!({"ev": "channelOpen", "handle": handle}))
            });
        }
    }
    // Asked for in one breath, and so as to leave no time in between.
    pair.ok(0, channel(8, true));
    pair.ok(0, named(4));
    pair.ok(0, named(5));
    for handle in [4, 5, 8] {
        pair.until("open", |pair| {
            pair.told(0, &json!({"ev": "channelOpen", "handle": handle}))
        });
    }
}

#[test]
fn names_are_told_up_to_what_a_packet_holds_and_refused_beyond() {
    let named = |handle: u16, label: usize, protocol: usize| {
        let mut request = channel(handle, true);
        request["label"] = json!("l".repeat(label));
        request["protocol"] = json!("p".repeat(protocol));
        request
    };
    let longest = MAX_CHANNEL_NAMES - 400;
    let mut pair = joined(named(0, longest, 400));
    let told =
        json!({"ev": "channelNew", "label": "l".repeat(longest), "protocol": "p".repeat(400)});
    assert!(pair.told(1, &told));
    assert_eq!(pair.refused(0, named(1, longest, 401)), "OperationError");
    assert_eq!(pair.refused(0, named(1, 65_535, 65_535)), "OperationError");
    // The peer is told nothing of a channel that both pages have agreed on by themselves.
    let mut agreed = named(1, 65_535, 65_535);
    agreed["negotiated"] = json!(true);
    agreed["streamId"] = json!(40);
    pair.ok(0, agreed);
    pair.until("open", |pair| {
        pair.told(0, &json!({"ev": "channelOpen", "handle": 1}))
    });
}

#[test]
fn what_is_sent_does_not_wait_for_its_acknowledgement() {
    let mut pair = joined(channel(0, true));
    pair.both_ways(|link| link.delay = Duration::from_millis(100));
    pair.send_data(0, 0, true, b"one packet");
    pair.drain(0);
    let told = |bytes: usize| json!({"ev": "released", "handle": 0, "bytes": bytes});
    assert!(pair.told(0, &told(10)), "{:?}", pair.ends[0].events);
    // More than may be under way at once (RFC 9260, section 7.2.1): the rest waits.
    let before = pair.ends[0].events.len();
    let many = 1_000_000;
    for _ in 0..5 {
        pair.send_data(0, 0, true, &vec![7; many / 5]);
    }
    pair.drain(0);
    assert!(!pair.told(0, &told(10 + many)));
    pair.run(Duration::from_secs(1));
    assert!(pair.ends[0].events.len() > before, "some of it has left");
    assert!(!pair.told(0, &told(10 + many)));
    pair.until("all has left", |pair| pair.told(0, &told(10 + many)));
    // Its last packets are not there yet.
    assert!(pair.ends[1].data.len() < 6);
}

#[test]
fn a_channel_has_its_stream_before_the_peer_is_told_of_it() {
    let mut pair = Pair::new();
    pair.ok(0, channel(0, true));
    pair.connect(true);
    pair.until("known", |pair| pair.told(1, &json!({"ev": "channelNew"})));
    let of = |side: usize, what: &str| {
        let mut events = pair.ends[side].events.iter();
        events
            .find(|event| event["ev"] == what)
            .map(|event| event["streamId"].clone())
    };
    assert_eq!(of(0, "channelPlaced"), of(1, "channelNew"));
    assert!(of(0, "channelPlaced").is_some());
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
fn empty_messages_arrive_in_their_place_though_packets_are_lost() {
    for ordered in [true, false] {
        let mut pair = joined(channel(0, ordered));
        pair.both_ways(|link| link.loss = 100);
        let mut wanted: Vec<(u16, bool, Vec<u8>)> = Vec::new();
        for number in 0..200_u8 {
            let payload = vec![number; usize::from(number % 3)];
            pair.send_data(0, 0, number % 2 == 0, &payload);
            wanted.push((32_768, number % 2 == 0, payload));
        }
        pair.until("all of them", |pair| {
            pair.ends[1].data.len() == wanted.len()
        });
        let mut got = pair.ends[1].data.clone();
        if !ordered {
            got.sort();
            wanted.sort();
        }
        assert_eq!(got, wanted, "ordered: {ordered}");
        let bytes: usize = wanted.iter().map(|(_, _, payload)| payload.len()).sum();
        let all = json!({"ev": "released", "handle": 0, "bytes": bytes});
        pair.until("all has left", |pair| pair.told(0, &all));
    }
}

#[test]
fn the_largest_message_crosses_whole_and_one_byte_more_closes_the_channel() {
    let mut pair = joined(channel(0, true));
    let message: Vec<u8> = (0..MAX_CHANNEL_MESSAGE)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect();
    pair.send_data(0, 0, true, &message);
    pair.until("it", |pair| pair.ends[1].data.len() == 1);
    assert_eq!(pair.ends[1].data[0], (32_768, true, message.clone()));
    pair.send_data(0, 0, true, &[message.as_slice(), &[0]].concat());
    pair.until("closed on both sides", |pair| {
        pair.told(0, &json!({"ev": "channelClosed", "handle": 0}))
            && pair.told(1, &json!({"ev": "channelClosed", "handle": 32_768}))
    });
    assert_eq!(pair.ends[1].data.len(), 1);
}

#[test]
fn what_was_sent_before_a_channel_was_closed_arrives() {
    let mut pair = joined(channel(0, true));
    let message = vec![5; MAX_CHANNEL_MESSAGE];
    for _ in 0..20 {
        pair.send_data(0, 0, true, &message);
    }
    pair.ok(0, json!({"op": "channelClose", "handle": 0}));
    pair.ok(0, json!({"op": "channelClose", "handle": 0}));
    pair.send_data(0, 0, true, b"too late");
    pair.until("closed on both sides", |pair| {
        pair.told(0, &json!({"ev": "channelClosed", "handle": 0}))
            && pair.told(1, &json!({"ev": "channelClosed", "handle": 32_768}))
    });
    assert_eq!(pair.ends[1].data.len(), 20);
    assert!(
        pair.ends[1]
            .data
            .iter()
            .all(|(_, _, payload)| *payload == message)
    );
}

#[test]
fn what_may_be_lost_does_not_hold_up_what_follows() {
    let mut request = channel(0, false);
    request["maxRetransmits"] = json!(0);
    let mut pair = joined(request);
    pair.links[0].loss = 300;
    for number in 0..200_u8 {
        pair.send_data(0, 0, true, &[number]);
        pair.run(Duration::from_millis(10));
    }
    pair.links[0].loss = 0;
    pair.send_data(0, 0, true, b"last");
    pair.until("the last", |pair| {
        pair.ends[1]
            .data
            .iter()
            .any(|(_, _, payload)| payload == b"last")
    });
    let arrived = pair.ends[1].data.len();
    assert!((100..190).contains(&arrived), "{arrived} of 201 arrived");
}

#[test]
fn a_slow_link_holds_the_page_back_and_not_the_memory() {
    let mut pair = joined(channel(0, true));
    pair.links[0].rate = Some(1_000_000);
    pair.links[0].queue = 60_000;
    let message = vec![1; 100_000];
    for _ in 0..10 {
        pair.send_data(0, 0, true, &message);
    }
    let released = |pair: &Pair| {
        let told = pair.ends[0].events.iter().rev();
        told.filter(|event| event["ev"] == "released")
            .find_map(|event| event["bytes"].as_u64())
            .unwrap_or(0)
    };
    pair.run(Duration::from_secs(2));
    let early = released(&pair);
    assert!((1..500_000).contains(&early), "{early} bytes left in 2 s");
    pair.until("all has left", |pair| released(pair) == 1_000_000);
    pair.until("all is there", |pair| pair.ends[1].data.len() == 10);
}
