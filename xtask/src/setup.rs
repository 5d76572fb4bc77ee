//! What a fresh Debian machine with Rust and Node lacks, installed where it is missing.

use std::{fs, path::PathBuf, process::Command};

use crate::{
    error::Error,
    shell::{Workspace, log, progress, read},
};

/// To compile anything at all.
const COMPILER: &[&str] = &["build-essential", "pkg-config"];
/// To compile the app, and to let it play and record, and capture a screen.
const APP: &[&str] = &[
    "cmake",
    "gstreamer1.0-libav",
    "gstreamer1.0-pipewire",
    "gstreamer1.0-plugins-bad",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "libasound2-dev",
    "libayatana-appindicator3-dev",
    "libgstreamer-plugins-base1.0-dev",
    "libgstreamer1.0-dev",
    "librsvg2-dev",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
    "libxdo-dev",
    "xdg-utils",
];
/// To run the lab: hosts, browsers, the app without a screen.
const LAB: &[&str] = &[
    "chromium",
    "dbus-daemon",
    "ffmpeg",
    "firefox-esr",
    "fonts-noto-cjk",
    "iproute2",
    "iputils-ping",
    "procps",
    "pulseaudio",
    "pulseaudio-utils",
    "util-linux",
    "webkit2gtk-driver",
    "weston",
    "xauth",
    "xvfb",
];
/// What the lab measures against.
const RIVALS: &[&str] = &["avahi-daemon", "avahi-utils"];

/// What the machine is set up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Building and running the headless node.
    Node,
    /// Building and running the app.
    App,
    /// Running all tests.
    Tests,
    /// Measuring.
    Benches,
}

/// Installs Debian packages that are missing. Elsewhere it says what they are: what they hold may be there under
/// another name, and what isn't, the compiler misses next.
pub(crate) fn packages(workspace: &Workspace, purpose: Purpose) -> Result<(), Error> {
    let groups: &[&[&str]] = match purpose {
        Purpose::Node => &[COMPILER],
        Purpose::App => &[COMPILER, APP],
        Purpose::Tests => &[COMPILER, APP, LAB],
        Purpose::Benches => &[COMPILER, APP, LAB, RIVALS],
    };
    let wanted = groups.concat();
    if read(&mut workspace.program("", "dpkg-query", ["--version"])).is_err() {
        eprintln!(
            "not Debian: install what these packages hold, where it is missing: {}",
            wanted.join(" ")
        );
        return Ok(());
    }
    let missing: Vec<&str> = wanted
        .into_iter()
        .filter(|package| !is_installed(workspace, package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("Debian packages to install: {}", missing.join(" "));
    progress(&mut as_root(workspace, &["apt-get", "update", "-q"])?)?;
    let mut install = vec!["apt-get", "install", "-yq", "--no-install-recommends"];
    install.extend(missing);
    progress(as_root(workspace, &install)?.env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Installs a directory's npm packages if its lock file has changed since it was done last.
pub(crate) fn npm(workspace: &Workspace, dir: &'static str) -> Result<(), Error> {
    let lock = workspace.path(dir).join("package-lock.json");
    let stamp = workspace.path(dir).join("node_modules/.installed-lock");
    let wanted = read_file(&lock)?;
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let path = log_path(workspace, &format!("npm-ci-{}", dir.replace('/', "-")));
    eprintln!("npm packages of {dir}/ are installed (npm ci)");
    log(&mut workspace.program(dir, "npm", ["ci"]), &path).inspect_err(|_| show_log(&path))?;
    fs::write(&stamp, wanted).map_err(|source| Error::File {
        path: stamp,
        source,
    })
}

/// Builds the UI, which the node and the app embed.
pub(crate) fn build_ui(workspace: &Workspace) -> Result<(), Error> {
    let path = log_path(workspace, "ui-build");
    log(&mut workspace.program("ui", "npm", ["run", "build"]), &path)
        .inspect_err(|_| show_log(&path))
}

/// The webrtc plugin's example app.
pub(crate) const EXAMPLE: &str = "plugins/webrtc/examples/app";

/// Builds the pages that the example app embeds.
pub(crate) fn build_example(workspace: &Workspace) -> Result<(), Error> {
    let path = log_path(workspace, "example-build");
    let mut build = workspace.program(EXAMPLE, "npm", ["run", "build"]);
    log(&mut build, &path).inspect_err(|_| show_log(&path))
}

/// Checks what must be there before: Node.
pub(crate) fn node(workspace: &Workspace) -> Result<(), Error> {
    let missing = || Error::Missing {
        program: "node",
        advice: "install Node.js 20.19 or later, with npm",
    };
    let version = read(&mut workspace.program("", "node", ["--version"])).map_err(|_| missing())?;
    let mut numbers = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    let found = (numbers.next(), numbers.next());
    if found < (Some(20), Some(19)) {
        return Err(missing());
    }
    Ok(())
}

/// The log of a step.
pub(crate) fn log_path(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target().join("xtask").join(format!("{name}.log"))
}

/// Prints the end of a log, after a failure.
pub(crate) fn show_log(path: &PathBuf) {
    const LINES: usize = 200;
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    for line in lines.iter().skip(lines.len().saturating_sub(LINES)) {
        eprintln!("  | {line}");
    }
}

pub(crate) fn read_file(path: &PathBuf) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::File {
        path: path.clone(),
        source,
    })
}

fn is_installed(workspace: &Workspace, package: &str) -> bool {
    let query = ["-W", "-f", "${db:Status-Status}", package];
    workspace
        .program("", "dpkg-query", query)
        .output()
        .is_ok_and(|output| output.stdout == b"installed")
}

fn as_root(workspace: &Workspace, args: &[&str]) -> Result<Command, Error> {
    let is_root = read(&mut workspace.program("", "id", ["-u"]))?.trim() == "0";
    Ok(match (is_root, args) {
        (true, [program, rest @ ..]) => workspace.program("", program, rest),
        _ => workspace.program("", "sudo", args),
    })
}
