//! Packets of SCTP that we send (RFC 9260, section 3), as far as they are looked into.

/// Ports, verification tag, checksum.
pub(super) const HEADER: usize = 12;

/// A DATA chunk (section 3.3.1): type, flags, length, TSN, stream, sequence number, identifier.
pub(super) const DATA: u8 = 0;
pub(super) const DATA_HEADER: usize = 16;
pub(super) const IDENTIFIER: std::ops::Range<usize> = 12..16;
/// First and last fragment at once.
pub(super) const WHOLE: u8 = 0b11;

/// What a channel carries, by the payload protocol identifier (RFC 8831, section 8).
pub(super) const STRING: u32 = 51;
pub(super) const BINARY: u32 = 53;

/// The chunks of a packet without their padding, up to the first that is none.
pub(super) fn chunks(packet: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = packet.get(HEADER..).unwrap_or_default();
    std::iter::from_fn(move || {
        let [_, _, high, low, ..] = *rest else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let chunk = rest.get(..length).filter(|_| length >= 4)?;
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(chunk)
    })
}

/// A part of a message, or all of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Data<'a> {
    pub(super) whole: bool,
    /// Its number in all that is sent.
    pub(super) tsn: u32,
    pub(super) stream: u16,
    pub(super) identifier: u32,
    pub(super) payload: &'a [u8],
}

impl<'a> Data<'a> {
    /// Nothing if the chunk is of another type.
    pub(super) fn of(chunk: &'a [u8]) -> Option<Self> {
        let (header, payload) = chunk.split_first_chunk::<DATA_HEADER>()?;
        let [
            kind,
            flags,
            _,
            _,
            t0,
            t1,
            t2,
            t3,
            s0,
            s1,
            _,
            _,
            i0,
            i1,
            i2,
            i3,
        ] = *header;
        (kind == DATA).then_some(Self {
            whole: flags & WHOLE == WHOLE,
            tsn: u32::from_be_bytes([t0, t1, t2, t3]),
            stream: u16::from_be_bytes([s0, s1]),
            identifier: u32::from_be_bytes([i0, i1, i2, i3]),
            payload,
        })
    }
}
