//! How the app ends: with a goodbye, whoever ends it.

use std::io;

use tauri::{AppHandle, Manager, Runtime, async_runtime};
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::embedded::Embedded;

/// The signals that ask the app to end. From [`Signals::listen`] on they no longer kill it.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    terminate: Signal,
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    hang_up: Signal,
}

impl Signals {
    /// Listens from now on; before anything is started that has a goodbye to say.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn listen() -> io::Result<Self> {
        // Registering needs the runtime at hand, though it waits for nothing.
        #[cfg(unix)]
        return async_runtime::block_on(async {
            Ok(Self {
                terminate: signal(SignalKind::terminate())?,
                interrupt: signal(SignalKind::interrupt())?,
                hang_up: signal(SignalKind::hangup())?,
            })
        });
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Ends the app in good order at the first of them.
    pub(crate) fn end<R: Runtime>(self, app: &AppHandle<R>) {
        let app = app.clone();
        async_runtime::spawn(async move {
            self.first().await;
            app.exit(0);
        });
    }

    #[cfg(unix)]
    async fn first(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn first(self) {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "Ctrl-C can't be heard: it ends the app without a goodbye");
            std::future::pending::<()>().await;
        }
    }
}

/// Stops the node. The windows are closed already, so nobody sees this wait.
pub(crate) fn stop_node<R: Runtime>(app: &AppHandle<R>) {
    let Some(embedded) = app.try_state::<Embedded>() else {
        return;
    };
    async_runtime::block_on(embedded.stop());
}
