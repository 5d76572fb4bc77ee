//! `lanline-node`: a node without a window. Its page is the UI.

#![expect(
    clippy::print_stdout,
    reason = "the page's address, or the ready line, is this program's output"
)]

use std::{path::PathBuf, process::ExitCode};

use lanline_signaling::{
    log,
    node::{Config, Node, Ready},
    protocol::name,
    store,
};

const USAGE: &str = "\
Usage: lanline-node [--name NAME] [--data-dir DIR] [--port PORT] [--json]

  --name NAME      the name others see, for this run (default: the saved one, or the host's)
  --data-dir DIR   where the key, the settings and the history are kept
  --port PORT      the page's port (default 3000; the next free one if it is taken; 0: any)
  --json           one JSON line on stdout when ready
  --version        the version
  --help           this text

The log goes to stderr; LANLINE_LOG sets its level (error, warn, info, debug).";

/// Exit code for a command line that can't be understood (as in sysexits.h).
const EX_USAGE: u8 = 64;

struct Options {
    config: Config,
    json: bool,
}

enum Asked {
    Run(Options),
    Print(String),
}

fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(Asked::Run(options)) => options,
        Ok(Asked::Print(text)) => {
            println!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("lanline-node: {problem}\n\n{USAGE}");
            return ExitCode::from(EX_USAGE);
        }
    };
    log::start();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("lanline-node: could not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run(options));
    // A blocking task that hangs must not hold the exit back.
    runtime.shutdown_background();
    code
}

async fn run(options: Options) -> ExitCode {
    let wanted = options.config.port;
    let stopped = match stop_signal() {
        Ok(stopped) => stopped,
        Err(error) => {
            eprintln!("lanline-node: could not listen for signals: {error}");
            return ExitCode::FAILURE;
        }
    };
    let node = match Node::start(options.config).await {
        Ok(node) => node,
        Err(error) => {
            eprintln!("lanline-node: {error}");
            return ExitCode::FAILURE;
        }
    };
    announce(node.ready(), wanted, options.json);
    stopped.await;
    node.shutdown().await;
    ExitCode::SUCCESS
}

fn announce(ready: &Ready, wanted: u16, json: bool) {
    if ready.wanted_port_taken {
        eprintln!(
            "Port {wanted} is taken by another program; using {} instead.",
            ready.port
        );
    }
    if json {
        println!(
            "{}",
            serde_json::json!({
                "event": "ready",
                "id": ready.id,
                "name": ready.name,
                "local_url": ready.local_url,
                "lan_urls": ready.lan_urls,
            })
        );
        return;
    }
    println!("{} is on the network.", ready.name);
    println!("On this device, open  {}", ready.local_url);
    for url in &ready.lan_urls {
        println!("On a phone or a guest's device, open  {url}");
    }
}

/// Ctrl-C, or SIGTERM where there is one. The handlers are in place when this returns.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        let mut interrupt = tokio::signal::windows::ctrl_c()?;
        Ok(async move {
            interrupt.recv().await;
        })
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut config = Config {
        data_dir: PathBuf::new(),
        port: Config::DEFAULT_PORT,
        name: None,
    };
    let mut data_dir = None;
    let mut json = false;
    while let Some(argument) = arguments.next() {
        let mut value = |of: &str| {
            arguments
                .next()
                .ok_or_else(|| format!("{of} needs a value"))
        };
        match argument.as_str() {
            "--name" => {
                let given = value("--name")?;
                let clean = name::clean_name(&given).map_err(|_| {
                    "--name must have 1 to 40 characters that can be shown".to_owned()
                })?;
                config.name = Some(clean);
            }
            "--data-dir" => data_dir = Some(PathBuf::from(value("--data-dir")?)),
            "--port" => {
                let given = value("--port")?;
                config.port = given.parse().map_err(|_| {
                    format!("--port must be a number from 0 to 65535, not {given:?}")
                })?;
            }
            "--json" => json = true,
            "--version" => {
                return Ok(Asked::Print(format!(
                    "lanline-node {}",
                    env!("CARGO_PKG_VERSION")
                )));
            }
            "--help" | "-h" => return Ok(Asked::Print(USAGE.to_owned())),
            other => return Err(format!("unknown argument {other:?}")),
        }
    }
    config.data_dir = match data_dir.or_else(store::default_dir) {
        Some(dir) => dir,
        None => {
            return Err(
                "no home directory is known: say where to keep data with --data-dir".to_owned(),
            );
        }
    };
    Ok(Asked::Run(Options { config, json }))
}
