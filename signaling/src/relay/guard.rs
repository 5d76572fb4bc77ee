//! Which requests of a browser are served. Any page on the web can make a browser send requests here:
//! the `Host` header gives away a name that was rebound to this device's address (DNS rebinding), and
//! the `Origin` header a page that isn't ours (cross-site WebSocket hijacking).

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, StatusCode, header, uri::Authority};

use crate::inbox::Origin;

/// Fetch Metadata (W3C): browsers tell who caused a request, where `Origin` is not sent.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The names under which this device may be asked for. Any IP address may, besides: it can't be
/// rebound.
#[derive(Debug)]
pub(super) struct HostNames(Vec<String>);

impl HostNames {
    pub(super) fn of_this_device() -> Self {
        Self::new(&gethostname::gethostname().to_string_lossy())
    }

    fn new(hostname: &str) -> Self {
        let full = hostname.trim_end_matches('.').to_ascii_lowercase();
        let short = full.split('.').next().unwrap_or_default().to_owned();
        let local = format!("{short}.local");
        let mut names = vec!["localhost".to_owned()];
        if !short.is_empty() {
            names.extend([full, short, local]);
        }
        Self(names)
    }

    fn contain(&self, host: &str) -> bool {
        address(host).is_some() || self.0.contains(&name(host))
    }
}

/// The address a host is, without the brackets of one of IPv6.
fn address(host: &str) -> Option<IpAddr> {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    bare.parse().ok()
}

fn name(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// Where a request comes from: from this device if it came over loopback, and asks for a host that is
/// this device to whoever asks. Its own names are anybody's to answer for on the network (mDNS, DHCP), so
/// a page that was loaded from somewhere else by one of them could be rebound to a loopback address.
pub(super) fn origin(loopback: bool, host: &Authority) -> Origin {
    let host = host.host();
    let here = match address(host) {
        Some(address) => address.to_canonical().is_loopback(),
        None => name(host) == "localhost",
    };
    if loopback && here {
        Origin::Device
    } else {
        Origin::Network
    }
}

/// The host a request is for, as the browser wrote it: it may go into answers.
///
/// # Errors
/// 400 without exactly one valid `Host`, 421 if it isn't one of this device's.
pub(super) fn host(headers: &HeaderMap, names: &HostNames) -> Result<Authority, StatusCode> {
    let mut all = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (all.next(), all.next()) else {
        return Err(StatusCode::BAD_REQUEST);
    };
    let host = Authority::try_from(host.as_bytes()).map_err(|_| StatusCode::BAD_REQUEST)?;
    if !is_name_and_port(&host) {
        Err(StatusCode::BAD_REQUEST)
    } else if names.contain(host.host()) {
        Ok(host)
    } else {
        Err(StatusCode::MISDIRECTED_REQUEST)
    }
}

/// An authority may have a user and any text for a port; a host header has a number, or none.
fn is_name_and_port(host: &Authority) -> bool {
    match host.port_u16() {
        None => host.as_str() == host.host(),
        Some(port) => host.as_str() == format!("{}:{port}", host.host()),
    }
}

/// Where a plain request from the network is sent instead: browsers give no camera to it.
pub(super) fn redirect(
    secure: bool,
    origin: Origin,
    host: &Authority,
    path_and_query: &str,
) -> Option<String> {
    match origin {
        Origin::Network if !secure => Some(format!("https://{host}{path_and_query}")),
        Origin::Network | Origin::Device => None,
    }
}

/// Whether a request was made by our own page.
///
/// Browsers send `Origin` with every WebSocket and every POST, but not with a same-origin GET; with
/// those they send `Sec-Fetch-Site`. One of them must be there, and whichever is must fit.
pub(super) fn is_same_origin(headers: &HeaderMap, secure: bool, host: &Authority) -> bool {
    let scheme = if secure { "https" } else { "http" };
    let own = format!("{scheme}://{host}");
    let origin = headers
        .get(header::ORIGIN)
        .map(|origin| origin.as_bytes().eq_ignore_ascii_case(own.as_bytes()));
    let site = headers
        .get(SEC_FETCH_SITE)
        .map(|site| site.as_bytes() == b"same-origin");
    origin.or(site).is_some() && origin != Some(false) && site != Some(false)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    fn judge(host: &str) -> Result<String, StatusCode> {
        let names = HostNames::new("Anna-Laptop.example.org");
        super::host(&headers(&[(header::HOST, host)]), &names).map(|host| host.to_string())
    }

    #[test]
    fn addresses_and_own_names_are_served() {
        for host in [
            "localhost:3000",
            "LOCALHOST",
            "127.0.0.1:3000",
            "[::1]:3000",
            "192.168.1.7:3000",
            "[fe80::1]:3000",
            "anna-laptop:3000",
            "anna-laptop.local:3000",
            "anna-laptop.local.:3000",
            "anna-laptop.example.org",
        ] {
            assert_eq!(judge(host), Ok(host.to_owned()));
        }
    }

    #[test]
    fn only_what_cannot_be_rebound_is_this_device() {
        for (host, over_loopback) in [
            ("localhost:3000", Origin::Device),
            ("LOCALHOST.", Origin::Device),
            ("127.0.0.1:3000", Origin::Device),
            ("127.1.2.3", Origin::Device),
            ("[::1]:3000", Origin::Device),
            ("[::ffff:127.0.0.1]", Origin::Device),
            ("[::ffff:10.0.0.1]", Origin::Network),
            ("10.0.0.1", Origin::Network),
            ("anna-laptop:3000", Origin::Network),
            ("anna-laptop.local", Origin::Network),
            ("localhost.localdomain", Origin::Network),
        ] {
            let authority = Authority::from_static(host);
            assert_eq!(origin(true, &authority), over_loopback, "{host}");
            assert_eq!(origin(false, &authority), Origin::Network, "{host}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for host in [
            "evil.example",
            "localhost.evil.example",
            "evil.example:3000",
            "192.168.1.7.evil.example",
            "other.local",
            "example.org",
        ] {
            assert_eq!(judge(host), Err(StatusCode::MISDIRECTED_REQUEST), "{host}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for host in ["", "a b", "user@localhost", "localhost/", "[::1"] {
            assert_eq!(judge(host), Err(StatusCode::BAD_REQUEST), "{host}");
        }
        let names = HostNames::new("");
        let mut twice = headers(&[(header::HOST, "localhost")]);
        twice.append(header::HOST, HeaderValue::from_static("localhost"));
        for headers in [HeaderMap::new(), twice] {
            assert_eq!(host(&headers, &names), Err(StatusCode::BAD_REQUEST));
        }
    }

    #[test]
    fn only_plain_requests_of_the_network_are_redirected() {
        let host = Authority::from_static("192.168.1.7:3000");
        let to = |secure, origin| redirect(secure, origin, &host, "/x?y=1");
        assert_eq!(
            to(false, Origin::Network).as_deref(),
            Some("https://192.168.1.7:3000/x?y=1")
        );
        assert_eq!(to(true, Origin::Network), None);
        assert_eq!(to(false, Origin::Device), None);
        assert_eq!(to(true, Origin::Device), None);
    }

    #[test]
    fn our_own_page_alone_may_open_sockets() {
        let host = Authority::from_static("192.168.1.7:3000");
        let own = |pairs: &[(HeaderName, &str)]| is_same_origin(&headers(pairs), true, &host);
        let (origin, site) = (header::ORIGIN, SEC_FETCH_SITE);
        assert!(own(&[(origin.clone(), "https://192.168.1.7:3000")]));
        assert!(own(&[(site.clone(), "same-origin")]));
        assert!(own(&[
            (origin.clone(), "https://192.168.1.7:3000"),
            (site.clone(), "same-origin")
        ]));
        assert!(!own(&[]));
        for other in [
            "http://192.168.1.7:3000",
            "https://192.168.1.7",
            "https://192.168.1.7:3001",
            "https://evil.example",
            "null",
            "",
        ] {
            assert!(!own(&[(origin.clone(), other)]), "{other}");
        }
        for other in ["cross-site", "same-site", "none"] {
            assert!(!own(&[(site.clone(), other)]), "{other}");
            let own_origin = (origin.clone(), "https://192.168.1.7:3000");
            assert!(!own(&[own_origin, (site.clone(), other)]), "{other}");
        }
    }
}
