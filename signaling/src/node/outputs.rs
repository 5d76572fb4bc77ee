//! What the call machine and the roster want done.

use std::time::Instant;

use super::driver::Driver;
use crate::{
    call::{self, Output},
    protocol::{
        PeerId, UiId,
        limits::MAX_HISTORY,
        link::{LegFrame, LinkMessage},
        ui::{CallView, Event, HistoryEntry},
    },
    roster::RosterOutput,
};

impl Driver {
    /// Does what follows from who is there.
    pub(super) fn handle_roster_output(&mut self, now: Instant, output: RosterOutput) {
        match output {
            RosterOutput::Probe(node, addresses) => {
                if let Some(discovery) = &self.discovery {
                    discovery.probe(node, addresses);
                }
            }
            RosterOutput::Verify(peer) => {
                if let Some(discovery) = &self.discovery {
                    discovery.verify(&peer);
                }
            }
            RosterOutput::Search => {
                if let Some(discovery) = &self.discovery {
                    discovery.search();
                }
            }
            RosterOutput::Changed => self.roster_changed = true,
            RosterOutput::Gone(peer) => self.machine.handle_peer_gone(now, &peer),
            RosterOutput::AddressesChanged(node) => self.links.drop_links(&node),
        }
    }

    /// Does what follows from the calls.
    pub(super) fn handle_call_output(&mut self, now: Instant, output: Output) {
        match output {
            Output::Frame(frame) => self.send_frame(now, frame),
            Output::Changed { endpoint, call } => {
                for ui in self.seats.uis_of(&endpoint) {
                    if let Some(view) = self.machine.view(now, &endpoint, &call, ui) {
                        self.push_call(ui, view);
                    }
                }
            }
            Output::Signal {
                ui,
                call,
                from,
                signal,
            } => {
                self.push(ui, Event::Signal { call, from, signal });
            }
            Output::Ended { endpoint, record } => self.record(now, &endpoint, record),
        }
    }

    /// Shows a UI a call, and who is in it.
    pub(super) fn push_call(&mut self, ui: UiId, mut view: CallView) {
        for participant in &mut view.participants {
            participant.trust = self.store.trust(&participant.peer, &participant.name);
            participant.via = self.via(&participant.peer);
        }
        self.push(ui, Event::Call(view));
    }

    fn send_frame(&mut self, now: Instant, frame: LegFrame) {
        let node = frame.to.node();
        if node == self.owner.node() {
            self.machine.handle_frame(now, frame);
        } else {
            let addresses = self.roster.addresses(node);
            let node = node.clone();
            self.links
                .send(&node, &addresses, LinkMessage::Leg(Box::new(frame)));
        }
    }

    fn record(&mut self, now: Instant, endpoint: &PeerId, record: call::Record) {
        let entry = history_entry(now, record);
        if *endpoint == self.owner {
            if entry.talked_s.is_some() {
                self.store.talked(&entry.peer, &entry.name, entry.at_ms);
                self.roster_changed = true;
            }
            self.store.add_history(entry);
            self.save();
        } else if let Some(guest) = self.seats.guest_mut(endpoint) {
            guest.history.insert(0, entry);
            guest.history.truncate(MAX_HISTORY);
        }
        self.seats.owe_history(endpoint);
    }

    /// The recent calls of an endpoint.
    pub(super) fn history_of(&self, endpoint: &PeerId) -> Vec<HistoryEntry> {
        match self.seats.guest(endpoint) {
            Some(guest) => guest.history.clone(),
            None => self.store.history(),
        }
    }

    /// Tells the UIs that are to be told, and have read enough, the recent calls.
    pub(super) fn push_histories(&mut self) {
        for (ui, endpoint) in self.seats.settle_histories() {
            let entries = self.history_of(&endpoint);
            self.push(ui, Event::History { entries });
        }
    }
}

fn history_entry(now: Instant, record: call::Record) -> HistoryEntry {
    let wall = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    let ago = now.saturating_duration_since(record.started);
    let at_ms = wall.saturating_sub(ago).as_millis();
    HistoryEntry {
        call: record.call,
        peer: record.peer,
        name: record.card.name,
        kind: record.card.kind,
        direction: record.direction,
        video: record.video,
        end: record.end,
        at_ms: u64::try_from(at_ms).unwrap_or(u64::MAX),
        talked_s: record.talked.map(|talked| talked.as_secs()),
        missed: record.missed,
        seen: false,
    }
}
