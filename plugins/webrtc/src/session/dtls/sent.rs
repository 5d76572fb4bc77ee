//! How much of each stream has been sent. str0m tells what the peer has acknowledged, which is up to 200 ms later
//! (RFC 9260, section 6.2); `bufferedAmount` is what waits here.

use std::collections::BTreeMap;

use super::packet::{BINARY, Data, STRING, chunks};

/// Bytes of messages by stream, each counted when it is sent for the first time.
#[derive(Debug, Default)]
pub(in crate::session) struct Sent {
    newest: Option<u32>,
    bytes: BTreeMap<u16, u64>,
}

impl Sent {
    /// Bytes of messages that were sent on that stream.
    pub(in crate::session) fn on(&self, stream: u16) -> u64 {
        self.bytes.get(&stream).copied().unwrap_or_default()
    }

    /// The channel of that stream is closed; the next to have it begins anew.
    pub(in crate::session) fn forget(&mut self, stream: u16) {
        self.bytes.remove(&stream);
    }

    /// A packet is sent. `stand_in`: what is sent in the place of an empty message.
    pub(super) fn note(&mut self, packet: &[u8], stand_in: &[u8]) {
        for data in chunks(packet).filter_map(Data::of) {
            let old = |newest| !is_after(data.tsn, newest);
            if self.newest.is_some_and(old) {
                continue;
            }
            self.newest = Some(data.tsn);
            if matches!(data.identifier, STRING | BINARY) && data.payload != stand_in {
                *self.bytes.entry(data.stream).or_default() += data.payload.len() as u64;
            }
        }
    }
}

/// Numbers begin again after the last (RFC 9260, section 1.6).
fn is_after(tsn: u32, other: u32) -> bool {
    tsn != other && tsn.wrapping_sub(other) < 1 << 31
}

#[cfg(test)]
mod tests {
    use super::{super::packet::DATA, *};

    fn packet(parts: &[(u32, u16, u32, &[u8])]) -> Vec<u8> {
        let mut packet = vec![0; 12];
        for (tsn, stream, identifier, payload) in parts {
            packet.extend([DATA, 0]);
            packet.extend(u16::try_from(16 + payload.len()).unwrap().to_be_bytes());
            packet.extend(tsn.to_be_bytes());
            packet.extend(stream.to_be_bytes());
            packet.extend([0, 0]);
            packet.extend(identifier.to_be_bytes());
            packet.extend(*payload);
            packet.resize(packet.len().next_multiple_of(4), 0);
        }
        packet
    }

    #[test]
    fn what_is_sent_again_counts_once_and_numbers_begin_again() {
        let mut sent = Sent::default();
        let first = packet(&[(u32::MAX, 1, BINARY, b"abc"), (0, 3, STRING, b"de")]);
        sent.note(&first, b"-");
        sent.note(&first, b"-");
        sent.note(
            &packet(&[(1, 1, BINARY, b"f"), (u32::MAX, 1, BINARY, b"abc")]),
            b"-",
        );
        assert_eq!((sent.on(1), sent.on(3), sent.on(5)), (4, 2, 0));
        sent.forget(1);
        assert_eq!((sent.on(1), sent.on(3)), (0, 2));
    }

    #[test]
    fn what_is_no_message_of_the_page_does_not_count() {
        let mut sent = Sent::default();
        sent.note(
            &packet(&[(1, 1, 50, b"open"), (2, 1, STRING, b"stand-in")]),
            b"stand-in",
        );
        sent.note(b"no packet at all", b"-");
        assert_eq!(sent.on(1), 0);
    }
}
