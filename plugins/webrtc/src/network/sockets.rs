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

/// The addresses worth offering.
fn addresses() -> io::Result<BTreeSet<IpAddr>> {
    let all = if_addrs::get_if_addrs()?
        .into_iter()
        .filter(if_addrs::Interface::is_oper_up)
        .map(|interface| interface.ip());
    Ok(worth_offering(all))
}

/// Of all addresses, those to offer. Link-local IPv4 ones (two machines on a cable, no DHCP) when there is no
/// other IPv4 address; IPv6 ones never: they mean nothing without their interface, and browsers offer none
/// either. Loopback only when there is nothing else.
fn worth_offering(all: impl Iterator<Item = IpAddr>) -> BTreeSet<IpAddr> {
    let (mut usable, mut local, mut loopback) = (BTreeSet::new(), Vec::new(), Vec::new());
    for ip in all {
        match ip {
            _ if ip.is_unspecified() || ip.is_multicast() => {}
            _ if ip.is_loopback() => loopback.push(ip),
            IpAddr::V4(v4) if v4.is_link_local() => local.push(ip),
            IpAddr::V6(v6) if v6.is_unicast_link_local() => {}
            IpAddr::V4(_) | IpAddr::V6(_) => {
                usable.insert(ip);
            }
        }
    }
    if !usable.iter().any(IpAddr::is_ipv4) {
        usable.extend(local);
    }
    if usable.is_empty() {
        usable.extend(loopback);
    }
    usable.into_iter().take(MAX_LOCAL_ADDRESSES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_depends_on_what_there_is() {
        let offered = |all: &[&str]| -> Vec<String> {
            worth_offering(all.iter().map(|ip| ip.parse().unwrap()))
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        let (v4, v6) = ("192.168.1.2", "2001:db8::2");
        assert_eq!(
            offered(&["127.0.0.1", "169.254.7.7", v4, v6, "fe80::1", "::1"]),
            [v4, v6]
        );
        assert_eq!(
            offered(&["127.0.0.1", "169.254.7.7", v6]),
            ["169.254.7.7", v6]
        );
        assert_eq!(offered(&["169.254.7.7", "fe80::1"]), ["169.254.7.7"]);
        assert_eq!(
            offered(&["127.0.0.1", "fe80::1", "::1"]),
            ["127.0.0.1", "::1"]
        );
    }
}
