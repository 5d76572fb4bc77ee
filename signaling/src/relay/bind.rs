//! The port.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// How many ports after the wanted one are tried.
const FURTHER_PORTS: u16 = 50;
/// Connections the system holds until they are accepted.
const BACKLOG: i32 = 256;

/// Why no port could be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RelayError {
    /// Other programs have all ports that were tried.
    #[error("ports {first} to {last} are all taken; choose another with --port")]
    AllTaken {
        /// The wanted port.
        first: u16,
        /// The last one tried.
        last: u16,
    },
    /// The system doesn't let this program have the port.
    #[error("port {port} is not allowed: {source}; choose one over 1023 with --port")]
    Denied {
        /// The wanted port.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// The system has no working network at all.
    #[error("no port can be opened on this system: {0}")]
    Network(#[source] io::Error),
}

/// A port that listens already; connections wait until it is served.
#[derive(Debug)]
pub struct Bound {
    /// The port.
    pub port: u16,
    /// Whether another program has the port that was wanted.
    pub wanted_taken: bool,
    pub(super) listener: TcpListener,
}

/// Listens on `port` of all addresses, IPv6 and IPv4, or on the next free one of the 50 after it; 0 is
/// any free one.
///
/// # Errors
/// [`RelayError`].
pub async fn bind(port: u16) -> Result<Bound, RelayError> {
    let last = if port == 0 {
        0
    } else {
        port.saturating_add(FURTHER_PORTS)
    };
    for candidate in port..=last {
        match listen(candidate) {
            Ok(listener) => {
                let chosen = listener.local_addr().map_err(RelayError::Network)?.port();
                return Ok(Bound {
                    port: chosen,
                    wanted_taken: candidate != port,
                    listener,
                });
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(source) if source.kind() == io::ErrorKind::PermissionDenied => {
                return Err(RelayError::Denied { port, source });
            }
            Err(error) => return Err(RelayError::Network(error)),
        }
    }
    Err(RelayError::AllTaken { first: port, last })
}

fn listen(port: u16) -> io::Result<TcpListener> {
    match listen_on(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))) {
        // No IPv6 on this system; any other trouble IPv4 would have as well.
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
            listen_on(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)))
        }
        result => result,
    }
}

fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // Lets a restarted node have its port back at once; on Windows the option means another thing:
    // that somebody else may take the port while it is in use.
    if cfg!(unix) {
        socket.set_reuse_address(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_gives_the_next() {
        let first = bind(0).await.unwrap();
        assert!(!first.wanted_taken);
        let second = bind(first.port).await.unwrap();
        assert!(second.wanted_taken);
        assert!(second.port > first.port);
    }

    #[tokio::test]
    async fn both_families_reach_it() {
        let bound = bind(0).await.unwrap();
        for address in ["127.0.0.1", "::1"] {
            let target = (address.parse::<std::net::IpAddr>().unwrap(), bound.port);
            let client = tokio::net::TcpStream::connect(target).await;
            assert!(client.is_ok(), "{address}");
        }
    }
}
