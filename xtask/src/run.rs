//! `cargo xtask run`: Lanline, built and started.

use crate::{
    error::Error,
    setup::{self, Purpose},
    shell::{Workspace, show},
};

/// Builds and starts the app where there is a display, else the headless node.
pub(crate) fn run(workspace: &Workspace, args: &[&str]) -> Result<(), Error> {
    let has_display = ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    setup::node(workspace)?;
    let purpose = if has_display {
        Purpose::App
    } else {
        Purpose::Node
    };
    setup::packages(workspace, purpose)?;
    setup::npm(workspace, "ui")?;
    println!("the UI is built");
    setup::build_ui(workspace)?;
    let mut program = if has_display {
        workspace.cargo(["run", "--locked", "--bin", "lanline", "--"])
    } else {
        println!("no display: the headless node starts; open the address it prints in a browser");
        let node = ["run", "--locked", "-p", "lanline-signaling"];
        let mut program = workspace.cargo(node);
        program.args(["--bin", "lanline-node", "--"]);
        program
    };
    show(program.args(args))
}
