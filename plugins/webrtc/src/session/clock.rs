//! The clocks that meet here: the page's, ours, RTP's and the peer's.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use str0m::{
    media::{Frequency, MediaTime},
    rtp::rtcp::SenderInfo,
};

/// From 1900, NTP's zero, to 1970.
const NTP_TO_UNIX: Duration = Duration::from_secs(2_208_988_800);

/// The page's clock beside ours. A frame can be delayed on its way here, never sped up: the smallest
/// distance seen is the true one, and frames keep the distances they were captured with.
#[derive(Debug)]
pub(crate) struct PageClock {
    start: Instant,
    /// Ours less the page's, µs.
    offset: Option<i128>,
}

impl PageClock {
    pub(crate) fn new(start: Instant) -> Self {
        Self {
            start,
            offset: None,
        }
    }

    /// When, on our clock, a frame of that time stamp was captured; not after now.
    pub(crate) fn captured(&mut self, now: Instant, timestamp: u64) -> Instant {
        let since = i128::try_from(now.saturating_duration_since(self.start).as_micros())
            .unwrap_or(i128::MAX);
        let distance = since - i128::from(timestamp);
        let offset = self.offset.map_or(distance, |known| known.min(distance));
        self.offset = Some(offset);
        let micros = u64::try_from(i128::from(timestamp) + offset).unwrap_or(0);
        self.start + Duration::from_micros(micros)
    }
}

/// RTP time of a time stamp of the page.
pub(crate) fn rtp_time(timestamp: u64, clock_rate: Frequency) -> MediaTime {
    let ticks = u128::from(timestamp) * u128::from(clock_rate.get()) / 1_000_000;
    MediaTime::new(u64::try_from(ticks).unwrap_or(u64::MAX), clock_rate)
}

/// µs of a received frame's RTP time.
pub(crate) fn media_micros(time: MediaTime) -> u64 {
    let ticks = u128::from(time.numer()) * 1_000_000 / u128::from(time.frequency().get().max(1));
    u64::try_from(ticks).unwrap_or(u64::MAX)
}

/// When a frame was captured, µs since 1900 on the peer's clock, by its last sender report.
pub(crate) fn capture_micros(time: MediaTime, report: &SenderInfo) -> u64 {
    let Ok(since_unix) = report.ntp_time.duration_since(UNIX_EPOCH) else {
        return 0;
    };
    let rate = i64::from(time.frequency().get().max(1));
    // RTP time wraps at 32 bits (RFC 3550, section 5.1), and the report's is not unwrapped.
    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
    let ticks = (time.numer() as u32).wrapping_sub(report.rtp_time.numer() as u32) as i32;
    let report = i64::try_from((since_unix + NTP_TO_UNIX).as_micros()).unwrap_or(i64::MAX);
    let micros = report.saturating_add(i64::from(ticks) * 1_000_000 / rate);
    u64::try_from(micros).unwrap_or(0)
}

/// Milliseconds since 1970.
pub(crate) fn unix_millis() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
