//! `RTCPeerConnection` for Tauri windows whose webview has none: WebKitGTK as Debian, Ubuntu and most
//! others build it. Transport is here (str0m); encoding, decoding, capture and the W3C interface are in
//! the page (`guest-js`), which this plugin installs before the page's own scripts.
//!
//! ```no_run
//! tauri::Builder::default().plugin(tauri_plugin_webrtc::init());
//! ```
//!
//! Where the webview has WebRTC (every other platform; Linux, once its WebKitGTK is built with it) the
//! plugin does nothing.

#[cfg(target_os = "linux")]
mod bridge;
#[cfg(target_os = "linux")]
mod capturing;
#[cfg(target_os = "linux")]
mod certificates;
#[cfg(target_os = "linux")]
mod commands;
#[cfg(target_os = "linux")]
mod connection;
#[cfg(target_os = "linux")]
mod error;
#[cfg(target_os = "linux")]
mod hexadecimal;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
mod screen;
#[cfg(target_os = "linux")]
mod session;
#[cfg(target_os = "linux")]
mod sound;
#[cfg(target_os = "linux")]
mod webkit;

use tauri::{
    Runtime,
    plugin::{Builder, TauriPlugin},
};

/// Makes the plugin. The page needs the permission `webrtc:default`, and a content security policy, if
/// there is one, `connect-src ws://127.0.0.1:*`, `worker-src blob:` and `script-src blob:`.
///
/// To be called from `main` before there are threads that read or change the environment: on Linux without
/// a GPU it sets a variable for WebKit.
#[must_use]
pub fn init<R: Runtime>() -> TauriPlugin<R> {
    let builder = Builder::new("webrtc");
    #[cfg(target_os = "linux")]
    let builder = linux(builder);
    builder.build()
}

#[cfg(target_os = "linux")]
fn linux<R: Runtime>(builder: Builder<R>) -> Builder<R> {
    use tauri::Manager;
    if !webkit::compositing::has_gpu() {
        webkit::compositing::switch_off();
    }
    builder
        .invoke_handler(tauri::generate_handler![
            commands::open,
            commands::generate_certificate,
            commands::capture_screen
        ])
        .js_init_script(include_str!("../api-iife.js"))
        .setup(|app, _api| {
            app.manage(bridge::server::Server::default());
            app.manage(capturing::Capturing::default());
            app.manage(certificates::Certificates::default());
            app.manage(screen::Chooser::default());
            Ok(())
        })
        .on_webview_ready(|webview| {
            if let Err(error) = webkit::prepare(&webview) {
                tracing::warn!(%error, "the webview could not be prepared for calls");
            }
        })
}
