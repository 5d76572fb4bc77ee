//! The seam between the driver and everything that tells it something: UIs, links, discovery. Each of
//! them holds an [`Inbox`] and puts inputs into it; the driver alone takes them out.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use tokio::sync::{mpsc, oneshot};

use crate::protocol::{
    ErrorCode, NodeId, PeerId, UiId,
    limits::{INBOX_QUEUE, UI_QUEUE},
    link::LinkMessage,
    ui::{Attach, Command, DeviceKind, Event, PeerStatus},
};

/// Where a UI comes from, which decides the seats it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The shell's own window, or a page of `localhost` or a loopback address.
    Device,
    /// A page of any other host.
    Network,
}

/// What the driver is told.
#[derive(Debug)]
pub enum Input {
    /// A UI wants a seat.
    Attach {
        /// Its first message.
        attach: Attach,
        /// Where it comes from.
        origin: Origin,
        /// Where its events go to.
        events: EventSender,
        /// The seat, or why not.
        reply: oneshot::Sender<Result<UiId, ErrorCode>>,
    },
    /// A UI is gone.
    Detach {
        /// Which.
        ui: UiId,
    },
    /// A UI wants something done.
    Command {
        /// Which.
        ui: UiId,
        /// What.
        command: Command,
        /// Whether it was done.
        reply: oneshot::Sender<Result<(), ErrorCode>>,
    },
    /// A link to a node is open (again).
    LinkUp {
        /// The node, proven in the TLS handshake.
        node: NodeId,
    },
    /// A message of a node, over its link.
    LinkMessage {
        /// The node, proven in the TLS handshake.
        node: NodeId,
        /// What it says.
        message: LinkMessage,
    },
    /// The last link to a node is closed.
    LinkDown {
        /// The node.
        node: NodeId,
    },
    /// No link to a node could be made.
    LinkFailed {
        /// The node.
        node: NodeId,
        /// [`ErrorCode::WrongKey`], [`ErrorCode::IncompatibleVersion`], or nothing when it could
        /// not be reached.
        code: Option<ErrorCode>,
    },
    /// A peer was seen, or has changed.
    Seen(Sighting),
    /// A peer said goodbye, or was verified to be gone.
    Gone(PeerId),
    /// The answer to a liveness probe of a node's relay port.
    Probed {
        /// The node.
        node: NodeId,
        /// Whether anything accepted a connection there.
        alive: bool,
    },
    /// This device's own addresses are now these, best first; none means no network.
    Addresses(Vec<IpAddr>),
    /// Settings and history are on disk, or could not be written.
    Saved(bool),
    /// mDNS works, or doesn't.
    DiscoveryHealth(bool),
}

/// What mDNS says of a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Who.
    pub peer: PeerId,
    /// Display name, already cleaned and bounded.
    pub name: String,
    /// Kind of device.
    pub kind: DeviceKind,
    /// Whether it would take a call.
    pub status: PeerStatus,
    /// For a guest: the name of its node.
    pub via: Option<String>,
    /// Where its node's relay listens, best first.
    pub addresses: Vec<SocketAddr>,
}

/// A queue of the events of one UI, of [`UI_QUEUE`].
#[must_use]
pub fn events() -> (EventSender, Events) {
    let (queue, events) = mpsc::channel(UI_QUEUE);
    let sender = EventSender {
        queue,
        roster: Arc::new(()),
        history: Arc::new(()),
    };
    (sender, Events(events))
}

/// The driver's end of a UI's events. It knows whether the UI has taken the last roster and the last
/// history out: they are long, and of more than one of each only the last says anything.
#[derive(Debug)]
pub struct EventSender {
    queue: mpsc::Sender<Queued>,
    /// Held by a roster in the queue, too.
    roster: Arc<()>,
    /// Held by a history in the queue, too.
    history: Arc<()>,
}

/// An event in a UI's queue.
#[derive(Debug)]
struct Queued {
    event: Event,
    /// Gone once the event was taken out.
    _waits: Option<Arc<()>>,
}

/// The UI reads too slowly, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the UI does not read its events")]
pub struct Behind;

impl EventSender {
    /// Puts an event in.
    ///
    /// # Errors
    /// [`Behind`] if there are [`UI_QUEUE`] already, or nobody reads them.
    pub fn send(&self, event: Event) -> Result<(), Behind> {
        let waits = match &event {
            Event::Roster { .. } => Some(Arc::clone(&self.roster)),
            Event::History { .. } => Some(Arc::clone(&self.history)),
            Event::Welcome { .. }
            | Event::Me(_)
            | Event::Call(_)
            | Event::Signal { .. }
            | Event::NetworkChanged
            | Event::Notices { .. }
            | Event::Replaced
            | Event::Goodbye => None,
        };
        let queued = Queued {
            event,
            _waits: waits,
        };
        self.queue.try_send(queued).map_err(|_| Behind)
    }

    /// Whether the UI has room for long events: it has read more than half of its queue.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.queue.capacity() > UI_QUEUE / 2
    }

    /// Whether a roster waits to be read.
    #[must_use]
    pub fn roster_waits(&self) -> bool {
        Arc::strong_count(&self.roster) > 1
    }

    /// Whether a history waits to be read.
    #[must_use]
    pub fn history_waits(&self) -> bool {
        Arc::strong_count(&self.history) > 1
    }
}

/// The UI's end of its events.
#[derive(Debug)]
pub struct Events(mpsc::Receiver<Queued>);

impl Events {
    /// The next event; nothing once the driver has dropped this UI.
    pub async fn recv(&mut self) -> Option<Event> {
        Some(self.0.recv().await?.event)
    }
}

/// The sending half: cheap to clone, bounded.
#[derive(Debug, Clone)]
pub struct Inbox(mpsc::Sender<Input>);

/// The driver is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the node is shutting down")]
pub struct Closed;

impl Inbox {
    /// An inbox and the driver's end of it.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<Input>) {
        let (sender, receiver) = mpsc::channel(INBOX_QUEUE);
        (Self(sender), receiver)
    }

    /// Puts an input in; waits while the driver is behind, which is the backpressure on whoever
    /// sends.
    ///
    /// # Errors
    /// [`Closed`] after the driver has stopped.
    pub async fn put(&self, input: Input) -> Result<(), Closed> {
        self.0.send(input).await.map_err(|_| Closed)
    }

    /// Asks for a seat, and opens the queue of its events.
    ///
    /// # Errors
    /// What the driver refuses with, or [`ErrorCode::ShuttingDown`].
    pub async fn attach(
        &self,
        attach: Attach,
        origin: Origin,
    ) -> Result<(UiId, Events), ErrorCode> {
        let (events, receiver) = events();
        let (reply, answer) = oneshot::channel();
        let input = Input::Attach {
            attach,
            origin,
            events,
            reply,
        };
        self.put(input).await.map_err(|_| ErrorCode::ShuttingDown)?;
        let ui = answer.await.map_err(|_| ErrorCode::ShuttingDown)??;
        Ok((ui, receiver))
    }

    /// Has a UI's command done.
    ///
    /// # Errors
    /// What the driver refuses with, or [`ErrorCode::ShuttingDown`].
    pub async fn command(&self, ui: UiId, command: Command) -> Result<(), ErrorCode> {
        let (reply, answer) = oneshot::channel();
        let input = Input::Command { ui, command, reply };
        self.put(input).await.map_err(|_| ErrorCode::ShuttingDown)?;
        answer.await.map_err(|_| ErrorCode::ShuttingDown)?
    }
}
