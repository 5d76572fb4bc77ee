//! A page with a camera: a frame thirty times a second, as large as the estimate allows, a key frame when asked.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::pair::{Pair, key_frame};

const INTERVAL: Duration = Duration::from_micros(33_333);
/// Times a plain frame; a key frame of a talking head.
const KEY_FRAME: u64 = 6;
/// Share of the estimate that pictures fill, as the page's own encoders do.
const SHARE: f64 = 0.9;
/// What the page's encoders ask for at most, bit/s.
pub(super) const WISH: u64 = 2_500_000;
const LEAST: u64 = 50_000;

pub(super) struct Camera {
    side: usize,
    media: Value,
    next: Instant,
    frames: u64,
    pub(super) budget: u64,
    key_wanted: bool,
    /// Events read.
    read: usize,
    /// Bytes sent beyond the budget, to be saved on the next frames.
    debt: u64,
}

impl Camera {
    pub(super) fn new(pair: &mut Pair, side: usize, media: &Value) -> Self {
        pair.ok(side, json!({"op": "desire", "bps": WISH}));
        Self {
            side,
            media: media.clone(),
            next: pair.now,
            frames: 0,
            budget: 300_000,
            key_wanted: true,
            read: 0,
            debt: 0,
        }
    }

    /// Films for that long.
    pub(super) fn film(&mut self, pair: &mut Pair, duration: Duration) {
        let end = pair.now + duration;
        while self.next < end {
            pair.run_to(self.next);
            self.listen(pair);
            self.shoot(pair);
            self.next += INTERVAL;
        }
        pair.run_to(end);
    }

    fn listen(&mut self, pair: &Pair) {
        let events = &pair.ends[self.side].events;
        for event in &events[self.read..] {
            if event["ev"] == "estimate" {
                let bps = event["bps"].as_u64().unwrap();
                #[allow(clippy::cast_precision_loss, clippy::cast_sign_loss)]
                #[allow(clippy::cast_possible_truncation)]
                let part = (bps as f64 * SHARE) as u64;
                self.budget = part.clamp(LEAST, WISH);
            } else if event["ev"] == "keyframe" {
                self.key_wanted = true;
            }
        }
        self.read = events.len();
    }

    fn shoot(&mut self, pair: &mut Pair) {
        let plain = self.budget / 8 / 30;
        let key = std::mem::take(&mut self.key_wanted);
        let size = if key {
            plain * KEY_FRAME
        } else {
            let saved = self.debt.min(plain / 2);
            self.debt -= saved;
            plain - saved
        };
        self.debt += size.saturating_sub(plain);
        let mut frame = key_frame(usize::try_from(size.max(100)).unwrap());
        frame[0] |= u8::from(!key);
        let timestamp = self.frames * 33_333;
        self.frames += 1;
        pair.send_frame(self.side, &self.media, timestamp, &frame);
    }
}

/// The longest time without a picture for the page of that side, from `since` to now.
pub(super) fn longest_gap(pair: &Pair, side: usize, since: Instant) -> Duration {
    let shown = pair.ends[side]
        .media
        .iter()
        .zip(&pair.ends[side].arrivals)
        .filter(|(frame, at)| frame.pt != 111 && **at >= since)
        .map(|(_, at)| *at);
    let mut last = since;
    let mut longest = Duration::ZERO;
    for at in shown.chain([pair.now]) {
        longest = longest.max(at - last);
        last = at;
    }
    longest
}

/// Pictures the page of that side got from `since` on.
pub(super) fn pictures(pair: &Pair, side: usize, since: Instant) -> usize {
    pair.ends[side]
        .arrivals
        .iter()
        .filter(|at| **at >= since)
        .count()
}
