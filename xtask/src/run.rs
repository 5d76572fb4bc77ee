//! `cargo xtask run`: Lanline, built and started.

use crate::{
    error::Error,
    setup::{self, Purpose},
    shell::{Workspace, show},
};

/// Builds and starts the app where there is a display; the headless node where there is none, or where options are
/// given, which only the node has.
pub(crate) fn run(workspace: &Workspace, args: &[&str]) -> Result<(), Error> {
    let wants_node = !args.is_empty();
    let has_display = ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    let opens_window = has_display && !wants_node;
    setup::node(workspace)?;
    let purpose = if opens_window {
        Purpose::App
    } else {
        Purpose::Node
    };
    setup::packages(workspace, purpose)?;
    setup::npm(workspace, "ui")?;
    println!("the UI is built");
    setup::build_ui(workspace)?;
    let mut program = if opens_window {
        workspace.cargo(["run", "--locked", "--bin", "lanline", "--"])
    } else {
        let why = if wants_node { "options" } else { "no display" };
        println!("{why}: the headless node starts; open the address it prints in a browser");
        let node = ["run", "--locked", "-p", "lanline-signaling"];
        let mut program = workspace.cargo(node);
        program.args(["--bin", "lanline-node", "--"]);
        program
    };
    show(program.args(args))
}
