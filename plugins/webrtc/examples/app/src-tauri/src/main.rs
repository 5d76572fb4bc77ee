//! A window in which calls work: the plugin, the answer to the webview's questions, and nothing else.
//!
//!     webrtc-example [--mock-capture] [URL]
//!
//! `--mock-capture`: `WebKit`'s mock camera, microphone and screen, for a machine that has none.
//! `URL`: another page than the example's own; it may use the plugin too. `cargo xtask wpt` opens the
//! web-platform-tests with it.

use tauri::{
    App, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    ipc::CapabilityBuilder,
    webview::{PermissionKind, PermissionResponse},
};

/// Label of the window, in `tauri.conf.json` and in the capabilities.
const LABEL: &str = "main";

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .plugin(tauri_plugin_webrtc::init())
        // Whoever shows other people's pages asks the person here.
        .on_permission_request(|_webview, kind| {
            let capture = matches!(
                kind,
                PermissionKind::Camera
                    | PermissionKind::Microphone
                    | PermissionKind::DisplayCapture
            );
            if capture {
                PermissionResponse::Allow
            } else {
                PermissionResponse::Deny
            }
        })
        .setup(|app| {
            let arguments: Vec<String> = std::env::args().skip(1).collect();
            let url = arguments
                .iter()
                .find(|argument| !argument.starts_with("--"));
            let window = open(app, url.map(|url| url.parse()).transpose()?)?;
            let mock = arguments
                .iter()
                .any(|argument| argument == "--mock-capture");
            set_up_webkit(&window, mock)?;
            Ok(())
        })
        .run(tauri::generate_context!())
}

/// Opens the window on one of the example's own pages, or on a page from elsewhere.
fn open(app: &App, url: Option<Url>) -> tauri::Result<WebviewWindow> {
    let mut config = app
        .config()
        .app
        .windows
        .iter()
        .find(|window| window.label == LABEL)
        .cloned()
        .ok_or(tauri::Error::WindowNotFound)?;
    if let Some(url) = url {
        let origin = url.origin().ascii_serialization();
        app.add_capability(
            CapabilityBuilder::new("elsewhere")
                .window(LABEL)
                .remote(format!("{origin}/*"))
                .permission("webrtc:default"),
        )?;
        config.url = WebviewUrl::External(url);
    }
    WebviewWindowBuilder::from_config(app, &config)?.build()
}

#[cfg(target_os = "linux")]
fn set_up_webkit(window: &WebviewWindow, mock: bool) -> tauri::Result<()> {
    use webkit2gtk::{SettingsExt, WebViewExt};
    window.with_webview(move |webview| {
        let Some(settings) = WebViewExt::settings(&webview.inner()) else {
            return;
        };
        settings.set_enable_write_console_messages_to_stdout(cfg!(debug_assertions));
        settings.set_enable_mock_capture_devices(mock);
    })
}

#[cfg(not(target_os = "linux"))]
fn set_up_webkit(_window: &WebviewWindow, _mock: bool) -> tauri::Result<()> {
    Ok(())
}
