//! How a UI gets its seat and loses it.

use std::time::Instant;

use super::{driver::Driver, seats::Taken};
use crate::{
    inbox::{EventSender, Origin},
    protocol::{
        ErrorCode, UiId, name,
        ui::{Attach, Event, Role},
    },
};

impl Driver {
    /// Gives a UI a seat, and tells it all there is to know.
    pub(super) fn attach(
        &mut self,
        now: Instant,
        attach: &Attach,
        origin: Origin,
        events: EventSender,
    ) -> Result<UiId, ErrorCode> {
        let taken = match attach.role {
            Role::Owner => match origin {
                Origin::Device => self.seats.take_owner(attach.resume.as_ref(), events)?,
                Origin::Network => return Err(ErrorCode::NotOwner),
            },
            Role::Guest => {
                let name = attach
                    .name
                    .as_deref()
                    .map_or(Ok("Guest".to_owned()), name::clean_name)?;
                self.seats
                    .take_guest(name, attach.kind, attach.resume.as_ref(), events)?
            }
        };
        if let Some(old) = taken.replaced {
            self.push(old, Event::Replaced);
            self.detach(now, old);
        }
        self.welcome(now, &taken);
        self.machine
            .handle_attached(now, &taken.endpoint, taken.ui, attach.webrtc);
        Ok(taken.ui)
    }

    fn welcome(&mut self, now: Instant, taken: &Taken) {
        let Taken {
            ui,
            endpoint,
            guest,
            token,
            ..
        } = taken;
        // The announcement tells this UI's own arrival to the others; it must not tell it to itself.
        self.announce();
        let first = [
            Event::Welcome {
                token: token.expose().to_owned(),
                endpoint: guest.clone(),
            },
            Event::Me(self.me(endpoint)),
            Event::Notices {
                codes: self.notices.iter().copied().collect(),
            },
            Event::Roster {
                peers: self.peers_for(endpoint),
            },
            Event::History {
                entries: self.history_of(endpoint),
            },
        ];
        for event in first {
            self.push(*ui, event);
        }
        for view in self.machine.views(now, endpoint, *ui) {
            self.push_call(*ui, view);
        }
        self.seats.owe_roster(Some(*ui));
    }

    /// Takes a UI's seat back.
    pub(super) fn detach(&mut self, now: Instant, ui: UiId) {
        let in_call = self
            .seats
            .endpoint(ui)
            .is_some_and(|endpoint| self.machine.is_busy(endpoint));
        if let Some(endpoint) = self.seats.leave(now, ui, in_call) {
            self.machine.handle_detached(now, &endpoint, ui);
        }
    }
}
