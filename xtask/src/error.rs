//! What can go wrong, in sentences that say what to do next.

use std::{fmt, io, path::PathBuf};

use crate::USAGE;

#[derive(Debug)]
pub(crate) enum Error {
    /// The command line is not one of ours.
    Usage,
    /// A program that must be there already is missing.
    Missing {
        program: &'static str,
        advice: &'static str,
    },
    /// A program could not be started.
    Start { line: String, source: io::Error },
    /// A program ended with an error.
    Failed { line: String, status: String },
    /// A file could not be read or written.
    File { path: PathBuf, source: io::Error },
    /// A program's report is not what it should be.
    Report { path: PathBuf },
    /// The generated TypeScript types differ from the Rust ones.
    StaleTypes,
    /// A step failed, and has said how.
    Steps,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage => f.write_str(USAGE),
            Self::Missing { program, advice } => write!(f, "there is no `{program}`: {advice}"),
            Self::Start { line, source } => write!(f, "`{line}` could not be started: {source}"),
            Self::Failed { line, status } => write!(f, "`{line}` failed ({status})"),
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Report { path } => write!(f, "{} can't be understood", path.display()),
            Self::StaleTypes => f.write_str(
                "ui/src/protocol/index.ts differs from the Rust types: run `cargo xtask types` and \
                 commit what it writes",
            ),
            Self::Steps => f.write_str("a step failed"),
        }
    }
}
