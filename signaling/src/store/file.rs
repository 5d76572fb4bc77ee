//! One JSON file: read once, kept in memory, replaced whole.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Mutex,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{StoreError, dir::create_private, lock};

/// Largest file that is read; full ones of ours stay below 0.3 MiB.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;
/// Files of one name kept aside; further ones replace the last.
const MAX_KEPT_ASIDE: u32 = 100;

/// What a file holds.
pub(super) trait Document: Default + Serialize + DeserializeOwned {
    /// Its name in the data directory.
    const NAME: &'static str;
    /// The newest version this program understands.
    const VERSION: u32;

    /// Brings what was read within the bounds.
    fn bound(&mut self);
}

/// A document as it is written. Fields of later versions of the program that are of the same `version`
/// are kept.
#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    version: u32,
    #[serde(flatten)]
    document: T,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Debug)]
pub(super) struct File<T> {
    path: PathBuf,
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    document: T,
    rest: Map<String, Value>,
    /// Changes made, and how many of them are on disk.
    changes: u64,
    saved: u64,
}

impl<T: Document> File<T> {
    /// Reads the file; whether it had to be kept aside because it could not be understood.
    pub(super) fn open(dir: &Path) -> Result<(Self, bool), StoreError> {
        let path = dir.join(T::NAME);
        let (document, rest, lost) = match read(&path)? {
            None => (T::default(), Map::new(), false),
            Some(bytes) => match parse::<T>(&bytes) {
                Some((document, rest)) => (document, rest, false),
                None => {
                    keep_aside(&path)?;
                    (T::default(), Map::new(), true)
                }
            },
        };
        let state = Mutex::new(State {
            document,
            rest,
            changes: 0,
            saved: 0,
        });
        Ok((Self { path, state }, lost))
    }

    pub(super) fn read<R>(&self, with: impl FnOnce(&T) -> R) -> R {
        with(&lock(&self.state).document)
    }

    pub(super) fn change<R>(&self, with: impl FnOnce(&mut T) -> R) -> R {
        let mut state = lock(&self.state);
        state.changes += 1;
        with(&mut state.document)
    }

    /// Writes the file if it has changed. Called by one thread at a time.
    pub(super) fn save(&self) -> Result<(), StoreError> {
        let (text, changes) = {
            let mut state = lock(&self.state);
            if state.saved == state.changes {
                return Ok(());
            }
            let envelope = Envelope {
                version: T::VERSION,
                document: std::mem::take(&mut state.document),
                rest: std::mem::take(&mut state.rest),
            };
            let text = serde_json::to_vec_pretty(&envelope);
            (state.document, state.rest) = (envelope.document, envelope.rest);
            (text, state.changes)
        };
        let written = text
            .map_err(io::Error::from)
            .and_then(|text| replace(&self.path, &text));
        written.map_err(|source| StoreError::NotWritable {
            path: self.path.clone(),
            source,
        })?;
        lock(&self.state).saved = changes;
        Ok(())
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    let read = fs::File::open(path).and_then(|file| {
        let mut bytes = Vec::new();
        // One byte more than allowed makes it too large for `parse`.
        file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    match read {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::NotReadable {
            path: path.to_owned(),
            source,
        }),
    }
}

fn parse<T: Document>(bytes: &[u8]) -> Option<(T, Map<String, Value>)> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return None;
    }
    let mut envelope: Envelope<T> = serde_json::from_slice(bytes).ok()?;
    if envelope.version > T::VERSION {
        return None;
    }
    envelope.document.bound();
    Some((envelope.document, envelope.rest))
}

fn keep_aside(path: &Path) -> Result<(), StoreError> {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let mut aside = PathBuf::new();
    for attempt in 0..MAX_KEPT_ASIDE {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".corrupt-{seconds}"));
        if attempt > 0 {
            name.push(format!("-{attempt}"));
        }
        aside = PathBuf::from(name);
        if !aside.exists() {
            break;
        }
    }
    fs::rename(path, &aside).map_err(|source| StoreError::NotWritable {
        path: path.to_owned(),
        source,
    })
}

/// Writes a file beside the old one and renames it over it, so that a crash leaves one of the two.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let new = path.with_extension("json.new");
    let mut file = create_private(&new)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    // The rename itself is durable only once the directory is; not every system can sync one.
    if cfg!(unix)
        && let Some(dir) = path.parent()
    {
        fs::File::open(dir)?.sync_all()?;
    }
    Ok(())
}
