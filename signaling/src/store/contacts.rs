//! `contacts.json`: whom was talked to, so that a known name with another key can be told.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Who goes by a name, by its [`name_key`]: each of a full roster is looked up with each change of it.
    #[serde(skip)]
    names: BTreeMap<String, BTreeSet<PeerId>>,
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
        self.names.clear();
        for (peer, contact) in &self.peers {
            let namesakes = self.names.entry(name_key(&contact.name)).or_default();
            namesakes.insert(peer.clone());
        }
    }
}

impl Contacts {
    pub(super) fn trust(&self, peer: &PeerId, name: &str) -> Trust {
        let is_known = self.contain(peer);
        let Some(namesakes) = self.names.get(&name_key(name)) else {
            return if is_known { Trust::Known } else { Trust::New };
        };
        // People may change their names, but not into somebody else's without a word.
        if namesakes.contains(peer) {
            return Trust::Known;
        }
        // A guest comes back with another id, vouched for by the same node: that is no other key.
        let taken = namesakes.iter().any(|known| known.node() != peer.node());
        match (taken, is_known) {
            (true, _) => Trust::NameTaken,
            (false, true) => Trust::Known,
            (false, false) => Trust::New,
        }
    }

    pub(super) fn contain(&self, peer: &PeerId) -> bool {
        self.peers.contains_key(peer)
    }

    pub(super) fn talked(&mut self, peer: &PeerId, name: &str, at_ms: u64) {
        let first_ms = self.forget(peer).map_or(at_ms, |known| known.first_ms);
        if self.peers.len() >= MAX_CONTACTS {
            self.forget_oldest();
        }
        let namesakes = self.names.entry(name_key(name)).or_default();
        namesakes.insert(peer.clone());
        self.peers.insert(
            peer.clone(),
            Contact {
                name: name.to_owned(),
                first_ms,
                last_ms: at_ms,
            },
        );
    }

    fn forget_oldest(&mut self) {
        let oldest = self.peers.iter().min_by_key(|(_, c)| c.last_ms);
        if let Some(oldest) = oldest.map(|(peer, _)| peer.clone()) {
            self.forget(&oldest);
        }
    }

    fn forget(&mut self, peer: &PeerId) -> Option<Contact> {
        let contact = self.peers.remove(peer)?;
        let key = name_key(&contact.name);
        if let Some(namesakes) = self.names.get_mut(&key) {
            namesakes.remove(peer);
            if namesakes.is_empty() {
                self.names.remove(&key);
            }
        }
        Some(contact)
    }
}
