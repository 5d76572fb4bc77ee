//! TLS configurations. Browsers get TLS 1.2 or 1.3 and are asked for nothing; links are TLS 1.3 with
//! both ends proven, and never resumed, so that each link stands on a full handshake.

use std::sync::Arc;

use rcgen::KeyPair;
use rustls::{
    ClientConfig, Error, ServerConfig,
    client::Resumption,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::NoServerSessionStorage,
    version::{TLS12, TLS13},
};

use super::verify::{AnyNode, ExactNode};
use crate::protocol::NodeId;

/// The protocol name (ALPN, RFC 7301) that tells a node's link from a browser.
pub(crate) const LINK_ALPN: &[u8] = b"lanline/1";

/// What the relay serves TLS with.
pub(crate) struct TlsConfigs {
    pub(crate) browser: Arc<ServerConfig>,
    pub(crate) link: Arc<ServerConfig>,
}

impl TlsConfigs {
    pub(super) fn new(key: &KeyPair, certificate: &CertificateDer<'static>) -> Result<Self, Error> {
        let provider = Arc::new(ring::default_provider());
        let chain = vec![certificate.clone()];

        let mut browser = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_single_cert(chain.clone(), private_key(key))?;
        browser.alpn_protocols = vec![b"http/1.1".to_vec()];

        let any_node = AnyNode {
            algorithms: provider.signature_verification_algorithms,
        };
        let mut link = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(Arc::new(any_node))
            .with_single_cert(chain, private_key(key))?;
        link.alpn_protocols = vec![LINK_ALPN.to_vec()];
        link.session_storage = Arc::new(NoServerSessionStorage {});
        link.send_tls13_tickets = 0;

        Ok(Self {
            browser: Arc::new(browser),
            link: Arc::new(link),
        })
    }
}

pub(super) fn link_client(
    key: &KeyPair,
    certificate: &CertificateDer<'static>,
    expected: &NodeId,
) -> Result<ClientConfig, Error> {
    let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
    let exact_node = ExactNode {
        expected: expected.clone(),
        algorithms: provider.signature_verification_algorithms,
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(exact_node))
        .with_client_auth_cert(vec![certificate.clone()], private_key(key))?;
    config.alpn_protocols = vec![LINK_ALPN.to_vec()];
    config.enable_sni = false;
    config.resumption = Resumption::disabled();
    Ok(config)
}

fn private_key(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivatePkcs8KeyDer::from(key.serialize_der()).into()
}
