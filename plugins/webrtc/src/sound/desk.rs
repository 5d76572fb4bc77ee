//! The sound of one connection: who is heard, and who speaks.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::{
    BLOCK,
    input::{Captured, Heard as FromInput, Input},
    loudspeaker::Loudspeaker,
    microphone::{self, Microphone, Settings},
    timeline::Timeline,
    voice::{Tap, Voice},
};
use crate::{
    bridge::{
        counts::Stats,
        frame::{MediaFromPage, MediaToPage, SoundFromPage},
        messages::{Device, Event},
    },
    limits::MAX_SECTIONS,
    session::clock::PageClock,
};

/// How often the page is told how late the sound of a voice is, for lip sync.
const TOLD_EVERY: Duration = Duration::from_millis(500);
/// Packets, 2 s, before which no delay is told: the first pictures are not kept back for sound that stumbles while
/// it begins.
const SETTLING: u64 = 100;
/// Length of a block.
const BLOCK_MICROS: u64 = 20_000;
/// The same, signed.
const BLOCK_LENGTH: i64 = 20_000;
const BLOCK_TIME: Duration = Duration::from_micros(BLOCK_MICROS);
/// By how much what was played is taken to be older than it is: a period of the device. What is played is heard later
/// than that, so that no echo comes before its sound.
const AHEAD: Duration = Duration::from_millis(15);
/// Longest that sound waits for its pictures.
const MAX_FLOOR: Duration = Duration::from_secs(1);

/// Voices and microphones by slot.
#[derive(Debug)]
pub(crate) struct Desk {
    loudspeaker: Arc<Loudspeaker>,
    clock: PageClock,
    heard: BTreeMap<u16, Heard>,
    speaking: BTreeMap<u16, Speaking>,
    tap: Tap,
    inputs: mpsc::Sender<FromInput>,
    /// Counts the openings of microphones.
    openings: u32,
}

#[derive(Debug)]
struct Heard {
    voice: Arc<Mutex<Voice>>,
    told: Option<Instant>,
    /// When it was captured and when it came, µs, of the packet that was fastest since the page was told.
    fastest: Option<(u64, u64)>,
}

#[derive(Debug, Default)]
struct Speaking {
    microphone: Microphone,
    /// Where it has read to of what was played.
    cursor: Option<i64>,
    own: Option<Own>,
}

/// A microphone that is taken here.
#[derive(Debug)]
struct Own {
    device: Device,
    opening: u32,
    timeline: Timeline,
    _input: Input,
}

impl Desk {
    /// What pages want to have of voices themselves goes to `tap`, what microphones hear to `inputs`.
    pub(crate) fn new(
        now: Instant,
        loudspeaker: Arc<Loudspeaker>,
        tap: Tap,
        inputs: mpsc::Sender<FromInput>,
    ) -> Self {
        Self {
            loudspeaker,
            clock: PageClock::new(now),
            heard: BTreeMap::new(),
            speaking: BTreeMap::new(),
            tap,
            inputs,
            openings: 0,
        }
    }

    /// A packet of the peer. What the page should know comes back.
    pub(crate) fn receive(&mut self, now: Instant, frame: &MediaToPage) -> Option<Event> {
        let slot = frame.slot;
        let latency = self.loudspeaker.latency();
        let heard = self.heard(slot)?;
        let mut voice = lock(&heard.voice);
        voice.receive(now, frame.media_time, &frame.payload);
        let (packets, waiting) = (voice.counts().packets, voice.delay());
        drop(voice);
        let transit = |(captured, arrival): (u64, u64)| i128::from(arrival) - i128::from(captured);
        let this = (frame.capture, frame.arrival);
        if frame.capture != 0
            && heard
                .fastest
                .is_none_or(|known| transit(this) < transit(known))
        {
            heard.fastest = Some(this);
        }
        let due = heard.told.is_none_or(|told| now >= told + TOLD_EVERY);
        let event = due.then(|| {
            heard.told = Some(now);
            let (captured, arrival) = heard.fastest.take().unwrap_or_default();
            let delay = if packets < SETTLING {
                Duration::ZERO
            } else {
                waiting + latency
            };
            Event::Sound {
                slot,
                captured,
                arrival,
                delay_ms: delay.as_secs_f64() * 1000.0,
            }
        });
        self.loudspeaker.wake();
        event
    }

    /// A block of the page's, as it is to be sent.
    pub(crate) fn capture<T>(
        &mut self,
        now: Instant,
        sound: &SoundFromPage<'_>,
        send: impl FnOnce(&MediaFromPage<'_>) -> T,
    ) -> Option<T> {
        let slot = sound.slot;
        if usize::from(slot) >= MAX_SECTIONS {
            return None;
        }
        let mut samples = [0.0; BLOCK];
        if !microphone::read(sound.samples, &mut samples) {
            tracing::debug!("sound of the page has a wrong length");
            return None;
        }
        // Its last sample can be as young as now.
        let end = self
            .clock
            .captured(now, sound.timestamp.saturating_add(BLOCK_MICROS));
        let settings = Settings {
            wishes: sound.wishes,
            bitrate: sound.bitrate,
            muted: false,
        };
        self.speak(
            slot,
            sound.pt,
            &mut samples,
            end,
            sound.timestamp,
            settings,
            send,
        )
    }

    /// What the page's clock says now, µs.
    pub(crate) fn follow_clock(&mut self, now: Instant, page_now: u64) {
        self.clock.captured(now, page_now);
    }

    /// Takes the microphone of a section here, or leaves it to the page again. `may_listen`: whether the person lets
    /// the webview have one at all. The page is told at once of one that is not taken, for it captures nothing before.
    pub(crate) fn set_microphone(
        &mut self,
        slot: u16,
        device: Option<Device>,
        may_listen: bool,
    ) -> Option<Event> {
        if usize::from(slot) >= MAX_SECTIONS {
            return None;
        }
        let own = &mut self.speaking.entry(slot).or_default().own;
        let Some(device) = device else {
            *own = None;
            return None;
        };
        if !may_listen {
            *own = None;
            return Some(Event::Microphone { slot, open: false });
        }
        if let Some(own) = own.as_mut().filter(|own| own.device.label == device.label) {
            own.device = device;
            return None;
        }
        self.openings = self.openings.wrapping_add(1);
        let opening = self.openings;
        match Input::open(slot, opening, device.label.clone(), self.inputs.clone()) {
            Ok(input) => {
                *own = Some(Own {
                    _input: input,
                    device,
                    opening,
                    timeline: Timeline::default(),
                });
                None
            }
            Err(error) => {
                tracing::error!(%error, "a microphone can't be opened");
                *own = None;
                Some(Event::Microphone { slot, open: false })
            }
        }
    }

    /// No microphone may be taken here any more.
    pub(crate) fn close_microphones(&mut self) -> Vec<Event> {
        let open = self
            .speaking
            .iter_mut()
            .filter_map(|(slot, speaking)| speaking.own.take().map(|_| *slot));
        open.map(|slot| Event::Microphone { slot, open: false })
            .collect()
    }

    /// What a microphone has to tell; `send` gets what is to be sent.
    pub(crate) fn handle_input(
        &mut self,
        input: FromInput,
        send: impl FnOnce(&MediaFromPage<'_>),
    ) -> Option<Event> {
        match input {
            FromInput::Open { slot, opening } => self
                .is_current(slot, opening)
                .then_some(Event::Microphone { slot, open: true }),
            FromInput::Lost { slot, opening } => {
                if !self.is_current(slot, opening) {
                    return None;
                }
                if let Some(speaking) = self.speaking.get_mut(&slot) {
                    speaking.own = None;
                }
                Some(Event::Microphone { slot, open: false })
            }
            FromInput::Block(block) => {
                self.take_block(block, send);
                None
            }
        }
    }

    fn take_block(&mut self, mut block: Captured, send: impl FnOnce(&MediaFromPage<'_>)) {
        let Some(own) = self
            .speaking
            .get_mut(&block.slot)
            .and_then(|speaking| speaking.own.as_mut())
            .filter(|own| own.opening == block.opening)
        else {
            return;
        };
        // Pictures are of the page's clock, which nobody sets: the wall's would take sound away from them.
        let Some(timestamp) = self
            .clock
            .page_micros(block.at)
            .and_then(|whole| own.timeline.next(whole, BLOCK_LENGTH))
        else {
            return;
        };
        if !own.device.active {
            return;
        }
        let pt = own.device.pt;
        let settings = Settings {
            wishes: own.device.processing,
            bitrate: own.device.bitrate,
            muted: !own.device.enabled,
        };
        self.speak(
            block.slot,
            pt,
            &mut block.samples,
            block.at,
            timestamp,
            settings,
            send,
        );
    }

    /// `end`: when the last of the samples was captured, on our clock.
    #[allow(clippy::too_many_arguments)]
    fn speak<T>(
        &mut self,
        slot: u16,
        pt: u8,
        samples: &mut [f32; BLOCK],
        end: Instant,
        timestamp: u64,
        settings: Settings,
        send: impl FnOnce(&MediaFromPage<'_>) -> T,
    ) -> Option<T> {
        // What the device takes is there in bursts.
        let began = end.checked_sub(BLOCK_TIME + AHEAD).unwrap_or(end);
        let speaking = self.speaking.entry(slot).or_default();
        let played = self.loudspeaker.played(began, &mut speaking.cursor);
        let packet = speaking
            .microphone
            .take(samples, timestamp, &played, settings)?;
        Some(send(&MediaFromPage {
            slot,
            pt,
            key: true,
            audio_level: packet.level,
            timestamp: packet.timestamp,
            payload: &packet.payload,
        }))
    }

    fn is_current(&self, slot: u16, opening: u32) -> bool {
        self.speaking
            .get(&slot)
            .and_then(|speaking| speaking.own.as_ref())
            .is_some_and(|own| own.opening == opening)
    }

    /// How loud a voice is heard.
    pub(crate) fn hear(&mut self, slot: u16, gain: f32) {
        if let Some(heard) = self.heard(slot) {
            lock(&heard.voice).set_gain(gain);
        }
    }

    /// A voice waits at least so long for its pictures.
    pub(crate) fn set_floor(&mut self, slot: u16, floor: Duration) {
        if let Some(heard) = self.heard(slot) {
            lock(&heard.voice).set_floor(floor.min(MAX_FLOOR));
        }
    }

    /// Whether the page wants the samples of a voice as well.
    pub(crate) fn set_tap(&mut self, slot: u16, on: bool) {
        let tap = on.then(|| self.tap.clone());
        if let Some(heard) = self.heard(slot) {
            lock(&heard.voice).set_tap(tap);
        }
    }

    /// Adds what is counted here.
    pub(crate) fn count(&self, stats: &mut Stats) {
        for stream in &mut stats.inbound {
            stream.sound = self
                .heard
                .get(&stream.slot)
                .map(|heard| lock(&heard.voice).counts());
        }
        for stream in &mut stats.outbound {
            stream.sound = self
                .speaking
                .get(&stream.slot)
                .map(|speaking| speaking.microphone.counts());
        }
    }

    fn heard(&mut self, slot: u16) -> Option<&mut Heard> {
        use std::collections::btree_map::Entry;
        match self.heard.entry(slot) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(place) => {
                if usize::from(slot) >= MAX_SECTIONS {
                    return None;
                }
                let voice = match Voice::new(slot) {
                    Ok(voice) => Arc::new(Mutex::new(voice)),
                    Err(error) => {
                        tracing::error!(%error, "there is no decoder of sound");
                        return None;
                    }
                };
                self.loudspeaker.add(&voice);
                Some(place.insert(Heard {
                    voice,
                    told: None,
                    fastest: None,
                }))
            }
        }
    }
}

fn lock(voice: &Mutex<Voice>) -> MutexGuard<'_, Voice> {
    voice.lock().unwrap_or_else(PoisonError::into_inner)
}
