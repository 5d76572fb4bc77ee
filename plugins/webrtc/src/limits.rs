//! Every bound of the plugin, in one place: what a page, a peer or the network can make it keep.

use std::time::Duration;

/// Peer connections at once, over all windows. Chromium allows 500; a call needs one for each participant.
pub(crate) const MAX_CONNECTIONS: usize = 64;
/// Opened (`open`) and not yet used: a page that asks and never connects.
pub(crate) const MAX_TICKETS: usize = 64;
/// How long a ticket is good. The page connects at once; a loaded machine takes a second.
pub(crate) const TICKET_LIFETIME: Duration = Duration::from_secs(10);
/// From the accepted TCP connection to the end of the WebSocket handshake.
pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// A text message of the page. A session description of fifty media sections has about 150 KiB.
pub(crate) const MAX_TEXT: usize = 256 * 1024;
/// A binary message of the page: a key frame of 4K at a high rate, or a data channel message.
pub(crate) const MAX_BINARY: usize = 4 * 1024 * 1024;
/// A session description, from the page or from the peer.
pub(crate) const MAX_SDP: usize = 192 * 1024;
/// Media sections of one description.
pub(crate) const MAX_SECTIONS: usize = 64;
/// Candidates of the peer in one ICE generation, and as many places its checks come from. A machine with a dozen
/// interfaces has 50.
pub(crate) const MAX_REMOTE_CANDIDATES: usize = 128;
/// `.local` names that are looked up for one connection.
pub(crate) const MAX_LOOKUPS: usize = 16;
/// How long a `.local` name is looked up. Browsers answer in 24 to 120 ms (measured).
pub(crate) const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);
/// Own addresses that are offered as candidates.
pub(crate) const MAX_LOCAL_ADDRESSES: usize = 16;

/// Data channels of one connection, those of both sides together.
pub(crate) const MAX_CHANNELS: usize = 256;
/// Label and protocol of a data channel that the peer is told of, bytes together: str0m writes the message that tells it
/// (RFC 8832, section 5.1), 12 bytes and these, into 1,500, and panics at more.
pub(crate) const MAX_CHANNEL_NAMES: usize = 1_488;
/// One data channel message (RFC 8841 `max-message-size`, the default of browsers).
pub(crate) const MAX_CHANNEL_MESSAGE: usize = 256 * 1024;
/// What one data channel may have waiting to be sent. The page throws OperationError before it.
pub(crate) const MAX_CHANNEL_BUFFER: usize = 16 * 1024 * 1024;
/// What SCTP itself may hold, over all channels: the bandwidth-delay product of 1 Gbit/s and 8 ms.
pub(crate) const SCTP_BUFFER: usize = 1024 * 1024;

/// Media waiting for the page; beyond it pictures are dropped until a key frame, and sound.
pub(crate) const MAX_MEDIA_TO_PAGE: usize = 4 * 1024 * 1024;
/// Data waiting for the page; beyond it nothing more is read from the network.
pub(crate) const MAX_DATA_TO_PAGE: usize = 8 * 1024 * 1024;
/// Replies and events waiting for the page; beyond it the page is taken for dead.
pub(crate) const MAX_CONTROL_TO_PAGE: usize = 1024;

/// Blocks of captured sound (20 ms) that wait to be sent.
pub(crate) const MAX_CAPTURED: usize = 32;
/// Blocks of heard sound (20 ms) that wait to be given to the page.
pub(crate) const MAX_TAPPED: usize = 64;

/// Datagrams read in one go before the connection looks at anything else.
pub(crate) const DATAGRAMS_PER_TURN: usize = 64;
/// The largest datagram that is read. Peers send up to 1,500; larger ones are cut, and fail their checks.
pub(crate) const MAX_DATAGRAM: usize = 2000;

/// How long after its last frame a section takes RTP of no source that is new and that no description names. A peer that
/// begins anew with another is heard again after so long; forged packets change nothing before.
pub(crate) const SOURCE_LIFETIME: Duration = Duration::from_secs(2);
/// Sources of one section that no description names: one, and that with which its packets are sent again.
pub(crate) const MAX_UNNAMED_SOURCES: usize = 2;

/// Key frames asked of the peer: not more often than this for one track.
pub(crate) const KEY_FRAME_INTERVAL: Duration = Duration::from_millis(200);
/// How long ICE may be without a pair before it is called failed. Chromium takes 15 to 20 s.
pub(crate) const ICE_FAILURE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a connection that its page has closed waits for a way to tell the peer: some round trips, as many as the
/// handshakes take that it was closed in, and not so long that a page which makes and closes many keeps their sockets.
pub(crate) const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);
/// How often the machine's own addresses are looked at.
pub(crate) const INTERFACE_INTERVAL: Duration = Duration::from_secs(1);
/// The estimate the bandwidth estimator starts from, bit/s. Where there is room its first probes, at three and
/// six times as much, find it within a fifth of a second; where there is none, this is no flood.
pub(crate) const START_BITRATE: u64 = 1_000_000;

/// The largest picture of a screen, pixels: 3840×2160, 12 MB as I420.
pub(crate) const MAX_SCREEN: (u32, u32) = (3840, 2160);
/// The most pictures of a screen, hertz.
pub(crate) const MAX_SCREEN_RATE: u32 = 60;
/// A screen on which nothing moves is told of this often: for an encoder that is asked for a key frame, and for what it
/// has not drawn sharply yet.
pub(crate) const STILL_INTERVAL: Duration = Duration::from_millis(500);

/// Certificates that pages have made and may still use.
pub(crate) const MAX_CERTIFICATES: usize = 256;
