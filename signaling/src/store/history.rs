//! `history.json`: the recent calls.

use serde::{Deserialize, Serialize};

use super::Document;
use crate::protocol::{limits::MAX_HISTORY, ui::HistoryEntry};

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

    pub(super) fn add(&mut self, entry: HistoryEntry) {
        self.calls.push(entry);
        self.bound();
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
