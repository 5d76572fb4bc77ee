//! The binary messages of the bridge: encoded media and data channel messages, little-endian.

use std::{sync::Arc, time::Duration};

/// Kind byte of an encoded frame.
const MEDIA: u8 = 1;
/// Kind byte of a data channel message.
const DATA: u8 = 2;
/// Kind byte of sound as samples: what the page captured, and what it wants to have of a voice.
const SOUND: u8 = 3;
/// Kind byte of a picture of a screen.
const SCREEN: u8 = 4;
const MEDIA_FROM_PAGE_HEADER: usize = 16;
const MEDIA_TO_PAGE_HEADER: usize = 32;
const DATA_HEADER: usize = 8;
const SOUND_FROM_PAGE_HEADER: usize = 16;
const SOUND_TO_PAGE_HEADER: usize = 8;
const SCREEN_HEADER: usize = 16;
/// Bits a second of a step of the bitrate in a sound's header.
const BITRATE_UNIT: u32 = 100;
const KEY: u8 = 1;
const AFTER_LOSS: u8 = 2;
const BINARY: u8 = 1;
/// An audio level that isn't known.
pub(crate) const LEVEL_UNKNOWN: u8 = 255;

/// A binary message of the page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BinaryFromPage<'a> {
    Media(MediaFromPage<'a>),
    Data {
        handle: u16,
        binary: bool,
        payload: &'a [u8],
    },
    Sound(SoundFromPage<'a>),
}

/// Captured sound, to be cleaned, encoded and sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SoundFromPage<'a> {
    pub(crate) slot: u16,
    /// What is to be taken away or evened out: echo 1, noise 2, uneven level 4.
    pub(crate) wishes: u8,
    pub(crate) pt: u8,
    /// Bits a second that it may take.
    pub(crate) bitrate: u32,
    /// When its first sample was captured, µs, on the page's one clock.
    pub(crate) timestamp: u64,
    /// [`crate::sound::BLOCK`] samples: `f32`, 48 kHz, one channel.
    pub(crate) samples: &'a [u8],
}

/// An encoded frame to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MediaFromPage<'a> {
    pub(crate) slot: u16,
    pub(crate) pt: u8,
    pub(crate) key: bool,
    /// −dBov, 0 to 127 (RFC 6464), or [`LEVEL_UNKNOWN`].
    pub(crate) audio_level: u8,
    /// When it was captured, µs, on the page's one clock.
    pub(crate) timestamp: u64,
    pub(crate) payload: &'a [u8],
}

impl<'a> BinaryFromPage<'a> {
    /// Reads a message; nothing if it is too short or of a kind that does not exist.
    pub(crate) fn parse(message: &'a [u8]) -> Option<Self> {
        match *message.first()? {
            MEDIA => {
                let (header, payload) = message.split_at_checked(MEDIA_FROM_PAGE_HEADER)?;
                Some(Self::Media(MediaFromPage {
                    slot: u16_at(header, 2)?,
                    pt: *header.get(4)?,
                    key: header.get(1)? & KEY != 0,
                    audio_level: *header.get(5)?,
                    timestamp: u64_at(header, 8)?,
                    payload,
                }))
            }
            DATA => {
                let (header, payload) = message.split_at_checked(DATA_HEADER)?;
                Some(Self::Data {
                    handle: u16_at(header, 2)?,
                    binary: header.get(1)? & BINARY != 0,
                    payload,
                })
            }
            SOUND => {
                let (header, samples) = message.split_at_checked(SOUND_FROM_PAGE_HEADER)?;
                Some(Self::Sound(SoundFromPage {
                    slot: u16_at(header, 2)?,
                    wishes: *header.get(1)?,
                    pt: *header.get(4)?,
                    bitrate: u32::from(u16_at(header, 6)?) * BITRATE_UNIT,
                    timestamp: u64_at(header, 8)?,
                    samples,
                }))
            }
            _ => None,
        }
    }
}

/// A received frame, on its way to the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MediaToPage {
    pub(crate) slot: u16,
    pub(crate) pt: u8,
    pub(crate) key: bool,
    /// Something before it was lost.
    pub(crate) after_loss: bool,
    pub(crate) audio_level: u8,
    /// RTP time, unwrapped, µs, on the clock of its slot.
    pub(crate) media_time: u64,
    /// When it was there, µs, on a monotonic clock of ours.
    pub(crate) arrival: u64,
    /// When it was captured by the sender's report, µs since 1900; 0 while unknown.
    pub(crate) capture: u64,
    pub(crate) payload: Arc<[u8]>,
}

impl MediaToPage {
    /// As it crosses the bridge.
    pub(crate) fn to_wire(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(MEDIA_TO_PAGE_HEADER + self.payload.len());
        let mut flags = 0;
        if self.key {
            flags |= KEY;
        }
        if self.after_loss {
            flags |= AFTER_LOSS;
        }
        out.extend_from_slice(&[MEDIA, flags]);
        out.extend_from_slice(&self.slot.to_le_bytes());
        out.extend_from_slice(&[self.pt, self.audio_level, 0, 0]);
        out.extend_from_slice(&self.media_time.to_le_bytes());
        out.extend_from_slice(&self.arrival.to_le_bytes());
        out.extend_from_slice(&self.capture.to_le_bytes());
        out.extend_from_slice(&self.payload);
        out
    }
}

/// A received data channel message, as it crosses the bridge.
pub(crate) fn data_to_wire(handle: u16, binary: bool, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(DATA_HEADER + payload.len());
    out.extend_from_slice(&[DATA, u8::from(binary)]);
    out.extend_from_slice(&handle.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
    out
}

/// What is heard of a voice, as it crosses the bridge.
pub(crate) fn sound_to_wire(slot: u16, samples: &[f32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(SOUND_TO_PAGE_HEADER + 4 * samples.len());
    out.extend_from_slice(&[SOUND, 0]);
    out.extend_from_slice(&slot.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    for sample in samples {
        out.extend_from_slice(&sample.to_le_bytes());
    }
    out
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

/// A picture of a screen, I420, on its way to the page. `time` is since the first.
pub(crate) fn screen_to_wire(width: u32, height: u32, time: Duration, planes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(SCREEN_HEADER + planes.len());
    out.extend_from_slice(&[SCREEN, 0, 0, 0]);
    for side in [width, height] {
        out.extend_from_slice(&u16::try_from(side).unwrap_or(u16::MAX).to_le_bytes());
    }
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    out.extend_from_slice(&micros.to_le_bytes());
    out.extend_from_slice(planes);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn media_from_the_page_byte_for_byte() {
        let mut wire = vec![1, 1, 0x34, 0x12, 96, 30, 0, 0];
        wire.extend_from_slice(&0x0102_0304_0506_0708_u64.to_le_bytes());
        wire.extend_from_slice(b"vp8");
        assert_eq!(
            BinaryFromPage::parse(&wire),
            Some(BinaryFromPage::Media(MediaFromPage {
                slot: 0x1234,
                pt: 96,
                key: true,
                audio_level: 30,
                timestamp: 0x0102_0304_0506_0708,
                payload: b"vp8",
            }))
        );
    }

    #[test]
    fn media_to_the_page_byte_for_byte() {
        let frame = MediaToPage {
            slot: 3,
            pt: 111,
            key: true,
            after_loss: true,
            audio_level: LEVEL_UNKNOWN,
            media_time: 1,
            arrival: 2,
            capture: 3,
            payload: Arc::from(&b"x"[..]),
        };
        let mut wire = vec![1, 3, 3, 0, 111, 255, 0, 0];
        for number in 1..=3_u64 {
            wire.extend_from_slice(&number.to_le_bytes());
        }
        wire.push(b'x');
        assert_eq!(frame.to_wire(), wire);
    }

    #[test]
    fn data_is_the_same_both_ways() {
        let wire = data_to_wire(40_000, true, b"hello");
        assert_eq!(wire[..8], [2, 1, 0x40, 0x9c, 0, 0, 0, 0]);
        assert_eq!(
            BinaryFromPage::parse(&wire),
            Some(BinaryFromPage::Data {
                handle: 40_000,
                binary: true,
                payload: b"hello"
            })
        );
    }

    #[test]
    fn sound_byte_for_byte() {
        let mut wire = vec![3, 5, 0x34, 0x12, 111, 0, 0x90, 0x01];
        wire.extend_from_slice(&0x0102_0304_0506_0708_u64.to_le_bytes());
        wire.extend_from_slice(&0.5_f32.to_le_bytes());
        assert_eq!(
            BinaryFromPage::parse(&wire),
            Some(BinaryFromPage::Sound(SoundFromPage {
                slot: 0x1234,
                wishes: 5,
                pt: 111,
                bitrate: 40_000,
                timestamp: 0x0102_0304_0506_0708,
                samples: &[0, 0, 0, 0x3f],
            }))
        );
        let heard = [3, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0, 0, 0x80, 0xbf];
        assert_eq!(sound_to_wire(5, &[0.5, -1.0]), heard);
    }

    proptest! {
        #[test]
        fn anything_at_all_is_read_or_refused(bytes: Vec<u8>) {
            if let Some(BinaryFromPage::Media(media)) = BinaryFromPage::parse(&bytes) {
                prop_assert!(media.payload.len() + MEDIA_FROM_PAGE_HEADER == bytes.len());
            }
        }
    }

    #[test]
    fn a_picture_of_a_screen_says_how_large_it_is() {
        let wire = screen_to_wire(2, 2, Duration::from_millis(3), &[9; 6]);
        let header = [4, 0, 0, 0, 2, 0, 2, 0, 0xb8, 0x0b, 0, 0, 0, 0, 0, 0];
        assert_eq!(wire, [&header[..], &[9; 6]].concat());
    }
}
