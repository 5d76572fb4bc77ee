//! Asks the desktop's portal for a screen or a window: on Wayland only the desktop may show one.

use std::os::fd::{AsRawFd, OwnedFd, RawFd};

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
    session: Option<Session<Screencast>>,
}

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
        let Some(session) = &self.session else {
            return;
        };
        match session.receive_closed().await {
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

impl Drop for Cast {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else {
            return;
        };
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
    let session = portal.create_session(Default::default()).await?;
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
    portal.select_sources(&session, options).await?;
    let started = portal.start(&session, None, Default::default()).await?;
    let streams = started.response()?;
    let stream = streams
        .streams()
        .first()
        .ok_or_else(|| ScreenError::Failed("the portal gave no stream".to_owned()))?;
    let node = stream.pipe_wire_node_id();
    let remote = portal
        .open_pipe_wire_remote(&session, Default::default())
        .await?;
    Ok(Cast {
        node,
        remote,
        session: Some(session),
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
