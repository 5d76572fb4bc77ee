//! Every bound on what the network may make us hold, by name.

use std::time::Duration;

/// Largest message of a UI or a link, in bytes of JSON. An SDP offer of a browser with all codecs is
/// 6–9 KiB; this leaves room for many candidates and tracks.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// Largest message of a node to its own UI, in bytes of JSON: a roster of [`MAX_PEERS`] and of
/// [`MAX_GUESTS`] of its own with the longest names comes to some 650 KiB.
pub const MAX_EVENT_BYTES: usize = 1024 * 1024;
/// Longest SDP, in bytes.
pub const MAX_SDP_BYTES: usize = 48 * 1024;
/// Longest ICE candidate line, in bytes.
pub const MAX_CANDIDATE_BYTES: usize = 1024;
/// Longest display name, in Unicode scalar values.
pub const MAX_NAME_CHARS: usize = 40;
/// Messages waiting for one UI; a UI that reads slower than this is dropped, never waited for.
pub const UI_QUEUE: usize = 256;
/// Messages waiting for one link.
pub const LINK_QUEUE: usize = 256;
/// Inputs waiting for the driver.
pub const INBOX_QUEUE: usize = 1024;
/// UIs attached to one node, guests and owner's together.
pub const MAX_UIS: usize = 128;
/// Guests of one node, those among them whose page is gone for a moment. The rest of [`MAX_UIS`] is
/// the owner's, so that guests can't keep it out.
pub const MAX_GUESTS: usize = 96;
/// Links open at once, in and out.
pub const MAX_LINKS: usize = 256;
/// Links open at once, above which no more come in: what is left of [`MAX_LINKS`] is for those this
/// node opens, so that strangers can't keep its people from calling.
pub const MAX_LINKS_WITH_INCOMING: usize = 192;
/// TCP connections the relay serves at once; those of the device itself are counted apart.
pub const MAX_CONNECTIONS: usize = 512;
/// TCP connections one address may have open at the relay at once.
pub const MAX_CONNECTIONS_PER_ADDRESS: usize = 64;
/// Requests a second one UI may make, averaged; bursts up to [`REQUEST_BURST`].
pub const REQUESTS_PER_SECOND: u32 = 100;
/// Requests one UI may make in one burst (a call's candidates come at once).
pub const REQUEST_BURST: u32 = 300;
/// Peers in the roster; sightings beyond it are dropped.
pub const MAX_PEERS: usize = 1024;
/// Peers of one node in the roster: its owner and its guests, all that it seats, or others would not see
/// some of a class that has one node's page open.
pub const MAX_PEERS_PER_NODE: usize = MAX_GUESTS + 1;
const _: () = assert!(MAX_GUESTS < MAX_UIS, "the owner has room");
const _: () = assert!(MAX_PEERS_PER_NODE < MAX_PEERS, "others have room");
/// Addresses kept of one peer.
pub const MAX_ADDRESSES: usize = 16;
/// Nodes looked for after they went without a word.
pub const MAX_LOST: usize = 128;
/// Nodes probed at the same time, each at up to three addresses.
pub const MAX_PROBES: usize = 64;
/// People remembered, once talked to.
pub const MAX_CONTACTS: usize = 1000;
/// Peers whose calls are refused.
pub const MAX_BLOCKED: usize = 1000;
/// Calls one node keeps at once, all its endpoints together.
pub const MAX_CALLS: usize = 256;
/// Invitations a second with which one node may call one endpoint here, averaged; beyond it they are
/// answered as busy and leave nothing behind. A person doesn't call the same person more often, and a
/// node's guests who each call somebody else don't share it.
pub const INVITATIONS_PER_SECOND: u32 = 1;
/// Invitations with which one node may call one endpoint here in one burst: a meeting's guests who all
/// call the same person.
pub const INVITATION_BURST: u32 = 20;
/// Nodes and endpoints whose invitations are counted, those that called last. One that is forgotten may
/// begin anew: more is at stake only for whoever makes up so many nodes.
pub const MAX_INVITERS: usize = 1024;
/// Frames of one leg that wait for an acknowledgement, or for one that came out of order.
pub const MAX_LEG_WINDOW: usize = 128;
/// Bytes of the frames of one leg that wait, in each direction.
pub const MAX_LEG_BYTES: usize = 256 * 1024;
/// Signals kept for a UI that has not taken the call yet.
pub const MAX_PENDING_SIGNALS: usize = 64;
/// Entries of call history kept.
pub const MAX_HISTORY: usize = 200;
/// Time for the TLS handshake and the first request of a connection.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a link without calls is kept.
pub const LINK_IDLE: Duration = Duration::from_secs(60);
/// Links one node may have open here: two when both dial at once, and a new one after an address
/// change while the old ones time out. A further one closes the oldest.
pub const MAX_LINKS_PER_NODE: usize = 4;
/// Messages a second one link may bring, averaged; beyond it, it is read more slowly. A node speaks for
/// all its guests over one link.
pub const LINK_MESSAGES_PER_SECOND: u32 = 500;
/// Messages one link may bring in one burst.
pub const LINK_MESSAGE_BURST: u32 = 2000;
/// Addresses of one node that are tried.
pub const MAX_DIAL_ADDRESSES: usize = 16;
/// Unreadable or refused messages in a row after which a UI is closed.
pub const MAX_BAD_MESSAGES: u32 = 32;
/// How often a socket is pinged.
pub const PING_INTERVAL: Duration = Duration::from_secs(5);
/// A socket that shows no sign of life, or takes no byte, for so long is dead: two pings and a bit.
pub const DEAD_AFTER: Duration = Duration::from_secs(12);
