//! `history.json`: the recent calls.

use serde::{Deserialize, Serialize};

use super::Document;
use crate::protocol::{PeerId, limits::MAX_HISTORY, ui::HistoryEntry};

/// Oldest first, as they were added.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct History {
    calls: Vec<HistoryEntry>,
}

impl Document for History {
    const NAME: &'static str = "history.json";
    const VERSION: u32 = 1;

    fn bound(&mut self) {
        let excess = self.calls.len().saturating_sub(MAX_HISTORY);
        self.calls.drain(..excess);
    }
}

impl History {
    pub(super) fn entries(&self) -> Vec<HistoryEntry> {
        self.calls.iter().rev().cloned().collect()
    }

    /// Adds a call; for want of room the oldest goes. Calls of strangers that were missed go before it,
    /// but the new one stays: nobody loses more than one of their calls to however many of them.
    pub(super) fn add(&mut self, entry: HistoryEntry, is_contact: impl Fn(&PeerId) -> bool) {
        if self.calls.len() >= MAX_HISTORY {
            let stray = |call: &HistoryEntry| call.missed && !is_contact(&call.peer);
            let goes = self.calls.iter().position(stray).unwrap_or_default();
            self.calls.remove(goes);
        }
        self.calls.push(entry);
    }

    pub(super) fn seen(&mut self) {
        for call in &mut self.calls {
            call.seen = true;
        }
    }

    pub(super) fn clear(&mut self) {
        self.calls.clear();
    }
}
