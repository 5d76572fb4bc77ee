//! When what a device gives was captured, on the page's clock.

/// How long a delay counts, µs.
const RECENT: u64 = 2_000_000;
/// Parts that is divided into.
const SLOTS: usize = 4;
/// By how much the two clocks may be thought too far apart, or too near, µs: a block.
const TOLERATED: i64 = 20_000;

/// Maps the sample count of a device to the page's clock. The smallest delay of late is the one without queueing, and
/// says how far the two are apart. Between two corrections times keep their distances exactly: a block whose RTP
/// time is a sample more than where the one before it ended is taken for one after a hole.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// Samples so far, as µs.
    elapsed: i64,
    /// Smallest delay in each of the last slots, this one first.
    delays: [Option<i64>; SLOTS],
    slot: u64,
    offset: Option<i64>,
    end: i64,
}

impl Timeline {
    /// When a block of `length` µs began that was whole at `now`; nothing if that was before the end of the one before it.
    pub(super) fn next(&mut self, now: u64, length: i64) -> Option<u64> {
        let now_micros = i64::try_from(now).unwrap_or(i64::MAX);
        let began = self.elapsed;
        self.elapsed = self.elapsed.saturating_add(length);
        let delay = self.smallest(now, now_micros.saturating_sub(length) - began);
        let offset = match self.offset {
            Some(offset) if (delay - offset).abs() <= TOLERATED => offset,
            Some(_) | None => delay,
        };
        self.offset = Some(offset);
        let time = began.saturating_add(offset);
        if time < self.end {
            return None;
        }
        self.end = time.saturating_add(length);
        u64::try_from(time).ok()
    }

    fn smallest(&mut self, now: u64, delay: i64) -> i64 {
        let slot = now / (RECENT / SLOTS as u64);
        let passed = usize::try_from(slot.saturating_sub(self.slot)).unwrap_or(SLOTS);
        self.slot = self.slot.max(slot);
        for _ in 0..passed.min(SLOTS) {
            self.delays.rotate_right(1);
            if let Some(first) = self.delays.first_mut() {
                *first = None;
            }
        }
        if let Some(first) = self.delays.first_mut() {
            *first = Some(first.map_or(delay, |known| known.min(delay)));
        }
        self.delays.iter().flatten().copied().min().unwrap_or(delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: i64 = 20_000;
    const START: u64 = 1_700_000_000_000_000;

    #[test]
    fn times_keep_their_distances_whenever_blocks_come() {
        let mut timeline = Timeline::default();
        let first = timeline.next(START + 20_000, LENGTH).unwrap();
        assert_eq!(first, START);
        for block in 1..500_u64 {
            let late = block * 7_919 % 15_000;
            let now = START + 20_000 * (block + 1) + late;
            assert_eq!(timeline.next(now, LENGTH), Some(START + 20_000 * block));
        }
    }

    #[test]
    fn it_follows_a_device_that_is_slow_or_fast_and_sends_nothing_twice() {
        for length in [20_010_u64, 19_990] {
            let mut timeline = Timeline::default();
            let mut last = 0;
            let mut worst = 0;
            for block in 0..6_000_u64 {
                let now = START + length * (block + 1);
                let Some(time) = timeline.next(now, LENGTH) else {
                    continue;
                };
                assert!(time >= last, "{time} after {last}");
                last = time + 20_000;
                worst = worst.max((now - 20_000).abs_diff(time));
            }
            assert!(worst < 45_000, "{worst} µs off");
        }
    }

    #[test]
    fn after_a_pause_times_go_on_with_the_clock() {
        let mut timeline = Timeline::default();
        for block in 0..100 {
            timeline.next(START + 20_000 * (block + 1), LENGTH);
        }
        let resumed = START + 60_000_000;
        let time = (0..200)
            .filter_map(|block| timeline.next(resumed + 20_000 * (block + 1), LENGTH))
            .next_back()
            .unwrap();
        assert!(time.abs_diff(resumed + 20_000 * 199) < 20_000);
    }
}
