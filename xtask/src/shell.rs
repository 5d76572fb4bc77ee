//! Running programs in the workspace.

use std::{
    ffi::OsStr,
    fs::File,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::error::Error;

/// The root of the repository.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self, Error> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let root = here.canonicalize().map_err(|source| Error::File {
            path: here.clone(),
            source,
        })?;
        Ok(Self { root })
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Cargo's target directory.
    pub(crate) fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.path("target"), PathBuf::from)
    }

    /// A program to be run in a directory of the workspace.
    pub(crate) fn program<S: AsRef<OsStr>>(
        &self,
        dir: &str,
        program: &str,
        args: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path(dir)).args(args);
        command
    }

    pub(crate) fn cargo<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        self.program("", "cargo", args)
    }
}

/// Runs a program to its end, with our own input and output.
pub(crate) fn show(command: &mut Command) -> Result<(), Error> {
    println!("$ {}", line(command));
    finish(command)
}

/// Runs a program to its end as [`show`] does, but leaves standard output to the command's own
/// result.
pub(crate) fn progress(command: &mut Command) -> Result<(), Error> {
    eprintln!("$ {}", line(command));
    finish(command.stdout(std::io::stderr()))
}

/// Runs a program to its end, with its output in a file.
pub(crate) fn log(command: &mut Command, path: &Path) -> Result<(), Error> {
    let file_error = |source| Error::File {
        path: path.to_owned(),
        source,
    };
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(file_error)?;
    }
    let out = File::options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(file_error)?;
    let err = out.try_clone().map_err(file_error)?;
    finish(command.stdin(Stdio::null()).stdout(out).stderr(err))
}

/// Runs a program to its end, and returns what it wrote on standard output.
pub(crate) fn read(command: &mut Command) -> Result<String, Error> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| start_error(command, source))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Error::Failed {
            line: line(command),
            status: output.status.to_string(),
        })
    }
}

fn finish(command: &mut Command) -> Result<(), Error> {
    let status = command
        .status()
        .map_err(|source| start_error(command, source))?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::Failed {
            line: line(command),
            status: status.to_string(),
        })
    }
}

fn start_error(command: &Command, source: std::io::Error) -> Error {
    Error::Start {
        line: line(command),
        source,
    }
}

/// The command as it would be typed.
fn line(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
