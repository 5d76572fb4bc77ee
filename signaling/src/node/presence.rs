//! Who is there, as told in both directions: our endpoints to mDNS, and everybody to our UIs.

use std::collections::{BTreeMap, BTreeSet};

use super::driver::Driver;
use crate::{
    call::is_blocked,
    discovery::Announcement,
    protocol::{
        PeerId,
        name::shown_name,
        ui::{DeviceKind, Event, Me, Peer, PeerStatus, Role},
    },
};

/// The version others and the person see.
const VERSION: &str = env!("CARGO_PKG_VERSION");

impl Driver {
    /// Tells mDNS what has changed of our endpoints since it was told last.
    pub(super) fn announce(&mut self) {
        let wanted: BTreeMap<PeerId, Announcement> = self
            .local_endpoints()
            .into_iter()
            .map(|announcement| (announcement.peer.clone(), announcement))
            .collect();
        if let Some(discovery) = &self.discovery {
            for peer in self
                .announced
                .keys()
                .filter(|peer| !wanted.contains_key(*peer))
            {
                discovery.withdraw(peer);
            }
            for (peer, announcement) in &wanted {
                if self.announced.get(peer) != Some(announcement) {
                    discovery.announce(announcement.clone());
                }
            }
        }
        self.announced = wanted;
    }

    /// Our endpoints as others see them.
    fn local_endpoints(&self) -> Vec<Announcement> {
        let owner = Announcement {
            peer: self.owner.clone(),
            name: self.name.clone(),
            kind: self.kind,
            status: self.status_of(&self.owner),
            via: None,
        };
        let guests = self.seats.guests().map(|(peer, guest)| Announcement {
            peer: peer.clone(),
            name: guest.name.clone(),
            kind: guest.kind,
            status: self.status_of(peer),
            via: Some(self.name.clone()),
        });
        std::iter::once(owner).chain(guests).collect()
    }

    fn status_of(&self, endpoint: &PeerId) -> PeerStatus {
        if self.machine.is_busy(endpoint) {
            PeerStatus::InCall
        } else if self.seats.has_ui(endpoint) {
            PeerStatus::Available
        } else {
            PeerStatus::Away
        }
    }

    /// Everybody an endpoint of ours can call.
    pub(super) fn peers_for(&self, endpoint: &PeerId) -> Vec<Peer> {
        self.told(endpoint, &self.everybody())
    }

    /// Of everybody, what an endpoint of ours is told: the others. Whom the owner has blocked is
    /// nobody else's business.
    fn told(&self, endpoint: &PeerId, everybody: &[Peer]) -> Vec<Peer> {
        everybody
            .iter()
            .filter(|peer| peer.id != *endpoint)
            .map(|peer| Peer {
                blocked: peer.blocked && *endpoint == self.owner,
                ..peer.clone()
            })
            .collect()
    }

    /// All endpoints of this node, and all other peers.
    fn everybody(&self) -> Vec<Peer> {
        let blocked = self.store.blocked();
        let here = self.announced.values().map(|local| {
            self.peer(
                &blocked,
                &local.peer,
                &local.name,
                local.kind,
                local.status,
                local.via.as_deref(),
            )
        });
        let elsewhere = self.roster.peers().map(|seen| {
            self.peer(
                &blocked,
                &seen.peer,
                &seen.name,
                seen.kind,
                seen.status,
                seen.via.as_deref(),
            )
        });
        here.chain(elsewhere).collect()
    }

    fn peer(
        &self,
        blocked: &BTreeSet<PeerId>,
        id: &PeerId,
        name: &str,
        kind: DeviceKind,
        status: PeerStatus,
        via: Option<&str>,
    ) -> Peer {
        Peer {
            id: id.clone(),
            node: id.node().clone(),
            name: name.to_owned(),
            kind,
            role: if id.is_owner() {
                Role::Owner
            } else {
                Role::Guest
            },
            via: via.map(ToOwned::to_owned),
            status,
            trust: self.store.trust(id, name),
            blocked: is_blocked(blocked, id),
        }
    }

    /// What the node that vouches for a guest is called. A guest needs not be announced to call, and its
    /// node is named all the same, by its id if by nothing else.
    pub(super) fn via(&self, peer: &PeerId) -> Option<String> {
        if peer.is_owner() {
            return None;
        }
        if peer.node() == self.owner.node() {
            return Some(self.name.clone());
        }
        let seen = self.roster.get(peer).and_then(|seen| seen.via.clone());
        Some(seen.unwrap_or_else(|| shown_name("", peer)))
    }

    /// Who a UI is.
    pub(super) fn me(&self, endpoint: &PeerId) -> Me {
        let guest = self.seats.guest(endpoint);
        Me {
            peer: endpoint.clone(),
            role: if guest.is_some() {
                Role::Guest
            } else {
                Role::Owner
            },
            name: guest.map_or_else(|| self.name.clone(), |guest| guest.name.clone()),
            kind: guest.map_or(self.kind, |guest| guest.kind),
            node_name: self.name.clone(),
            join_urls: self.lan_urls(),
            local_url: self.local_url(),
            version: VERSION.to_owned(),
        }
    }

    /// Where a browser on this device opens the UI.
    pub(super) fn local_url(&self) -> String {
        format!("http://localhost:{}/", self.port)
    }

    /// Where a browser on the LAN opens the UI, best first.
    pub(super) fn lan_urls(&self) -> Vec<String> {
        self.addresses
            .iter()
            .map(|address| {
                format!(
                    "https://{}/",
                    std::net::SocketAddr::new(*address, self.port)
                )
            })
            .collect()
    }

    /// Tells every UI who it is.
    pub(super) fn push_me(&mut self) {
        for ui in self.seats.all_uis() {
            if let Some(endpoint) = self.seats.endpoint(ui) {
                let me = self.me(endpoint);
                self.push(ui, Event::Me(me));
            }
        }
    }

    /// Tells the UIs of one endpoint who they are.
    pub(super) fn push_me_to(&mut self, endpoint: &PeerId) {
        let me = self.me(endpoint);
        for ui in self.seats.uis_of(endpoint) {
            self.push(ui, Event::Me(me.clone()));
        }
    }

    /// Tells the UIs who are to be told, and have read enough, who is there.
    pub(super) fn push_roster(&mut self) {
        let told = self.seats.settle_rosters();
        if told.is_empty() {
            return;
        }
        let everybody = self.everybody();
        for (ui, endpoint) in told {
            let peers = self.told(&endpoint, &everybody);
            self.push(ui, Event::Roster { peers });
        }
    }

    /// Tells every UI what the person should know.
    pub(super) fn push_notices(&mut self) {
        let codes: Vec<_> = self.notices.iter().copied().collect();
        for ui in self.seats.all_uis() {
            self.push(
                ui,
                Event::Notices {
                    codes: codes.clone(),
                },
            );
        }
    }
}
