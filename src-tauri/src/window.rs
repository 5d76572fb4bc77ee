//! The one window.

use tauri::{
    App, AppHandle, Manager, Runtime, WebviewWindow, WebviewWindowBuilder,
    webview::NewWindowResponse,
};

#[cfg(target_os = "linux")]
use crate::crash;
use crate::page;

/// Its label, in `tauri.conf.json` and in the capabilities.
const LABEL: &str = "main";

/// Opens the window, as `tauri.conf.json` describes it. Its page can go nowhere but to itself.
///
/// # Errors
/// What the webview says when it can't be made.
pub(crate) fn open<R: Runtime>(app: &App<R>) -> tauri::Result<WebviewWindow<R>> {
    let config = app
        .config()
        .app
        .windows
        .iter()
        .find(|window| window.label == LABEL)
        .cloned()
        .ok_or(tauri::Error::WindowNotFound)?;
    let window = WebviewWindowBuilder::from_config(app, &config)?
        .on_navigation(|url| {
            let ours = page::is_ours(url);
            if !ours {
                tracing::warn!("the page wanted to go somewhere else, and may not");
            }
            ours
        })
        .on_new_window(|_url, _features| NewWindowResponse::Deny)
        .build()?;
    #[cfg(target_os = "linux")]
    {
        set_up_webkit(&window)?;
        crash::watch(&window)?;
    }
    Ok(window)
}

/// Brings the window to the front: somebody started the app a second time.
pub(crate) fn focus<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    for step in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = step {
            tracing::warn!(%error, "the window could not be brought to the front");
        }
    }
}

/// Whether there is a screen to open a window on. Tauri itself would end in a backtrace without one.
///
/// # Errors
/// What to do.
pub(crate) fn check_display() -> Result<(), &'static str> {
    #[cfg(target_os = "linux")]
    if gtk::init().is_err() {
        return Err(
            "there is no display to open a window on: start Lanline in a desktop session, \
                    or start lanline-node and open its page in a browser",
        );
    }
    Ok(())
}

/// Lets tests call without a camera. What calls need of WebKitGTK otherwise is the plugin's to switch on.
#[cfg(target_os = "linux")]
fn set_up_webkit<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    use webkit2gtk::{SettingsExt, WebViewExt};
    window.with_webview(|webview| {
        let Some(settings) = WebViewExt::settings(&webview.inner()) else {
            return;
        };
        if cfg!(debug_assertions) {
            settings.set_enable_write_console_messages_to_stdout(true);
            let mock = std::env::var_os("LANLINE_MOCK_CAPTURE").is_some();
            settings.set_enable_mock_capture_devices(mock);
        }
    })
}
