//! Slows down where packets are lost, or wait, for want of room. str0m's estimate takes seconds to come down
//! from a rate that a narrow link throws away most of; a short probe gets through a link that the same rate
//! for longer would not (a policer lets bursts pass); and a full queue that no longer grows looks to it like
//! none. So what was seen to arrive, and how long it took, bounds what is sent.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// More than this lost is too much; a bad radio link loses half as much by itself.
const TOO_MUCH: f64 = 0.10;
/// Less than this lost: there may be more room.
const LITTLE: f64 = 0.04;
/// A round trip longer than the shortest by more than this is a queue that must be emptied.
const QUEUE: Duration = Duration::from_millis(200);
const LONG_QUEUE: Duration = Duration::from_millis(500);
/// A queue shorter than this is none.
const SHORT_QUEUE: Duration = Duration::from_millis(80);
/// Of what arrived, so much is tried next.
const CUT: f64 = 0.85;
/// The estimate falls below what a link carries when its queue fills; to empty a long one, further.
const DEEP_CUT: f64 = 0.7;
/// Growth in a quarter of a second: 8 % a second at first, and 26 % when all went well for [`PATIENCE`].
const SLOWLY: f64 = 1.02;
const QUICKLY: f64 = 1.06;
const PATIENCE: Duration = Duration::from_secs(5);
/// Near what was too much once it grows by 5 % a second.
const CAREFULLY: f64 = 1.0125;
/// How near.
const NEAR: std::ops::Range<f64> = 0.8..1.1;
/// A bound grows no further than to so many times what is sent.
const UNTRIED: f64 = 1.25;
/// The loss is told over this time.
const WINDOW: Duration = Duration::from_secs(1);
/// Nothing lost for so long after a cut: it has helped.
const HELPED: Duration = Duration::from_secs(2);
/// Loss must have lasted so long to be measured.
const LASTING: Duration = Duration::from_millis(400);
/// Where the estimate is below what is wanted though nothing is lost and nothing waits, the link is probed
/// anew after so long: str0m's own probes wait for 15 s.
const PROBE_INTERVAL: Duration = Duration::from_secs(4);
/// The shortest round trip is that of so many measurements: half a minute.
const SHORTEST_OF: usize = 120;
/// What bounds no more than this bounds nothing, bit/s.
const BOUNDLESS: f64 = 20_000_000.0;
/// A queue is seen by so many measurements: half a second.
const LATELY: usize = 3;
/// Sound and a slide show, bit/s.
const LEAST: f64 = 60_000.0;
/// A queue that does not drain at this is not ours, or is no queue but a machine that has no time, bit/s.
const LEAST_FOR_A_QUEUE: f64 = 250_000.0;

/// What str0m counted, four times a second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    /// Bytes sent since the start.
    pub(super) sent: u64,
    /// Share lost of what was sent in the last second and reported on.
    pub(super) loss: Option<f32>,
    pub(super) round_trip: Option<Duration>,
    /// What str0m believes may be sent, bit/s.
    pub(super) estimate: Option<u64>,
}

/// What to do about what was measured.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Advice {
    Nothing,
    /// Look for more room, starting from here, bit/s.
    Probe(u64),
}

/// What bounds the estimate.
#[derive(Debug, Default)]
pub(super) struct Brake {
    /// Of the last second.
    measured: VecDeque<(Instant, Measured)>,
    round_trips: VecDeque<Duration>,
    cut: Option<Cut>,
    /// What arrived when too much was lost, bits a second.
    carried: Option<f64>,
    /// When next to no loss was last seen.
    lossless: Option<Instant>,
    /// Since when there has been next to none.
    lossless_since: Option<Instant>,
    /// Since when there was room, as far as one can see, and the last probe.
    roomy: Option<Instant>,
}

#[derive(Debug)]
struct Cut {
    at: Instant,
    /// Bits a second.
    limit: f64,
    /// What was lost when it was made.
    loss: f64,
    /// It changed nothing: the link loses packets whatever the rate.
    in_vain: bool,
    /// There was no loss for a while after it: what is lost later is lost to what has been added since.
    helped: bool,
    /// There was no queue after it, were it for a moment.
    drained: bool,
}

impl Brake {
    /// What may be sent, of what str0m believes may be, bit/s.
    pub(super) fn bound(&self, estimate: u64) -> u64 {
        self.limit().map_or(estimate, |limit| estimate.min(limit))
    }

    /// What str0m may look for, of what the page desires: its probes go to twice that.
    pub(super) fn bound_desire(&self, desired: u64) -> u64 {
        self.limit()
            .map_or(desired, |limit| desired.min(limit * 3 / 4))
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn limit(&self) -> Option<u64> {
        self.cut.as_ref().map(|cut| cut.limit as u64)
    }

    /// Four times a second. `desired` is what the page would send, bit/s.
    pub(super) fn measure(&mut self, now: Instant, measured: Measured, desired: u64) -> Advice {
        self.remember(now, measured);
        let round_trip = measured.round_trip.unwrap_or_default();
        let shortest = self.round_trips.iter().min().copied().unwrap_or_default();
        // One long round trip is a busy machine; a queue lasts.
        let lately = self.round_trips.iter().rev().take(LATELY).min();
        let queue = lately.copied().unwrap_or_default().saturating_sub(shortest);
        let loss = f64::from(measured.loss.unwrap_or(0.0));
        let losing = now.saturating_duration_since(*self.lossless.get_or_insert(now));
        self.note_loss(now, loss);
        if let Some(cut) = self.cut.as_mut() {
            cut.drained |= queue < SHORT_QUEUE;
        }
        let clean = (loss < LITTLE || self.is_usual(loss)) && queue < SHORT_QUEUE;
        if !clean {
            self.roomy = None;
        }
        // What a cut did shows a round trip later, and in all of the window yet later.
        let settled = |cut: &Cut| now >= cut.at + WINDOW + WINDOW / 4 + round_trip;
        if !self.cut.as_ref().is_none_or(settled) {
            return Advice::Nothing;
        }
        // A little is too much where it comes with a queue: a shallow one is full.
        let crowded = loss > LITTLE && queue > SHORT_QUEUE;
        self.judge(loss, crowded);
        let too_much = (crowded || loss > TOO_MUCH) && !self.is_usual(loss);
        if losing >= LASTING && too_much {
            let arrived = self.arrived(loss, losing);
            self.carried = Some(arrived);
            // What is sent again comes on top of what is bound, so one cut may not be enough.
            let last = self.cut.as_ref().filter(|cut| crowded && !cut.helped);
            let least = last.map_or(arrived, |cut| arrived.min(cut.limit));
            self.cut(now, loss, least * CUT);
        } else if queue > QUEUE {
            let lowest = self.lowest_estimate();
            let limit = match &self.cut {
                Some(cut) if !cut.drained => lowest.min(cut.limit.max(LEAST_FOR_A_QUEUE)) * CUT,
                _ if queue > LONG_QUEUE => lowest * DEEP_CUT,
                _ => lowest,
            };
            self.cut(now, loss, limit);
        } else if clean {
            self.grow(now);
            return self.probe(now, measured.estimate, desired);
        }
        Advice::Nothing
    }

    fn remember(&mut self, now: Instant, measured: Measured) {
        self.measured.push_back((now, measured));
        while self
            .measured
            .get(1)
            .is_some_and(|(at, _)| *at + WINDOW <= now)
        {
            self.measured.pop_front();
        }
        if let Some(round_trip) = measured.round_trip {
            self.round_trips.push_back(round_trip);
            if self.round_trips.len() > SHORTEST_OF {
                self.round_trips.pop_front();
            }
        }
    }

    fn cut(&mut self, now: Instant, loss: f64, limit: f64) {
        // What the link loses anyway it goes on losing.
        let usual = if self.is_usual(loss) {
            self.cut.take()
        } else {
            None
        };
        self.cut = Some(Cut {
            at: now,
            limit: limit.max(LEAST),
            loss: usual.as_ref().map_or(loss, |cut| cut.loss),
            in_vain: usual.is_some(),
            helped: false,
            drained: false,
        });
    }

    fn probe(&mut self, now: Instant, estimate: Option<u64>, desired: u64) -> Advice {
        let since = *self.roomy.get_or_insert(now);
        let wanted = self.bound(desired);
        match estimate {
            Some(estimate) if estimate < wanted / 10 * 9 && now >= since + PROBE_INTERVAL => {
                self.roomy = Some(now);
                Advice::Probe(estimate)
            }
            _ => Advice::Nothing,
        }
    }

    fn note_loss(&mut self, now: Instant, loss: f64) {
        if loss >= LITTLE {
            self.lossless_since = None;
            return;
        }
        self.lossless = Some(now);
        let since = *self.lossless_since.get_or_insert(now);
        if let Some(cut) = self.cut.as_mut() {
            cut.helped |= now >= since.max(cut.at) + HELPED;
        }
    }

    /// Whether the last cut was of use.
    fn judge(&mut self, loss: f64, crowded: bool) {
        if let Some(cut) = self.cut.as_mut()
            && !cut.helped
            && !crowded
        {
            cut.in_vain |= loss > LITTLE && loss > cut.loss * 0.7;
        }
    }

    /// Whether the link loses so much whatever the rate.
    fn is_usual(&self, loss: f64) -> bool {
        let usual = |cut: &Cut| cut.in_vain && loss <= cut.loss + TOO_MUCH;
        self.cut.as_ref().is_some_and(usual)
    }

    fn grow(&mut self, now: Instant) {
        let sent = self.sent();
        let Some(cut) = self.cut.as_mut() else {
            return;
        };
        // What was not tried is not known to go well.
        if cut.limit > sent * UNTRIED {
            return;
        }
        let near = self
            .carried
            .is_some_and(|carried| NEAR.contains(&(cut.limit / carried)));
        let well = now >= cut.at + PATIENCE;
        cut.limit *= match (near, well) {
            (true, _) => CAREFULLY,
            (false, true) => QUICKLY,
            (false, false) => SLOWLY,
        };
        if cut.limit > BOUNDLESS {
            self.cut = None;
        }
    }

    /// Bits a second that were sent in the last second.
    #[allow(clippy::cast_precision_loss)]
    fn sent(&self) -> f64 {
        let Some(((since, before), (now, measured))) =
            self.measured.front().zip(self.measured.back())
        else {
            return 0.0;
        };
        let seconds = (*now - *since).as_secs_f64().max(0.2);
        measured.sent.saturating_sub(before.sent) as f64 * 8.0 / seconds
    }

    /// Bits a second the link carried in the last second, if so much was lost of it.
    fn arrived(&self, loss: f64, losing: Duration) -> f64 {
        // If it began within the second, all of it is of that part.
        let part = losing.as_secs_f64().clamp(0.25, 1.0);
        self.sent() * (1.0 - (loss / part).min(0.95))
    }

    /// str0m's lowest estimate of the last second, bit/s.
    #[allow(clippy::cast_precision_loss)]
    fn lowest_estimate(&self) -> f64 {
        let estimates = self.measured.iter().filter_map(|(_, one)| one.estimate);
        estimates.min().map_or(LEAST, |lowest| lowest as f64)
    }
}

#[cfg(test)]
mod tests;
