//! How late sound comes, and so how long it has to wait: NetEQ's way (WebRTC, `delay_manager.cc`). A
//! block's lateness is its distance to the earliest one of the last two seconds; the largest of each half
//! second goes into a histogram that forgets, and what all but a few of them were is what to wait for.

/// A slot of time, 500 ms of samples; and how many of them the earliest block is looked for in.
const SLOT: i64 = 24_000;
const SLOTS: usize = 4;
/// Width of the histogram's classes, 5 ms of samples, and their number: up to 1 s.
const CLASS: i64 = 240;
const CLASSES: usize = 200;
/// Weight that is left after a slot: after 5 s a third.
const KEPT: f64 = 0.9;
/// Share of the slots whose lateness is not waited for: one stall in ten seconds is bridged when it comes,
/// two are waited for.
const IGNORED: f64 = 0.11;
/// Slots, 1.5 s, after which the histogram begins anew: while a call is set up both machines stumble
/// (300 ms, measured), which says nothing of what comes after.
const SETTLING: u32 = 3;
/// A distance that changes by more than that, 2 s of samples, is another stream and not a late block.
const JUMP: u64 = 96_000;

#[derive(Debug)]
pub(crate) struct Lateness {
    weights: [f32; CLASSES],
    /// Smallest distance in each of the last slots, this one first.
    smallest: [Option<i64>; SLOTS],
    slot_end: i64,
    slots: u32,
    /// Largest lateness in this slot.
    latest: Option<i64>,
    wait: i64,
    earliest: Option<i64>,
}

impl Default for Lateness {
    fn default() -> Self {
        Self {
            weights: [0.0; CLASSES],
            smallest: [None; SLOTS],
            slot_end: SLOT,
            slots: 0,
            latest: None,
            wait: 0,
            earliest: None,
        }
    }
}

impl Lateness {
    /// Samples that nearly all blocks were late by.
    pub(crate) fn wait(&self) -> i64 {
        self.wait
    }

    /// Distance of the earliest block of late, `clock − at`; nothing before the first one.
    pub(crate) fn earliest(&self) -> Option<i64> {
        self.earliest
    }

    /// A block whose first sample is number `at` came when `clock` samples had been played.
    pub(crate) fn arrived(&mut self, at: i64, clock: i64) {
        let distance = clock.saturating_sub(at);
        let another = self
            .earliest
            .is_none_or(|earliest| distance.abs_diff(earliest) > JUMP);
        if another {
            self.begin(clock);
        }
        if clock >= self.slot_end {
            self.turn(clock);
        }
        self.smallest[0] = Some(self.smallest[0].map_or(distance, |known| known.min(distance)));
        let earliest = self
            .smallest
            .iter()
            .flatten()
            .fold(distance, |least, known| least.min(*known));
        self.earliest = Some(earliest);
        self.latest = self.latest.max(Some(distance.saturating_sub(earliest)));
    }

    fn turn(&mut self, clock: i64) {
        if let Some(latest) = self.latest {
            self.slots = self.slots.saturating_add(1);
            let counted = f64::from(if self.slots > SETTLING {
                self.slots - SETTLING
            } else {
                self.slots
            });
            let kept = if counted > 1.0 {
                KEPT.min(counted / (counted + 1.0))
            } else {
                0.0
            };
            let class = usize::try_from(latest / CLASS).unwrap_or(0);
            let class = class.min(CLASSES - 1);
            for (other, weight) in self.weights.iter_mut().enumerate() {
                let added = if other == class { 1.0 - kept } else { 0.0 };
                *weight = (f64::from(*weight) * kept + added) as f32;
            }
            self.wait = self.quantile();
        }
        self.latest = None;
        let passed = usize::try_from(1 + (clock - self.slot_end) / SLOT).unwrap_or(SLOTS);
        let passed = passed.min(SLOTS);
        self.slot_end = clock + SLOT;
        self.smallest.rotate_right(passed);
        self.smallest[..passed].fill(None);
    }

    fn quantile(&self) -> i64 {
        let all: f64 = self.weights.iter().copied().map(f64::from).sum();
        let mut above = 0.0;
        for (class, weight) in self.weights.iter().enumerate().rev() {
            above += f64::from(*weight);
            if above > IGNORED * all {
                return class as i64 * CLASS;
            }
        }
        0
    }

    fn begin(&mut self, clock: i64) {
        *self = Self {
            slot_end: clock + SLOT,
            ..Self::default()
        };
    }
}
