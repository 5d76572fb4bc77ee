//! This device's own addresses, and which of somebody else's are nearest to them.

use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// How the interfaces of containers, virtual machines and tunnels are called: their addresses are of
/// use to nobody on the LAN.
const VIRTUAL: [&str; 21] = [
    "awdl",
    "br-",
    "cni",
    "docker",
    "flannel",
    "llw",
    "lxc",
    "lxd",
    "podman",
    "tailscale",
    "tap",
    "tun",
    "utun",
    "vboxnet",
    "vethernet",
    "veth",
    "virbr",
    "vmnet",
    "wg",
    "zt",
    "bridge1",
];

/// The addresses others can reach us at, best first: real interfaces before virtual ones, IPv4 before
/// IPv6. Link-local ones only if there is nothing else; empty without a network.
pub fn own_addresses() -> Vec<IpAddr> {
    match local_ip_address::list_afinet_netifas() {
        Ok(interfaces) => rank_own(interfaces.into_iter().filter(|(name, _)| has_carrier(name))),
        Err(error) => {
            tracing::debug!(%error, "own addresses not known");
            Vec::new()
        }
    }
}

/// Linux keeps the IPv4 addresses of an interface that is down or whose cable was pulled; other
/// systems take them away.
fn has_carrier(name: &str) -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    match fs::read_to_string(format!("/sys/class/net/{name}/carrier")) {
        Ok(carrier) => carrier.trim() != "0",
        // It can be read only while the interface is up. A sandbox may have no /sys at all.
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn rank_own(interfaces: impl Iterator<Item = (String, IpAddr)>) -> Vec<IpAddr> {
    let mut ranked: Vec<_> = interfaces
        .filter(|(_, ip)| is_usable(*ip))
        .map(|(name, ip)| {
            let name = name.to_lowercase();
            let is_virtual = VIRTUAL.iter().any(|prefix| name.starts_with(prefix));
            ((is_virtual, ip.is_ipv6()), ip)
        })
        .collect();
    let local_only = ranked.iter().all(|(_, ip)| is_link_local(*ip));
    ranked.retain(|(_, ip)| local_only || !is_link_local(*ip));
    // Stable: the system's own order decides between equals.
    ranked.sort_by_key(|(rank, _)| *rank);
    let mut addresses: Vec<IpAddr> = Vec::new();
    for (_, ip) in ranked {
        if !addresses.contains(&ip) {
            addresses.push(ip);
        }
    }
    addresses
}

/// Somebody's addresses, nearest first: IPv4 by the length of the prefix it shares with one of ours
/// (RFC 6724, rule 9), then IPv6 the same way, then link-local IPv6. Such as can't be theirs are left
/// out: our own relay, loopback, multicast, link-local ones that don't say on which interface.
pub(super) fn rank_theirs(
    addresses: impl IntoIterator<Item = SocketAddr>,
    own: &[IpAddr],
    own_port: u16,
) -> Vec<SocketAddr> {
    let mut ranked: Vec<_> = addresses
        .into_iter()
        .filter(|a| is_usable(a.ip()) && a.port() != 0)
        .filter(|a| !(a.port() == own_port && own.contains(&a.ip())))
        .filter_map(|address| {
            let class = match address {
                SocketAddr::V4(_) => 0,
                SocketAddr::V6(v6) if !v6.ip().is_unicast_link_local() => 1,
                SocketAddr::V6(v6) if v6.scope_id() != 0 => 2,
                SocketAddr::V6(_) => return None,
            };
            let shared = own.iter().map(|ip| shared_prefix(*ip, address.ip())).max();
            // The address itself last, so that the order doesn't change between two sightings.
            Some(((class, u32::MAX - shared.unwrap_or(0)), address))
        })
        .collect();
    ranked.sort();
    ranked.dedup();
    ranked.into_iter().map(|(_, address)| address).collect()
}

fn is_usable(ip: IpAddr) -> bool {
    !(ip.is_loopback() || ip.is_unspecified() || ip.is_multicast())
        && ip != IpAddr::V4(Ipv4Addr::BROADCAST)
        && match ip {
            IpAddr::V4(_) => true,
            IpAddr::V6(v6) => v6.to_ipv4_mapped().is_none() && v6 != Ipv6Addr::UNSPECIFIED,
        }
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

fn shared_prefix(a: IpAddr, b: IpAddr) -> u32 {
    match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn own(list: &[(&str, &str)]) -> Vec<String> {
        let parsed = list
            .iter()
            .map(|(name, ip)| ((*name).to_owned(), ip.parse().unwrap()));
        let ranked = rank_own(parsed);
        ranked.iter().map(IpAddr::to_string).collect()
    }

    #[test]
    fn own_addresses_are_ranked() {
        let all = [
            ("lo", "127.0.0.1"),
            ("docker0", "172.17.0.1"),
            ("eth0", "fe80::1"),
            ("eth0", "fd00::1"),
            ("eth0", "192.168.1.5"),
            ("wlan0", "169.254.3.4"),
            ("wlan0", "192.168.1.6"),
            ("veth12", "192.168.1.5"),
        ];
        let best_first = ["192.168.1.5", "192.168.1.6", "fd00::1", "172.17.0.1"];
        assert_eq!(own(&all), best_first);
        assert_eq!(own(&[("lo", "127.0.0.1"), ("lo", "::1")]), [""; 0]);
        let link_local = [("eth0", "fe80::1"), ("eth0", "169.254.3.4")];
        assert_eq!(own(&link_local), ["169.254.3.4", "fe80::1"]);
    }

    #[test]
    fn their_nearest_address_comes_first() {
        let own: Vec<IpAddr> = ["192.168.1.5", "10.8.0.2", "fd00::5"]
            .map(|ip| ip.parse().unwrap())
            .to_vec();
        let theirs = [
            "[fe80::9]:3000",
            "[fe80::9%3]:3000",
            "[fd00::9]:3000",
            "[2001:db8::9]:3000",
            "172.17.0.1:3000",
            "10.8.0.9:3000",
            "192.168.1.9:3000",
            "192.168.1.9:3000",
            "192.168.1.5:3000",
            "192.168.1.5:3001",
            "127.0.0.1:3000",
            "224.0.0.251:3000",
            "0.0.0.0:3000",
            "255.255.255.255:3000",
            "[::ffff:10.0.0.1]:3000",
            "192.168.1.7:0",
        ]
        .map(|address| address.parse().unwrap());
        let ranked = rank_theirs(theirs, &own, 3000);
        let text: Vec<_> = ranked.iter().map(SocketAddr::to_string).collect();
        let best_first = [
            "192.168.1.5:3001",
            "10.8.0.9:3000",
            "192.168.1.9:3000",
            "172.17.0.1:3000",
            "[fd00::9]:3000",
            "[2001:db8::9]:3000",
            "[fe80::9%3]:3000",
        ];
        assert_eq!(text, best_first);
    }

    proptest! {
        #[test]
        fn no_address_of_theirs_is_our_own_or_unusable(ips: Vec<IpAddr>, own: Vec<IpAddr>, port: u16) {
            let theirs = ips.iter().chain(&own).map(|ip| SocketAddr::new(*ip, port));
            for address in rank_theirs(theirs, &own, port) {
                prop_assert!(!own.contains(&address.ip()));
                prop_assert!(is_usable(address.ip()) && address.port() != 0);
            }
        }
    }
}
