//! Imports flow one way. The table here is the one in ARCHITECTURE.md; a module may use those to the
//! left of it, and itself.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test of files: what is missing fails it"
)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Each module, and the modules of this crate it may name.
const MAY_USE: [(&str, &[&str]); 16] = [
    ("protocol", &[]),
    ("inbox", &["protocol"]),
    ("device", &["protocol"]),
    ("log", &[]),
    ("rate", &["protocol"]),
    ("traffic", &["protocol"]),
    ("websocket", &["protocol"]),
    ("call", &["protocol", "rate"]),
    ("roster", &["protocol", "inbox"]),
    ("identity", &["protocol"]),
    ("store", &["protocol"]),
    ("discovery", &["protocol", "inbox", "roster"]),
    (
        "link",
        &[
            "protocol",
            "inbox",
            "rate",
            "traffic",
            "websocket",
            "identity",
        ],
    ),
    (
        "relay",
        &[
            "protocol",
            "inbox",
            "rate",
            "traffic",
            "websocket",
            "identity",
            "link",
        ],
    ),
    (
        "node",
        &[
            "protocol",
            "inbox",
            "device",
            "call",
            "roster",
            "identity",
            "store",
            "discovery",
            "link",
            "relay",
        ],
    ),
    ("bin", &["protocol", "device", "log", "store", "node"]),
];

/// Crates that own a clock, a socket or a task: not for these modules, which are told everything.
const SANS_IO: [&str; 3] = ["protocol", "call", "roster"];
const IO_CRATES: [&str; 10] = [
    "tokio",
    "tokio_util",
    "tokio_rustls",
    "tokio_tungstenite",
    "axum",
    "hyper",
    "hyper_util",
    "mdns_sd",
    "socket2",
    "futures_util",
];
/// What reads a clock.
const CLOCKS: [&str; 2] = ["Instant::now", "SystemTime::now"];

fn source_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file, by the module it belongs to. Tests may use what they like.
fn sources() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let mut sources: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    let mut folders = vec![source_dir()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if name == "tests" || name == "lib" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let within = path.strip_prefix(source_dir()).unwrap();
                let module = within.with_extension("");
                let module = module
                    .components()
                    .next()
                    .unwrap()
                    .as_os_str()
                    .to_str()
                    .unwrap();
                let text = code(&fs::read_to_string(&path).unwrap());
                sources
                    .entry(module.to_owned())
                    .or_default()
                    .push((path, text));
            }
        }
    }
    sources
}

/// The code of a file up to its tests, without comments: prose may name anything.
fn code(text: &str) -> String {
    let code = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let lines = code
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The first names of all paths that start with `root::`, groups included:
/// `crate::{call::Machine, roster}` names `call` and `roster`.
fn names_after(code: &str, root: &str) -> Vec<String> {
    let start = format!("{root}::");
    let mut names = Vec::new();
    for (at, _) in code.match_indices(&start) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = code[at + start.len()..].trim_start();
        match rest.strip_prefix('{') {
            Some(group) => names.extend(group_heads(group)),
            None => names.push(head(rest)),
        }
    }
    names
}

/// The first name of each member of a group of imports, up to its closing brace.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut member, mut heads) = (0, String::new(), Vec::new());
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(head(&std::mem::take(&mut member))),
            _ => member.push(c),
        }
    }
    heads.push(head(&member));
    heads.retain(|head| !head.is_empty());
    heads
}

fn head(path: &str) -> String {
    let is_name = |c: &char| c.is_alphanumeric() || *c == '_';
    path.trim_start().chars().take_while(is_name).collect()
}

#[test]
fn imports_flow_one_way() {
    let sources = sources();
    assert!(sources.len() > 5, "the sources are found");
    let table: BTreeMap<_, _> = MAY_USE.into_iter().collect();
    for (module, files) in &sources {
        let allowed = table.get(module.as_str());
        let allowed = allowed.unwrap_or_else(|| panic!("{module} has no place in the table"));
        for (path, code) in files {
            let mut used = names_after(code, "crate");
            used.extend(names_after(code, "lanline_signaling"));
            for name in used {
                assert!(
                    !table.contains_key(name.as_str())
                        || name == *module
                        || allowed.contains(&name.as_str()),
                    "{}: {module} may not use {name}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn state_machines_own_no_clock_and_no_socket() {
    let sources = sources();
    for module in SANS_IO {
        for (path, code) in sources.get(module).into_iter().flatten() {
            for krate in IO_CRATES {
                let named =
                    names_after(code, krate).is_empty() && !code.contains(&format!("use {krate}"));
                assert!(named, "{}: {module} may not use {krate}", path.display());
            }
            for clock in CLOCKS {
                assert!(
                    !code.contains(clock),
                    "{}: {module} may not read {clock}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn imports_are_read_as_rust_reads_them() {
    let code = code(
        "use crate::{\n    call::{Machine, Output}, // crate::node\n    roster,\n};\nfn f() { crate::link::g() }\n\
         #[cfg(test)]\nmod tests { use crate::store; }",
    );
    assert_eq!(names_after(&code, "crate"), ["call", "roster", "link"]);
    assert!(names_after("my_crate::call", "crate").is_empty());
}
