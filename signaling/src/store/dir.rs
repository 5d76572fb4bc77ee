//! Where the data is kept.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::StoreError;

/// Folder of Lanline in the system's place for such data.
const FOLDER: &str = "lanline";

/// Locked while a node uses the directory.
const LOCK: &str = "lock";

/// The system's place for this application's data: `$XDG_DATA_HOME/lanline` or
/// `~/.local/share/lanline` (XDG Base Directory Specification 0.8), `~/Library/Application
/// Support/lanline`, `%APPDATA%\lanline`. Nothing if the environment names no such place.
#[must_use]
pub fn default_dir() -> Option<PathBuf> {
    // The specification has relative paths ignored.
    let absolute = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = if cfg!(target_os = "windows") {
        absolute("APPDATA")
    } else if cfg!(any(target_os = "macos", target_os = "ios")) {
        absolute("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
    };
    base.map(|base| base.join(FOLDER))
}

/// Makes the directory, finds out now rather than at the first call whether it can be written, and
/// keeps every other node out of it for as long as the file returned is open: two nodes with one key
/// would be one peer in two places, and undo each other's writes.
pub(super) fn prepare(dir: &Path) -> Result<fs::File, StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(dir)
        .map_err(|source| StoreError::NotCreated {
            path: dir.to_owned(),
            source,
        })?;
    let path = dir.join(LOCK);
    let opened = create_private(&path).and_then(|mut file| {
        file.write_all(b"x")?;
        Ok(file)
    });
    let file = match opened {
        Ok(file) => file,
        Err(source) => return Err(StoreError::NotWritable { path, source }),
    };
    match file.try_lock() {
        // A file system without locks (some network ones) is no reason not to start.
        Ok(()) | Err(fs::TryLockError::Error(_)) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(StoreError::InUse {
            path: dir.to_owned(),
        }),
    }
}

/// Creates or truncates a file that only its owner may read.
pub(super) fn create_private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
