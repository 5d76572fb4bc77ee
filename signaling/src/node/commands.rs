//! What a UI can ask for, done.

use std::time::Instant;

use super::driver::Driver;
use crate::{
    call::Place,
    protocol::{ErrorCode, PeerId, UiId, link::Card, name::clean_name, ui::Command},
};

impl Driver {
    /// Does one command of a UI.
    pub(super) fn command(
        &mut self,
        now: Instant,
        ui: UiId,
        command: Command,
    ) -> Result<(), ErrorCode> {
        let endpoint = self
            .seats
            .endpoint(ui)
            .ok_or(ErrorCode::NotAttached)?
            .clone();
        match command {
            Command::Place {
                call,
                to,
                video,
                media,
                offer,
            } => {
                let to_card = self.card(&to).ok_or(ErrorCode::UnknownPeer)?;
                let my_card = self.card(&endpoint).ok_or(ErrorCode::NotAttached)?;
                let place = Place {
                    call,
                    to,
                    to_card,
                    my_card,
                    video,
                    media,
                    offer,
                };
                self.machine.place(now, &endpoint, ui, place)
            }
            Command::Accept { call, media } => {
                self.machine.accept(now, &endpoint, ui, &call, media)
            }
            Command::Decline { call } => self.machine.decline(now, &endpoint, &call),
            Command::HangUp { call } => self.machine.hang_up(now, &endpoint, &call),
            Command::Take { call } => self.machine.take(now, &endpoint, ui, &call),
            Command::Signal { call, to, signal } => {
                self.machine.signal(now, &endpoint, ui, &call, &to, signal)
            }
            Command::Media { call, media } => self.machine.media(now, &endpoint, ui, &call, media),
            Command::Transport { call, peer, state } => self
                .machine
                .transport(now, &endpoint, ui, &call, &peer, state),
            Command::SetName { name } => self.set_name(&endpoint, &name),
            Command::SetBlocked { peer, blocked } => self.set_blocked(&endpoint, &peer, blocked),
            Command::HistorySeen => {
                self.history_seen(&endpoint);
                Ok(())
            }
            Command::ClearHistory => {
                self.clear_history(&endpoint);
                Ok(())
            }
        }
    }

    fn card(&self, peer: &PeerId) -> Option<Card> {
        if let Some(local) = self.announced.get(peer) {
            return Some(Card {
                name: local.name.clone(),
                kind: local.kind,
            });
        }
        let seen = self.roster.get(peer)?;
        Some(Card {
            name: seen.name.clone(),
            kind: seen.kind,
        })
    }

    fn set_name(&mut self, endpoint: &PeerId, wanted: &str) -> Result<(), ErrorCode> {
        let name = clean_name(wanted)?;
        if let Some(guest) = self.seats.guest_mut(endpoint) {
            guest.name = name;
            // The others learn of it with the roster, which is told no more often than they can
            // read: a guest that renames itself all the time must not cost them their seats.
            self.push_me_to(endpoint);
        } else {
            self.name.clone_from(&name);
            self.store.set_name(name);
            self.save();
            self.push_me();
        }
        Ok(())
    }

    fn set_blocked(
        &mut self,
        endpoint: &PeerId,
        peer: &PeerId,
        blocked: bool,
    ) -> Result<(), ErrorCode> {
        if *endpoint != self.owner {
            return Err(ErrorCode::NotOwner);
        }
        let is_known = self.card(peer).is_some()
            || self.store.history().iter().any(|entry| entry.peer == *peer);
        if blocked && !is_known {
            return Err(ErrorCode::UnknownPeer);
        }
        if !self.store.set_blocked(peer, blocked) {
            return Err(ErrorCode::AtCapacity);
        }
        if !blocked {
            // A guest may be blocked with the owner of its node, and is to be heard again.
            let owner = PeerId::owner(peer.node().clone());
            self.store.set_blocked(&owner, false);
        }
        self.save();
        self.machine.set_blocked(self.store.blocked());
        self.roster_is_stale();
        Ok(())
    }

    fn history_seen(&mut self, endpoint: &PeerId) {
        if let Some(guest) = self.seats.guest_mut(endpoint) {
            guest.history.iter_mut().for_each(|entry| entry.seen = true);
        } else {
            self.store.history_seen();
            self.save();
        }
        self.seats.owe_history(endpoint);
    }

    fn clear_history(&mut self, endpoint: &PeerId) {
        if let Some(guest) = self.seats.guest_mut(endpoint) {
            guest.history.clear();
        } else {
            self.store.clear_history();
            self.save();
        }
        self.seats.owe_history(endpoint);
    }
}
