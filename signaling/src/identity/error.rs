//! What can be wrong with a stored identity, and what to do about it.

use std::{io, path::PathBuf};

/// Why the identity can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The data directory can't be made or written.
    #[error(
        "cannot write to {}: {source}; make it writable, or choose another data directory",
        path.display()
    )]
    NotWritable {
        /// The directory or file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is there and can't be read.
    #[error(
        "cannot read {}: {source}; it should belong to you and have mode 0600",
        path.display()
    )]
    NotReadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others may read or change the key, so it may not be secret any more.
    #[error(
        "others can read {} (mode {mode:04o}); if nobody did, run chmod 600 on it, else move it away \
         to be given a new identity",
        path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The key file holds no key of the kind this program makes.
    #[error(
        "{} holds no usable key; restore it from a backup, or move it away to be given a new identity",
        path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
    },
    /// The system's random numbers or the cryptographic library failed.
    #[error("cannot make a key: {0}")]
    Generate(#[from] rcgen::Error),
    /// The TLS library refuses the key or the certificate.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}
