//! The answer to a page that wants the camera, the microphone or the screen.
//!
//! Our own page captures when its person calls or answers, and beforehand while somebody known rings;
//! it sends nothing before the answer. So it gets them without another question; no other page gets
//! anything.

use tauri::{
    Runtime, Url,
    webview::{PermissionKind, PermissionResponse, Webview},
};

use crate::page;

/// Answers a webview.
pub(crate) fn answer<R: Runtime>(webview: &Webview<R>, kind: PermissionKind) -> PermissionResponse {
    let ours = webview.url().is_ok_and(|url: Url| page::is_ours(&url));
    let response = decide(kind, ours);
    tracing::info!(%kind, ?response, "the page asked for a permission");
    response
}

fn decide(kind: PermissionKind, ours: bool) -> PermissionResponse {
    let capture = matches!(
        kind,
        PermissionKind::Camera | PermissionKind::Microphone | PermissionKind::DisplayCapture
    );
    if ours && capture {
        PermissionResponse::Allow
    } else {
        PermissionResponse::Deny
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPTURE: [PermissionKind; 3] = [
        PermissionKind::Camera,
        PermissionKind::Microphone,
        PermissionKind::DisplayCapture,
    ];

    #[test]
    fn our_page_may_capture() {
        for kind in CAPTURE {
            assert_eq!(decide(kind, true), PermissionResponse::Allow);
        }
    }

    #[test]
    fn no_other_page_may() {
        for kind in CAPTURE {
            assert_eq!(decide(kind, false), PermissionResponse::Deny);
        }
    }

    #[test]
    fn nobody_gets_what_lanline_does_not_use() {
        for kind in [
            PermissionKind::Geolocation,
            PermissionKind::Notifications,
            PermissionKind::ClipboardRead,
            PermissionKind::Midi,
            PermissionKind::FileSystemAccess,
            PermissionKind::Other,
        ] {
            assert_eq!(decide(kind, true), PermissionResponse::Deny);
            assert_eq!(decide(kind, false), PermissionResponse::Deny);
        }
    }
}
