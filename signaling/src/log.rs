//! What a node says on standard error, in the app and without it.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::filter_fn, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// The levels unless `LANLINE_LOG` says otherwise (the syntax is that of `tracing_subscriber`'s
/// `EnvFilter`).
const LEVELS: &str = "warn,lanline=info,lanline_lib=info,lanline_node=info,lanline_signaling=info";
/// These write what passes through them at `trace`: session descriptions, names, addresses. However
/// much is asked for, they say no more than this.
const QUIET: [&str; 6] = [
    "tungstenite",
    "tokio_tungstenite",
    "hyper",
    "rustls",
    "mdns_sd",
    "neli",
];

/// Starts logging; once a process.
pub fn start() {
    let asked = EnvFilter::try_from_env("LANLINE_LOG").unwrap_or_else(|_| EnvFilter::new(LEVELS));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_filter(filter_fn(may_be_written));
    tracing_subscriber::registry()
        .with(asked)
        .with(lines)
        .init();
}

/// Besides what was asked for, so that no wording of `LANLINE_LOG` gets round it.
fn may_be_written(line: &Metadata<'_>) -> bool {
    *line.level() <= Level::INFO || !QUIET.iter().any(|target| line.target().starts_with(target))
}
