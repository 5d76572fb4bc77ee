//! When to ask one node for a sign of life, and when to stop believing in it.
//!
//! ```text
//!            time                 no answer
//!   Quiet ─────────▶ Asked ───────────────────▶ Doubted ──┐ time: verify and probe again
//!     ▲   probe        │     verify over mDNS      │  ▲   │
//!     └────evidence────┴───────────evidence────────┘  └───┘
//! ```
//!
//! The worst case: a node dies right after its last sign of life. [`QUIET`] + [`SPREAD`] until it is
//! asked, [`ANSWER`] until it is doubted, 2 s until mDNS gives up: 9 s, below the 10 s that are
//! promised. A probe answers within 1.5 s, so it is 8 s unless the driver is late.

use std::time::{Duration, Instant};

use crate::protocol::NodeId;

/// Silence after which a node is asked.
const QUIET: Duration = Duration::from_millis(3500);
/// Width of the window over which probes are spread.
const SPREAD: Duration = Duration::from_secs(1);
/// How long an answer may take; the probe itself gives up after 1.5 s.
const ANSWER: Duration = Duration::from_millis(2500);
/// When a doubted node is verified the second time.
const DOUBT: Duration = Duration::from_secs(3);
/// And from then on: a node that answers mDNS but not TCP is behind a firewall; 6 s + 2 s is soon
/// enough to notice its death, and half the traffic.
const DOUBT_LONGER: Duration = Duration::from_secs(6);

/// What is known of one node's life.
#[derive(Debug)]
pub(super) struct Liveness {
    state: State,
    /// Changes with each probe, so that two nodes don't stay in step.
    jitter: u64,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Quiet { until: Instant },
    Asked { until: Instant },
    Doubted { until: Instant },
}

/// What a node's deadline calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// Ask it.
    Probe,
    /// It did not answer.
    Verify,
    /// It still doesn't.
    Both,
}

impl Due {
    pub(super) fn probe(self) -> bool {
        matches!(self, Self::Probe | Self::Both)
    }

    pub(super) fn verify(self) -> bool {
        matches!(self, Self::Verify | Self::Both)
    }
}

impl Liveness {
    /// A node that `own` sees for the first time.
    pub(super) fn new(now: Instant, own: &NodeId, node: &NodeId) -> Self {
        // FNV-1a: any mixing does, as long as each pair of nodes gets another number.
        let jitter = [own, node]
            .iter()
            .flat_map(|id| id.as_str().bytes())
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        let mut liveness = Self {
            state: State::Quiet { until: now },
            jitter,
        };
        liveness.evidence(now);
        liveness
    }

    pub(super) fn due_at(&self) -> Instant {
        match self.state {
            State::Quiet { until } | State::Asked { until } | State::Doubted { until } => until,
        }
    }

    pub(super) fn is_doubted(&self) -> bool {
        match self.state {
            State::Doubted { .. } => true,
            State::Quiet { .. } | State::Asked { .. } => false,
        }
    }

    /// The node is alive.
    pub(super) fn evidence(&mut self, now: Instant) {
        // Knuth's 64-bit linear congruential step; its high bits are the random ones.
        self.jitter = self
            .jitter
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let spread = Duration::from_micros((self.jitter >> 32) % 1_000_000);
        debug_assert!(spread < SPREAD);
        self.state = State::Quiet {
            until: now + QUIET + spread,
        };
    }

    /// A probe failed. Whether that is news: then its peers are to be verified.
    pub(super) fn no_answer(&mut self, now: Instant) -> bool {
        match self.state {
            State::Quiet { .. } | State::Asked { .. } => {
                self.state = State::Doubted { until: now + DOUBT };
                true
            }
            State::Doubted { .. } => false,
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) -> Option<Due> {
        if now < self.due_at() {
            return None;
        }
        let (state, due) = match self.state {
            State::Quiet { .. } => (
                State::Asked {
                    until: now + ANSWER,
                },
                Due::Probe,
            ),
            State::Asked { .. } => (State::Doubted { until: now + DOUBT }, Due::Verify),
            State::Doubted { .. } => (
                State::Doubted {
                    until: now + DOUBT_LONGER,
                },
                Due::Both,
            ),
        };
        self.state = state;
        Some(due)
    }
}
