//! Who is at the other end of a link, decided inside the TLS handshake. There are no authorities: an
//! end proves a node id by a signature with the key whose SHA-256 the id is. Names and dates in the
//! certificate mean nothing here.

use std::{error, fmt, sync::Arc};

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
};
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::protocol::NodeId;

/// The server proved another id than the one it was called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WrongKey;

impl WrongKey {
    /// Whether this is why a handshake failed.
    pub(crate) fn is_in(error: &std::io::Error) -> bool {
        let tls = error.get_ref().and_then(|inner| inner.downcast_ref());
        matches!(
            tls,
            Some(Error::InvalidCertificate(CertificateError::Other(OtherError(reason))))
                if reason.is::<Self>()
        )
    }
}

impl fmt::Display for WrongKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the node's key is not the one its id stands for")
    }
}

impl error::Error for WrongKey {}

/// The node whose certificate this is.
///
/// # Errors
/// [`CertificateError::BadEncoding`] for anything that isn't exactly one X.509 certificate.
pub(crate) fn node_id_of(certificate: &CertificateDer<'_>) -> Result<NodeId, Error> {
    match X509Certificate::from_der(certificate) {
        Ok(([], parsed)) => {
            let digest: [u8; 32] = Sha256::digest(parsed.public_key().raw).into();
            Ok(NodeId::from_digest(&digest))
        }
        Ok(_) | Err(_) => Err(CertificateError::BadEncoding.into()),
    }
}

/// Accepts one node, and no other.
#[derive(Debug)]
pub(super) struct ExactNode {
    pub(super) expected: NodeId,
    pub(super) algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for ExactNode {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if node_id_of(end_entity)? == self.expected {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::Other(OtherError(Arc::new(WrongKey))).into())
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(only_tls13())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Accepts any node that proves *an* id; which one is read from the connection afterwards.
#[derive(Debug)]
pub(super) struct AnyNode {
    pub(super) algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for AnyNode {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        node_id_of(end_entity).map(|_| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(only_tls13())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn only_tls13() -> Error {
    Error::PeerIncompatible(rustls::PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig)
}
