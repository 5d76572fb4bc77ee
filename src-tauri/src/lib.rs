//! The shell: the Tauri app around a node. It opens the window, carries what the page and the node
//! say to each other over IPC, answers the page's wish for camera and microphone, and hands over to
//! a browser where the webview can't carry calls. Whatever Lanline *does*, the node and the page do.

mod attachments;
mod attention;
mod capture;
mod commands;
#[cfg(target_os = "linux")]
mod crash;
mod embedded;
mod handoff;
mod page;
mod place;
mod quit;
mod window;

use std::process::ExitCode;

use lanline_signaling::node::Config;
use tauri::{Manager, RunEvent, Runtime};

use crate::{attachments::Attachments, embedded::Embedded, quit::Signals};

/// Runs the app until it is closed. The exit code tells whether its node could be started.
#[must_use]
pub fn run() -> ExitCode {
    lanline_signaling::log::start();
    if let Err(problem) = window::check_display() {
        tracing::error!("{problem}");
        return ExitCode::FAILURE;
    }
    let signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => {
            tracing::error!(%error, "signals can't be heard");
            return ExitCode::FAILURE;
        }
    };
    let app = with_webrtc(builder(tauri::Builder::default()))
        .plugin(tauri_plugin_single_instance::init(
            |app, _arguments, _directory| window::focus(app),
        ))
        .setup(|app| {
            signals.end(app.handle());
            let data_dir = app.path().app_data_dir()?.join("node");
            app.manage(Embedded::start(Config {
                data_dir,
                port: Config::DEFAULT_PORT,
                name: None,
            }));
            window::open(app)?;
            Ok(())
        })
        .build(tauri::generate_context!());
    let app = match app {
        Ok(app) => app,
        Err(error) => {
            tracing::error!(%error, "the app could not be started");
            return ExitCode::FAILURE;
        }
    };
    let app_handle = app.handle().clone();
    let code = app.run_return(|app, event| {
        if let RunEvent::Exit = event {
            quit::stop_node(app);
        }
    });
    if app_handle.state::<Embedded>().failed() {
        return ExitCode::FAILURE;
    }
    u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Calls in the app's own window where its webview has no WebRTC of its own (Linux).
fn with_webrtc<R: Runtime>(builder: tauri::Builder<R>) -> tauri::Builder<R> {
    // So that the tests see what people see whose webview is too old for the plugin.
    if cfg!(debug_assertions) && std::env::var_os("LANLINE_WITHOUT_WEBRTC").is_some() {
        return builder;
    }
    builder.plugin(tauri_plugin_webrtc::init())
}

/// What the app and its tests have in common.
fn builder<R: Runtime>(builder: tauri::Builder<R>) -> tauri::Builder<R> {
    builder
        .manage(Attachments::default())
        .on_permission_request(|webview, kind| capture::answer(&webview, kind))
        .invoke_handler(tauri::generate_handler![
            commands::node_attach,
            commands::node_request,
            commands::open_in_browser,
        ])
}
