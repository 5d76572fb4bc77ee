//! Empty data channel messages (RFC 8831, section 6.6). SCTP has none: one zero byte is sent for them,
//! under an identifier that says "empty". str0m 0.24 knows the identifiers but leaves the byte out, sends
//! nothing and counts the message all the same, so that the peer waits for it, and all that follows, for ever.
//!
//! So a stand-in goes through str0m: a message of random bytes that nobody else can send. On its way to DTLS each
//! is written as the RFC wants it.

use std::sync::OnceLock;

use crc::{CRC_32_ISCSI, Crc};

use super::packet::{BINARY, DATA_HEADER, Data, HEADER, IDENTIFIER, STRING, chunks};

/// Random enough that no page and no peer comes upon it.
const STAND_IN: usize = 16;

const CHECKSUM: std::ops::Range<usize> = 8..12;
/// Castagnoli's, least significant byte first (RFC 9260, appendix A).
const CRC32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

const STRING_EMPTY: u32 = 56;
const BINARY_EMPTY: u32 = 57;

/// What is given to str0m in the place of nothing.
pub(in crate::session) fn stand_in() -> &'static [u8] {
    static BYTES: OnceLock<[u8; STAND_IN]> = OnceLock::new();
    BYTES.get_or_init(rand::random)
}

/// The packet with each stand-in replaced; nothing if it has none, as nearly all.
pub(super) fn replace(packet: &[u8], stand_in: &[u8]) -> Option<Vec<u8>> {
    chunks(packet).find_map(|chunk| emptied(chunk, stand_in))?;
    let mut out = packet.get(..HEADER)?.to_vec();
    for chunk in chunks(packet) {
        match emptied(chunk, stand_in) {
            Some(emptied) => out.extend_from_slice(&emptied),
            None => out.extend_from_slice(chunk),
        }
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out.get_mut(CHECKSUM)?.fill(0);
    let checksum = CRC32C.checksum(&out).to_le_bytes();
    out.get_mut(CHECKSUM)?.copy_from_slice(&checksum);
    Some(out)
}

/// A chunk that carries a stand-in, as one that carries an empty message.
fn emptied(chunk: &[u8], stand_in: &[u8]) -> Option<[u8; DATA_HEADER + 1]> {
    let data = Data::of(chunk).filter(|data| data.whole && data.payload == stand_in)?;
    let identifier = match data.identifier {
        STRING => STRING_EMPTY,
        BINARY => BINARY_EMPTY,
        _ => return None,
    };
    let mut out = [0; DATA_HEADER + 1];
    out.get_mut(..DATA_HEADER)?
        .copy_from_slice(chunk.get(..DATA_HEADER)?);
    out[2..4].copy_from_slice(&[0, 17]); // the header and one byte
    out[IDENTIFIER].copy_from_slice(&identifier.to_be_bytes());
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::packet::{DATA, WHOLE},
        *,
    };

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
