//! Data channels.

use serde_json::json;

use super::pair::{Pair, channel};

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
    pair.until("all of it", |pair| pair.ends[1].data.len() == 21);
    assert_eq!(pair.ends[1].data[0], (32_768, true, big));
    assert_eq!(
        pair.ends[1].data[20],
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
