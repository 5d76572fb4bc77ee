//! A leg's frames, numbered and acknowledged, so that a call outlives its link.
//!
//! Numbers start at 1 and are delivered in order, each once. What is not acknowledged is sent again
//! after 1 s, 2 s, 4 s, 4 s …, and at once when a link to the peer opens. An end overtakes everything:
//! nothing said before it matters any more.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use super::timing::{RESEND_FIRST, RESEND_MOST};
use crate::protocol::{
    limits::{MAX_LEG_BYTES, MAX_LEG_WINDOW},
    link::LegBody,
    media::Signal,
};

/// Frames sent again at one time-out. The link below is TCP, which loses frames only by breaking, and
/// then all of them are sent again at the next link up.
const RESEND_AT_ONCE: usize = 8;
/// Places in the window that UIs can't fill, so that a ringing or an accept always fits.
const RESERVED: usize = 4;

/// A frame with its number.
pub(super) type Numbered = (u32, LegBody);

/// Both directions of one leg.
#[derive(Debug, Default)]
pub(super) struct Reliable {
    /// Number of the last frame sent.
    sent: u32,
    /// Not acknowledged yet, in order.
    unacked: VecDeque<Numbered>,
    /// Everything up to this number has been delivered.
    received: u32,
    /// Arrived before their turn.
    early: BTreeMap<u32, LegBody>,
    /// Something arrived that no frame of ours has acknowledged yet.
    ack_due: bool,
    resend: Option<Resend>,
}

#[derive(Debug, Clone, Copy)]
struct Resend {
    at: Instant,
    wait: Duration,
}

impl Resend {
    fn first(now: Instant) -> Self {
        Self {
            at: now + RESEND_FIRST,
            wait: RESEND_FIRST,
        }
    }
}

impl Reliable {
    /// Of a peer whose frames up to this number have been delivered already.
    pub(super) fn after(received: u32) -> Self {
        Self {
            received,
            ack_due: true,
            ..Self::default()
        }
    }

    /// Everything of the other side up to this number has arrived; for a frame about to be sent.
    pub(super) fn ack(&mut self) -> u32 {
        self.ack_due = false;
        self.received
    }

    /// Whether an acknowledgement is owed that no frame has carried.
    pub(super) fn is_ack_due(&self) -> bool {
        self.ack_due
    }

    /// Whether anything was ever sent.
    pub(super) fn has_spoken(&self) -> bool {
        self.sent > 0
    }

    /// Whether more was sent than the peer says it has received.
    pub(super) fn is_ahead_of(&self, ack: u32) -> bool {
        self.sent > ack
    }

    /// Whether everything sent has arrived.
    pub(super) fn is_settled(&self) -> bool {
        self.unacked.is_empty()
    }

    /// Whether a UI may say something more.
    pub(super) fn has_room(&self) -> bool {
        self.unacked.len() + RESERVED < MAX_LEG_WINDOW
            && self.unacked.iter().map(|(_, b)| size(b)).sum::<usize>() < MAX_LEG_BYTES
    }

    /// Numbers a frame, and keeps it until it is acknowledged.
    pub(super) fn push(&mut self, now: Instant, body: LegBody) -> Numbered {
        self.sent += 1;
        self.unacked.push_back((self.sent, body.clone()));
        self.resend.get_or_insert_with(|| Resend::first(now));
        (self.sent, body)
    }

    /// Forgets what has not arrived, as an end makes it void. An invitation may be kept, so that a
    /// callee who was out of reach for a moment learns that somebody called.
    pub(super) fn discard(&mut self, keep_invite: bool) {
        self.unacked
            .retain(|(_, body)| keep_invite && matches!(body, LegBody::Invite { .. }));
        self.early.clear();
        if self.unacked.is_empty() {
            self.resend = None;
        }
    }

    /// The other side has received everything up to `ack`.
    pub(super) fn handle_ack(&mut self, now: Instant, ack: u32) {
        if ack > self.sent {
            return; // Nothing an honest peer would say.
        }
        let before = self.unacked.len();
        self.unacked.retain(|(seq, _)| *seq > ack);
        if self.unacked.is_empty() {
            self.resend = None;
        } else if self.unacked.len() < before {
            self.resend = Some(Resend::first(now));
        }
    }

    /// Takes in a frame; [`Self::next`] gives out what is in turn.
    pub(super) fn receive(&mut self, seq: u32, body: LegBody) {
        if seq <= self.received {
            self.ack_due = true; // Our acknowledgement got lost.
            return;
        }
        let Some(ahead) = seq.checked_sub(self.received) else {
            return;
        };
        let held: usize = self.early.values().map(size).sum();
        let in_turn = ahead == 1;
        if in_turn || (ahead as usize <= MAX_LEG_WINDOW && held + size(&body) <= MAX_LEG_BYTES) {
            self.early.entry(seq).or_insert(body);
        }
        // A number far ahead is not acknowledged, only what is: that makes the peer start there.
        self.ack_due = true;
    }

    /// The next frame in turn.
    pub(super) fn next(&mut self) -> Option<LegBody> {
        let seq = self.received.checked_add(1)?;
        let body = self.early.remove(&seq)?;
        self.received = seq;
        Some(body)
    }

    /// An end arrived, in turn or not: nothing else will be delivered.
    pub(super) fn receive_end(&mut self, seq: u32) {
        self.early.clear();
        self.received = self.received.max(seq);
        self.ack_due = seq > 0;
    }

    /// What to send again because a link has opened: everything.
    pub(super) fn handle_link_up(&mut self, now: Instant) -> Vec<Numbered> {
        if self.unacked.is_empty() {
            return Vec::new();
        }
        self.resend = Some(Resend::first(now));
        self.unacked.iter().cloned().collect()
    }

    /// What to send again because its time has come.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Vec<Numbered> {
        let Some(resend) = self.resend.filter(|resend| resend.at <= now) else {
            return Vec::new();
        };
        let wait = (resend.wait * 2).min(RESEND_MOST);
        self.resend = Some(Resend {
            at: now + wait,
            wait,
        });
        self.unacked.iter().take(RESEND_AT_ONCE).cloned().collect()
    }

    /// When something is to be sent again.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.resend.map(|resend| resend.at)
    }
}

/// About how many bytes a body holds: only session descriptions and candidates are of any size.
fn size(body: &LegBody) -> usize {
    const SMALL: usize = 256;
    let signal = match body {
        LegBody::Invite { offer: signal, .. } | LegBody::Signal { signal } => signal,
        LegBody::Ringing | LegBody::Accept { .. } | LegBody::End { .. } | LegBody::Media { .. } => {
            return SMALL;
        }
    };
    SMALL
        + match signal {
            Signal::Offer { sdp, .. } | Signal::Answer { sdp, .. } => sdp.len(),
            Signal::Candidate { candidate, .. } => candidate.len(),
        }
}
