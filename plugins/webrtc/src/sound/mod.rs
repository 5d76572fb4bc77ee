//! Sound between the network and the loudspeaker, and from the page's microphones to the network.
//!
//! It is handled here, and not in the page: a page has its sound cross the thread that paints, whatever codec
//! and worklet it goes through, and WebKitGTK's decoder leaves 25 MB a minute behind (both measured, see
//! `docs/performance.md` of Lanline). All of it is sans-IO but
//! [`loudspeaker`] and [`input`].
//!
//! ```text
//! packets ──▶ voice: Opus, jitter buffer ──┐
//! packets ──▶ voice ───────────────────────┴─▶ mixer ──▶ loudspeaker
//!                                                │ what was played
//! input, or the page ──▶ microphone: cleaner ◀───┘
//!                             └─▶ Opus ──▶ packets
//! ```

mod cleaner;
pub(crate) mod desk;
mod device;
pub(crate) mod input;
mod jitter;
mod lateness;
pub(crate) mod loudspeaker;
mod microphone;
mod mixer;
mod pulse;
mod remedy;
mod timeline;
mod voice;

/// Samples a second, on the bridge, in Opus (RFC 7587, section 4.1) and at the loudspeaker.
const RATE: u32 = 48_000;
/// Samples of a block that is captured and encoded: 20 ms.
pub(crate) const BLOCK: usize = 960;

/// Mean square of samples.
#[allow(clippy::cast_precision_loss)]
fn mean_square(samples: &[f32]) -> f32 {
    samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32
}

#[cfg(test)]
mod tests;
