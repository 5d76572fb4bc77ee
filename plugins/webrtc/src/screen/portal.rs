//! Asks the desktop's portal for a screen or a window: on Wayland only the desktop may show one.

use std::{
    os::fd::{AsRawFd, OwnedFd, RawFd},
    sync::Arc,
};

use ashpd::desktop::{
    PersistMode, ResponseError, Session,
    screencast::{CursorMode, Screencast, SelectSourcesOptions, SourceType},
};
use futures_util::StreamExt;

use super::ScreenError;

/// A screen or a window that the person has chosen in the desktop's own dialog. It is shown until this is dropped.
#[derive(Debug)]
pub(super) struct Cast {
    node: u32,
    remote: OwnedFd,
    shown: Shown,
}

/// What the desktop was asked for: its dialog, then what it shows. Both end when this is dropped, whatever came of them.
#[derive(Debug)]
struct Shown(Arc<Session<Screencast>>);

impl Cast {
    /// The PipeWire node that gives the pictures.
    pub(super) fn node(&self) -> u32 {
        self.node
    }

    /// The connection to PipeWire on which it does. It is open as long as this is there.
    pub(super) fn remote(&self) -> RawFd {
        self.remote.as_raw_fd()
    }

    /// Until the person stops it, with the desktop's own means.
    pub(super) async fn ended(&self) {
        match self.shown.0.receive_closed().await {
            Ok(mut closed) => {
                closed.next().await;
            }
            Err(error) => {
                tracing::debug!(%error, "the desktop will not tell when it stops showing the screen");
                std::future::pending().await
            }
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        let session = self.0.clone();
        tauri::async_runtime::spawn(async move {
            if let Err(error) = session.close().await {
                tracing::debug!(%error, "the desktop did not hear that the screen is shown no longer");
            }
        });
    }
}

/// What the person chose.
///
/// # Errors
/// Nothing was chosen, or this desktop has no portal that shows screens.
pub(super) async fn ask() -> Result<Cast, ScreenError> {
    let portal = Screencast::new().await?;
    let shown = Shown(Arc::new(portal.create_session(Default::default()).await?));
    let session = shown.0.as_ref();
    let offered = portal.available_source_types().await?;
    // A pointer that comes beside the pictures would have to be drawn here.
    let drawn = portal.available_cursor_modes().await?;
    let cursor = if drawn.contains(CursorMode::Embedded) {
        CursorMode::Embedded
    } else {
        CursorMode::Hidden
    };
    let options = SelectSourcesOptions::default()
        .set_cursor_mode(cursor)
        .set_sources((SourceType::Monitor | SourceType::Window) & offered)
        .set_multiple(false)
        .set_persist_mode(PersistMode::DoNot);
    portal.select_sources(session, options).await?;
    let started = portal.start(session, None, Default::default()).await?;
    let streams = started.response()?;
    let stream = streams
        .streams()
        .first()
        .ok_or_else(|| ScreenError::Failed("the portal gave no stream".to_owned()))?;
    let node = stream.pipe_wire_node_id();
    let remote = portal
        .open_pipe_wire_remote(session, Default::default())
        .await?;
    Ok(Cast {
        node,
        remote,
        shown,
    })
}

impl From<ashpd::Error> for ScreenError {
    fn from(error: ashpd::Error) -> Self {
        let why = error.to_string();
        if matches!(error, ashpd::Error::Response(ResponseError::Cancelled)) {
            Self::Refused
        } else if matches!(error, ashpd::Error::PortalNotFound(_)) {
            Self::Unsupported(why)
        } else {
            Self::Failed(why)
        }
    }
}
