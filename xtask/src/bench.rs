//! `cargo xtask bench`: measures the release build of the node, and of the app, in the lab.

use std::{env, path::PathBuf};

use serde_json::Value;

use crate::{
    error::Error,
    setup::{self, Purpose},
    shell::{Workspace, progress, read, show},
    test::in_lab,
};

const BENCHES: &[&str] = &["call", "discovery", LINUX_WEBRTC];
/// The one that takes the app too.
const LINUX_WEBRTC: &str = "linux-webrtc";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// For people.
    Table,
    /// One line, for programs.
    Json,
}

/// Runs one bench and prints its figures.
pub(crate) fn bench(workspace: &Workspace, name: &str, output: Output) -> Result<(), Error> {
    if !BENCHES.contains(&name) {
        return Err(Error::Usage);
    }
    prepare(workspace)?;
    let node = workspace.target().join("release/lanline-node");
    let mut lab = in_lab(workspace);
    lab.args(["tsx", &format!("benches/{name}.ts")])
        .env("LANLINE_NODE", node);
    if name == LINUX_WEBRTC {
        lab.env("LANLINE_APP", app(workspace)?);
    }
    let line = read(&mut lab)?;
    let line = line.trim();
    match output {
        Output::Json => println!("{line}"),
        Output::Table => table(line),
    }
    Ok(())
}

/// Takes the pictures of the documentation.
pub(crate) fn screenshots(workspace: &Workspace) -> Result<(), Error> {
    prepare(workspace)?;
    let node = workspace.target().join("release/lanline-node");
    show(
        in_lab(workspace)
            .args(["tsx", "screenshots.ts"])
            .env("LANLINE_NODE", node),
    )
}

fn prepare(workspace: &Workspace) -> Result<(), Error> {
    setup::node(workspace)?;
    setup::packages(workspace, Purpose::Benches)?;
    setup::npm(workspace, "ui")?;
    setup::npm(workspace, "tests")?;
    setup::build_ui(workspace)?;
    let mut build = workspace.cargo(["build", "--release", "--locked"]);
    build.args(["-p", "lanline-signaling"]);
    progress(&mut build)
}

/// Builds the app, unless `LANLINE_APP` names one.
fn app(workspace: &Workspace) -> Result<PathBuf, Error> {
    if let Some(path) = env::var_os("LANLINE_APP") {
        return Ok(path.into());
    }
    progress(&mut workspace.cargo(["build", "--release", "--locked", "-p", "lanline"]))?;
    Ok(workspace.target().join("release/lanline"))
}

fn table(line: &str) {
    let Ok(report) = serde_json::from_str::<Value>(line) else {
        println!("{line}");
        return;
    };
    let Some(figures) = report.get("figures").and_then(Value::as_object) else {
        println!("{line}");
        return;
    };
    println!("{:<34} {:>10} {:<8} goal", "figure", "value", "unit");
    for (name, figure) in figures {
        let text = |key: &str| match figure.get(key) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(value) => value.to_string(),
        };
        let (value, unit, goal) = (text("value"), text("unit"), text("goal"));
        println!("{name:<34} {value:>10} {unit:<8} {goal}");
    }
}
