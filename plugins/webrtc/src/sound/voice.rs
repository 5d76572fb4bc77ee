//! One who is heard: the packets of a remote track, and the sound of them.

use std::time::{Duration, Instant};

use opus::{Channels, Decoder};
use tokio::sync::mpsc;

use super::{BLOCK, RATE, jitter::JitterBuffer, remedy};
use crate::bridge::counts::HeardStats;

/// Longest packet, samples: 120 ms (RFC 6716, section 2.1.4).
const MAX_PACKET: usize = 5_760;
/// Samples over which the level is taken: 100 ms.
const LEVEL_OVER: usize = 4_800;
/// Without a packet for so long a voice asks for no loudspeaker.
const IDLE: Duration = Duration::from_secs(5);
/// Gain beyond which nothing is louder: an element gives 1 at most, and eight of them may show one track.
const MAX_GAIN: f32 = 8.0;

/// Takes what was heard of a voice, [`BLOCK`] samples at a time.
pub(crate) type Tap = mpsc::Sender<(u16, Vec<f32>)>;

/// A remote track.
#[derive(Debug)]
pub(crate) struct Voice {
    slot: u16,
    decoder: Decoder,
    buffer: JitterBuffer,
    /// Media time of its first sample, µs.
    origin: Option<u64>,
    decoded: Box<[f32]>,
    last_packet: Option<Instant>,
    gain: f32,
    /// The gain at the end of what was mixed last.
    reached: f32,
    tap: Option<(Tap, Vec<f32>)>,
    counts: HeardStats,
    square: f64,
    since_level: usize,
}

impl Voice {
    /// # Errors
    /// libopus is out of memory.
    pub(super) fn new(slot: u16) -> Result<Self, opus::Error> {
        Ok(Self {
            slot,
            // One channel, as all of WebRTC's voice path; libopus mixes a packet's two into it.
            decoder: Decoder::new(RATE, Channels::Mono)?,
            buffer: JitterBuffer::default(),
            origin: None,
            decoded: vec![0.0; MAX_PACKET].into_boxed_slice(),
            last_packet: None,
            gain: 0.0,
            reached: 0.0,
            tap: None,
            counts: HeardStats::default(),
            square: 0.0,
            since_level: 0,
        })
    }

    /// A packet that came at `now`; `media_time`: µs on the track's own clock. What isn't Opus is dropped.
    pub(super) fn receive(&mut self, now: Instant, media_time: u64, packet: &[u8]) {
        self.last_packet = Some(now);
        self.counts.packets += 1;
        // Nothing in it: no sound is sent for now (DTX).
        if packet.is_empty() {
            return;
        }
        let origin = *self.origin.get_or_insert(media_time);
        let since = i128::from(media_time) - i128::from(origin);
        let at = (since * i128::from(RATE) + 500_000).div_euclid(1_000_000);
        let Ok(at) = i64::try_from(at) else {
            return;
        };
        self.mend(at, packet);
        let length = match self.decoder.decode_float(packet, &mut self.decoded, false) {
            Ok(length) => length,
            Err(error) => {
                tracing::debug!(%error, "a packet of sound does not decode");
                return;
            }
        };
        let samples = self.decoded.get(..length).unwrap_or_default();
        self.buffer.write(at, samples);
    }

    /// Where the packet before this one was lost, and this one carries it: its sound after all.
    fn mend(&mut self, at: i64, packet: &[u8]) {
        let next = self.buffer.next();
        let missing = next.map_or(0, |next| at.saturating_sub(next));
        let Some(length) = remedy::carried(packet) else {
            return;
        };
        // A long hole is a pause, not a loss.
        if missing < length as i64 || missing > MAX_PACKET as i64 {
            return;
        }
        let before = self.decoded.get_mut(..length).unwrap_or_default();
        match self.decoder.decode_float(packet, before, true) {
            Ok(decoded) => {
                let samples = self.decoded.get(..decoded).unwrap_or_default();
                self.buffer.write(at - decoded as i64, samples);
            }
            Err(error) => tracing::debug!(%error, "what a packet of sound carries does not decode"),
        }
    }

    /// Adds what is to be heard next.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn mix(&mut self, scratch: &mut [f32], out: &mut [f32]) {
        let length = scratch.len();
        self.buffer.read(scratch);
        self.count(scratch);
        if let Some((tap, block)) = &mut self.tap {
            block.extend_from_slice(scratch);
            while block.len() >= BLOCK {
                let rest = block.split_off(BLOCK);
                let full = std::mem::replace(block, rest);
                // A page that does not read loses it.
                let _ = tap.try_send((self.slot, full));
            }
        }
        if self.gain == 0.0 && self.reached == 0.0 {
            return;
        }
        // A step would click.
        let step = (self.gain - self.reached) / length.max(1) as f32;
        let mut gain = self.reached;
        for (sum, sample) in out.iter_mut().zip(scratch) {
            gain += step;
            *sum += gain * *sample;
        }
        self.reached = self.gain;
    }

    /// How loud it is heard; 0: not at all.
    pub(super) fn set_gain(&mut self, gain: f32) {
        self.gain = if gain.is_finite() {
            gain.clamp(0.0, MAX_GAIN)
        } else {
            0.0
        };
    }

    /// Its sound waits at least so long, so that it does not run ahead of its pictures.
    pub(super) fn set_floor(&mut self, floor: Duration) {
        let samples = floor.as_micros() * u128::from(RATE) / 1_000_000;
        self.buffer
            .set_floor(u32::try_from(samples).unwrap_or(u32::MAX));
    }

    /// Gives what is heard of it to the page as well, or no longer.
    pub(super) fn set_tap(&mut self, tap: Option<Tap>) {
        self.tap = tap.map(|tap| (tap, Vec::with_capacity(2 * BLOCK)));
    }

    /// How long sound that is on time waits here.
    pub(super) fn delay(&self) -> Duration {
        Duration::from_secs_f64(f64::from(self.buffer.delay()) / f64::from(RATE))
    }

    /// Whether packets come.
    pub(super) fn is_active(&self, now: Instant) -> bool {
        self.last_packet
            .is_some_and(|last| now.saturating_duration_since(last) < IDLE)
    }

    /// What was counted since it began.
    pub(super) fn counts(&self) -> HeardStats {
        let counts = self.buffer.counts();
        HeardStats {
            concealed_samples: counts.concealed,
            concealment_events: counts.events,
            removed_samples: counts.removed,
            inserted_samples: counts.inserted,
            ..self.counts
        }
    }

    #[allow(clippy::cast_precision_loss)]
    fn count(&mut self, heard: &[f32]) {
        let length = heard.len();
        let square: f64 = heard.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        self.counts.samples += length as u64;
        self.counts.energy += square / f64::from(RATE);
        self.counts.waited += self.delay().as_secs_f64() * length as f64;
        self.square += square;
        self.since_level += length;
        if self.since_level >= LEVEL_OVER {
            self.counts.level = (self.square / self.since_level as f64).sqrt();
            self.square = 0.0;
            self.since_level = 0;
        }
    }
}

#[cfg(test)]
mod tests;
