//! Which UI of the endpoint has the call.

use std::time::Instant;

use super::{
    Effects,
    leg::Transport,
    output::Output,
    state::{Call, State},
    timing,
};
use crate::protocol::{
    PeerId, UiId,
    link::LegBody,
    media::{MediaState, Signal},
};

impl Call {
    /// Rings at this endpoint, now that somebody can see it; `nominee` is the UI that may answer the
    /// offer before the person does.
    pub(super) fn ring(&mut self, fx: &mut Effects<'_>, is_visible: bool, nominee: Option<UiId>) {
        if is_visible && !self.has_rung {
            self.has_rung = true;
            self.send(fx, &LegBody::Ringing);
        }
        let nominated = self.holder.is_none() && nominee.is_some();
        if nominated {
            self.holder = nominee;
        }
        self.changed(fx);
        if nominated {
            self.replay(fx);
        }
    }

    /// The person takes an incoming call, in this UI; nothing when the UI is reloading (in a merge).
    pub(super) fn accept(&mut self, fx: &mut Effects<'_>, ui: Option<UiId>, media: MediaState) {
        let moves = self.holder != ui;
        if moves {
            self.holder = ui;
            for leg in self.legs.values_mut() {
                leg.transport = Transport::New;
            }
        }
        self.media = media;
        self.send(fx, &LegBody::Accept { media });
        self.accepted(fx);
        if moves {
            self.replay(fx);
        }
    }

    /// Gives the new holder the offers that nobody has answered.
    fn replay(&self, fx: &mut Effects<'_>) {
        for leg in self.legs.values() {
            for signal in leg.unanswered() {
                self.deliver(fx, leg.remote(), signal.clone());
            }
        }
    }

    /// Gives a participant's signal to the UI that holds the call. Without one it is dropped: the UI
    /// that comes makes a new peer connection, to which it doesn't belong.
    pub(super) fn deliver(&self, fx: &mut Effects<'_>, from: &PeerId, signal: Signal) {
        if let Some(ui) = self.holder {
            fx.out.push_back(Output::Signal {
                ui,
                call: self.id.clone(),
                from: from.clone(),
                signal,
            });
        }
    }

    /// A UI takes the call over, with a new peer connection.
    pub(super) fn take(&mut self, fx: &mut Effects<'_>, ui: UiId) {
        self.holder = Some(ui);
        self.grace_until = None;
        if let State::Connecting { until } = &mut self.state {
            *until = fx.now + timing::CONNECT;
        }
        self.interrupt(Some(fx.now + timing::INTERRUPTED));
        self.changed(fx);
    }

    /// The UI that held the call is gone.
    pub(super) fn release(&mut self, fx: &mut Effects<'_>, nominee: Option<UiId>) {
        self.holder = None;
        self.interrupt(None);
        if self.is_unanswered() {
            self.ring(fx, false, nominee);
        } else {
            self.grace_until = Some(fx.now + timing::GRACE);
            self.changed(fx);
        }
    }

    fn interrupt(&mut self, until: Option<Instant>) {
        let is_active = self.state == State::Active;
        for leg in self.legs.values_mut() {
            leg.interrupt(is_active, until);
        }
    }
}
