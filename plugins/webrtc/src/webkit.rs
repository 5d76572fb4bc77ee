//! The settings of WebKitGTK that calls need.

pub(crate) mod compositing;
mod feature;

use tauri::{Manager, Runtime, Webview};
use webkit2gtk::{MediaCaptureState, SettingsExt, WebViewExt};

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
    })
}
