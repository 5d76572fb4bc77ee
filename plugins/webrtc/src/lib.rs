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
mod commands;
#[cfg(target_os = "linux")]
mod connection;
#[cfg(target_os = "linux")]
mod error;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod network;
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
    let builder = linux(builder, webkit::compositing::has_gpu());
    builder.build()
}

#[cfg(target_os = "linux")]
fn linux<R: Runtime>(builder: Builder<R>, has_gpu: bool) -> Builder<R> {
    use tauri::Manager;
    if !has_gpu {
        webkit::compositing::switch_off();
    }
    builder
        .invoke_handler(tauri::generate_handler![commands::open])
        .js_init_script(page_script(has_gpu))
        .setup(|app, _api| {
            app.manage(bridge::server::Server::default());
            app.manage(capturing::Capturing::default());
            Ok(())
        })
        .on_webview_ready(|webview| {
            if let Err(error) = webkit::prepare(&webview) {
                tracing::warn!(%error, "the webview could not be prepared for calls");
            }
        })
}

/// Takes screen capture away from a page whose webview can't: without a GPU WebKitGTK (2.50.6) finds no
/// format in common with the desktop's portal, waits for pictures for ever, and may end the page's process.
#[cfg(target_os = "linux")]
const WITHOUT_SCREENS: &str = r#"
if (!("RTCPeerConnection" in window) && "MediaDevices" in window) {
  Reflect.deleteProperty(MediaDevices.prototype, "getDisplayMedia");
}
"#;

#[cfg(target_os = "linux")]
fn page_script(has_gpu: bool) -> String {
    let engine = include_str!("../api-iife.js");
    if has_gpu {
        engine.to_owned()
    } else {
        format!("{WITHOUT_SCREENS}{engine}")
    }
}
