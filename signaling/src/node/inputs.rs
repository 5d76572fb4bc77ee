//! What the driver is told, by UIs, links, discovery and the disk.

use std::{net::IpAddr, time::Instant};

use super::driver::{Driver, Saving};
use crate::{
    inbox::Input,
    protocol::{EndReason, ErrorCode, NodeId, NoticeCode, link::LinkMessage, ui::Event},
};

impl Driver {
    /// Takes one input in; what follows from it is left to [`Driver::settle`].
    pub(super) fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Attach {
                attach,
                origin,
                events,
                reply,
            } => {
                let seat = self.attach(now, &attach, origin, events);
                if let Err(Ok(ui)) = reply.send(seat) {
                    // It went away while it was seated, and doesn't know the number to leave with.
                    self.detach(now, ui);
                }
            }
            Input::Detach { ui } => self.detach(now, ui),
            Input::Command { ui, command, reply } => {
                let done = self.command(now, ui, command);
                let _ = reply.send(done);
            }
            Input::LinkUp { node } => {
                self.roster.handle_link_activity(now, &node);
                self.machine.handle_link_up(now, &node);
            }
            Input::LinkMessage { node, message } => self.handle_link_message(now, &node, message),
            Input::LinkDown { node } => self.look_after(&node),
            Input::LinkFailed { node, code } => {
                if let Some(code) = code {
                    tracing::warn!(%node, %code, "no link to a node");
                }
                match code.and_then(refusal) {
                    Some(reason) => self.machine.handle_link_refused(now, &node, reason),
                    None => self.machine.handle_link_failed(now, &node),
                }
            }
            Input::Seen(sighting) => self.roster.handle_seen(now, sighting),
            Input::Gone(peer) => self.roster.handle_gone(now, &peer),
            Input::Probed { node, alive } => self.roster.handle_probed(now, &node, alive),
            Input::Addresses(addresses) => self.handle_addresses(addresses),
            Input::Saved(saved) => {
                let again = self.saving == Saving::RunningAndStale;
                self.saving = Saving::Idle;
                self.note(NoticeCode::NotSaved, !saved);
                if again {
                    self.save();
                }
            }
            Input::DiscoveryHealth(healthy) => self.note(NoticeCode::DiscoveryFailed, !healthy),
        }
    }

    fn handle_link_message(&mut self, now: Instant, node: &NodeId, message: LinkMessage) {
        self.roster.handle_link_activity(now, node);
        match message {
            LinkMessage::Leg(frame) => {
                if frame.to.node() == self.owner.node() && frame.from.node() == node {
                    self.machine.handle_frame(now, *frame);
                }
            }
            // A node that shuts down ends its calls first, and says goodbye on mDNS itself.
            LinkMessage::Goodbye => self.look_after(node),
            LinkMessage::Hello { .. } => {}
            LinkMessage::Error { code } => tracing::warn!(%node, %code, "a node refused a message"),
        }
    }

    /// Something happened to a node: see whether it is still there.
    fn look_after(&self, node: &NodeId) {
        let addresses = self.roster.addresses(node);
        if let Some(discovery) = &self.discovery
            && !addresses.is_empty()
        {
            discovery.probe(node.clone(), addresses);
        }
    }

    fn handle_addresses(&mut self, addresses: Vec<IpAddr>) {
        if addresses == self.addresses {
            return;
        }
        self.addresses = addresses;
        self.note(NoticeCode::NoNetwork, self.addresses.is_empty());
        // Connections from an address that is gone would only be noticed by their time-out.
        self.links.drop_all();
        self.push_me();
        for ui in self.seats.all_uis() {
            self.push(ui, Event::NetworkChanged);
        }
    }
}

/// The ending of a call to a node with which a link can't ever be.
fn refusal(code: ErrorCode) -> Option<EndReason> {
    if code == ErrorCode::WrongKey {
        Some(EndReason::WrongKey)
    } else if code == ErrorCode::IncompatibleVersion {
        Some(EndReason::Incompatible)
    } else {
        None
    }
}
