//! The TXT record: what an announcement says, and what may be believed of a stranger's.
//!
//! `v` version of the wire, `id` node id, `name`, `kind`, `status` (`available`, `in_call`, `away`,
//! or `left` just before the goodbye), `via` the node's name for a guest, `n` a number that changes
//! with each announcement.
//!
//! `left` is there because mDNS keeps a record for one more second after its goodbye (RFC 6762, 10.1);
//! a changed TXT record is passed on at once. `n` is there because a record that was multicast within
//! the last second is not multicast again (RFC 6762, section 6), and a status may come back so soon.

use mdns_sd::TxtProperties;

use super::Announcement;
use crate::protocol::{
    LINK_VERSION, NodeId, PeerId,
    name::shown_name,
    ui::{DeviceKind, PeerStatus},
};

/// The status of an endpoint that says goodbye.
const LEFT: &str = "left";

/// What a TXT record says of a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// It is there.
    Here {
        name: String,
        kind: DeviceKind,
        status: PeerStatus,
        via: Option<String>,
    },
    /// It is about to go.
    Left,
}

/// The properties of an announcement, the `number`th: the last one before the goodbye if `left`.
pub(super) fn write(
    announcement: &Announcement,
    left: bool,
    number: u32,
) -> Vec<(&'static str, String)> {
    let status = if left {
        LEFT
    } else {
        status_text(announcement.status)
    };
    let mut properties = vec![
        ("v", LINK_VERSION.to_string()),
        ("id", announcement.peer.node().to_string()),
        ("name", announcement.name.clone()),
        ("kind", kind_text(announcement.kind).to_owned()),
        ("status", status.to_owned()),
        ("n", number.to_string()),
    ];
    if let Some(via) = &announcement.via {
        properties.push(("via", via.clone()));
    }
    properties
}

/// Reads the record of the instance named `peer`. Nothing if it is not one of ours: another version's
/// is (its calls are refused with a reason), another node's id is not.
pub(super) fn read(peer: &PeerId, properties: &TxtProperties) -> Option<Said> {
    let text = |key| {
        let value = properties.get_property_val(key)??;
        std::str::from_utf8(value).ok()
    };
    let version: u32 = text("v")?.parse().ok()?;
    let node: NodeId = text("id")?.parse().ok()?;
    if version == 0 || node != *peer.node() {
        return None;
    }
    let status = match text("status") {
        Some(LEFT) => return Some(Said::Left),
        Some("in_call") => PeerStatus::InCall,
        Some("away") => PeerStatus::Away,
        // What a later version may say: a call tells.
        Some(_) | None => PeerStatus::Available,
    };
    Some(Said::Here {
        name: shown_name(text("name").unwrap_or_default(), peer),
        kind: kind_of(text("kind").unwrap_or_default()),
        status,
        // An owner is nobody's guest, whatever it says.
        via: (!peer.is_owner()).then(|| {
            let owner = PeerId::owner(node);
            shown_name(text("via").unwrap_or_default(), &owner)
        }),
    })
}

fn status_text(status: PeerStatus) -> &'static str {
    match status {
        PeerStatus::Available => "available",
        PeerStatus::InCall => "in_call",
        PeerStatus::Away => "away",
    }
}

fn kind_text(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Desktop => "desktop",
        DeviceKind::Laptop => "laptop",
        DeviceKind::Phone => "phone",
        DeviceKind::Tablet => "tablet",
        DeviceKind::Unknown => "unknown",
    }
}

fn kind_of(text: &str) -> DeviceKind {
    match text {
        "desktop" => DeviceKind::Desktop,
        "laptop" => DeviceKind::Laptop,
        "phone" => DeviceKind::Phone,
        "tablet" => DeviceKind::Tablet,
        _ => DeviceKind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::{EndpointId, limits::MAX_NAME_CHARS};

    type Changes<'a> = &'a [(&'a str, &'a [u8])];

    fn node() -> NodeId {
        NodeId::from_digest(&[1; 32])
    }

    /// The record as it goes over the wire (RFC 6763, section 6.1).
    fn properties(pairs: &[(&str, &[u8])]) -> TxtProperties {
        let mut wire = Vec::new();
        for (key, value) in pairs {
            wire.push(u8::try_from(key.len() + 1 + value.len()).unwrap());
            wire.extend([key.as_bytes(), b"=", value].concat());
        }
        TxtProperties::from(wire.as_slice())
    }

    fn record(changes: Changes<'_>) -> TxtProperties {
        let id = node().to_string();
        let mut pairs = vec![
            ("v", b"1".as_slice()),
            ("id", id.as_bytes()),
            ("name", b"Ada"),
            ("kind", b"laptop"),
            ("status", b"away"),
        ];
        for (key, value) in changes {
            pairs.retain(|(existing, _)| existing != key);
            pairs.push((key, value));
        }
        properties(&pairs)
    }

    fn here(name: &str, kind: DeviceKind, status: PeerStatus) -> Option<Said> {
        Some(Said::Here {
            name: name.to_owned(),
            kind,
            status,
            via: None,
        })
    }

    #[test]
    fn records_are_read_with_suspicion() {
        use DeviceKind::{Laptop, Unknown};
        use PeerStatus::{Available, Away, InCall};
        let owner = PeerId::owner(node());
        let ada = here("Ada", Laptop, Away);
        let other = NodeId::from_digest(&[2; 32]).to_string();
        let long = "x".repeat(240);
        let cut = "x".repeat(MAX_NAME_CHARS);
        let cases: [(Changes<'_>, Option<Said>); 16] = [
            (&[], ada.clone()),
            (&[("v", b"2")], ada.clone()),
            (&[("more", b"\xff\xfe")], ada.clone()),
            (&[("via", b"not a guest")], ada),
            (&[("status", b"left")], Some(Said::Left)),
            (&[("status", b"in_call")], here("Ada", Laptop, InCall)),
            (&[("status", b"asleep")], here("Ada", Laptop, Available)),
            (&[("kind", b"toaster")], here("Ada", Unknown, Away)),
            (
                &[("name", b"\xe2\x80\xaeadA\x07")],
                here("adA", Laptop, Away),
            ),
            (&[("name", long.as_bytes())], here(&cut, Laptop, Away)),
            (
                &[("name", b"\xff")],
                here(&node().as_str()[..8], Laptop, Away),
            ),
            (&[("v", b"0")], None),
            (&[("v", b"one")], None),
            (&[("v", b"")], None),
            (&[("id", other.as_bytes())], None),
            (&[("id", b"\xff")], None),
        ];
        for (changes, said) in cases {
            assert_eq!(read(&owner, &record(changes)), said, "{changes:?}");
        }
        assert_eq!(read(&owner, &properties(&[])), None);
        assert_eq!(
            read(&owner, &TxtProperties::from([0xff; 9].as_slice())),
            None
        );
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            name in "[a-zA-Z小明👩é]{1,40}",
            guest: bool,
            left: bool,
            number: u32,
        ) {
            let peer = if guest {
                PeerId::guest(node(), EndpointId::random())
            } else {
                PeerId::owner(node())
            };
            let announcement = Announcement {
                peer: peer.clone(),
                name: name.clone(),
                kind: DeviceKind::Tablet,
                status: PeerStatus::InCall,
                via: guest.then(|| name.clone()),
            };
            let pairs = write(&announcement, left, number);
            let pairs: Vec<_> = pairs.iter().map(|(k, v)| (*k, v.as_bytes())).collect();
            let said = read(&peer, &properties(&pairs));
            let here = Said::Here {
                name: name.clone(),
                kind: DeviceKind::Tablet,
                status: PeerStatus::InCall,
                via: guest.then_some(name),
            };
            prop_assert_eq!(said, Some(if left { Said::Left } else { here }));
        }

        #[test]
        fn nothing_hostile_gets_through(wire: Vec<u8>, name: Vec<u8>, status: Vec<u8>) {
            let owner = PeerId::owner(node());
            let _ = read(&owner, &TxtProperties::from(wire.as_slice()));
            let fits = |bytes: &[u8]| bytes.get(..200).unwrap_or(bytes).to_vec();
            let said = read(&owner, &record(&[("name", &fits(&name)), ("status", &fits(&status))]));
            if let Some(Said::Here { name, .. }) = said {
                prop_assert!((1..=MAX_NAME_CHARS).contains(&name.chars().count()));
                prop_assert!(!name.chars().any(char::is_control));
            }
        }
    }
}
