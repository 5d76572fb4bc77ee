//! The jitter buffer: sound comes in blocks, unevenly, and is taken evenly.
//!
//! ```text
//!   waiting ──START samples are there──▶ playing ──nothing came for GIVE_UP──▶ waiting
//! ```
//!
//! What comes too late is bridged by repeating the voice's last periods, and is then played whole, so
//! the delay grows by what was missing. How long sound should wait is told by [`Lateness`]; while it waits
//! longer, whole periods are cut out, and while shorter, repeated (overlap-add at the best likeness, as
//! WSOLA does: Verhelst and Roelands, 1993), which keeps the pitch.

use super::lateness::Lateness;

/// What is buffered before the first sample is played: two blocks, 40 ms.
const START: i64 = 1_920;
/// What more than START is there when playing begins is a backlog from 300 ms on: a burst is less.
const BACKLOG: i64 = 14_400;
/// Most that is kept, 1 s; older sound is thrown away.
const MAX_LEVEL: i64 = 48_000;
/// Samples. A power of two, above the most kept plus what is looked back at.
const RING: usize = 131_072;
const MASK: i64 = RING as i64 - 1;
/// Longest hole that is bridged, 200 ms; after a longer one sound just goes on.
const MAX_GAP: i64 = 9_600;
/// Periods that are looked for: 2.5 to 15 ms, voices from 400 to 67 Hz.
const MIN_PERIOD: i64 = 120;
const MAX_PERIOD: i64 = 720;
/// Length that is compared, and length of a cross-fade, samples.
const COMPARED: i64 = 480;
const FADE: i64 = 120;
/// Every fourth sample is enough to find a period.
const STRIDE: usize = 4;
/// Gain lost with each repeated period.
const DECAY: f64 = 0.75;
/// Without sound for so long (500 ms) it waits for [`START`] again.
const GIVE_UP: i64 = 24_000;
/// Waited for beyond the usual lateness: 10 ms.
const MARGIN: i64 = 480;
/// Too little is mended from this much on (10 ms): half a block is within what is measured.
const TOO_LITTLE: i64 = 480;
/// Much too much, 60 ms.
const MUCH: i64 = 2_880;
/// Least time between two cuts or repeats: 100 ms; and 30 ms when there is much too much.
const INTERVAL: i64 = 4_800;
const SHORT_INTERVAL: i64 = 1_440;
/// Differences in the sample count that come of rounding times to microseconds.
const ROUNDING: i64 = 2;

/// Counts since it was made, in samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct JitterCounts {
    pub(crate) concealed: u64,
    /// Times that something had to be concealed.
    pub(crate) events: u64,
    pub(crate) removed: u64,
    pub(crate) inserted: u64,
}

#[derive(Debug)]
pub(crate) struct JitterBuffer {
    counts: JitterCounts,
    lateness: Lateness,
    ring: Box<[f32]>,
    /// Absolute positions; `end - read` samples are there.
    read: i64,
    end: i64,
    /// Number of the sample that comes next, once one came.
    next: Option<i64>,
    playing: bool,
    /// Samples taken since it was made.
    clock: i64,
    /// Level plus distance ([`Lateness`]) of the last block: moves only with cuts, repeats and bridges.
    reach: i64,
    /// Least delay that was asked for.
    floor: i64,
    /// Made-up sound at the end, if that is what is there.
    made_up: Option<MadeUp>,
    /// Samples made up since the last block.
    dry: i64,
    since_stretch: i64,
}

/// How sound is made up: its last `period` again, with `gain`.
#[derive(Debug, Clone, Copy)]
struct MadeUp {
    period: i64,
    gain: f64,
}

/// Where a period is looked for from a place in the sound.
#[derive(Debug, Clone, Copy)]
enum Direction {
    Earlier,
    Later,
}

impl Default for JitterBuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl JitterBuffer {
    pub(crate) fn new() -> Self {
        Self {
            counts: JitterCounts::default(),
            lateness: Lateness::default(),
            ring: vec![0.0; RING].into_boxed_slice(),
            read: MAX_PERIOD + COMPARED,
            end: MAX_PERIOD + COMPARED,
            next: None,
            playing: false,
            clock: 0,
            reach: 0,
            floor: 0,
            made_up: None,
            dry: 0,
            since_stretch: 0,
        }
    }

    pub(crate) fn counts(&self) -> &JitterCounts {
        &self.counts
    }

    /// Number of the sample that comes next, once one came.
    pub(crate) fn next(&self) -> Option<i64> {
        self.next
    }

    /// Samples that wait.
    pub(crate) fn level(&self) -> i64 {
        self.end - self.read
    }

    /// Samples that a block waits which comes as early as blocks do.
    pub(crate) fn delay(&self) -> u32 {
        let earliest = self.lateness.earliest();
        let delay = earliest.map_or(0, |earliest| self.reach.saturating_sub(earliest));
        u32::try_from(delay.max(0)).unwrap_or(u32::MAX)
    }

    /// The delay that is aimed at, samples.
    pub(crate) fn target(&self) -> i64 {
        (self.lateness.wait() + MARGIN)
            .max(self.floor)
            .min(MAX_LEVEL / 2)
    }

    /// Lets sound wait at least so long (samples), so that it does not run ahead of its pictures.
    pub(crate) fn set_floor(&mut self, samples: u32) {
        self.floor = i64::from(samples);
    }

    /// `at`: number of the first sample since the stream began. Blocks come in order.
    pub(crate) fn write(&mut self, at: i64, samples: &[f32]) {
        let gap = self.next.map_or(0, |next| at.saturating_sub(next));
        if gap < -ROUNDING && gap > -MAX_GAP {
            return;
        }
        let length = samples.len() as i64;
        self.lateness.arrived(at, self.clock);
        self.next = Some(at.saturating_add(length));
        if gap > ROUNDING && gap <= MAX_GAP && self.playing {
            // What was made up while it was awaited counts as part of the hole.
            let missing = gap - self.dry;
            if missing > 0 {
                self.counts.concealed += missing.unsigned_abs();
                self.counts.events += 1;
                self.repeat(missing);
            }
        }
        self.dry = 0;
        self.reach = (self.level() + self.clock).saturating_sub(at);
        let fade = FADE.min(length);
        let made_up = self.made_up.take();
        for (index, sample) in (0..).zip(samples) {
            let mut value = f64::from(*sample);
            if let Some(MadeUp { period, gain }) = made_up
                && index < fade
            {
                let weight = weight(index, fade);
                value = value * weight + self.at(self.end - period) * gain * (1.0 - weight);
            }
            self.push(value);
        }
        let surplus = self.level() - MAX_LEVEL;
        if surplus > 0 {
            self.counts.removed += surplus.unsigned_abs();
            self.read += surplus;
            self.reach = self.reach.saturating_sub(surplus);
        }
    }

    /// Fills `output`, with silence where there is nothing to be heard.
    pub(crate) fn read(&mut self, output: &mut [f32]) {
        let length = output.len() as i64;
        self.clock += length;
        if !self.playing {
            if self.level() < START {
                output.fill(0.0);
                return;
            }
            self.playing = true;
            self.forget_backlog();
        }
        self.stretch(length);
        let missing = length - self.level();
        if missing > 0 {
            if self.dry == 0 {
                self.counts.events += 1;
            }
            self.dry += missing;
            self.counts.concealed += missing.unsigned_abs();
            self.repeat(missing);
            if self.dry > GIVE_UP {
                self.playing = false;
                self.dry = 0;
            }
        }
        for (position, sample) in (self.read..).zip(output) {
            *sample = self.ring[slot(position)];
        }
        self.read += length;
    }

    /// What came before a loudspeaker was open has not been missed by anybody, and says nothing of how late sound comes.
    fn forget_backlog(&mut self) {
        let surplus = self.level() - START;
        if surplus < BACKLOG {
            return;
        }
        self.read += surplus;
        self.reach -= surplus;
        self.lateness = Lateness::default();
    }

    fn at(&self, position: i64) -> f64 {
        f64::from(self.ring[slot(position)])
    }

    fn set(&mut self, position: i64, value: f64) {
        self.ring[slot(position)] = value as f32;
    }

    fn push(&mut self, value: f64) {
        self.set(self.end, value);
        self.end += 1;
    }

    /// Goes on at the end with the last period, ever more quietly.
    fn repeat(&mut self, length: i64) {
        let MadeUp { period, gain } = self.made_up.unwrap_or_else(|| MadeUp {
            period: self.find_period(self.end - COMPARED, Direction::Earlier),
            gain: 1.0,
        });
        for _ in 0..length {
            self.push(self.at(self.end - period) * gain);
        }
        let gain = if length >= period {
            DECAY
        } else {
            DECAY.max(1.0 - length as f64 / (3 * period) as f64)
        };
        self.made_up = Some(MadeUp { period, gain });
    }

    /// The lag, earlier or later, at which the sound at `start` is most like itself.
    fn find_period(&self, start: i64, direction: Direction) -> i64 {
        let mut best = MIN_PERIOD;
        let mut most = f64::NEG_INFINITY;
        for lag in (MIN_PERIOD..=MAX_PERIOD).step_by(STRIDE) {
            let moved = match direction {
                Direction::Earlier => start - lag,
                Direction::Later => start + lag,
            };
            let mut product = 0.0;
            // Not zero: silence is divided by it.
            let mut energy = 1e-9;
            for index in (0..COMPARED).step_by(STRIDE) {
                let other = self.at(moved + index);
                product += self.at(start + index) * other;
                energy += other * other;
            }
            let likeness = product / energy.sqrt();
            if likeness > most {
                most = likeness;
                best = lag;
            }
        }
        best
    }

    /// Cuts a period out, or plays one again, if the delay isn't what it should be.
    fn stretch(&mut self, taken: i64) {
        self.since_stretch += taken;
        let surplus = i64::from(self.delay()) - self.target();
        let interval = if surplus > MUCH {
            SHORT_INTERVAL
        } else {
            INTERVAL
        };
        if self.since_stretch < interval {
            return;
        }
        if surplus >= MIN_PERIOD && self.level() >= taken + MAX_PERIOD + COMPARED {
            let period = self.find_period(self.read, Direction::Later);
            if period > surplus {
                self.since_stretch = INTERVAL - SHORT_INTERVAL;
                return;
            }
            self.go_on(period);
            self.counts.removed += period.unsigned_abs();
        } else if surplus <= -TOO_LITTLE && self.level() >= taken + COMPARED {
            let period = self.find_period(self.read, Direction::Earlier);
            self.go_on(-period);
            self.counts.inserted += period.unsigned_abs();
        }
    }

    /// Goes on `lag` samples later in the sound, or earlier, without a click.
    fn go_on(&mut self, lag: i64) {
        for index in 0..FADE {
            let weight = weight(index, FADE);
            let position = self.read + lag + index;
            let value = self.at(position) * weight + self.at(self.read + index) * (1.0 - weight);
            self.set(position, value);
        }
        self.read += lag;
        self.reach = self.reach.saturating_sub(lag);
        self.since_stretch = 0;
    }
}

/// Where a position is in the ring.
fn slot(position: i64) -> usize {
    (position & MASK) as usize
}

/// Share of the new sound in a cross-fade.
fn weight(index: i64, length: i64) -> f64 {
    (index + 1) as f64 / (length + 1) as f64
}

#[cfg(test)]
mod tests;
