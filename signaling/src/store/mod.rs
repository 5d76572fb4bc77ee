//! What outlives a run: the settings, the people talked to, the recent calls.
//!
//! Everything is in memory; changes are made there at once and never fail. [`Store::save`] alone
//! touches the disk: call it where blocking is allowed (`spawn_blocking`), after a change. A file is
//! replaced whole, so that a crash leaves the old one or the new one.

mod contacts;
mod dir;
mod file;
mod history;
mod settings;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::protocol::{
    NoticeCode, PeerId,
    ui::{HistoryEntry, Trust},
};
use contacts::Contacts;
pub use dir::default_dir;
use file::{Document, File};
use history::History;
use settings::Settings;

/// Why the data directory can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The directory can't be made.
    #[error("cannot make the data directory {path}: {source}")]
    NotCreated {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file in it can't be written.
    #[error("cannot write {path}: {source}")]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another node uses it.
    #[error("another Lanline uses {path}: close it, or choose another data directory")]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// A file in it is there, and can't be read.
    #[error("cannot read {path}: {source}")]
    NotReadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The store of one node. All methods but [`Store::open`] and [`Store::save`] only touch memory.
#[derive(Debug)]
pub struct Store {
    settings: File<Settings>,
    contacts: File<Contacts>,
    history: File<History>,
    /// Held while saving: a later save must not be overtaken by an earlier one.
    saving: Mutex<()>,
    /// Keeps other nodes out; see [`dir::prepare`].
    _in_use: fs::File,
}

impl Store {
    /// Opens the data directory, made with mode 0700 if it isn't there. A file that can't be
    /// understood is renamed to `NAME.corrupt-SECONDS` and replaced by the defaults, which the notices
    /// tell. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] if the directory or a file in it can't be made, read or written.
    pub fn open(dir: &Path) -> Result<(Self, Vec<NoticeCode>), StoreError> {
        let in_use = dir::prepare(dir)?;
        let (settings, settings_lost) = File::open(dir)?;
        let (contacts, contacts_lost) = File::open(dir)?;
        let (history, history_lost) = File::open(dir)?;
        let store = Self {
            settings,
            contacts,
            history,
            saving: Mutex::new(()),
            _in_use: in_use,
        };
        let mut notices = Vec::new();
        if settings_lost {
            notices.push(NoticeCode::SettingsCorrupt);
        }
        // Who was talked to is part of the history to a person, so one notice stands for both.
        if contacts_lost || history_lost {
            notices.push(NoticeCode::HistoryCorrupt);
        }
        Ok((store, notices))
    }

    /// Writes what has changed since the last time. Blocks for some milliseconds.
    ///
    /// # Errors
    /// [`StoreError::NotWritable`]; what could not be written is tried again by the next call.
    pub fn save(&self) -> Result<(), StoreError> {
        let _saving = lock(&self.saving);
        let results = [
            self.settings.save(),
            self.contacts.save(),
            self.history.save(),
        ];
        results.into_iter().collect()
    }

    /// The name the person chose.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        self.settings.read(|settings| settings.name.clone())
    }

    /// Keeps a name, which [`crate::protocol::name::clean_name`] has cleaned.
    pub fn set_name(&self, name: String) {
        self.settings.change(|settings| settings.name = Some(name));
    }

    /// Whose calls are refused.
    #[must_use]
    pub fn blocked(&self) -> BTreeSet<PeerId> {
        self.settings.read(|settings| settings.blocked.clone())
    }

    /// Refuses a peer's calls, or takes them again. Whether there was room for it.
    pub fn set_blocked(&self, peer: &PeerId, blocked: bool) -> bool {
        self.settings
            .change(|settings| settings.set_blocked(peer, blocked))
    }

    /// Whether a peer and its name fit whom was talked to before.
    #[must_use]
    pub fn trust(&self, peer: &PeerId, name: &str) -> Trust {
        self.contacts.read(|contacts| contacts.trust(peer, name))
    }

    /// A peer was talked to, at this time in milliseconds since the Unix epoch.
    pub fn talked(&self, peer: &PeerId, name: &str, at_ms: u64) {
        self.contacts
            .change(|contacts| contacts.talked(peer, name, at_ms));
    }

    /// The recent calls, newest first.
    #[must_use]
    pub fn history(&self) -> Vec<HistoryEntry> {
        self.history.read(History::entries)
    }

    /// Adds a call that has ended; when there are [`crate::protocol::limits::MAX_HISTORY`] one goes: the
    /// oldest that was missed of somebody who was never talked to, or else the oldest.
    pub fn add_history(&self, entry: HistoryEntry) {
        self.contacts.read(|contacts| {
            let is_contact = |peer: &PeerId| contacts.contain(peer);
            self.history
                .change(|history| history.add(entry, is_contact));
        });
    }

    /// All missed calls have been looked at.
    pub fn history_seen(&self) {
        self.history.change(History::seen);
    }

    /// Forgets all calls, but not whom was talked to: that is what [`Self::trust`] rests on.
    pub fn clear_history(&self) {
        self.history.change(History::clear);
    }
}

/// A panic of another holder leaves the data whole: each change is one assignment or a bounded few.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
