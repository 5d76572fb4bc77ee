//! The Lanline node: identity, discovery, relay, links and the call machine. It knows no UI framework
//! and no shell; the desktop app and the headless binary both drive it through [`node`].

pub mod call;
pub mod device;
pub mod discovery;
pub mod identity;
pub mod inbox;
pub mod link;
pub mod log;
pub mod node;
pub mod protocol;
pub mod relay;
pub mod roster;
pub mod store;

mod rate;
mod traffic;
mod websocket;
