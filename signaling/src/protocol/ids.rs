//! Identifiers: parsed once, valid ever after.

use std::{fmt, str::FromStr};

use data_encoding::{BASE32_NOPAD, Encoding, Specification};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// RFC 4648 base32 in lower case, without padding: it fits a DNS label, a URL and a file name.
static BASE32_LOWER: LazyLock<Encoding> = LazyLock::new(|| {
    let mut spec = Specification::new();
    spec.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    spec.encoding().unwrap_or(BASE32_NOPAD)
});

/// A text that is not the identifier it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("invalid identifier")]
pub struct InvalidId;

macro_rules! text_id {
    ($name:ident) => {
        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), &self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }
    };
}

fn is_base32(text: &str, length: usize) -> bool {
    text.len() == length
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
}

/// A node: base32 of the SHA-256 of its public key (SPKI), 52 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts", type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct NodeId(Box<str>);
text_id!(NodeId);

impl NodeId {
    /// Characters of a node id.
    pub const LENGTH: usize = 52;

    /// The id of the node whose public key has this SHA-256.
    #[must_use]
    pub fn from_digest(digest: &[u8; 32]) -> Self {
        Self(BASE32_LOWER.encode(digest).into())
    }
}

impl FromStr for NodeId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if is_base32(text, Self::LENGTH) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidId)
        }
    }
}

/// An endpoint of a node that isn't the owner: 8 random base32 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts", type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct EndpointId(Box<str>);
text_id!(EndpointId);

impl EndpointId {
    /// Characters of an endpoint id. With the node id and a dash it fills a DNS label (63) to 61.
    pub const LENGTH: usize = 8;

    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(BASE32_LOWER.encode(&rand::random::<[u8; 5]>()).into())
    }
}

impl FromStr for EndpointId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if is_base32(text, Self::LENGTH) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidId)
        }
    }
}

/// Somebody who can be called: the owner of a node (`NODE`), or a guest of it (`NODE-ENDPOINT`).
/// It is the mDNS instance name too, so that names are unique by construction.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts", type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct PeerId {
    node: NodeId,
    guest: Option<EndpointId>,
}

impl PeerId {
    /// The owner of a node.
    #[must_use]
    pub fn owner(node: NodeId) -> Self {
        Self { node, guest: None }
    }

    /// A guest of a node.
    #[must_use]
    pub fn guest(node: NodeId, endpoint: EndpointId) -> Self {
        Self {
            node,
            guest: Some(endpoint),
        }
    }

    /// The node this peer is an endpoint of.
    #[must_use]
    pub fn node(&self) -> &NodeId {
        &self.node
    }

    /// Whether this is the node's owner.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.guest.is_none()
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.guest {
            None => self.node.fmt(f),
            Some(endpoint) => write!(f, "{}-{endpoint}", self.node),
        }
    }
}

impl fmt::Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerId({self})")
    }
}

impl FromStr for PeerId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text.split_once('-') {
            None => Ok(Self::owner(text.parse()?)),
            Some((node, guest)) => Ok(Self::guest(node.parse()?, guest.parse()?)),
        }
    }
}

impl TryFrom<String> for PeerId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<PeerId> for String {
    fn from(id: PeerId) -> Self {
        id.to_string()
    }
}

/// A call: 128 random bits in base32, 26 characters, chosen by the caller's UI.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts", type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct CallId(Box<str>);
text_id!(CallId);

impl CallId {
    /// Characters of a call id.
    pub const LENGTH: usize = 26;

    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(BASE32_LOWER.encode(&rand::random::<[u8; 16]>()).into())
    }
}

impl FromStr for CallId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if is_base32(text, Self::LENGTH) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidId)
        }
    }
}

/// One run of a node, or of a guest's stay: a peer with a new instance remembers no earlier call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instance(pub u32);

impl Instance {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(rand::random())
    }
}

/// A secret that proves who comes back: 128 random bits. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(BASE32_LOWER.encode(&rand::random::<[u8; 16]>()).into())
    }

    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl Secret {
    /// Whether this text is the secret.
    #[must_use]
    pub fn is(&self, other: &str) -> bool {
        // Every byte is looked at, whatever the first difference: the time tells nothing.
        self.0.len() == other.len()
            && self
                .0
                .bytes()
                .zip(other.bytes())
                .fold(0, |all, (a, b)| all | (a ^ b))
                == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// One attached UI, for as long as its socket, stream or window lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UiId(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    #[test]
    fn digest_becomes_a_label() {
        assert_eq!(NodeId::from_digest(&[0; 32]).as_str(), NODE);
        assert_eq!(NodeId::from_digest(&[0xff; 32]).as_str().len(), 52);
    }

    #[test]
    fn peers_of_both_kinds_read_back() {
        for text in [NODE.to_owned(), format!("{NODE}-abcdefg2")] {
            let peer: PeerId = text.parse().unwrap();
            assert_eq!(peer.to_string(), text);
            assert!(text.len() <= 63, "a DNS label");
        }
    }

    #[test]
    fn hostile_ids_are_refused() {
        for text in [
            "",
            "-",
            "A",
            "owner",
            &NODE[1..],
            &format!("{NODE}-"),
            &format!("{NODE}-ABCDEFGH"),
            &format!("{NODE}-abcdefg1"),
            &format!("{NODE}-abcdefg2-abcdefg2"),
            &NODE.replace('a', "é"),
        ] {
            assert_eq!(text.parse::<PeerId>(), Err(InvalidId), "{text}");
        }
    }

    #[test]
    fn random_ids_are_valid() {
        assert!(CallId::random().as_str().parse::<CallId>().is_ok());
        assert!(EndpointId::random().as_str().parse::<EndpointId>().is_ok());
    }
}
