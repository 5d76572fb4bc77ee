//! Empty data channel messages (RFC 8831, section 6.6). SCTP has none: one zero byte is sent for them,
//! under an identifier that says "empty". str0m 0.24 knows the identifiers but leaves the byte out, sends
//! nothing and counts the message all the same, so that the peer waits for it, and all that follows, for ever.
//!
//! So a stand-in goes through str0m: a message of random bytes that nobody else can send. Between SCTP
//! and DTLS, where str0m lets its users supply the cryptography, each stand-in is written as the RFC wants it.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use crc::{CRC_32_ISCSI, Crc};
use str0m::crypto::{
    CryptoError, CryptoProvider,
    dtls::{
        DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion,
        ProtocolVersion,
    },
};

/// Random enough that no page and no peer comes upon it.
const STAND_IN: usize = 16;

/// SCTP's header: ports, verification tag, checksum (RFC 9260, section 3.1).
const PACKET_HEADER: usize = 12;
const CHECKSUM: std::ops::Range<usize> = 8..12;
/// Castagnoli's, least significant byte first (RFC 9260, appendix A).
const CRC32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// A DATA chunk (RFC 9260, section 3.3.1): type, flags, length, TSN, stream, sequence number, identifier.
const DATA: u8 = 0;
const DATA_HEADER: usize = 16;
const IDENTIFIER: std::ops::Range<usize> = 12..16;
/// First and last fragment at once.
const WHOLE: u8 = 0b11;

/// Payload protocol identifiers (RFC 8831, section 8).
const STRING: u32 = 51;
const BINARY: u32 = 53;
const STRING_EMPTY: u32 = 56;
const BINARY_EMPTY: u32 = 57;

/// What is given to str0m in the place of nothing.
pub(super) fn stand_in() -> &'static [u8] {
    static BYTES: OnceLock<[u8; STAND_IN]> = OnceLock::new();
    BYTES.get_or_init(rand::random)
}

/// str0m's own cryptography, and stand-ins replaced.
pub(super) fn crypto() -> Arc<CryptoProvider> {
    static DTLS: OnceLock<Dtls> = OnceLock::new();
    let provider = str0m::crypto::from_feature_flags();
    let dtls_provider = DTLS.get_or_init(|| Dtls(provider.dtls_provider));
    Arc::new(CryptoProvider {
        dtls_provider,
        ..provider
    })
}

#[derive(Debug)]
struct Dtls(&'static dyn DtlsProvider);

#[derive(Debug)]
struct Connection(Box<dyn DtlsInstance>);

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
        Ok(Box::new(Connection(inner)))
    }

    fn is_test(&self) -> bool {
        self.0.is_test()
    }
}

impl DtlsInstance for Connection {
    fn send_application_data(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        match replace(packet, stand_in()) {
            Some(replaced) => self.0.send_application_data(&replaced),
            None => self.0.send_application_data(packet),
        }
    }

    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        self.0.poll_output(buf)
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.0.handle_timeout(now)
    }

    fn is_active(&self) -> bool {
        self.0.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.0.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.0.close()
    }
}

/// The packet with each stand-in replaced; nothing if it has none, as nearly all.
fn replace(packet: &[u8], stand_in: &[u8]) -> Option<Vec<u8>> {
    let (header, mut rest) = packet.split_at_checked(PACKET_HEADER)?;
    let mut out = header.to_vec();
    let mut found = false;
    while let [kind, flags, high, low, ..] = *rest {
        let length = usize::from(u16::from_be_bytes([high, low]));
        let chunk = rest.get(..length).filter(|_| length >= 4)?;
        let emptied = (kind == DATA && flags & WHOLE == WHOLE)
            .then(|| emptied(chunk, stand_in))
            .flatten();
        found |= emptied.is_some();
        let padded = length.next_multiple_of(4).min(rest.len());
        match emptied {
            Some(emptied) => out.extend_from_slice(&emptied),
            None => out.extend_from_slice(rest.get(..padded)?),
        }
        rest = rest.get(padded..)?;
    }
    if !found {
        return None;
    }
    out.get_mut(CHECKSUM)?.fill(0);
    let checksum = CRC32C.checksum(&out).to_le_bytes();
    out.get_mut(CHECKSUM)?.copy_from_slice(&checksum);
    Some(out)
}

/// A chunk that carries a stand-in, as one that carries an empty message, padded.
fn emptied(chunk: &[u8], stand_in: &[u8]) -> Option<[u8; DATA_HEADER + 4]> {
    let (header, payload) = chunk.split_at_checked(DATA_HEADER)?;
    if payload != stand_in {
        return None;
    }
    let identifier: [u8; 4] = header.get(IDENTIFIER)?.try_into().ok()?;
    let identifier = match u32::from_be_bytes(identifier) {
        STRING => STRING_EMPTY,
        BINARY => BINARY_EMPTY,
        _ => return None,
    };
    let mut out = [0; DATA_HEADER + 4];
    out.get_mut(..DATA_HEADER)?.copy_from_slice(header);
    out[2..4].copy_from_slice(&[0, 17]); // the header and one byte
    out[IDENTIFIER].copy_from_slice(&identifier.to_be_bytes());
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet(chunks: &[&[u8]]) -> Vec<u8> {
        let mut packet = vec![0x13, 0x88, 0x13, 0x88, 1, 2, 3, 4, 0, 0, 0, 0];
        for chunk in chunks {
            packet.extend_from_slice(chunk);
            packet.resize(packet.len().next_multiple_of(4), 0);
        }
        let checksum = CRC32C.checksum(&packet).to_le_bytes();
        packet[CHECKSUM].copy_from_slice(&checksum);
        packet
    }

    fn data(identifier: u32, payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(DATA_HEADER + payload.len()).unwrap();
        let mut chunk = vec![DATA, WHOLE];
        chunk.extend_from_slice(&length.to_be_bytes());
        chunk.extend_from_slice(&[0, 0, 0, 9, 0, 1, 0, 2]);
        chunk.extend_from_slice(&identifier.to_be_bytes());
        chunk.extend_from_slice(payload);
        chunk
    }

    #[test]
    fn a_stand_in_becomes_one_zero_byte_and_what_is_beside_it_stays() {
        let stand_in = stand_in();
        let sack = [3, 0, 0, 8, 0, 0, 0, 1];
        let before = packet(&[&sack, &data(51, stand_in), &data(53, b"abc")]);
        let after = packet(&[&sack, &data(56, &[0]), &data(53, b"abc")]);
        assert_eq!(replace(&before, stand_in), Some(after));
        let before = packet(&[&data(53, stand_in)]);
        assert_eq!(replace(&before, stand_in), Some(packet(&[&data(57, &[0])])));
    }

    #[test]
    fn nothing_else_is_touched() {
        let stand_in = stand_in();
        let mut part = data(51, stand_in);
        part[1] = 0b10;
        for chunk in [data(51, b"hello"), data(50, stand_in), part] {
            assert_eq!(replace(&packet(&[&chunk]), stand_in), None);
        }
    }

    proptest! {
        #[test]
        fn anything_at_all_is_left_alone(bytes: Vec<u8>) {
            prop_assert_eq!(replace(&bytes, stand_in()), None);
        }
    }
}
