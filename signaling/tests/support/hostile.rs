//! The other end of a connection, without our own checks: whoever might be out there.

use std::{net::SocketAddr, sync::Arc};

use futures_util::{SinkExt as _, StreamExt as _};
use lanline_signaling::protocol::{NodeId, link::LinkMessage};
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, ServerConfig, SignatureScheme,
    client::{
        ResolvesClientCert,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use super::soon;

pub const LINK_ALPN: &[u8] = b"lanline/1";

/// A key pair, and the certificate shown for it, which need not be of the same key.
#[derive(Debug)]
pub struct Mallory(Arc<CertifiedKey>, NodeId);

impl Mallory {
    /// A node with its own certificate.
    pub fn honest() -> Self {
        Self::showing(None)
    }

    /// Shows somebody else's certificate, whose key it doesn't have.
    pub fn posing_as(certificate: CertificateDer<'static>) -> Self {
        Self::showing(Some(certificate))
    }

    fn showing(certificate: Option<CertificateDer<'static>>) -> Self {
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(vec!["localhost".to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        let digest: [u8; 32] = Sha256::digest(key.subject_public_key_info()).into();
        let der = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let signer = provider().key_provider.load_private_key(der).unwrap();
        let shown = certificate.unwrap_or_else(|| own.der().clone());
        let certified = CertifiedKey::new(vec![shown], signer);
        Self(Arc::new(certified), NodeId::from_digest(&digest))
    }

    pub fn id(&self) -> &NodeId {
        &self.1
    }

    /// A TLS client that accepts any server.
    pub async fn connect(&self, address: SocketAddr, alpn: &[u8]) -> TlsStream<TcpStream> {
        self.try_connect(address, alpn).await.unwrap()
    }

    async fn try_connect(
        &self,
        address: SocketAddr,
        alpn: &[u8],
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let resolver = Arc::new(Resolver(self.0.clone()));
        let mut config = client().with_client_cert_resolver(resolver);
        config.alpn_protocols = vec![alpn.to_vec()];
        connect(config, address).await
    }

    /// A link, after the HTTP upgrade and before the first message.
    pub async fn link(&self, address: SocketAddr) -> Link {
        let tls = self.connect(address, LINK_ALPN).await;
        let upgrade = Box::pin(client_async("ws://localhost/link", tls));
        let (socket, _) = soon(upgrade).await.unwrap();
        Link(socket)
    }

    /// A TLS server that shows the certificate and asks for none.
    pub fn server(&self) -> Arc<ServerConfig> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Resolver(self.0.clone())));
        config.alpn_protocols = vec![LINK_ALPN.to_vec()];
        Arc::new(config)
    }
}

/// A TLS client without a certificate, that accepts any server.
pub async fn connect_without_certificate(
    address: SocketAddr,
    alpn: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut config = client().with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    connect(config, address).await
}

/// A link of somebody who writes what they like.
pub struct Link(WebSocketStream<TlsStream<TcpStream>>);

impl Link {
    pub async fn say(&mut self, text: impl Into<String>) {
        let text: String = text.into();
        // The node may have closed already: what it said before can still be read.
        let _ = soon(self.0.send(Message::text(text))).await;
    }

    pub async fn hear(&mut self) -> Option<LinkMessage> {
        loop {
            match soon(self.0.next()).await {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_) | Err(_)) | None => return None,
            }
        }
    }

    /// Exchanges versions.
    pub async fn greet(&mut self) {
        self.say(r#"{"type":"hello","version":1}"#).await;
        let hello = self.hear().await;
        assert_eq!(hello, Some(LinkMessage::Hello { version: 1 }));
    }
}

async fn connect(
    config: ClientConfig,
    address: SocketAddr,
) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    soon(TlsConnector::from(Arc::new(config)).connect(name, tcp)).await
}

fn client() -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
    ClientConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyServer))
}

fn provider() -> CryptoProvider {
    ring::default_provider()
}

#[derive(Debug)]
struct Resolver(Arc<CertifiedKey>);

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

impl ResolvesClientCert for Resolver {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[derive(Debug)]
struct AnyServer;

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
