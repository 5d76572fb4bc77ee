//! The time that DTLS sees.

use std::time::{Duration, Instant};

/// So late that it never comes.
const NEVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// The clock of a handshake. It stands still while ICE has no way to the peer: str0m begins to shake hands with the
/// description, and what it sends meanwhile goes nowhere. After four attempts, about half a minute, the handshake is
/// given up for good (dimpl 0.7.6), though candidates may come yet, or ICE begin anew.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    /// The handshake has begun: it was told the time once.
    begun: bool,
    /// The handshake is done.
    done: bool,
    /// There is a way to the peer.
    way: bool,
    /// Since when it stands still.
    still: Option<Instant>,
    /// By how much it is behind.
    behind: Duration,
}

impl Patience {
    /// Whether ICE has a way to the peer.
    pub(crate) fn follow(&mut self, now: Instant, way: bool) {
        self.way = way;
        match self.still {
            Some(since) if way => {
                self.behind += now.saturating_duration_since(since);
                self.still = None;
            }
            None if !way && self.begun && !self.done => self.still = Some(now),
            Some(_) | None => {}
        }
    }

    /// The handshake is done, and waits for nothing any more.
    pub(super) fn finish(&mut self) {
        self.done = true;
        self.still = None;
    }

    /// What time it is for DTLS; nothing while its clock stands still.
    pub(super) fn tell(&mut self, now: Instant) -> Option<Instant> {
        if self.still.is_some() {
            return None;
        }
        if !self.begun {
            self.begun = true;
            self.still = (!self.way).then_some(now);
        }
        now.checked_sub(self.behind)
    }

    /// When, on our clock, it wants to be told the time that is `at` for it.
    pub(super) fn due(&self, at: Instant) -> Instant {
        self.still
            .map_or(at + self.behind, |since| since + self.behind + NEVER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_and_then_waits_for_a_way() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut patience = Patience::default();
        patience.follow(at(0), false);
        assert_eq!(patience.tell(at(1)), Some(at(1)));
        assert_eq!(patience.tell(at(2)), None);
        assert!(patience.due(at(2)) > at(1_000_000));
        patience.follow(at(61), true);
        assert_eq!(patience.due(at(2)), at(62));
        assert_eq!(patience.tell(at(62)), Some(at(2)));
        // Lost on the way, and found.
        patience.follow(at(63), false);
        patience.follow(at(64), false);
        assert_eq!(patience.tell(at(70)), None);
        patience.follow(at(73), true);
        assert_eq!(patience.tell(at(74)), Some(at(4)));
        patience.finish();
        patience.follow(at(80), false);
        assert_eq!(patience.tell(at(90)), Some(at(20)));
        assert_eq!(patience.due(at(20)), at(90));
    }

    #[test]
    fn where_there_is_a_way_already_it_goes_on() {
        let start = Instant::now();
        let mut patience = Patience::default();
        patience.follow(start, true);
        for seconds in 0..3 {
            let now = start + Duration::from_secs(seconds);
            assert_eq!((patience.tell(now), patience.due(now)), (Some(now), now));
        }
    }
}
