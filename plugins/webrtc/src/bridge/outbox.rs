//! What waits to be read by the page: bounded, and when it is full, media gives way first.

use std::collections::{BTreeSet, VecDeque};

use super::frame::MediaToPage;
use crate::limits::{MAX_CONTROL_TO_PAGE, MAX_DATA_TO_PAGE, MAX_MEDIA_TO_PAGE};

/// One message to the page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ToPage {
    Text(String),
    Binary(Vec<u8>),
}

/// What became of a frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Put {
    Queued,
    /// The page reads too slowly. Its next frame of this slot is a key frame; `first`: this is news.
    Dropped {
        first: bool,
    },
}

#[derive(Debug)]
enum Entry {
    Control(String),
    Data(Vec<u8>),
    Video(MediaToPage),
    Sound(Vec<u8>),
}

/// The queue. In order over all kinds, so that what a frame needs (a slot) is known before it comes.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    entries: VecDeque<Entry>,
    controls: usize,
    data_bytes: usize,
    media_bytes: usize,
    /// Video slots that wait for a key frame.
    starving: BTreeSet<u16>,
}

impl Outbox {
    /// Queues a reply or an event. False: the page has not read for too long, give it up.
    #[must_use]
    pub(crate) fn put_control(&mut self, text: String) -> bool {
        if self.controls >= MAX_CONTROL_TO_PAGE {
            return false;
        }
        self.controls += 1;
        self.entries.push_back(Entry::Control(text));
        true
    }

    /// Queues a data channel message, always: who fills it must look at [`Outbox::is_full`] before reading more.
    pub(crate) fn put_data(&mut self, message: Vec<u8>) {
        self.data_bytes += message.len();
        self.entries.push_back(Entry::Data(message));
    }

    /// Whether nothing more should be read from the network.
    pub(crate) fn is_full(&self) -> bool {
        self.data_bytes >= MAX_DATA_TO_PAGE
    }

    /// Queues a picture, or drops it and all after it until a key frame.
    pub(crate) fn put_video(&mut self, frame: MediaToPage) -> Put {
        let slot = frame.slot;
        let waits = self.starving.contains(&slot) && !frame.key;
        if waits || self.media_bytes + frame.payload.len() > MAX_MEDIA_TO_PAGE {
            return Put::Dropped {
                first: self.starving.insert(slot),
            };
        }
        self.starving.remove(&slot);
        self.media_bytes += frame.payload.len();
        self.entries.push_back(Entry::Video(frame));
        Put::Queued
    }

    /// Queues what is heard of a voice; dropped if the page does not read.
    pub(crate) fn put_sound(&mut self, message: Vec<u8>) {
        if self.media_bytes + message.len() <= MAX_MEDIA_TO_PAGE {
            self.media_bytes += message.len();
            self.entries.push_back(Entry::Sound(message));
        }
    }

    /// The next message.
    pub(crate) fn pop(&mut self) -> Option<ToPage> {
        Some(match self.entries.pop_front()? {
            Entry::Control(text) => {
                self.controls -= 1;
                ToPage::Text(text)
            }
            Entry::Data(message) => {
                self.data_bytes -= message.len();
                ToPage::Binary(message)
            }
            Entry::Sound(message) => {
                self.media_bytes -= message.len();
                ToPage::Binary(message)
            }
            Entry::Video(frame) => {
                self.media_bytes -= frame.payload.len();
                ToPage::Binary(frame.to_wire())
            }
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn frame(slot: u16, key: bool, size: usize) -> MediaToPage {
        MediaToPage {
            slot,
            pt: 96,
            key,
            after_loss: false,
            audio_level: 255,
            media_time: 0,
            arrival: 0,
            capture: 0,
            payload: Arc::from(vec![0; size]),
        }
    }

    #[test]
    fn a_slow_page_gets_no_pictures_until_a_key_frame() {
        let mut outbox = Outbox::default();
        assert_eq!(
            outbox.put_video(frame(1, true, MAX_MEDIA_TO_PAGE)),
            Put::Queued
        );
        assert_eq!(
            outbox.put_video(frame(1, false, 9)),
            Put::Dropped { first: true }
        );
        assert!(outbox.pop().is_some());
        assert_eq!(
            outbox.put_video(frame(1, false, 9)),
            Put::Dropped { first: false }
        );
        assert_eq!(outbox.put_video(frame(2, false, 9)), Put::Queued);
        assert_eq!(outbox.put_video(frame(1, true, 9)), Put::Queued);
        assert_eq!(outbox.put_video(frame(1, false, 9)), Put::Queued);
    }

    #[test]
    fn sound_that_the_page_does_not_read_is_dropped() {
        let mut outbox = Outbox::default();
        for first in 0..3 {
            let mut message = vec![0; MAX_MEDIA_TO_PAGE / 2];
            message[0] = first;
            outbox.put_sound(message);
        }
        let mut seen = Vec::new();
        while let Some(ToPage::Binary(wire)) = outbox.pop() {
            seen.push(wire[0]);
        }
        assert_eq!(seen, [0, 1]);
    }

    #[test]
    fn a_page_that_never_reads_is_given_up() {
        let mut outbox = Outbox::default();
        for _ in 0..MAX_CONTROL_TO_PAGE {
            assert!(outbox.put_control(String::new()));
        }
        assert!(!outbox.put_control(String::new()));
    }

    #[test]
    fn data_says_when_it_is_full() {
        let mut outbox = Outbox::default();
        outbox.put_data(vec![0; MAX_DATA_TO_PAGE]);
        assert!(outbox.is_full());
        assert!(outbox.pop().is_some());
        assert!(!outbox.is_full());
    }
}
