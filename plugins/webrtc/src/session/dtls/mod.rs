//! What passes through DTLS, where str0m lets its users supply the cryptography: packets of SCTP before they are sent,
//! the certificates, and the time.

mod empty;
mod packet;
mod patience;
mod sent;

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Instant,
};

use str0m::crypto::{
    CryptoError, CryptoProvider,
    dtls::{
        DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion,
        ProtocolVersion,
    },
};

pub(super) use self::empty::stand_in;
use self::{patience::Patience, sent::Sent};

/// What was seen of one connection.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) sent: Sent,
    /// What is told of ICE, for the handshake.
    pub(super) patience: Patience,
    /// DER.
    pub(super) own_certificate: Vec<u8>,
    /// DER; empty until the peer has shown it.
    pub(super) peer_certificate: Vec<u8>,
}

/// The same from both sides: of whoever drives `Rtc`, and of what str0m calls.
#[derive(Debug, Clone, Default)]
pub(super) struct Shared(Arc<Mutex<Seen>>);

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

thread_local! {
    /// Of the connection that was built last. str0m's provider is one for all and is not told for whom it makes a
    /// connection; it makes it while `Rtc` is built.
    static BUILT: RefCell<Shared> = RefCell::default();
}

/// str0m's own cryptography, with an eye on what goes through it.
pub(super) fn crypto() -> Arc<CryptoProvider> {
    static DTLS: OnceLock<Dtls> = OnceLock::new();
    let provider = str0m::crypto::from_feature_flags();
    let dtls_provider = DTLS.get_or_init(|| Dtls(provider.dtls_provider));
    Arc::new(CryptoProvider {
        dtls_provider,
        ..provider
    })
}

/// What is seen of the `Rtc` that this thread built last, with [`crypto`].
pub(super) fn last_built() -> Shared {
    BUILT.with_borrow(Shared::clone)
}

#[derive(Debug)]
struct Dtls(&'static dyn DtlsProvider);

#[derive(Debug)]
struct Connection {
    inner: Box<dyn DtlsInstance>,
    seen: Shared,
}

impl DtlsProvider for Dtls {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        self.0.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let inner = self.0.new_dtls(cert, now, version, mtu)?;
        let seen = Shared::default();
        seen.lock().own_certificate.clone_from(&cert.certificate);
        BUILT.replace(seen.clone());
        Ok(Box::new(Connection { inner, seen }))
    }

    fn is_test(&self) -> bool {
        self.0.is_test()
    }
}

impl DtlsInstance for Connection {
    fn send_application_data(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.seen.lock().sent.note(packet, stand_in());
        match empty::replace(packet, stand_in()) {
            Some(replaced) => self.inner.send_application_data(&replaced),
            None => self.inner.send_application_data(packet),
        }
    }

    fn set_active(&mut self, active: bool) {
        self.inner.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.inner.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        let output = self.inner.poll_output(buf);
        let mut seen = self.seen.lock();
        // The enum is str0m's and grows; the rest passes as it is.
        #[allow(clippy::wildcard_enum_match_arm)]
        match &output {
            DtlsOutput::Timeout(at) => return DtlsOutput::Timeout(seen.patience.due(*at)),
            DtlsOutput::Connected => seen.patience.finish(),
            DtlsOutput::PeerCert(certificate) => seen.peer_certificate = certificate.to_vec(),
            _ => {}
        }
        output
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        let told = self.seen.lock().patience.tell(now);
        told.map_or(Ok(()), |now| self.inner.handle_timeout(now))
    }

    fn is_active(&self) -> bool {
        self.inner.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.inner.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.inner.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.inner.close()
    }
}
