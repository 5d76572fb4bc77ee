//! `.local` names of browsers' candidates (draft-ietf-mmusic-mdns-ice-candidates), asked for by
//! multicast on the local network.

use std::{net::IpAddr, sync::OnceLock};

use mdns_sd::{HostnameResolutionEvent, ServiceDaemon};

use crate::limits::LOOKUP_TIMEOUT;

/// Looks a name up. Nothing if nobody answers in [`LOOKUP_TIMEOUT`].
pub(crate) async fn resolve(name: &str) -> Vec<IpAddr> {
    let Some(daemon) = daemon() else {
        return Vec::new();
    };
    let millis = u64::try_from(LOOKUP_TIMEOUT.as_millis()).unwrap_or(u64::MAX);
    let full = format!("{name}.");
    let events = match daemon.resolve_hostname(&full, Some(millis)) {
        Ok(events) => events,
        Err(error) => {
            tracing::debug!(%error, "a candidate's name can't be looked up");
            return Vec::new();
        }
    };
    while let Ok(event) = events.recv_async().await {
        match event {
            HostnameResolutionEvent::AddressesFound(_, addresses) => {
                let _ = daemon.stop_resolve_hostname(&full);
                return addresses
                    .iter()
                    .map(mdns_sd::ScopedIp::to_ip_addr)
                    .collect();
            }
            HostnameResolutionEvent::SearchTimeout(_)
            | HostnameResolutionEvent::SearchStopped(_) => break,
            // The enum may grow; whatever else is said is no answer.
            HostnameResolutionEvent::SearchStarted(_)
            | HostnameResolutionEvent::AddressesRemoved(..)
            | _ => {}
        }
    }
    Vec::new()
}

/// One for the process, from the first name on.
fn daemon() -> Option<&'static ServiceDaemon> {
    static DAEMON: OnceLock<Option<ServiceDaemon>> = OnceLock::new();
    DAEMON
        .get_or_init(|| {
            ServiceDaemon::new()
                .inspect_err(
                    |error| tracing::warn!(%error, "names of candidates can't be looked up"),
                )
                .ok()
        })
        .as_ref()
}
