//! The call machine: every call of every endpoint of one node, without a clock and without a socket.
//!
//! It is told facts ([`Machine::handle_frame`] and its like) and commands ([`Machine::place`] and its
//! like), each with the time; then [`Machine::poll_output`] says what to do until it has nothing more,
//! and [`Machine::poll_timeout`] when to call [`Machine::handle_timeout`]. Nothing it does waits.
//!
//! Each end of a call has a state of its own:
//!
//! ```text
//!   place                                invitation
//!     │                                      │
//!     ▼            ringing                   ▼
//!  Calling ───────────────────────────▶ Ringing ◀─ (incoming calls start here)
//!     │                                      │
//!     └──────────────────┬───────────────────┘
//!                        │ accept, by the callee; or both called each other
//!                        ▼
//!                    Connecting ── media can flow ──▶ Active ◀──┐
//!                        │    (at once if it can already)  │    │ interrupted,
//!                        │                                 │    │ connected again
//!                        │                                 ├────┘
//!                        ▼                                 ▼
//!     from everywhere: Ended, with a reason; remembered for a while
//! ```
//!
//! | from | what happens | reason |
//! |---|---|---|
//! | Calling | the callee's node is silent for 10 s | unreachable |
//! | Calling | the callee is in another call; takes none from the caller | busy; blocked |
//! | Calling, Ringing | nobody answers for 45 s | no answer |
//! | Calling, Ringing | the caller hangs up, or its UI stays away for 15 s | cancelled |
//! | Ringing | the callee declines | declined |
//! | Connecting | no media for 20 s, or a UI gives up | failed |
//! | Connecting, Active | either hangs up | hung up |
//! | Connecting, Active | the UI that holds the call stays away for 15 s | connection lost |
//! | Active | media is interrupted for 30 s, or a UI gives up | connection lost |
//! | any | the other node forgot the call; shuts down | connection lost; left |
//!
//! One UI of an endpoint *holds* a call: it has the peer connections, and its signals alone are passed
//! on. A caller's holder is the UI that placed the call. While a call comes in, the endpoint's first
//! UI that can do WebRTC is nominated, so that it answers the offer before the person does.

mod admission;
mod commands;
mod ending;
mod events;
mod glare;
mod holder;
mod invite;
mod leg;
mod machine;
mod negotiation;
mod output;
mod place;
mod reliable;
mod state;
pub mod timing;
mod view;

#[cfg(test)]
mod tests;

use std::{collections::VecDeque, time::Instant};

pub use machine::{Machine, is_blocked};
pub use output::{Output, Place, Record};

use crate::protocol::Instance;

/// What a call needs to act: the time, who we are, and where outputs go.
struct Effects<'a> {
    now: Instant,
    instance: Instance,
    out: &'a mut VecDeque<Output>,
}
