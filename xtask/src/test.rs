//! `cargo xtask test`: everything a change must pass.

use std::{path::PathBuf, process::Command, str::FromStr, thread::scope};

use crate::{
    counts::{Counts, of_cargo, of_vitest},
    error::Error,
    setup::{self, Purpose, show_log},
    shell::{Workspace, log, show},
    steps::Steps,
    types,
};

/// What the webrtc plugin puts into the page.
const PAGE_ENGINE: &str = "plugins/webrtc/guest-js";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    All,
    /// Formatters, linters, type checkers, generated types.
    Lint,
    /// Tests of Rust and TypeScript.
    Unit,
    /// Tests in the lab.
    EndToEnd,
}

impl FromStr for Part {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "lint" => Ok(Self::Lint),
            "unit" => Ok(Self::Unit),
            "e2e" => Ok(Self::EndToEnd),
            _ => Err(Error::Usage),
        }
    }
}

impl Part {
    fn includes(self, part: Self) -> bool {
        self == Self::All || self == part
    }
}

/// Runs the tests of a part, or those of it that a filter names.
pub(crate) fn test(workspace: &Workspace, part: Part, filter: Option<&str>) -> Result<(), Error> {
    setup::node(workspace)?;
    let steps = Steps::new(workspace);
    scope(|threads| {
        threads.spawn(|| {
            steps.step("npm packages", || {
                setup::npm(workspace, "ui")?;
                setup::npm(workspace, PAGE_ENGINE)?;
                setup::npm(workspace, setup::EXAMPLE)?;
                setup::npm(workspace, "tests")
            });
            // The node and the app embed it.
            steps.step("build of the UI", || setup::build_ui(workspace));
            steps.step("pages of the example", || setup::build_example(workspace));
        });
        steps.step("Debian packages", || {
            setup::packages(workspace, Purpose::Tests)
        });
        steps.step("crates", || {
            show(&mut workspace.cargo(["fetch", "--locked", "--quiet"]))
        });
    });
    // Two cores: what Cargo does and what Node does hardly wait for each other.
    scope(|threads| {
        threads.spawn(|| node_side(workspace, &steps, part, filter));
        cargo_side(workspace, &steps, part, filter);
    });
    if part.includes(Part::EndToEnd) {
        end_to_end(workspace, &steps, filter);
    }
    steps.finish()
}

fn cargo_side(workspace: &Workspace, steps: &Steps<'_>, part: Part, filter: Option<&str>) {
    if part.includes(Part::Lint) {
        steps.quiet("rustfmt", &mut workspace.cargo(["fmt", "--all", "--check"]));
        let clippy = ["clippy", "--workspace", "--all-targets", "--locked", "--"];
        let warnings = ["-D", "warnings"];
        steps.quiet("clippy", workspace.cargo(clippy).args(warnings));
        steps.step("generated types", || types::check(workspace));
    }
    if part.includes(Part::Unit) {
        steps.counted("Rust tests", || rust_tests(workspace, steps, filter));
    }
    if part.includes(Part::EndToEnd) {
        let build = ["build", "--workspace", "--locked"];
        steps.quiet("build", &mut workspace.cargo(build));
    }
}

fn node_side(workspace: &Workspace, steps: &Steps<'_>, part: Part, filter: Option<&str>) {
    let npm = |dir: &str, script: &str| workspace.program(dir, "npm", ["run", script]);
    if part.includes(Part::Lint) {
        steps.quiet("lint of ui", &mut npm("ui", "lint"));
        steps.quiet("types of ui", &mut npm("ui", "check"));
        steps.quiet("lint of tests", &mut npm("tests", "lint"));
        steps.quiet("types of tests", &mut npm("tests", "check"));
        steps.quiet("lint of the page engine", &mut npm(PAGE_ENGINE, "lint"));
        steps.quiet("types of the page engine", &mut npm(PAGE_ENGINE, "check"));
        steps.quiet("bundle of the page engine", &mut npm(PAGE_ENGINE, "build"));
        let mut changed = workspace.program("plugins/webrtc", "git", ["diff", "--exit-code"]);
        steps.quiet("bundle as committed", changed.args(["--", "api-iife.js"]));
    }
    if part.includes(Part::Unit) {
        steps.counted("TypeScript tests", || {
            let mut vitest = workspace.program("ui", "npx", ["vitest", "run"]);
            if let Some(filter) = filter {
                vitest.args(["--passWithNoTests", "-t", filter]);
            }
            vitest_step(workspace, steps, "TypeScript tests", vitest)
        });
        steps.counted("tests of the page engine", || {
            let mut vitest = workspace.program(PAGE_ENGINE, "npx", ["vitest", "run"]);
            if let Some(filter) = filter {
                vitest.args(["--passWithNoTests", "-t", filter]);
            }
            vitest_step(workspace, steps, "tests of the page engine", vitest)
        });
    }
}

fn rust_tests(
    workspace: &Workspace,
    steps: &Steps<'_>,
    filter: Option<&str>,
) -> (Result<(), Error>, Counts) {
    let path = match steps.fresh_log("Rust tests") {
        Ok(path) => path,
        Err(error) => return (Err(error), Counts::default()),
    };
    let mut cargo = workspace.cargo(["test", "--workspace", "--locked", "--no-fail-fast"]);
    cargo
        .args(filter)
        // One of the tests writes the types: not over those that are to be checked.
        .env("LANLINE_TYPES_DIR", types::scratch(workspace));
    let result = log(&mut cargo, &path).inspect_err(|_| show_log(&path));
    let output = std::fs::read(&path).unwrap_or_default();
    (result, of_cargo(&String::from_utf8_lossy(&output)))
}

fn end_to_end(workspace: &Workspace, steps: &Steps<'_>, filter: Option<&str>) {
    steps.counted("end to end", || {
        let mut lab = in_lab(workspace);
        lab.args(["vitest", "run"]).args(filter);
        let report = report_path(workspace, "end to end");
        reporters(&mut lab, &report);
        let result = show(&mut lab);
        counts(result, of_vitest(&report))
    });
}

/// A command in the lab; its arguments are what is run there.
pub(crate) fn in_lab(workspace: &Workspace) -> Command {
    workspace.program("tests", "lab/enter.sh", std::iter::empty::<&str>())
}

fn vitest_step(
    workspace: &Workspace,
    steps: &Steps<'_>,
    name: &str,
    mut vitest: Command,
) -> (Result<(), Error>, Counts) {
    let report = report_path(workspace, name);
    reporters(&mut vitest, &report);
    let result = steps
        .fresh_log(name)
        .and_then(|path| log(&mut vitest, &path).inspect_err(|_| show_log(&path)));
    counts(result, of_vitest(&report))
}

/// The runner's own failure comes first; a report that is missing then is no news.
fn counts(
    result: Result<(), Error>,
    counted: Result<Counts, Error>,
) -> (Result<(), Error>, Counts) {
    match (result, counted) {
        (result, Ok(counts)) => (result, counts),
        (Ok(()), Err(error)) | (Err(error), Err(_)) => (Err(error), Counts::default()),
    }
}

fn reporters(vitest: &mut Command, report: &PathBuf) {
    // A report of an earlier run must not be taken for this one's.
    let _ = std::fs::remove_file(report);
    let mut output = std::ffi::OsString::from("--outputFile=");
    output.push(report);
    vitest
        .args(["--reporter=default", "--reporter=json"])
        .arg(output);
}

fn report_path(workspace: &Workspace, name: &str) -> PathBuf {
    let name = format!("{}.json", name.replace(' ', "-"));
    workspace.target().join("xtask").join(name)
}
