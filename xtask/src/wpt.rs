//! `cargo xtask wpt`: web-platform-tests in the window of the webrtc plugin's example app.

use std::{ffi::OsString, path::PathBuf};

use crate::{
    error::Error,
    setup::{self, Purpose},
    shell::{Workspace, progress, show},
    test::in_lab,
};

const REPOSITORY: &str = "https://github.com/web-platform-tests/wpt";
/// What the committed expectations were recorded with.
const COMMIT: &str = "a2b6dd730232ba1145cc2f27279bffa4c186bdc4";
/// The tests, and what they load.
const FOLDERS: &[&str] = &[
    "webrtc",
    "resources",
    "common",
    "interfaces",
    "mediacapture-streams",
];

/// What is asked for on the command line.
#[derive(Debug, Default)]
pub(crate) struct Options<'a> {
    /// A checkout; without one, it is fetched.
    from: Option<&'a str>,
    /// Whether what passes is recorded.
    update: bool,
    /// Part of the names of the files to run.
    filter: Option<&'a str>,
}

impl<'a> Options<'a> {
    /// Reads the arguments after `wpt`.
    pub(crate) fn read(arguments: &[&'a str]) -> Result<Self, Error> {
        let mut options = Self::default();
        let mut arguments = arguments.iter().copied();
        while let Some(argument) = arguments.next() {
            match argument {
                "--from" => options.from = Some(arguments.next().ok_or(Error::Usage)?),
                "--update" => options.update = true,
                _ if argument.starts_with("--") || options.filter.is_some() => {
                    return Err(Error::Usage);
                }
                filter => options.filter = Some(filter),
            }
        }
        Ok(options)
    }
}

/// Runs the tests, and fails where one that passed before does not.
pub(crate) fn run(workspace: &Workspace, options: &Options<'_>) -> Result<(), Error> {
    setup::node(workspace)?;
    setup::packages(workspace, Purpose::Tests)?;
    setup::npm(workspace, "ui")?;
    setup::npm(workspace, "tests")?;
    setup::npm(workspace, setup::EXAMPLE)?;
    setup::build_ui(workspace)?;
    setup::build_example(workspace)?;
    // The whole workspace, as the tests build it: Cargo would build the dependencies anew otherwise.
    progress(&mut workspace.cargo(["build", "--workspace", "--locked"]))?;
    let checkout = match options.from {
        Some(folder) => PathBuf::from(folder)
            .canonicalize()
            .map_err(|source| Error::File {
                path: folder.into(),
                source,
            })?,
        None => fetch(workspace)?,
    };
    let mut arguments: Vec<OsString> = vec!["tsx".into(), "wpt/run.ts".into(), checkout.into()];
    if options.update {
        arguments.push("--update".into());
    }
    arguments.extend(options.filter.map(OsString::from));
    show(in_lab(workspace).args(arguments))
}

/// Gets the pinned commit, and of it only what is needed.
fn fetch(workspace: &Workspace) -> Result<PathBuf, Error> {
    let folder = workspace.target().join(format!("wpt-{COMMIT}"));
    if folder.join("webrtc").exists() {
        return Ok(folder);
    }
    let git = |arguments: &[&str]| {
        let mut command = workspace.program("", "git", ["-C"]);
        command.arg(&folder).args(arguments);
        progress(&mut command)
    };
    std::fs::create_dir_all(&folder).map_err(|source| Error::File {
        path: folder.clone(),
        source,
    })?;
    git(&["init", "--quiet"])?;
    git(&[&["sparse-checkout", "set"], FOLDERS].concat())?;
    let fetch = ["fetch", "--quiet", "--depth=1", "--filter=blob:none"];
    git(&[&fetch[..], &[REPOSITORY, COMMIT]].concat())?;
    git(&["checkout", "--quiet", "FETCH_HEAD"])?;
    Ok(folder)
}
