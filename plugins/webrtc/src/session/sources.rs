//! Which sources RTP is taken of (SSRC, RFC 3550, section 3).
//!
//! str0m (0.24.1) gives a section to any source that names it in a header extension (RFC 9143, section 9.2) before it has
//! found out whether the packet is the peer's: one forged packet takes a stream away, for good where the peer no longer
//! names the section; and many make a stream each. So a packet of a source that is not known does not get there while
//! the section has one that sends. What a description names is known, and gets its stream back with its next packet.

use std::{collections::VecDeque, time::Instant};

use str0m::media::Mid;

use super::{Live, sdp::Description};
use crate::limits::{MAX_UNNAMED_SOURCES, SOURCE_LIFETIME};

/// Bytes before the contributing sources (RFC 3550, section 5.1).
const HEADER: usize = 12;
/// There is a header extension.
const EXTENDED: u8 = 0x10;
/// Elements of a header extension with a byte before each, and with two (RFC 8285, section 4).
const ONE_BYTE: u16 = 0xbede;
const TWO_BYTES: u16 = 0x1000;

/// The sources of a connection.
#[derive(Debug, Default)]
pub(super) struct Sources {
    named: Vec<Named>,
    /// Those that no description names, and the section that each was taken for; the latest last.
    unnamed: VecDeque<(Mid, u32)>,
}

/// A source that the peer's description names (RFC 5576).
#[derive(Debug)]
struct Named {
    mid: Mid,
    ssrc: u32,
    /// That with which its packets are sent again.
    repair: Option<u32>,
}

impl Sources {
    /// A description of the peer takes effect.
    pub(super) fn describe(&mut self, remote: &Description) {
        self.named.clear();
        for section in remote.sections() {
            let Some(mid) = section.mid().map(Mid::from) else {
                continue;
            };
            let (sources, repairs) = section.sources();
            for ssrc in sources {
                if repairs.iter().any(|(_, repair)| *repair == ssrc) {
                    continue;
                }
                let repair = repairs.iter().find(|(repaired, _)| *repaired == ssrc);
                let repair = repair.map(|(_, repair)| *repair);
                self.named.push(Named { mid, ssrc, repair });
            }
        }
    }

    fn names(&self, mid: Mid) -> bool {
        self.named.iter().any(|named| named.mid == mid)
    }
}

impl Live {
    /// Whether a datagram that is RTP may go to str0m.
    pub(super) fn takes_rtp(&mut self, now: Instant, bytes: &[u8]) -> bool {
        let Some(packet) = Packet::read(bytes) else {
            return true;
        };
        let ssrc = packet.ssrc;
        let repairs = |named: &Named| named.repair == Some(ssrc);
        if let Some(at) = self
            .sources
            .named
            .iter()
            .position(|named| named.ssrc == ssrc)
        {
            self.restore(at);
            return true;
        }
        let known = self.sources.unnamed.iter().any(|(_, known)| *known == ssrc);
        if known || self.sources.named.iter().any(repairs) {
            return true;
        }
        let mids: Vec<Mid> = self.lines.iter().map(|line| line.mid).collect();
        for mid in mids.into_iter().filter(|mid| packet.may_name(*mid)) {
            // A peer that names no sources sends again from one that begins when something is lost.
            let repair = packet.is_repair(&self.rtc) && !self.sources.names(mid);
            let sends = |at: Instant| now < at + SOURCE_LIFETIME;
            let line = self.lines.by_mid(&mid);
            if !repair && line.and_then(|line| line.heard).is_some_and(sends) {
                return false;
            }
            self.take_unnamed(mid, ssrc);
        }
        true
    }

    /// Gives a source its stream back, and the one that repairs it, if another has them.
    fn restore(&mut self, at: usize) {
        let Some(named) = self.sources.named.get(at) else {
            return;
        };
        let (mid, ssrc) = (named.mid, named.ssrc.into());
        let repair = named.repair.map(Into::into);
        let media = self.rtc.media(mid);
        let receives = media.is_some_and(|media| media.direction().is_receiving());
        let mut api = self.rtc.direct_api();
        let stream = api.stream_rx(&ssrc);
        if !receives || stream.is_some_and(|stream| repair.is_none() || stream.rtx() == repair) {
            return;
        }
        self.sources.unnamed.retain(|(of, unnamed)| {
            if *of == mid {
                api.remove_stream_rx((*unnamed).into());
            }
            *of != mid
        });
        api.expect_stream_rx(ssrc, repair, mid, None)
            .suppress_nack(repair.is_none());
    }

    fn take_unnamed(&mut self, mid: Mid, ssrc: u32) {
        let unnamed = &mut self.sources.unnamed;
        if unnamed.iter().filter(|(of, _)| *of == mid).count() >= MAX_UNNAMED_SOURCES
            && let Some(oldest) = unnamed.iter().position(|(of, _)| *of == mid)
            && let Some((_, oldest)) = unnamed.remove(oldest)
        {
            self.rtc.direct_api().remove_stream_rx(oldest.into());
        }
        self.sources.unnamed.push_back((mid, ssrc));
    }
}

/// What can be read of a packet without its key.
struct Packet<'a> {
    ssrc: u32,
    payload_type: u8,
    /// Its header extension, and what follows.
    extension: Option<&'a [u8]>,
}

impl<'a> Packet<'a> {
    /// Nothing for what is not RTP (RFC 7983, section 7; RFC 5761, section 4).
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        let [first, second, .., a, b, c, d] = *header;
        let payload_type = second & 0x7f;
        if !(128..192).contains(&first) || (64..96).contains(&payload_type) {
            return None;
        }
        let extension = rest.get(4 * usize::from(first & 0x0f)..)?;
        Some(Self {
            ssrc: u32::from_be_bytes([a, b, c, d]),
            payload_type,
            extension: (first & EXTENDED != 0).then_some(extension),
        })
    }

    /// Whether it may name that section. The number of the element that does is str0m's to know: any may.
    fn may_name(&self, mid: Mid) -> bool {
        let elements = self.extension.and_then(elements).unwrap_or_default();
        elements
            .into_iter()
            .filter_map(|element| std::str::from_utf8(element).ok())
            .any(|named| Mid::from(named) == mid)
    }

    /// Whether it is of a format in which packets are sent again (RFC 4588).
    fn is_repair(&self, rtc: &str0m::Rtc) -> bool {
        let mut formats = rtc.codec_config().params().iter();
        formats.any(|format| format.resend().is_some_and(|pt| *pt == self.payload_type))
    }
}

/// Reads a header extension as str0m does: up to what makes no sense.
fn elements(extension: &[u8]) -> Option<Vec<&[u8]>> {
    let (&[high, low, words_high, words_low], rest) = extension.split_first_chunk::<4>()?;
    let form = u16::from_be_bytes([high, low]);
    let words = usize::from(u16::from_be_bytes([words_high, words_low]));
    let mut rest = rest.get(..4 * words)?;
    let mut elements = Vec::new();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == 0 {
            continue; // padding
        }
        let length = if form == ONE_BYTE {
            if *first >> 4 == 15 {
                break;
            }
            usize::from(first & 0x0f) + 1
        } else if form & 0xfff0 == TWO_BYTES {
            let [length, after @ ..] = rest else { break };
            rest = after;
            usize::from(*length)
        } else {
            break;
        };
        let Some((element, after)) = rest.split_at_checked(length) else {
            break;
        };
        elements.push(element);
        rest = after;
    }
    Some(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(first: u8, extension: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9];
        bytes.extend(extension);
        bytes
    }

    #[test]
    fn sections_are_read_in_either_form_and_behind_contributing_sources() {
        let one = [0xbe, 0xde, 0, 2, 0x10, 7, 0, 0x41, b'a', b'b', 0, 0];
        let two = [0x10, 0, 0, 2, 9, 0, 0, 4, 2, b'a', b'b', 0];
        let behind = [&[1, 2, 3, 4][..], &one].concat();
        for bytes in [
            packet(0x90, &one),
            packet(0x90, &two),
            packet(0x91, &behind),
        ] {
            let packet = Packet::read(&bytes).unwrap();
            assert_eq!((packet.ssrc, packet.payload_type), (9, 111));
            assert!(packet.may_name("ab".into()) && !packet.may_name("a".into()));
        }
    }

    #[test]
    fn what_is_cut_or_is_not_rtp_names_nothing() {
        let cut = packet(0x90, &[0xbe, 0xde, 0, 1, 0x4f, b'a', b'b', 0]);
        assert!(!Packet::read(&cut).unwrap().may_name("ab".into()));
        let longer = packet(0x90, &[0xbe, 0xde, 0, 9, 0x11, b'a', b'b', 0]);
        assert!(!Packet::read(&longer).unwrap().may_name("ab".into()));
        let plain = packet(0x80, &[0xbe, 0xde, 0, 1, 0x11, b'a', b'b', 0]);
        assert!(!Packet::read(&plain).unwrap().may_name("ab".into()));
        assert!(Packet::read(&[0x80, 200, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9]).is_none());
        assert!(Packet::read(&[0x90, 111]).is_none());
    }
}
