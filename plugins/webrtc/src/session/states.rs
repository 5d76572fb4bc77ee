//! The states of ICE and DTLS as the W3C has them, and the estimate of what can be sent.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use str0m::{IceConnectionState, bwe::Bitrate, stats::PeerStats};

use super::{
    Live, Output,
    brake::{Advice, Measured},
};
use crate::bridge::messages::{DtlsState, Event, IceState};

/// The page is told of a new estimate not more often than this, and when it moved by more than a twentieth.
const ESTIMATE_INTERVAL: Duration = Duration::from_millis(200);

impl Live {
    pub(super) fn handle_ice(
        &mut self,
        now: Instant,
        state: IceConnectionState,
        out: &mut VecDeque<Output>,
    ) {
        if !self.negotiation.described() {
            // str0m is checking from the start; the W3C waits for somebody to check with.
            return;
        }
        self.unpaired = (is_connected(state) && self.counters.path().is_none()).then_some(state);
        if self.unpaired.is_some() {
            // A page that hears of it asks at once which pair it is.
            return;
        }
        self.checked_all = state == IceConnectionState::Completed;
        let state = match state {
            IceConnectionState::New => IceState::New,
            // str0m goes back to checking when it lost its pair; the W3C calls that disconnected.
            IceConnectionState::Checking if self.was_connected => IceState::Disconnected,
            IceConnectionState::Checking => IceState::Checking,
            IceConnectionState::Connected => IceState::Connected,
            IceConnectionState::Completed if self.may_complete() => IceState::Completed,
            IceConnectionState::Completed => IceState::Connected,
            IceConnectionState::Disconnected if self.was_connected => IceState::Disconnected,
            // It says so when it has no pair to try; candidates can still come.
            IceConnectionState::Disconnected => IceState::Checking,
        };
        match state {
            IceState::Connected | IceState::Completed => {
                self.was_connected = true;
                self.without_pair = None;
                if self.dtls == DtlsState::New {
                    set_dtls(self, out, DtlsState::Connecting);
                }
            }
            IceState::Checking
            | IceState::Disconnected
            | IceState::New
            | IceState::Failed
            | IceState::Closed => {}
        }
        set_ice(self, out, state);
        self.watch_ice(now);
    }

    /// Something is sent another way than before, or for the first time.
    pub(super) fn follow_path(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let Some((local, remote)) = self.counters.path() else {
            return;
        };
        out.push_back(Output::Event(Event::Pair {
            address: local.ip().to_string(),
            port: local.port(),
            remote: self.candidates.text_of(remote),
        }));
        if let Some(state) = self.unpaired.take() {
            self.handle_ice(now, IceConnectionState::Connected, out);
            self.handle_ice(now, state, out);
        }
    }

    /// Whether "completed" can be meant: there won't be other candidates (WebRTC 1.0, section 5.6.4), and the agent that
    /// chooses the pair is this one. The other can't know that it won't be another; browsers stay "connected" there,
    /// and pages wait for that.
    fn may_complete(&self) -> bool {
        self.candidates.ended() && !self.negotiation.controlled()
    }

    /// The peer has told of candidates, or that there are no more.
    pub(super) fn follow_candidates(&mut self, out: &mut VecDeque<Output>) {
        if self.checked_all && self.ice == IceState::Connected && self.may_complete() {
            set_ice(self, out, IceState::Completed);
        }
    }

    /// Starts the time ICE has to find a pair.
    pub(super) fn watch_ice(&mut self, now: Instant) {
        let connected = matches!(self.ice, IceState::Connected | IceState::Completed);
        if self.negotiation.described() && !connected {
            self.without_pair.get_or_insert(now);
        }
    }

    /// What str0m believes may be sent, smoothed.
    pub(super) fn handle_estimate(&mut self, now: Instant, bps: u64, out: &mut VecDeque<Output>) {
        self.smoothed = Some(bps);
        self.tell_estimate(now, out);
    }

    /// What str0m counted. It smooths its estimate so much that a link is full long before the page
    /// would hear of it: where it is lower now, it is that.
    pub(super) fn handle_counts(
        &mut self,
        now: Instant,
        stats: PeerStats,
        out: &mut VecDeque<Output>,
    ) {
        let measured = Measured {
            sent: stats.peer_bytes_tx,
            loss: stats.egress_loss_fraction,
            round_trip: stats.rtt,
            estimate: stats.bwe_tx.map(|estimate| estimate.as_u64()),
        };
        if let Advice::Probe(from) = self.brake.measure(now, measured, self.desired) {
            self.rtc.bwe().reset(Bitrate::bps(from));
        }
        self.counters.peer = Some(stats);
        self.bound_desire();
        self.tell_estimate(now, out);
    }

    /// Probes go up to twice what is desired: past the brake they would only do harm.
    pub(super) fn bound_desire(&mut self) {
        let desired = self.brake.bound_desire(self.desired);
        self.rtc.bwe().set_desired_bitrate(Bitrate::bps(desired));
    }

    /// How long an answer of the peer takes.
    pub(super) fn round_trip(&self) -> Duration {
        let peer = self.counters.peer.as_ref();
        peer.and_then(|peer| {
            let pair = peer.selected_candidate_pair.as_ref();
            let of_pair = pair.and_then(|pair| pair.current_round_trip_time);
            peer.rtt.max(of_pair)
        })
        .unwrap_or_default()
    }

    fn tell_estimate(&mut self, now: Instant, out: &mut VecDeque<Output>) {
        let Some(smoothed) = self.smoothed else {
            return;
        };
        let last = self.counters.peer.as_ref().and_then(|peer| peer.bwe_tx);
        let estimate = last.map_or(smoothed, |last| smoothed.min(last.as_u64()));
        let bps = self.brake.bound(estimate);
        let told = self.estimate.is_some_and(|(at, known)| {
            now < at + ESTIMATE_INTERVAL || bps.abs_diff(known) * 20 < known
        });
        if !told {
            self.estimate = Some((now, bps));
            out.push_back(Output::Event(Event::Estimate { bps }));
        }
    }
}

/// Whether ICE has a pair that works.
pub(super) fn is_connected(state: IceConnectionState) -> bool {
    matches!(
        state,
        IceConnectionState::Connected | IceConnectionState::Completed
    )
}

pub(super) fn set_ice(live: &mut Live, out: &mut VecDeque<Output>, state: IceState) {
    if live.ice != state {
        live.ice = state;
        out.push_back(Output::Event(Event::Ice { state }));
    }
}

/// There is somebody to check with.
pub(super) fn set_ice_checking(live: &mut Live, out: &mut VecDeque<Output>) {
    if matches!(live.ice, IceState::New | IceState::Failed) {
        set_ice(live, out, IceState::Checking);
    }
}

pub(super) fn set_dtls(live: &mut Live, out: &mut VecDeque<Output>, state: DtlsState) {
    if live.dtls != state {
        live.dtls = state;
        out.push_back(Output::Event(Event::Dtls { state }));
    }
}
