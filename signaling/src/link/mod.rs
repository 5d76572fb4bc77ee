//! Links to other nodes: a WebSocket over mutual TLS, opened by whoever has something to say first,
//! kept for [`LINK_IDLE`](crate::protocol::limits::LINK_IDLE) after the last message. What the link
//! carries may be lost with it; the call machine numbers and repeats.

mod dial;
mod error;
mod greeting;
mod session;
mod table;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
    time::timeout,
};
use tokio_tungstenite::WebSocketStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use error::LinkError;

use self::{
    session::Stops,
    table::{Queued, Seat, Table},
};
use crate::{
    identity::Identity,
    inbox::{Inbox, Input},
    protocol::{
        ErrorCode, NodeId,
        limits::{HANDSHAKE_TIMEOUT, MAX_LINKS},
        link::LinkMessage,
    },
    traffic, websocket,
};

/// Time for the goodbyes at the end.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(500);

/// The links of a node, in and out. Cheap to clone.
///
/// What happens to them is put into the inbox: [`Input::LinkUp`] for each new one,
/// [`Input::LinkDown`] when a node's last is closed, [`Input::LinkFailed`] when none could be made,
/// [`Input::LinkMessage`] for legs and goodbyes.
#[derive(Debug, Clone)]
pub struct Links(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    identity: Arc<Identity>,
    inbox: Inbox,
    table: Mutex<Table>,
    /// Held while a link's coming or going is entered *and* reported, so that the driver is told in
    /// the order in which it happened.
    reporting: tokio::sync::Mutex<()>,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

impl Links {
    /// No links yet.
    #[must_use]
    pub fn new(identity: Arc<Identity>, inbox: Inbox) -> Self {
        Self(Arc::new(Pool {
            identity,
            inbox,
            table: Mutex::default(),
            reporting: tokio::sync::Mutex::default(),
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    /// Queues a message for a node, and opens a link at one of `addresses` (best first) if there is
    /// none. Never waits; a link that reads too slowly is closed. A message that waits for a link
    /// which can't be made is lost, and [`Input::LinkFailed`] says so; the next message tries again.
    /// Must be called within a tokio runtime.
    pub fn send(&self, node: &NodeId, addresses: &[SocketAddr], message: LinkMessage) {
        let pool = &self.0;
        if pool.shutdown.is_cancelled() || node == pool.identity.node_id() {
            return;
        }
        let queued = pool.table().queue(node, message);
        match queued {
            Queued::Yes => {}
            Queued::Dropped => {
                tracing::warn!(target: traffic::TARGET, "too much waits for one link: a message was dropped");
            }
            Queued::Dial(queue) => {
                let (pool, node, addresses) = (pool.clone(), node.clone(), addresses.to_vec());
                let tasks = pool.tasks.clone();
                tasks.spawn(async move { pool.dial(&node, &addresses, queue).await });
            }
            Queued::AtCapacity => {
                tracing::warn!(target: traffic::TARGET, "too many links: one was not made");
                // Bounded like the links themselves: a driver that doesn't listen is told less.
                if pool.tasks.len() < 2 * MAX_LINKS {
                    let failed = Input::LinkFailed {
                        node: node.clone(),
                        code: LinkError::AtCapacity.code(),
                    };
                    let inbox = pool.inbox.clone();
                    pool.tasks.spawn(async move { inbox.put(failed).await });
                }
            }
        }
    }

    /// Gives a node's links up: its address has changed, and what goes over the old one would be lost
    /// until a time-out. The next message dials anew.
    pub fn drop_links(&self, node: &NodeId) {
        self.0.table().cut(node);
    }

    /// Gives all links up: our own addresses have changed.
    pub fn drop_all(&self) {
        self.0.table().cut_all();
    }

    /// Says goodbye on all links after what is queued, and closes them; takes 500 ms at most.
    pub async fn shutdown(&self) {
        self.0.shutdown.cancel();
        self.0.tasks.close();
        // Whoever hasn't taken the goodbye by now will find out by the silence.
        let _ = timeout(SHUTDOWN_TIMEOUT, self.0.tasks.wait()).await;
    }

    /// Serves a link that came in, until it ends. `node` is proven by the TLS handshake.
    pub(crate) async fn accept<S>(&self, mut socket: WebSocketStream<S>, node: NodeId)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let pool = &self.0;
        // Counted among the tasks, so that a shutdown waits for the goodbye.
        let _task = pool.tasks.token();
        if pool.shutdown.is_cancelled() || node == *pool.identity.node_id() {
            return;
        }
        match timeout(HANDSHAKE_TIMEOUT, greeting::greet(&mut socket)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(target: traffic::TARGET, %error, "an incoming link was refused");
                return websocket::close(socket).await;
            }
            Err(_) => return,
        }
        let turn = pool.reporting.lock().await;
        let accepted = pool.table().accepted(&node);
        let Some((seat, mut queue)) = accepted else {
            drop(turn);
            greeting::refuse(socket, ErrorCode::AtCapacity).await;
            return;
        };
        pool.report_up(&node).await;
        drop(turn);
        pool.run(socket, &node, seat, &mut queue).await;
    }
}

impl Pool {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn dial(
        &self,
        node: &NodeId,
        addresses: &[SocketAddr],
        mut queue: mpsc::Receiver<LinkMessage>,
    ) {
        let dialed = tokio::select! {
            dialed = Box::pin(dial::dial(&self.identity, node, addresses)) => dialed,
            () = self.shutdown.cancelled() => return,
        };
        let turn = self.reporting.lock().await;
        match dialed {
            Ok(socket) => {
                let seat = self.table().dialed(node);
                let Some(seat) = seat else { return };
                self.report_up(node).await;
                drop(turn);
                self.run(socket, node, seat, &mut queue).await;
            }
            Err(error) => {
                tracing::warn!(target: traffic::TARGET, %error, "no link could be made");
                let none = self.table().dial_failed(node, queue);
                if none {
                    let (node, code) = (node.clone(), error.code());
                    self.report(Input::LinkFailed { node, code }).await;
                }
            }
        }
    }

    async fn run<S>(
        &self,
        socket: WebSocketStream<S>,
        node: &NodeId,
        seat: Seat,
        queue: &mut mpsc::Receiver<LinkMessage>,
    ) where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let stops = Stops {
            cut: seat.cut,
            shutdown: self.shutdown.clone(),
        };
        session::run(socket, node, &self.inbox, queue, stops).await;
        let _turn = self.reporting.lock().await;
        let last = self.table().closed(node, seat.id);
        if last {
            self.report(Input::LinkDown { node: node.clone() }).await;
        }
    }

    async fn report_up(&self, node: &NodeId) {
        self.report(Input::LinkUp { node: node.clone() }).await;
    }

    async fn report(&self, input: Input) {
        // A driver that is gone needs no telling.
        let _ = self.inbox.put(input).await;
    }
}
