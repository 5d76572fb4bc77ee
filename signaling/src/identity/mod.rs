//! Who this node is: one key pair, made at the first start and kept, and a self-signed certificate for
//! it. The node's id is the SHA-256 of the public key, so it can be checked inside a TLS handshake
//! without anybody else's word.

mod error;
mod storage;
mod tls;
mod verify;

use std::{fmt, path::Path};

use rcgen::{KeyPair, PublicKeyData as _};
use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};

pub use error::IdentityError;
pub(crate) use tls::{LINK_ALPN, TlsConfigs};
pub(crate) use verify::{WrongKey, node_id_of};

use crate::protocol::NodeId;

/// The key pair of a node, its certificate and its id. [`fmt::Debug`] shows the id alone.
pub struct Identity {
    node_id: NodeId,
    key: KeyPair,
    certificate: CertificateDer<'static>,
    tls: TlsConfigs,
}

impl Identity {
    /// Loads the identity kept in `dir/identity`, or makes one there. The directory is created with
    /// mode 0700 and the key with mode 0600 where modes exist.
    ///
    /// # Errors
    /// [`IdentityError`], which says what to do about it. A key that can't be used is never replaced:
    /// it would change who this node is to everybody who knows it.
    pub fn load_or_create(dir: &Path) -> Result<Self, IdentityError> {
        let folder = dir.join("identity");
        let key = storage::load_or_create_key(&folder)?;
        let certificate = storage::load_or_create_certificate(&folder, &key)?;
        let digest: [u8; 32] = Sha256::digest(key.subject_public_key_info()).into();
        let tls = TlsConfigs::new(&key, &certificate)?;
        Ok(Self {
            node_id: NodeId::from_digest(&digest),
            key,
            certificate,
            tls,
        })
    }

    /// The id: base32 of the SHA-256 of the public key.
    #[must_use]
    pub fn node_id(&self) -> &NodeId {
        &self.node_id
    }

    /// The TLS configurations of the relay, for browsers and for links.
    pub(crate) fn tls(&self) -> &TlsConfigs {
        &self.tls
    }

    /// The TLS configuration to reach `expected`, and nobody else.
    ///
    /// # Errors
    /// [`rustls::Error`] if the key doesn't fit the certificate, which loading has ruled out.
    pub(crate) fn link_client(
        &self,
        expected: &NodeId,
    ) -> Result<rustls::ClientConfig, rustls::Error> {
        tls::link_client(&self.key, &self.certificate, expected)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("node_id", &self.node_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let name = format!("lanline-identity-{:016x}", rand::random::<u64>());
            Self(std::env::temp_dir().join(name))
        }

        fn file(&self, name: &str) -> PathBuf {
            self.0.join("identity").join(name)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_second_start_is_the_same_node() {
        let folder = Folder::new();
        let first = Identity::load_or_create(&folder.0).unwrap();
        let second = Identity::load_or_create(&folder.0).unwrap();
        assert_eq!(first.node_id(), second.node_id());
        assert_eq!(first.certificate, second.certificate);
        assert_eq!(node_id_of(&first.certificate).unwrap(), *first.node_id());
        let left: Vec<_> = fs::read_dir(folder.0.join("identity"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left.len(), 2, "no temporary files: {left:?}");
    }

    #[test]
    fn two_nodes_differ() {
        let (one, other) = (Folder::new(), Folder::new());
        assert_ne!(
            Identity::load_or_create(&one.0).unwrap().node_id(),
            Identity::load_or_create(&other.0).unwrap().node_id()
        );
    }

    #[test]
    fn a_broken_key_is_refused_and_kept() {
        let folder = Folder::new();
        Identity::load_or_create(&folder.0).unwrap();
        let whole = fs::read(folder.file("key.pem")).unwrap();
        let rsa_in_name_only =
            b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----";
        for broken in [
            &[][..],
            &whole[..whole.len() / 2],
            b"\xff\xfe",
            rsa_in_name_only,
        ] {
            fs::write(folder.file("key.pem"), broken).unwrap();
            let error = Identity::load_or_create(&folder.0).unwrap_err();
            assert!(matches!(error, IdentityError::Corrupt { .. }), "{error:?}");
            assert_eq!(fs::read(folder.file("key.pem")).unwrap(), broken);
        }
    }

    #[test]
    fn a_lost_broken_or_foreign_certificate_is_made_anew() {
        let (folder, other) = (Folder::new(), Folder::new());
        let id = Identity::load_or_create(&folder.0)
            .unwrap()
            .node_id()
            .clone();
        Identity::load_or_create(&other.0).unwrap();
        let path = folder.file("certificate.pem");
        for spoil in [
            &(|| fs::remove_file(&path).unwrap()) as &dyn Fn(),
            &|| fs::write(&path, "broken").unwrap(),
            &|| assert!(fs::copy(other.file("certificate.pem"), &path).unwrap() > 0),
        ] {
            spoil();
            let again = Identity::load_or_create(&folder.0).unwrap();
            assert_eq!(*again.node_id(), id);
            assert_eq!(node_id_of(&again.certificate).unwrap(), id);
        }
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_told() {
        let folder = Folder::new();
        fs::write(&folder.0, "a file where the directory should be").unwrap();
        let error = Identity::load_or_create(&folder.0).unwrap_err();
        let _ = fs::remove_file(&folder.0);
        assert!(
            matches!(error, IdentityError::NotWritable { .. }),
            "{error:?}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn others_cannot_read_the_key() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = Folder::new();
        Identity::load_or_create(&folder.0).unwrap();
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(folder.file("")), 0o700);
        assert_eq!(mode(folder.file("key.pem")), 0o600);

        fs::set_permissions(folder.file("key.pem"), fs::Permissions::from_mode(0o640)).unwrap();
        let error = Identity::load_or_create(&folder.0).unwrap_err();
        assert!(
            matches!(error, IdentityError::Exposed { mode: 0o640, .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }

    #[test]
    fn debug_shows_nothing_secret() {
        let folder = Folder::new();
        let identity = Identity::load_or_create(&folder.0).unwrap();
        assert_eq!(
            format!("{identity:?}"),
            format!("Identity {{ node_id: {:?}, .. }}", identity.node_id())
        );
    }

    #[test]
    fn what_is_no_certificate_has_no_id() {
        let folder = Folder::new();
        let identity = Identity::load_or_create(&folder.0).unwrap();
        let mut longer = identity.certificate.to_vec();
        longer.push(0);
        for bytes in [vec![], vec![0x30, 0x80], longer] {
            assert!(node_id_of(&bytes.into()).is_err());
        }
    }
}
