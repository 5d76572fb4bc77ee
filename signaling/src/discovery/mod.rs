//! Discovery: mDNS (RFC 6762) with DNS-SD (RFC 6763) says who is there, a TCP connection says whether
//! they still are, and the system says where we are ourselves.
//!
//! One task owns the mDNS daemon and starts it anew should it fail ([`session`]). What others say goes
//! through [`outbox`] into the driver's inbox, so that a busy driver never makes the daemon drop its
//! subscribers.

mod announcer;
mod asker;
mod daemon;
mod interfaces;
mod outbox;
mod probe;
mod searches;
mod session;
mod txt;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
    time,
};
use tokio_util::sync::CancellationToken;

use crate::{
    inbox::{Inbox, Input},
    protocol::{
        NodeId, PeerId,
        limits::MAX_PEERS,
        ui::{DeviceKind, PeerStatus},
    },
};

pub use interfaces::own_addresses;
use probe::Probes;

/// The DNS-SD service type.
pub(crate) const SERVICE_TYPE: &str = "_lanline._tcp.local.";
/// Bound of [`Discovery::shutdown`], all steps together.
const SHUTDOWN: Duration = Duration::from_millis(400);

/// An endpoint of this node, as others are to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Who: the node's owner, or one of its guests.
    pub peer: PeerId,
    /// Display name, cleaned by [`crate::protocol::name::clean_name`].
    pub name: String,
    /// Kind of device.
    pub kind: DeviceKind,
    /// Whether it would take a call.
    pub status: PeerStatus,
    /// For a guest: the name of its node.
    pub via: Option<String>,
}

/// mDNS, the liveness probes, and the watch over our own addresses.
#[derive(Debug)]
pub struct Discovery {
    shared: Arc<Shared>,
    verify: mpsc::Sender<PeerId>,
    inbox: Inbox,
    probes: Probes,
    stop: CancellationToken,
    session: JoinHandle<()>,
}

/// What the session acts upon.
#[derive(Debug)]
struct Shared {
    node: NodeId,
    /// Port of the relay, on all interfaces.
    port: u16,
    /// What is to be announced now.
    wanted: Mutex<BTreeMap<PeerId, Announcement>>,
    /// `wanted` has changed.
    changed: Notify,
    /// The network is to be asked anew.
    search: Notify,
}

impl Shared {
    fn wanted(&self) -> MutexGuard<'_, BTreeMap<PeerId, Announcement>> {
        // Each change is one insertion or removal, whole even if its thread panicked after it.
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Discovery {
    /// Starts mDNS for the relay on `port`, and tells `inbox` what it finds: [`Input::Seen`],
    /// [`Input::Gone`], [`Input::Addresses`] (once at the start, then with every change),
    /// [`Input::Probed`], and [`Input::DiscoveryHealth`] when mDNS can't be started or fails, and when
    /// it works again. Must be called within a tokio runtime.
    #[must_use]
    pub fn start(port: u16, node: NodeId, inbox: Inbox) -> Self {
        let shared = Arc::new(Shared {
            node,
            port,
            wanted: Mutex::default(),
            changed: Notify::new(),
            search: Notify::new(),
        });
        let (verify, verify_queue) = mpsc::channel(MAX_PEERS);
        let stop = CancellationToken::new();
        let outbox = outbox::open(inbox.clone(), stop.clone());
        let session = session::run(Arc::clone(&shared), outbox, verify_queue, stop.clone());
        Self {
            shared,
            verify,
            inbox,
            probes: Probes::new(),
            stop,
            session: tokio::spawn(session),
        }
    }

    /// Announces an endpoint, or what has changed about it.
    pub fn announce(&self, announcement: Announcement) {
        let peer = announcement.peer.clone();
        let before = self
            .shared
            .wanted()
            .insert(peer.clone(), announcement.clone());
        if before.as_ref() != Some(&announcement) {
            self.shared.changed.notify_one();
        }
    }

    /// Says goodbye for an endpoint.
    pub fn withdraw(&self, peer: &PeerId) {
        if self.shared.wanted().remove(peer).is_some() {
            self.shared.changed.notify_one();
        }
    }

    /// Asks the network whether a peer is still there; [`Input::Gone`] follows within two seconds if
    /// nobody answers.
    pub fn verify(&self, peer: &PeerId) {
        // A full queue is no loss: the roster asks again.
        let _ = self.verify.try_send(peer.clone());
    }

    /// Asks the network who is there, at once and then ever more rarely.
    pub fn search(&self) {
        self.shared.search.notify_one();
    }

    /// Tries to connect to a node's relay, unless that is under way; [`Input::Probed`] follows. A probe
    /// that finds [`MAX_PROBES`](crate::protocol::limits::MAX_PROBES) others under way waits for one of
    /// them.
    pub fn probe(&self, node: NodeId, addresses: Vec<SocketAddr>) {
        let Some(probe) = self.probes.begin(node.clone()) else {
            return;
        };
        let (inbox, stop) = (self.inbox.clone(), self.stop.clone());
        tokio::spawn(stop.run_until_cancelled_owned(async move {
            let alive = probe.run(&addresses).await;
            // A closed inbox has no use for it.
            let _ = inbox.put(Input::Probed { node, alive }).await;
        }));
    }

    /// Says goodbye for all endpoints and stops, within 400 ms.
    pub async fn shutdown(self) {
        self.stop.cancel();
        // Late means that goodbyes may be missing; others then find out by probing.
        if time::timeout(SHUTDOWN, self.session).await.is_err() {
            tracing::debug!("discovery did not stop in time");
        }
    }
}
