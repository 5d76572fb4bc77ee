//! Certificates that pages made for connections of theirs (WebRTC 1.0, section 4.9). A page holds a name for each; the
//! private keys stay here, and end with the app.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use str0m::{config::DtlsCert, crypto};

use crate::{hexadecimal::secret, limits::MAX_CERTIFICATES};

/// What a page is told of a certificate.
#[derive(Debug, Serialize)]
pub(crate) struct Generated {
    /// That no other page can guess.
    id: String,
    /// Its SHA-256, as in descriptions.
    fingerprint: String,
}

/// The last so many; of those before a page can make no more connections.
#[derive(Debug, Default)]
pub(crate) struct Certificates(Mutex<VecDeque<(String, DtlsCert)>>);

impl Certificates {
    /// Makes one: ECDSA, P-256. Nothing if the cryptography makes none.
    pub(crate) fn generate(&self) -> Option<Generated> {
        let provider = crypto::from_feature_flags();
        let certificate = provider.dtls_provider.generate_certificate()?;
        let digest = provider.sha256_provider.sha256(&certificate.certificate);
        let fingerprint: Vec<_> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
        let id = secret::<16>();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_CERTIFICATES {
            kept.pop_front();
        }
        kept.push_back((id.clone(), certificate));
        Some(Generated {
            id,
            fingerprint: fingerprint.join(":"),
        })
    }

    /// The one of that name.
    pub(crate) fn get(&self, id: &str) -> Option<DtlsCert> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(known, _)| known == id);
        found.map(|(_, certificate)| certificate.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_kept() {
        let certificates = Certificates::default();
        let first = certificates.generate().unwrap();
        assert!(certificates.get(&first.id).is_some());
        assert!(certificates.get("another").is_none());
        for _ in 1..MAX_CERTIFICATES {
            certificates.generate().unwrap();
        }
        assert!(certificates.get(&first.id).is_some());
        let last = certificates.generate().unwrap();
        assert!(certificates.get(&first.id).is_none());
        assert!(certificates.get(&last.id).is_some());
    }
}
