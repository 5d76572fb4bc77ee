//! One who speaks: captured sound, made ready for the network.

use opus::{Application, Bitrate, Channels, Encoder};

use super::{BLOCK, RATE, cleaner::Cleaner, mean_square};
use crate::{bridge::counts::SpokenStats, sound::cleaner::Wishes};

/// Bits a second that the page may ask for (RFC 7587, section 3.1.1: full-band speech takes 28 to 40 kbit/s).
const MIN_BITRATE: u32 = 6_000;
const MAX_BITRATE: u32 = 128_000;
/// Loss that packets carry a remedy against (in-band FEC), per cent.
const EXPECTED_LOSS: i32 = 5;
/// Largest packet, bytes: libopus' own advice for its buffer.
const MAX_PACKET: usize = 4_000;
/// By how much cleaned sound is later than what was captured, µs (420 samples, measured).
const CLEANING_DELAY: u64 = 8_750;

/// A packet to be sent.
#[derive(Debug)]
pub(super) struct Packet {
    pub(super) payload: Vec<u8>,
    /// −dBov (RFC 6464).
    pub(super) level: u8,
    /// When its sound was captured, µs on the page's clock.
    pub(super) timestamp: u64,
}

/// What is to be done to captured sound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    /// Echo 1, noise 2, uneven level 4.
    pub(super) wishes: u8,
    /// Bits a second.
    pub(super) bitrate: u32,
    /// Silence is sent, and the echo canceller goes on learning.
    pub(super) muted: bool,
}

/// What is captured for one section.
#[derive(Debug, Default)]
pub(super) struct Microphone {
    cleaner: Option<Box<Cleaner>>,
    encoder: Option<Encoder>,
    counts: SpokenStats,
}

impl Microphone {
    /// A block that was captured at `timestamp` (µs on the page's clock); `played`: what was heard meanwhile. Nothing
    /// if it can't be encoded.
    pub(super) fn take(
        &mut self,
        captured: &mut [f32; BLOCK],
        mut timestamp: u64,
        played: &[f32; BLOCK],
        settings: Settings,
    ) -> Option<Packet> {
        let wishes = Wishes::from_bits(settings.wishes);
        if wishes == Wishes::default() {
            self.cleaner = None;
        } else {
            let cleaner = match &mut self.cleaner {
                Some(cleaner) if cleaner.wishes() == wishes => cleaner,
                other => other.insert(Box::new(Cleaner::new(wishes))),
            };
            cleaner.clean(captured, played);
            timestamp = timestamp.saturating_sub(CLEANING_DELAY);
        }
        if settings.muted {
            captured.fill(0.0);
        }
        let square = mean_square(captured);
        self.count(square);
        let payload = match self.encode(settings.bitrate, captured) {
            Ok(payload) => payload,
            Err(error) => {
                tracing::warn!(%error, "sound could not be encoded");
                return None;
            }
        };
        Some(Packet {
            payload,
            level: decibels(square),
            timestamp,
        })
    }

    /// What was counted since it began.
    pub(super) fn counts(&self) -> SpokenStats {
        self.counts
    }

    fn encode(&mut self, bitrate: u32, samples: &[f32]) -> Result<Vec<u8>, opus::Error> {
        let bitrate = bitrate.clamp(MIN_BITRATE, MAX_BITRATE);
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            None => {
                let mut encoder = Encoder::new(RATE, Channels::Mono, Application::Voip)?;
                encoder.set_inband_fec(true)?;
                encoder.set_packet_loss_perc(EXPECTED_LOSS)?;
                self.encoder.insert(encoder)
            }
        };
        if self.counts.target_bitrate != bitrate {
            encoder.set_bitrate(Bitrate::Bits(i32::try_from(bitrate).unwrap_or(i32::MAX)))?;
            self.counts.target_bitrate = bitrate;
        }
        encoder.encode_vec_float(samples, MAX_PACKET)
    }

    #[allow(clippy::cast_precision_loss)]
    fn count(&mut self, square: f32) {
        let seconds = BLOCK as f64 / f64::from(RATE);
        self.counts.level = f64::from(square).sqrt();
        self.counts.energy += f64::from(square) * seconds;
        self.counts.seconds += seconds;
    }
}

/// Samples between −1 and 1: one that is no number would stay in the filters for good. False: not a block.
pub(super) fn read(bytes: &[u8], samples: &mut [f32; BLOCK]) -> bool {
    let (values, rest) = bytes.as_chunks::<4>();
    if values.len() != BLOCK || !rest.is_empty() {
        return false;
    }
    for (sample, value) in samples.iter_mut().zip(values) {
        let value = f32::from_le_bytes(*value);
        *sample = if value.is_finite() {
            value.clamp(-1.0, 1.0)
        } else {
            0.0
        };
    }
    true
}

/// −dBov of a mean square, as RFC 6464 counts: 0 is loudest, 127 silence.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn decibels(square: f32) -> u8 {
    if square <= 0.0 {
        return 127;
    }
    (-10.0 * square.log10()).round().clamp(0.0, 127.0) as u8
}
