//! One UDP socket for each address of the machine: its host candidates.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, SocketAddr},
    task::{Context, Poll, ready},
};

use tokio::{io::ReadBuf, net::UdpSocket};

use crate::limits::{MAX_DATAGRAM, MAX_LOCAL_ADDRESSES};

/// What changed since the last look.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) added: Vec<SocketAddr>,
    pub(crate) removed: Vec<SocketAddr>,
}

/// A datagram's length, where it came from, and which of our addresses it came to.
pub(crate) struct Datagram {
    pub(crate) length: usize,
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
}

/// The sockets of one connection.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    sockets: Vec<(SocketAddr, UdpSocket)>,
    /// Where reading goes on, so that a flooded socket does not starve the others.
    next: usize,
}

impl Sockets {
    /// Opens sockets on addresses that are new, and closes those of addresses that are gone.
    pub(crate) fn refresh(&mut self) -> Change {
        let present = match addresses() {
            Ok(present) => present,
            Err(error) => {
                tracing::warn!(%error, "the machine's addresses can't be read");
                return Change::default();
            }
        };
        let mut change = Change::default();
        self.sockets.retain(|(address, _)| {
            let stays = present.contains(&address.ip());
            if !stays {
                change.removed.push(*address);
            }
            stays
        });
        for ip in present {
            if self.sockets.iter().any(|(address, _)| address.ip() == ip) {
                continue;
            }
            match open(ip) {
                Ok((address, socket)) => {
                    self.sockets.push((address, socket));
                    change.added.push(address);
                }
                // An IPv6 address that is still being checked for duplicates can't be bound; the next look will.
                Err(error) => tracing::debug!(%error, "an own address can't be used yet"),
            }
        }
        change
    }

    /// Sends a datagram from that address, or drops it: the network may, and so may a full socket.
    pub(crate) fn send(&self, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        let Some((_, socket)) = self.sockets.iter().find(|(address, _)| *address == from) else {
            return;
        };
        if let Err(error) = socket.try_send_to(bytes, to) {
            tracing::trace!(%error, "a datagram was not sent");
        }
    }

    /// The next datagram on any socket.
    pub(crate) fn poll_receive(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8; MAX_DATAGRAM],
    ) -> Poll<Datagram> {
        let count = self.sockets.len();
        for step in 0..count {
            let index = (self.next + step) % count;
            let Some((to, socket)) = self.sockets.get(index) else {
                continue;
            };
            // An error is that of a datagram sent before (ICMP): look at the socket again.
            for _ in 0..4 {
                let mut space = ReadBuf::new(buffer);
                match poll_once(socket, context, &mut space) {
                    Poll::Pending => break,
                    Poll::Ready(Err(_)) => {}
                    Poll::Ready(Ok(from)) => {
                        let datagram = Datagram {
                            length: space.filled().len(),
                            from,
                            to: *to,
                        };
                        self.next = (index + 1) % count;
                        return Poll::Ready(datagram);
                    }
                }
            }
        }
        Poll::Pending
    }
}

fn poll_once(
    socket: &UdpSocket,
    context: &mut Context<'_>,
    space: &mut ReadBuf<'_>,
) -> Poll<io::Result<SocketAddr>> {
    Poll::Ready(ready!(socket.poll_recv_from(context, space)))
}

fn open(ip: IpAddr) -> io::Result<(SocketAddr, UdpSocket)> {
    let socket = std::net::UdpSocket::bind((ip, 0))?;
    socket.set_nonblocking(true)?;
    let socket = UdpSocket::from_std(socket)?;
    Ok((socket.local_addr()?, socket))
}

/// The addresses worth offering. Link-local ones are not: they mean nothing without their interface,
/// and browsers offer none either. Loopback only when there is nothing else.
fn addresses() -> io::Result<BTreeSet<IpAddr>> {
    let all: BTreeSet<IpAddr> = if_addrs::get_if_addrs()?
        .into_iter()
        .filter(if_addrs::Interface::is_oper_up)
        .map(|interface| interface.ip())
        .filter(|ip| match ip {
            IpAddr::V4(ip) => !ip.is_link_local() && !ip.is_unspecified(),
            IpAddr::V6(ip) => !ip.is_unicast_link_local() && !ip.is_unspecified(),
        })
        .collect();
    let (loopback, others): (BTreeSet<IpAddr>, BTreeSet<IpAddr>) =
        all.into_iter().partition(IpAddr::is_loopback);
    let usable = if others.is_empty() { loopback } else { others };
    Ok(usable.into_iter().take(MAX_LOCAL_ADDRESSES).collect())
}
