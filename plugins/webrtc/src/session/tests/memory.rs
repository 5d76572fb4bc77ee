//! What a session keeps: counted, for this thread, by the allocator.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    time::Duration,
};

use serde_json::json;

use super::pair::{Pair, channel, key_frame};

struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn count(bytes: isize) {
    // A thread that ends has no cell any more; what it frees then is nobody's.
    let _ = HELD.try_with(|held| held.set(held.get() + bytes));
}

fn size(layout: Layout) -> isize {
    isize::try_from(layout.size()).unwrap_or(isize::MAX)
}

// SAFETY: all is the system's allocator's; the count is a plain cell that allocates nothing.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(size(layout));
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-size(layout));
        // SAFETY: the caller's promise, passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Bytes this thread holds.
fn held() -> isize {
    HELD.with(Cell::get)
}

/// What the pair has noted for the tests is not the sessions'.
fn forget_notes(pair: &mut Pair) {
    for end in &mut pair.ends {
        end.events = Vec::new();
        end.media = Vec::new();
        end.arrivals = Vec::new();
        end.data = Vec::new();
    }
}

fn assert_flat(what: &str, before: isize, after: isize) {
    let growth = after - before;
    assert!(growth < 256 * 1024, "{growth} bytes more after {what}");
}

#[test]
fn silence_costs_nothing() {
    let mut pair = Pair::new();
    pair.connect(true);
    pair.run(Duration::from_secs(300));
    forget_notes(&mut pair);
    let before = held();
    pair.run(Duration::from_secs(1200));
    forget_notes(&mut pair);
    assert_flat("twenty minutes", before, held());
}

#[test]
fn a_minute_of_sound_pictures_and_messages_costs_nothing() {
    let mut pair = Pair::new();
    pair.ok(0, channel(0, true));
    let (offerer, answerer) = pair.connect(true);
    let mut before = 0;
    let (frame, sound) = (key_frame(2_400), [7; 80]);
    for part in 0..4_u64 {
        for number in 0..20 * 25 {
            let time = (part * 20 * 25 + number) * 40_000;
            for (side, media) in [(0, &offerer["media"]), (1, &answerer["media"])] {
                pair.send_frame(side, &media[0], time, &sound);
                pair.send_frame(side, &media[1], time, &frame);
            }
            if number % 5 == 0 {
                pair.send_data(0, 0, false, b"what is said in writing");
            }
            pair.run(Duration::from_millis(40));
        }
        assert!(pair.ends[1].media.len() > 950);
        forget_notes(&mut pair);
        if part == 0 {
            before = held();
        }
    }
    assert_flat("a minute", before, held());
}

#[test]
fn floods_are_not_kept_nor_answered_in_kind() {
    let mut pair = Pair::new();
    let (offerer, _) = pair.connect(true);
    pair.run(Duration::from_secs(5));
    forget_notes(&mut pair);
    let (peer, open) = (pair.ends[0].addresses[0], pair.ends[1].addresses[0]);
    let stranger = "10.0.0.66:6666".parse().unwrap();
    let mut noise = 0x2545_f491_4f6c_dd1d_u64;
    let before = held();
    // By their first byte STUN, DTLS (which carries SCTP), RTP and RTCP (RFC 7983, RFC 5761).
    for first in [
        [0, 1],
        [22, 254],
        [23, 254],
        [128, 96],
        [128, 200],
        [144, 205],
    ] {
        let sent = pair.links[1].sent;
        for number in 0..3_000_usize {
            let mut bytes = Vec::with_capacity(1_200);
            bytes.extend_from_slice(&first);
            while bytes.len() < 40 + number % 1_100 {
                noise ^= noise << 13;
                noise ^= noise >> 7;
                noise ^= noise << 17;
                bytes.extend_from_slice(&noise.to_le_bytes());
            }
            let from = if number % 2 == 0 { peer } else { stranger };
            pair.ends[1]
                .session
                .handle_datagram(pair.now, from, open, &bytes);
            pair.drain(1);
        }
        pair.run(Duration::from_secs(1));
        let answers = pair.links[1].sent.0 - sent.0;
        assert!(
            answers < 300,
            "{answers} answers to 3000 datagrams {first:?}"
        );
    }
    assert!(pair.ends[1].media.is_empty() && pair.ends[1].data.is_empty());
    forget_notes(&mut pair);
    assert_flat("18,000 datagrams", before, held());
    pair.send_frame(0, &offerer["media"][0], 9_000_000, b"alive");
    pair.until("sound", |pair| !pair.ends[1].media.is_empty());
    assert!(!pair.told(1, &json!({"ev": "failed"})));
}

#[test]
fn a_session_leaves_nothing_behind() {
    let before = held();
    for _ in 0..5 {
        let mut pair = Pair::new();
        pair.ok(0, channel(0, true));
        let (offerer, _) = pair.connect(true);
        pair.send_frame(0, &offerer["media"][1], 0, &key_frame(9_000));
        pair.run(Duration::from_secs(1));
    }
    assert_flat("five sessions", before, held());
}
