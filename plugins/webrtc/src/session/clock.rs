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

    /// What the page's clock says at that time of ours, µs; nothing before the page has said what it says.
    pub(crate) fn page_micros(&self, at: Instant) -> Option<u64> {
        u64::try_from(self.since_start(at) - self.offset?).ok()
    }

    fn since_start(&self, at: Instant) -> i128 {
        let since = at.saturating_duration_since(self.start).as_micros();
        i128::try_from(since).unwrap_or(i128::MAX)
    }

    /// When, on our clock, a frame of that time stamp was captured; not after now.
    pub(crate) fn captured(&mut self, now: Instant, timestamp: u64) -> Instant {
        let distance = self.since_start(now) - i128::from(timestamp);
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

/// The same as it was in the packet, without the turns of its 32 bits.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn rtp_timestamp(time: MediaTime) -> u32 {
    time.numer() as u32
}

/// The peer's clock, as its sender reports give it for one stream.
///
/// A browser extrapolates a report from the last frame it sent, and counts sound by samples: what it reports while
/// sound pauses or begins, or samples are lost in its capture, is off by as much until its next report (Chromium:
/// 266 ms measured, for eight seconds). So a report counts when the next one says the same.
#[derive(Debug, Default)]
pub(crate) struct SenderClock {
    report: Option<SystemTime>,
    /// The peer's clock less RTP's, µs, by that report.
    offset: i128,
    confirmed: bool,
}

/// By how much two reports that say the same differ: clocks drift, and a report is extrapolated by whole frames.
const SAME: u128 = 30_000;

impl SenderClock {
    /// When the last report was made, by the peer's clock: milliseconds since 1970.
    pub(crate) fn reported(&self) -> Option<u64> {
        self.report.map(millis)
    }

    /// When a frame was captured, µs since 1900 on the peer's clock; 0 while that isn't known.
    pub(crate) fn captured(&mut self, time: MediaTime, report: Option<&SenderInfo>) -> u64 {
        let Some(report) = report else { return 0 };
        let captured = capture_micros(time, report);
        if captured == 0 {
            return 0;
        }
        if self.report != Some(report.ntp_time) {
            let offset = i128::from(captured) - i128::from(media_micros(time));
            self.confirmed = self.report.is_some() && offset.abs_diff(self.offset) <= SAME;
            self.report = Some(report.ntp_time);
            self.offset = offset;
        }
        if self.confirmed { captured } else { 0 }
    }
}

/// When a frame was captured, µs since 1900 on the peer's clock, by a sender report.
fn capture_micros(time: MediaTime, report: &SenderInfo) -> u64 {
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
    millis(SystemTime::now())
}

fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report of `ntp` ms, by which sound of `rtp` ms was captured then.
    fn report(ntp: u64, rtp: u64) -> SenderInfo {
        SenderInfo {
            ssrc: 1.into(),
            ntp_time: UNIX_EPOCH + Duration::from_millis(ntp),
            rtp_time: sound(rtp),
            sender_packet_count: 0,
            sender_octet_count: 0,
        }
    }

    fn sound(ms: u64) -> MediaTime {
        MediaTime::new(ms * 48, Frequency::FORTY_EIGHT_KHZ)
    }

    fn unix_ms(captured: u64) -> Option<u64> {
        let since = Duration::from_micros(captured).checked_sub(NTP_TO_UNIX)?;
        u64::try_from(since.as_millis()).ok()
    }

    #[test]
    fn a_report_counts_when_the_next_says_the_same() {
        let mut clock = SenderClock::default();
        assert_eq!(clock.captured(sound(100), None), 0);
        let first = report(50_000, 90);
        assert_eq!(clock.captured(sound(100), Some(&first)), 0);
        assert_eq!(clock.captured(sound(120), Some(&first)), 0);
        let second = report(55_000, 5_100);
        let captured = clock.captured(sound(5_120), Some(&second));
        assert_eq!(unix_ms(captured), Some(55_020));
    }

    #[test]
    fn a_report_that_says_something_else_counts_for_nothing() {
        let mut clock = SenderClock::default();
        clock.captured(sound(20), Some(&report(50_000, 0)));
        assert_ne!(
            clock.captured(sound(5_020), Some(&report(55_000, 5_000))),
            0
        );
        // Sound paused: samples were not counted.
        let later = report(60_000, 9_740);
        assert_eq!(clock.captured(sound(9_760), Some(&later)), 0);
        let captured = clock.captured(sound(14_760), Some(&report(65_000, 14_740)));
        assert_eq!(unix_ms(captured), Some(65_020));
    }

    #[test]
    fn rtp_time_may_wrap_between_reports() {
        let mut clock = SenderClock::default();
        let before = MediaTime::new((1 << 32) - 48 * 5_000, Frequency::FORTY_EIGHT_KHZ);
        let first = SenderInfo {
            rtp_time: before,
            ..report(50_000, 0)
        };
        clock.captured(before, Some(&first));
        let after = MediaTime::new((1 << 32) + 48 * 20, Frequency::FORTY_EIGHT_KHZ);
        let captured = clock.captured(after, Some(&report(55_000, 0)));
        assert_eq!(unix_ms(captured), Some(55_020));
    }
}
