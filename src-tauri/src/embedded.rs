//! The node in the app: started beside the window, so that neither waits for the other, and stopped
//! with the app.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lanline_signaling::{
    inbox::Inbox,
    node::{Config, Node, StartError},
    protocol::ErrorCode,
    store::StoreError,
};
use tauri::async_runtime::{self, JoinHandle};
use tokio::sync::watch;

/// The most the app's end waits for its node's goodbye.
const STOPPING: Duration = Duration::from_secs(1);

/// What came of starting the node.
///
/// ```text
/// Starting ──▶ Running
///   ▲      └─▶ Failed
///   └── retry ───┘
/// ```
#[derive(Debug, Clone)]
enum Stage {
    Starting,
    Running(Running),
    Failed(ErrorCode),
}

/// A node that runs, as the window needs it.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    /// Where UIs attach.
    pub(crate) inbox: Inbox,
    /// Where a browser on this device opens the UI: `http://localhost:PORT/`.
    pub(crate) local_url: String,
}

/// The app's node.
#[derive(Debug)]
pub(crate) struct Embedded {
    config: Config,
    attempt: Mutex<Attempt>,
}

/// One try to start the node; keeps the node if it was the last.
#[derive(Debug)]
struct Attempt {
    stage: watch::Receiver<Stage>,
    node: Option<JoinHandle<Option<Node>>>,
}

impl Embedded {
    /// Starts a node; returns at once.
    pub(crate) fn start(config: Config) -> Self {
        Self {
            attempt: Mutex::new(Attempt::start(config.clone())),
            config,
        }
    }

    /// Starts the node again if it could not be started: the person may have mended what was wrong.
    pub(crate) fn retry(&self) {
        let mut attempt = self.attempt();
        if attempt.failed() {
            *attempt = Attempt::start(self.config.clone());
        }
    }

    /// The node, once it runs.
    ///
    /// # Errors
    /// Why it could not be started: [`ErrorCode::DataDirUnusable`], [`ErrorCode::IdentityUnusable`],
    /// [`ErrorCode::NoPort`].
    pub(crate) async fn running(&self) -> Result<Running, ErrorCode> {
        let mut stage = self.attempt().stage.clone();
        let settled = stage
            .wait_for(|stage| match stage {
                Stage::Starting => false,
                Stage::Running(_) | Stage::Failed(_) => true,
            })
            .await
            .map_err(|_| ErrorCode::ShuttingDown)?;
        match &*settled {
            Stage::Running(running) => Ok(running.clone()),
            Stage::Failed(code) => Err(*code),
            Stage::Starting => Err(ErrorCode::ShuttingDown),
        }
    }

    /// Whether the node could not be started.
    pub(crate) fn failed(&self) -> bool {
        self.attempt().failed()
    }

    /// Stops the node with a goodbye to everybody, or gives up after [`STOPPING`].
    pub(crate) async fn stop(&self) {
        let Some(node) = self.attempt().node.take() else {
            return;
        };
        let stopping = async {
            if let Ok(Some(node)) = node.await {
                node.shutdown().await;
            }
        };
        if tokio::time::timeout(STOPPING, stopping).await.is_err() {
            tracing::warn!("the node was not done with its goodbye in time");
        }
    }

    fn attempt(&self) -> MutexGuard<'_, Attempt> {
        // Nothing panics while it is held, and it is whole at any time.
        self.attempt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt {
    fn start(config: Config) -> Self {
        let (tell, stage) = watch::channel(Stage::Starting);
        let node = async_runtime::spawn(async move {
            match Node::start(config).await {
                Ok(node) => {
                    let ready = node.ready();
                    tracing::info!(id = %ready.id, port = ready.port, "the node is ready");
                    let running = Running {
                        inbox: node.inbox(),
                        local_url: ready.local_url.clone(),
                    };
                    tell.send_replace(Stage::Running(running));
                    Some(node)
                }
                Err(error) => {
                    let code = code_of(&error);
                    tracing::error!(%error, %code, "the node could not be started");
                    tell.send_replace(Stage::Failed(code));
                    None
                }
            }
        });
        Self {
            stage,
            node: Some(node),
        }
    }

    fn failed(&self) -> bool {
        match &*self.stage.borrow() {
            Stage::Failed(_) => true,
            Stage::Starting | Stage::Running(_) => false,
        }
    }
}

fn code_of(error: &StartError) -> ErrorCode {
    match error {
        StartError::Store(StoreError::InUse { .. }) => ErrorCode::DataDirInUse,
        StartError::Store(_) => ErrorCode::DataDirUnusable,
        StartError::Identity(_) => ErrorCode::IdentityUnusable,
        StartError::Relay(_) => ErrorCode::NoPort,
    }
}
