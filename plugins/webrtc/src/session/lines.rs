//! The media sections both sides agreed on, and the slot of each.

use std::time::Instant;

use str0m::media::Mid;

use super::clock::SenderClock;
use crate::bridge::messages::Kind;

/// A media section.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) mid: Mid,
    /// Its number on the bridge.
    pub(crate) slot: u16,
    pub(crate) kind: Kind,
    /// Pictures are withheld until a key frame: something before them was lost.
    pub(crate) starving: bool,
    pub(crate) key_frame_asked: Option<Instant>,
    /// When the page last sent a key frame.
    pub(crate) key_frame_sent: Option<Instant>,
    /// Pictures withheld since the start.
    pub(crate) withheld: u64,
    /// Packets of media that came, and bytes of media in them.
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    /// Packets that did not come, though others after them did.
    pub(crate) lost: u64,
    /// The clock of whoever sends it.
    pub(crate) sender_clock: SenderClock,
    /// The last frame of it that was given on, to page or loudspeaker.
    pub(crate) latest: Option<Latest>,
    /// When a frame of it last came: what the peer sent, for it was authenticated.
    pub(crate) heard: Option<Instant>,
    /// Sequence number of the last one, extended.
    last: Option<u64>,
}

/// A frame that came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Latest {
    pub(crate) at: Instant,
    pub(crate) rtp_timestamp: u32,
    /// −dBov, if it says (RFC 6464).
    pub(crate) level: Option<u8>,
}

/// Longest hole that is a loss, packets: a minute of pictures. What is longer is another stream.
const MAX_HOLE: u64 = 20_000;

impl Line {
    /// The packets with these (extended) sequence numbers came, and hold so much media.
    pub(crate) fn received(&mut self, first: u64, last: u64, bytes: usize) {
        self.packets += last.saturating_sub(first) + 1;
        self.bytes += bytes as u64;
        let hole = self
            .last
            .map_or(0, |before| first.saturating_sub(before.saturating_add(1)));
        if hole <= MAX_HOLE {
            self.lost += hole;
        }
        self.last = Some(last);
    }
}

/// All of a connection. A slot is never used again.
#[derive(Debug, Default)]
pub(crate) struct Lines(Vec<Line>);

impl Lines {
    /// The slot of that section, a new one if it has none.
    pub(crate) fn slot(&mut self, mid: Mid, kind: Kind) -> u16 {
        if let Some(line) = self.by_mid(&mid) {
            return line.slot;
        }
        // Bounded by the sections of a description.
        let slot = u16::try_from(self.0.len()).unwrap_or(u16::MAX);
        self.0.push(Line {
            mid,
            slot,
            kind,
            starving: kind == Kind::Video,
            key_frame_asked: None,
            key_frame_sent: None,
            withheld: 0,
            packets: 0,
            bytes: 0,
            lost: 0,
            sender_clock: SenderClock::default(),
            latest: None,
            heard: None,
            last: None,
        });
        slot
    }

    pub(crate) fn by_mid(&self, mid: &Mid) -> Option<&Line> {
        self.0.iter().find(|line| line.mid == *mid)
    }

    pub(crate) fn by_mid_mut(&mut self, mid: &Mid) -> Option<&mut Line> {
        self.0.iter_mut().find(|line| line.mid == *mid)
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Line> {
        self.0.iter()
    }

    pub(crate) fn get_mut(&mut self, slot: u16) -> Option<&mut Line> {
        self.0.get_mut(usize::from(slot))
    }
}
