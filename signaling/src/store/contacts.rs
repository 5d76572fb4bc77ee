//! `contacts.json`: whom was talked to, so that a known name with another key can be told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Document;
use crate::protocol::{
    PeerId,
    limits::{MAX_CONTACTS, MAX_NAME_CHARS},
    name::name_key,
    ui::Trust,
};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Contacts {
    peers: BTreeMap<PeerId, Contact>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Contact {
    /// As it called itself the last time.
    name: String,
    first_ms: u64,
    last_ms: u64,
}

impl Document for Contacts {
    const NAME: &'static str = "contacts.json";
    const VERSION: u32 = 1;

    fn bound(&mut self) {
        self.peers
            .retain(|_, contact| contact.name.chars().count() <= MAX_NAME_CHARS);
        while self.peers.len() > MAX_CONTACTS {
            self.forget_oldest();
        }
    }
}

impl Contacts {
    pub(super) fn trust(&self, peer: &PeerId, name: &str) -> Trust {
        let key = name_key(name);
        let known = self.peers.get(peer);
        // People may change their names, but not into somebody else's without a word.
        if known.is_some_and(|contact| name_key(&contact.name) == key) {
            return Trust::Known;
        }
        // A guest comes back with another id, vouched for by the same node: that is no other key.
        let taken = self
            .peers
            .iter()
            .any(|(known, contact)| known.node() != peer.node() && name_key(&contact.name) == key);
        match (taken, known) {
            (true, _) => Trust::NameTaken,
            (false, Some(_)) => Trust::Known,
            (false, None) => Trust::New,
        }
    }

    pub(super) fn contain(&self, peer: &PeerId) -> bool {
        self.peers.contains_key(peer)
    }

    pub(super) fn talked(&mut self, peer: &PeerId, name: &str, at_ms: u64) {
        if let Some(contact) = self.peers.get_mut(peer) {
            name.clone_into(&mut contact.name);
            contact.last_ms = at_ms;
            return;
        }
        if self.peers.len() >= MAX_CONTACTS {
            self.forget_oldest();
        }
        self.peers.insert(
            peer.clone(),
            Contact {
                name: name.to_owned(),
                first_ms: at_ms,
                last_ms: at_ms,
            },
        );
    }

    fn forget_oldest(&mut self) {
        let oldest = self.peers.iter().min_by_key(|(_, c)| c.last_ms);
        if let Some(oldest) = oldest.map(|(peer, _)| peer.clone()) {
            self.peers.remove(&oldest);
        }
    }
}
