//! The generated TypeScript types, and the formatters.

use std::path::PathBuf;

use crate::{
    error::Error,
    setup::{self, read_file},
    shell::{Workspace, show},
};

const GENERATED: &str = "ui/src/protocol/index.ts";

/// Writes the TypeScript types of the protocol.
pub(crate) fn write(workspace: &Workspace) -> Result<(), Error> {
    let dir = workspace.path(GENERATED);
    generate(workspace, dir.parent().map(PathBuf::from).unwrap_or(dir))
}

/// Fails if the TypeScript types are not those of the protocol.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Error> {
    let scratch = scratch(workspace);
    generate(workspace, scratch.clone())?;
    let fresh = read_file(&scratch.join("index.ts"))?;
    if fresh == read_file(&workspace.path(GENERATED))? {
        Ok(())
    } else {
        Err(Error::StaleTypes)
    }
}

/// Where types go that are only compared.
pub(crate) fn scratch(workspace: &Workspace) -> PathBuf {
    workspace.target().join("xtask/types")
}

/// Formats everything.
pub(crate) fn format(workspace: &Workspace) -> Result<(), Error> {
    show(&mut workspace.cargo(["fmt", "--all"]))?;
    for dir in ["ui", "tests"] {
        setup::npm(workspace, dir)?;
        show(&mut workspace.program(dir, "npm", ["run", "format"]))?;
    }
    Ok(())
}

fn generate(workspace: &Workspace, dir: PathBuf) -> Result<(), Error> {
    let package = [
        "test",
        "--quiet",
        "--locked",
        "-p",
        "lanline-signaling",
        "--lib",
    ];
    show(
        workspace
            .cargo(package)
            .arg("typescript_types")
            .env("LANLINE_TYPES_DIR", dir)
            .stdout(std::process::Stdio::null()),
    )
}
