//! `settings.json`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Document;
use crate::protocol::{PeerId, limits::MAX_BLOCKED, name::clean_name};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Settings {
    pub(super) name: Option<String>,
    pub(super) blocked: BTreeSet<PeerId>,
}

impl Document for Settings {
    const NAME: &'static str = "settings.json";
    const VERSION: u32 = 1;

    fn bound(&mut self) {
        // Edited by hand, perhaps.
        self.name = self.name.take().and_then(|name| clean_name(&name).ok());
        while self.blocked.len() > MAX_BLOCKED {
            self.blocked.pop_last();
        }
    }
}

impl Settings {
    pub(super) fn set_blocked(&mut self, peer: &PeerId, blocked: bool) -> bool {
        if !blocked {
            self.blocked.remove(peer);
            return true;
        }
        if self.blocked.len() >= MAX_BLOCKED && !self.blocked.contains(peer) {
            return false;
        }
        self.blocked.insert(peer.clone());
        true
    }
}
