//! The page's process is gone: killed for want of memory, or crashed. The page is loaded again, and takes
//! its seat and its call again as after any reload.

use std::{
    cell::RefCell,
    collections::VecDeque,
    time::{Duration, Instant},
};

use tauri::{Runtime, WebviewWindow};
use webkit2gtk::{WebProcessTerminationReason, WebViewExt};

/// A page that goes down so often within [`WINDOW`] would go down again.
const MAX_RELOADS: usize = 3;
const WINDOW: Duration = Duration::from_secs(60);

/// When the page was loaded again.
#[derive(Debug, Default)]
struct Reloads(VecDeque<Instant>);

impl Reloads {
    /// Whether to try once more; counted if so.
    fn handle_crash(&mut self, now: Instant) -> bool {
        while let Some(first) = self.0.front() {
            if now.duration_since(*first) < WINDOW {
                break;
            }
            self.0.pop_front();
        }
        if self.0.len() >= MAX_RELOADS {
            return false;
        }
        self.0.push_back(now);
        true
    }
}

/// Watches over the window's page.
///
/// # Errors
/// The webview is gone.
pub(crate) fn watch<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    window.with_webview(|webview| {
        let reloads = RefCell::new(Reloads::default());
        webview
            .inner()
            .connect_web_process_terminated(move |view, reason| {
                if reason == WebProcessTerminationReason::TerminatedByApi {
                    return;
                }
                if reloads.borrow_mut().handle_crash(Instant::now()) {
                    tracing::error!(
                        ?reason,
                        "the page's process is gone: loading the page again"
                    );
                    view.reload();
                } else {
                    tracing::error!(?reason, "the page's process is gone once too often");
                }
            });
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_loaded_again_but_not_for_ever() {
        let start = Instant::now();
        let mut reloads = Reloads::default();
        for second in [0, 10, 20] {
            assert!(reloads.handle_crash(start + Duration::from_secs(second)));
        }
        assert!(!reloads.handle_crash(start + Duration::from_secs(59)));
        assert!(reloads.handle_crash(start + Duration::from_secs(60)));
        assert!(!reloads.handle_crash(start + Duration::from_secs(61)));
    }
}
