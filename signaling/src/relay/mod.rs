//! The one port of a node: the UI's page, the UIs' sockets and the links coming in.
//!
//! A connection whose first byte is a TLS record's is TLS, any other is plain HTTP. Plain HTTP is
//! served to pages of `localhost` only and redirected to HTTPS for all others, since browsers give camera
//! and microphone to `http://localhost` and to HTTPS alone. TLS with the link's ALPN name is another
//! node, proven by its certificate; any other TLS is a browser.
//!
//! | route | for | what |
//! |---|---|---|
//! | `GET /`, assets | browsers | the UI |
//! | `GET /ui` | browsers | a UI's WebSocket: [`ToNode`](crate::protocol::ui::ToNode) in, [`FromNode`](crate::protocol::ui::FromNode) out |
//! | `GET /ui/events`, `POST /ui/messages` | browsers | the same without a WebSocket: see [`ui`] |
//! | `GET /link` | nodes | a link's WebSocket |
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::{path::Path, sync::Arc};
//! use lanline_signaling::{identity::Identity, inbox::Inbox, link::Links, relay};
//!
//! let identity = Arc::new(Identity::load_or_create(Path::new("data"))?);
//! let (inbox, mut inputs) = Inbox::new();
//! let links = Links::new(identity.clone(), inbox.clone());
//! let relay = relay::serve(relay::bind(3000).await?, identity, inbox, links);
//! while let Some(input) = inputs.recv().await {
//!     // …
//! }
//! relay.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod accept;
mod assets;
mod bind;
mod guard;
mod http;
mod places;
mod ui;

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use bind::{Bound, RelayError, bind};

use crate::{identity::Identity, inbox::Inbox, link::Links};

/// Time for the last events of the UIs at the end.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(300);

/// What every connection needs.
#[derive(Debug)]
struct Shared {
    identity: Arc<Identity>,
    inbox: Inbox,
    links: Links,
    names: guard::HostNames,
    streams: ui::Streams,
    /// No new connections.
    closing: CancellationToken,
    /// Connections and sockets end at once.
    cut: CancellationToken,
    tasks: TaskTracker,
}

/// A running relay. Dropping it leaves the relay running; see [`RelayHandle::shutdown`].
#[derive(Debug)]
pub struct RelayHandle(Arc<Shared>);

/// Serves a bound port until [`RelayHandle::shutdown`]. Must be called within a tokio runtime.
#[must_use]
pub fn serve(bound: Bound, identity: Arc<Identity>, inbox: Inbox, links: Links) -> RelayHandle {
    let shared = Arc::new(Shared {
        identity,
        inbox,
        links,
        names: guard::HostNames::of_this_device(),
        streams: ui::Streams::default(),
        closing: CancellationToken::new(),
        cut: CancellationToken::new(),
        tasks: TaskTracker::new(),
    });
    shared.tasks.spawn(accept::run(bound, Arc::clone(&shared)));
    RelayHandle(shared)
}

impl RelayHandle {
    /// Takes no more connections, lets the UIs' sockets finish for 300 ms at most, and cuts what is
    /// left. A UI's socket finishes when the driver has dropped the sender of its events, after an
    /// [`Event::Goodbye`](crate::protocol::ui::Event::Goodbye) say.
    pub async fn shutdown(&self) {
        self.0.closing.cancel();
        self.0.tasks.close();
        // Whoever is slower is cut: the token says so either way.
        let _ = timeout(SHUTDOWN_TIMEOUT, self.0.tasks.wait()).await;
        self.0.cut.cancel();
    }
}
