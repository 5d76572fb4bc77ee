//! All that is played, mixed; and what was played when, for microphones that hear it.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use super::{BLOCK, RATE, voice::Voice};

/// Samples that are mixed at once: 10 ms.
const STEP: usize = 480;
/// What was played is kept for so long, samples: 2 s, longer than sound is ever under way in a page.
const RING: usize = 96_000;
/// A microphone that is further than this from where it should read jumps there, samples: 10 ms. The echo canceller
/// finds the echo anew then, which takes it a moment.
const TOLERATED: i64 = 480;
/// Share by which the clock gives way at each step, so that it follows a device that is slower than ours.
const LEAK: f64 = 0.001;
/// The device stood still for so long, samples (500 ms): the clock begins anew.
const PAUSE: f64 = 24_000.0;

/// The voices of all connections. Shared by the thread of the device and those of the network: both hold its locks for
/// microseconds, and the device has its own buffer against the worst.
#[derive(Debug, Default)]
pub(crate) struct Mixer(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    voices: Vec<Weak<Mutex<Voice>>>,
    played: Played,
    latency: Duration,
    last: Option<Instant>,
}

impl Mixer {
    /// From now on that voice is heard, until its last owner lets go of it.
    pub(super) fn add(&self, voice: &Arc<Mutex<Voice>>) {
        self.lock().voices.push(Arc::downgrade(voice));
    }

    /// Fills `out` with what is to be heard next; `now`: when the device asked for it.
    pub(super) fn mix(&self, now: Instant, out: &mut [f32]) {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let mut scratch = [0.0; STEP];
        for out in out.chunks_mut(STEP) {
            out.fill(0.0);
            let scratch = scratch.get_mut(..out.len()).unwrap_or_default();
            inner.voices.retain(|voice| {
                let Some(voice) = voice.upgrade() else {
                    return false;
                };
                voice
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .mix(scratch, out);
                true
            });
            for sample in out.iter_mut() {
                *sample = sample.clamp(-1.0, 1.0);
            }
            inner.played.push(out);
        }
        inner.played.tick(now);
        inner.last = Some(now);
    }

    /// Whether there is anybody to be heard.
    pub(super) fn is_wanted(&self, now: Instant) -> bool {
        self.lock().voices.iter().any(|voice| {
            voice.upgrade().is_some_and(|voice| {
                voice
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .is_active(now)
            })
        })
    }

    /// When the device last asked for sound.
    pub(super) fn last_mixed(&self) -> Option<Instant> {
        self.lock().last
    }

    /// From being mixed to being heard, as far as the device says.
    pub(super) fn set_latency(&self, latency: Duration) {
        self.lock().latency = latency;
    }

    pub(super) fn latency(&self) -> Duration {
        self.lock().latency
    }

    /// What was played while a block was captured that began at `captured`. `cursor`: where that microphone has read
    /// to.
    pub(super) fn played(&self, captured: Instant, cursor: &mut Option<i64>) -> [f32; BLOCK] {
        self.lock().played.read(captured, cursor)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The last of what was played. Positions count samples since the beginning.
///
/// The device asks for sound in bursts, and late when the machine is busy, never early: the largest position for a
/// time is the true one.
#[derive(Debug)]
struct Played {
    ring: Box<[f32]>,
    end: i64,
    /// Since when positions are counted, and the position of that moment.
    clock: Option<(Instant, f64)>,
}

impl Default for Played {
    fn default() -> Self {
        Self {
            ring: vec![0.0; RING].into_boxed_slice(),
            end: 0,
            clock: None,
        }
    }
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
impl Played {
    fn push(&mut self, samples: &[f32]) {
        for sample in samples {
            let index = Self::index(self.end);
            if let Some(kept) = self.ring.get_mut(index) {
                *kept = *sample;
            }
            self.end += 1;
        }
    }

    /// All that was pushed was asked for by `now`.
    fn tick(&mut self, now: Instant) {
        let end = self.end as f64;
        let (start, zero) = self.clock.unwrap_or((now, end));
        let found = end - now.saturating_duration_since(start).as_secs_f64() * f64::from(RATE);
        let zero = if found > zero || found < zero - PAUSE {
            found
        } else {
            zero + (found - zero) * LEAK
        };
        self.clock = Some((start, zero));
    }

    fn read(&self, at: Instant, cursor: &mut Option<i64>) -> [f32; BLOCK] {
        let mut out = [0.0; BLOCK];
        let Some((start, zero)) = self.clock else {
            return out;
        };
        let since = match at.checked_duration_since(start) {
            Some(since) => since.as_secs_f64(),
            None => -start.duration_since(at).as_secs_f64(),
        };
        let due = (zero + since * f64::from(RATE)) as i64;
        let from = match *cursor {
            Some(cursor) if (cursor - due).abs() <= TOLERATED => cursor,
            _ => due,
        };
        let length = BLOCK as i64;
        *cursor = Some(from + length);
        let oldest = self.end - RING as i64;
        for (sample, position) in out.iter_mut().zip(from..from + length) {
            if position >= oldest.max(0) && position < self.end {
                *sample = self.ring.get(Self::index(position)).copied().unwrap_or(0.0);
            }
        }
        out
    }

    fn index(position: i64) -> usize {
        usize::try_from(position.rem_euclid(RING as i64)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A device that plays numbers, in bursts of 20 ms.
    fn counting(mixed: usize, start: Instant) -> Played {
        let mut played = Played::default();
        for burst in 0..mixed / BLOCK {
            let numbers: Vec<f32> = (0..BLOCK).map(|at| (burst * BLOCK + at) as f32).collect();
            played.push(&numbers);
            // Late by up to 7 ms, now and then.
            let late = (burst * 13 % 8) as u64;
            played.tick(start + Duration::from_millis(20 * burst as u64 + late));
        }
        played
    }

    #[test]
    fn a_microphone_reads_what_was_played_while_it_listened() {
        let start = Instant::now();
        let played = counting(48_000, start);
        // The first burst was there at the beginning, so 10,000 ms later is 9,600 samples after its end.
        let mut cursor = None;
        let block = played.read(start + Duration::from_millis(200), &mut cursor);
        assert!((block[0] - (960.0 + 9_600.0)).abs() <= 1.0, "{}", block[0]);
        assert!((block[BLOCK - 1] - block[0] - (BLOCK - 1) as f32).abs() < 0.5);
        // Blocks that come a little early or late follow each other without a seam.
        let next = played.read(start + Duration::from_millis(226), &mut cursor);
        assert!((next[0] - block[BLOCK - 1] - 1.0).abs() < 0.5);
        // One that is far off does not.
        let later = played.read(start + Duration::from_millis(400), &mut cursor);
        assert!((later[0] - (960.0 + 19_200.0)).abs() <= 1.0, "{}", later[0]);
    }

    #[test]
    fn what_is_not_there_is_silence() {
        let start = Instant::now();
        let played = counting(9_600, start);
        let mut cursor = None;
        let future = played.read(start + Duration::from_secs(5), &mut cursor);
        assert!(future.iter().all(|sample| *sample == 0.0));
        assert_eq!(
            Played::default().read(start, &mut None),
            [0.0; BLOCK],
            "nothing was ever played"
        );
    }

    #[test]
    fn the_clock_follows_a_slow_device_and_begins_anew_after_a_pause() {
        let start = Instant::now();
        let mut played = Played::default();
        // 500 ppm slower than ours, for two minutes.
        for burst in 0..6_000_u32 {
            played.push(&[0.0; BLOCK]);
            played.tick(start + Duration::from_micros(20_010) * burst);
        }
        let now = start + Duration::from_micros(20_010) * 5_999;
        let mut cursor = None;
        played.read(now, &mut cursor);
        let off = cursor.unwrap() - BLOCK as i64 - played.end;
        assert!(off.abs() < TOLERATED, "{off} samples off");
        let resumed = now + Duration::from_secs(30);
        played.push(&[0.0; BLOCK]);
        played.tick(resumed);
        cursor = None;
        played.read(resumed, &mut cursor);
        assert_eq!(cursor.unwrap() - BLOCK as i64, played.end);
    }
}
