//! Screens that are shown to the other. The page asks, the person chooses, and the pictures go to the page over a
//! socket of their own, as many as it takes.
//!
//! WebKitGTK (2.50.6) has a capture of its own that needs a GPU, a desktop portal that answers within 10 ms, and nothing
//! of X11.

mod dialog;
mod feed;
mod pictures;
mod portal;
mod words;

use serde::Deserialize;
use tauri::{Runtime, Webview};
use tokio::sync::Mutex;

pub(crate) use feed::run;

use crate::limits::{MAX_SCREEN, MAX_SCREEN_RATE};

/// What the page takes at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bounds {
    /// Pixels.
    width: u32,
    height: u32,
    /// Hertz.
    frame_rate: u32,
}

impl Bounds {
    /// As far as pictures can be made.
    fn clamped(self) -> Self {
        Self {
            width: self.width.clamp(2, MAX_SCREEN.0),
            height: self.height.clamp(2, MAX_SCREEN.1),
            frame_rate: self.frame_rate.clamp(1, MAX_SCREEN_RATE),
        }
    }
}

/// Where the pictures come from.
#[derive(Debug)]
enum Source {
    /// A part of the X11 screen.
    Area(dialog::Choice),
    /// What the desktop's portal gives, on Wayland.
    Portal(portal::Cast),
}

/// A screen that the person has chosen to be seen.
#[derive(Debug)]
pub(crate) struct Screen {
    source: Source,
    bounds: Bounds,
}

/// Why no screen is shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScreenError {
    #[error("the person did not choose a screen")]
    Refused,
    #[error("a screen is being chosen already")]
    Choosing,
    #[error("this desktop shows no screens: {0}")]
    Unsupported(String),
    #[error("the screen could not be shown: {0}")]
    Failed(String),
}

/// One question at a time.
#[derive(Debug, Default)]
pub(crate) struct Chooser(Mutex<()>);

impl Chooser {
    /// Asks the person which screen that page may see.
    ///
    /// # Errors
    /// None was chosen, or there is nothing to choose from.
    pub(crate) async fn ask<R: Runtime>(
        &self,
        webview: &Webview<R>,
        bounds: Bounds,
    ) -> Result<Screen, ScreenError> {
        let Ok(_asking) = self.0.try_lock() else {
            return Err(ScreenError::Choosing);
        };
        let source = if is_wayland() {
            Source::Portal(portal::ask().await?)
        } else {
            Source::Area(dialog::ask(webview).await?)
        };
        Ok(Screen {
            source,
            bounds: bounds.clamped(),
        })
    }
}

/// Whether the desktop's windows are Wayland's. An app that is X11's there sees the windows of its own kind only.
fn is_wayland() -> bool {
    std::env::var_os("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gets_no_more_than_can_be_made() {
        let bounds = |text| serde_json::from_str::<Bounds>(text).unwrap().clamped();
        assert_eq!(
            bounds(r#"{"width":1920,"height":1080,"frameRate":30}"#),
            Bounds {
                width: 1920,
                height: 1080,
                frame_rate: 30
            }
        );
        assert_eq!(
            bounds(r#"{"width":4294967295,"height":0,"frameRate":0}"#),
            Bounds {
                width: MAX_SCREEN.0,
                height: 2,
                frame_rate: 1
            }
        );
    }
}
