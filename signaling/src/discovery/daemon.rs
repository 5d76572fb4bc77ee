//! The mDNS daemon's commands, and how they can fail.

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use mdns_sd::{IfKind, MDNS_PORT, ServiceDaemon};
use socket2::{Domain, Socket, Type};

use super::SERVICE_TYPE;
use crate::protocol::PeerId;

/// Before a command is repeated that the daemon had no room for.
pub(super) const BUSY: Duration = Duration::from_millis(20);

/// The daemon is not there.
#[derive(Debug)]
pub(super) struct Failed;

/// A daemon on all interfaces except loopback, where nobody else is.
pub(super) fn start() -> mdns_sd::Result<ServiceDaemon> {
    let daemon = ServiceDaemon::new()?;
    match daemon.disable_interface(vec![IfKind::LoopbackV4, IfKind::LoopbackV6]) {
        Ok(()) => Ok(daemon),
        Err(error) => {
            stop(&daemon);
            Err(error)
        }
    }
}

/// Ends a daemon that has announced nothing, so that nobody need wait for it.
pub(super) fn stop(daemon: &ServiceDaemon) {
    // A full queue is empty a moment later.
    while let Err(mdns_sd::Error::Again) = daemon.shutdown() {
        std::thread::yield_now();
    }
}

/// Whether the daemon will be able to open its sockets, which it doesn't tell: it fails silently when a
/// program has taken the mDNS port for itself alone.
pub(super) fn port_can_be_shared() -> bool {
    let try_bind = |domain, address: SocketAddr| {
        let socket = Socket::new(domain, Type::DGRAM, None)?;
        if domain == Domain::IPV6 {
            socket.set_only_v6(true)?;
        }
        socket.set_reuse_address(true)?;
        #[cfg(unix)]
        socket.set_reuse_port(true)?;
        socket.bind(&address.into())
    };
    let v4 = (Ipv4Addr::UNSPECIFIED, MDNS_PORT).into();
    let v6 = (Ipv6Addr::UNSPECIFIED, MDNS_PORT).into();
    try_bind(Domain::IPV4, v4).is_ok() || try_bind(Domain::IPV6, v6).is_ok()
}

/// Whether the daemon took a command; it is an error only when there is no daemon any more.
pub(super) fn done(result: mdns_sd::Result<()>) -> Result<bool, Failed> {
    match result {
        Ok(()) => Ok(true),
        Err(mdns_sd::Error::Again) => Ok(false),
        Err(error) => {
            tracing::debug!(%error, "mDNS daemon");
            Err(Failed)
        }
    }
}

/// The full name of a peer's instance.
pub(super) fn instance(peer: &PeerId) -> String {
    format!("{peer}.{SERVICE_TYPE}")
}
