//! How long a call waits for what.

use std::time::Duration;

/// How long a call is tried and rings, at each of its ends.
pub const RING: Duration = Duration::from_secs(45);
/// How long the callee's node may be silent before it counts as unreachable.
pub const REACH: Duration = Duration::from_secs(10);
/// How long an accepted call may take until media can flow.
pub const CONNECT: Duration = Duration::from_secs(20);
/// How long a call waits for a UI to take it up, after the one that held it is gone: a reload takes
/// well under a second, a browser restart a few.
pub const GRACE: Duration = Duration::from_secs(15);
/// How long somebody who is gone from the network may still say how the call ended: a goodbye on mDNS
/// overtakes the one over the link.
pub const FAREWELL: Duration = Duration::from_secs(1);
/// How long the media path may be interrupted. Measured in the lab: an ICE restart mends an outage of
/// 25 s; nobody holds on for longer than this.
pub const INTERRUPTED: Duration = Duration::from_secs(30);
/// How long a caller remembers an ended call, to say so again to a callee who hasn't heard.
pub const LINGER: Duration = Duration::from_secs(30);
/// How long a callee remembers an ended call: longer than its caller can go on inviting ([`RING`] and
/// [`LINGER`]), so that no call rings or is missed twice.
pub const REMEMBER: Duration = Duration::from_secs(90);
/// First wait before unacknowledged frames are sent again; it doubles each time.
pub const RESEND_FIRST: Duration = Duration::from_secs(1);
/// Longest wait before unacknowledged frames are sent again.
pub const RESEND_MOST: Duration = Duration::from_secs(4);
