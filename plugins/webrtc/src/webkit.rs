//! The settings of WebKitGTK that calls need.

mod feature;

use std::path::Path;

use tauri::{Manager, Runtime, Webview};
use webkit2gtk::{HardwareAccelerationPolicy, MediaCaptureState, SettingsExt, WebViewExt};

use crate::capturing::Capturing;

/// Gives workers `MediaStreamTrackProcessor` and `VideoTrackGenerator` (WebKitGTK 2.42 and later).
const TRACK_PROCESSING: &str = "MediaStreamTrackProcessing";

/// Switches on capture, WebRTC where it was built in, and what stands in for it where not.
///
/// # Errors
/// The webview is gone.
pub(crate) fn prepare<R: Runtime>(webview: &Webview<R>) -> tauri::Result<()> {
    let (app, label) = (webview.app_handle().clone(), webview.label().to_owned());
    webview.with_webview(move |webview| {
        webview
            .inner()
            .connect_microphone_capture_state_notify(move |view| {
                let listens = view.microphone_capture_state() == MediaCaptureState::Active;
                app.state::<Capturing>().set(&label, listens);
            });
        let Some(settings) = WebViewExt::settings(&webview.inner()) else {
            return;
        };
        settings.set_enable_media_stream(true);
        settings.set_enable_webrtc(true);
        // A remote video with sound plays as soon as it is there, not after a click.
        settings.set_media_playback_requires_user_gesture(false);
        if !feature::enable(&settings, TRACK_PROCESSING) {
            tracing::warn!("this WebKitGTK is too old for calls: it has no {TRACK_PROCESSING}");
        }
        if !has_gpu() {
            // Painting through a GPU in software takes two to three times the processor time of
            // painting without one (0.51 core to 0.21 at 640×360, measured).
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

/// Whether there is something to render on.
fn has_gpu() -> bool {
    let Ok(entries) = Path::new("/dev/dri").read_dir() else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
}
