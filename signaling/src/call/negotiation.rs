//! The epochs of a leg's negotiation, and the offer that nobody has answered yet.

use crate::protocol::{ErrorCode, limits::MAX_PENDING_SIGNALS, media::Signal};

/// One leg's negotiation. Signals are passed on unread but for their epoch.
#[derive(Debug)]
pub(super) struct Negotiation {
    /// The highest epoch seen in either direction.
    epoch: u32,
    /// Whether this end is the callee, one of whose UIs answers before the person does.
    is_callee: bool,
    /// The participant's offer and candidates of this epoch, until a UI has answered them.
    unanswered: Vec<Signal>,
    is_answered: bool,
}

impl Negotiation {
    /// Of a call this endpoint makes, with an offer of its own.
    pub(super) fn offered() -> Self {
        Self {
            epoch: 0,
            is_callee: false,
            unanswered: Vec::new(),
            is_answered: true,
        }
    }

    /// Of a call that comes with an offer.
    pub(super) fn offered_with(offer: Signal) -> Self {
        Self {
            epoch: 0,
            is_callee: true,
            unanswered: vec![offer],
            is_answered: false,
        }
    }

    pub(super) fn is_polite(&self) -> bool {
        self.is_callee
    }

    pub(super) fn epoch(&self) -> u32 {
        self.epoch
    }

    /// What a UI needs that is now to answer; nothing if another has answered already.
    pub(super) fn unanswered(&self) -> &[Signal] {
        &self.unanswered
    }

    /// The call is over.
    pub(super) fn close(&mut self) {
        self.answered();
    }

    fn answered(&mut self) {
        self.unanswered.clear();
        self.is_answered = true;
    }

    /// The participant's signal: whether it is to be passed on. An honest end raises the epoch by one
    /// at a time, with an offer, knowing all epochs the other has told it of.
    pub(super) fn admit(&mut self, signal: &Signal) -> bool {
        let is_offer = matches!(signal, Signal::Offer { .. });
        let Some(ahead) = signal.epoch().checked_sub(self.epoch) else {
            return false;
        };
        if !signal.is_bounded() || ahead > u32::from(is_offer) {
            return false;
        }
        if ahead == 1 {
            self.epoch = signal.epoch();
            self.unanswered.clear();
            self.is_answered = !self.is_callee;
        }
        if !self.is_answered {
            if is_offer {
                self.unanswered.clear();
            }
            if self.unanswered.len() < MAX_PENDING_SIGNALS {
                self.unanswered.push(signal.clone());
            }
        }
        true
    }

    /// A UI's signal: whether it is to be sent. One of an earlier epoch is stale, not wrong: an offer
    /// of the participant has overtaken it.
    ///
    /// # Errors
    /// [`ErrorCode::TooLarge`]; [`ErrorCode::WrongState`] of an epoch that has not begun.
    pub(super) fn send(&mut self, signal: &Signal) -> Result<bool, ErrorCode> {
        if !signal.is_bounded() {
            return Err(ErrorCode::TooLarge);
        }
        let Some(ahead) = signal.epoch().checked_sub(self.epoch) else {
            return Ok(false);
        };
        match (signal, ahead) {
            (Signal::Offer { epoch, .. }, 1) => {
                self.epoch = *epoch;
                self.answered();
            }
            (Signal::Answer { .. }, 0) => self.answered(),
            (Signal::Offer { .. } | Signal::Candidate { .. }, 0) => {}
            (Signal::Offer { .. } | Signal::Answer { .. } | Signal::Candidate { .. }, _) => {
                return Err(ErrorCode::WrongState);
            }
        }
        Ok(true)
    }
}
