//! One connection's sound, from a page's microphone to the other's loudspeaker, on virtual time.

use std::{
    f32::consts::TAU,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::{
    BLOCK,
    desk::Desk,
    input::{Captured, Heard},
    loudspeaker::Loudspeaker,
    mean_square,
};
use crate::bridge::{
    counts::{InboundStats, OutboundStats, Stats},
    frame::{MediaToPage, SoundFromPage},
    messages::{Device, Event, Kind},
};

const BLOCK_TIME: Duration = Duration::from_millis(20);
const SLOT: u16 = 2;

/// A page that speaks and one that listens, with nothing lost between them.
struct Call {
    now: Instant,
    speaker: Desk,
    listener: Desk,
    loudspeaker: Arc<Loudspeaker>,
    blocks: u64,
    tapped: mpsc::Receiver<(u16, Vec<f32>)>,
    events: Vec<Event>,
}

impl Call {
    fn new() -> Self {
        let now = Instant::now();
        let loudspeaker = Loudspeaker::by_hand();
        let (unused, _) = mpsc::channel(1);
        let (tap, tapped) = mpsc::channel(64);
        Self {
            now,
            speaker: Desk::new(now, Loudspeaker::by_hand(), unused, mpsc::channel(1).0),
            listener: Desk::new(now, loudspeaker.clone(), tap, mpsc::channel(1).0),
            loudspeaker,
            blocks: 0,
            tapped,
            events: Vec::new(),
        }
    }

    /// Captured, sent, received, and what was heard meanwhile.
    fn block(&mut self, samples: &[f32], wishes: u8) -> Vec<f32> {
        let timestamp = 1_000_000 + 20_000 * self.blocks;
        self.blocks += 1;
        self.now += BLOCK_TIME;
        let bytes: Vec<u8> = samples.iter().flat_map(|at| at.to_le_bytes()).collect();
        let sound = sound(&bytes, timestamp, wishes);
        let packet = self.speaker.capture(self.now, &sound, |frame| MediaToPage {
            slot: frame.slot,
            pt: frame.pt,
            key: frame.key,
            after_loss: false,
            audio_level: frame.audio_level,
            media_time: frame.timestamp,
            arrival: 5_000 + frame.timestamp,
            capture: frame.timestamp,
            payload: frame.payload.into(),
        });
        if let Some(packet) = packet {
            self.events.extend(self.listener.receive(self.now, &packet));
        }
        self.loudspeaker.take(self.now, BLOCK)
    }

    /// A tone for so many blocks; what was heard of the last ten.
    fn tone(&mut self, blocks: usize, wishes: u8) -> Vec<f32> {
        let first = usize::try_from(self.blocks).unwrap() * BLOCK;
        let heard: Vec<f32> = (0..blocks)
            .flat_map(|block| self.block(&tone(first + block * BLOCK), wishes))
            .collect();
        heard[heard.len().saturating_sub(10 * BLOCK)..].to_vec()
    }

    fn stats(&self) -> Stats {
        let mut stats = Stats {
            inbound: vec![InboundStats::for_slot(SLOT)],
            outbound: vec![OutboundStats::for_slot(SLOT)],
            ..Stats::default()
        };
        self.listener.count(&mut stats);
        let inbound = stats.inbound[0].sound;
        self.speaker.count(&mut stats);
        stats.inbound[0].sound = inbound;
        stats
    }
}

fn sound(bytes: &[u8], timestamp: u64, wishes: u8) -> SoundFromPage<'_> {
    SoundFromPage {
        slot: SLOT,
        wishes,
        pt: 111,
        bitrate: 40_000,
        timestamp,
        samples: bytes,
    }
}

/// 440 Hz, mean square 0.02.
fn tone(first: usize) -> Vec<f32> {
    (first..first + BLOCK)
        .map(|at| 0.2 * (TAU * 440.0 * at as f32 / 48_000.0).sin())
        .collect()
}

#[test]
fn what_one_says_the_other_hears_as_loud_as_the_page_wants() {
    let mut call = Call::new();
    assert!(mean_square(&call.tone(30, 0)) == 0.0, "nobody listens yet");
    call.listener.hear(SLOT, 1.0);
    let whole = mean_square(&call.tone(60, 0));
    assert!((0.015..0.025).contains(&whole), "{whole}");
    call.listener.hear(SLOT, 0.5);
    let quarter = mean_square(&call.tone(20, 0));
    assert!((0.0035..0.0065).contains(&quarter), "{quarter}");
    call.listener.hear(SLOT, 0.0);
    assert!(mean_square(&call.tone(20, 0)) == 0.0);
}

#[test]
fn a_louder_or_softer_wish_does_not_click() {
    let mut call = Call::new();
    call.listener.hear(SLOT, 1.0);
    call.tone(60, 0);
    for gain in [0.0, 1.0, f32::NAN, 1.0] {
        call.listener.hear(SLOT, gain);
        let heard = call.tone(10, 0);
        let step = heard
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max);
        assert!(step < 0.02, "a step of {step} at gain {gain}");
    }
}

#[test]
fn all_of_it_is_counted() {
    let mut call = Call::new();
    call.listener.hear(SLOT, 0.0);
    call.tone(100, 0);
    let stats = call.stats();
    let heard = stats.inbound[0].sound.unwrap();
    assert_eq!((heard.packets, heard.samples), (100, 96_000));
    assert!((0.1..0.17).contains(&heard.level), "{}", heard.level);
    assert!((0.03..0.042).contains(&heard.energy), "{}", heard.energy);
    assert!(heard.waited > 0.0);
    assert_eq!(heard.concealed_samples, 0);
    let spoken = stats.outbound[0].sound.unwrap();
    assert!((spoken.seconds - 2.0).abs() < 1e-9);
    assert!((spoken.energy - 0.04).abs() < 0.001, "{}", spoken.energy);
    assert_eq!(spoken.target_bitrate, 40_000);
}

#[test]
fn the_page_is_told_with_the_first_packet_and_twice_a_second() {
    let mut call = Call::new();
    call.tone(1, 0);
    assert_eq!(call.events.len(), 1);
    call.tone(100, 0);
    assert_eq!(call.events.len(), 5);
    let Some(Event::Sound {
        slot,
        captured,
        arrival,
        delay_ms,
    }) = call.events.last()
    else {
        panic!("{:?}", call.events);
    };
    assert_eq!((*slot, arrival - captured), (SLOT, 5_000));
    assert!((0.0..60.0).contains(delay_ms), "{delay_ms}");
}

#[test]
fn sound_waits_for_its_pictures_when_it_is_asked_to() {
    let mut call = Call::new();
    call.tone(150, 0);
    call.listener.set_floor(SLOT, Duration::from_millis(200));
    call.tone(400, 0);
    let Some(Event::Sound { delay_ms, .. }) = call.events.last() else {
        panic!("{:?}", call.events);
    };
    assert!((180.0..230.0).contains(delay_ms), "{delay_ms}");
}

#[test]
fn a_page_that_takes_samples_gets_what_is_heard() {
    let mut call = Call::new();
    call.tone(40, 0);
    assert!(call.tapped.try_recv().is_err());
    call.listener.set_tap(SLOT, true);
    call.tone(20, 0);
    let mut blocks = 0;
    while let Ok((slot, samples)) = call.tapped.try_recv() {
        assert_eq!((slot, samples.len()), (SLOT, BLOCK));
        assert!(mean_square(&samples) > 0.01);
        blocks += 1;
    }
    assert_eq!(blocks, 20);
    // One that does not read loses sound, and nothing else.
    call.tone(200, 0);
    call.listener.set_tap(SLOT, false);
    while call.tapped.try_recv().is_ok() {}
    call.tone(20, 0);
    assert!(call.tapped.try_recv().is_err());
}

#[test]
fn the_echo_of_what_is_played_is_not_sent_back() {
    // The listener's microphone hears the loudspeaker, 60 ms later and quieter.
    let mut call = Call::new();
    call.listener.hear(SLOT, 1.0);
    let mut air = vec![vec![0.0; BLOCK]; 3];
    let mut power = [0.0; 2];
    let mut noise = 1_u32;
    for block in 0..500_u64 {
        let voice: Vec<f32> = (0..BLOCK)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                0.1 * (noise as f32 / u32::MAX as f32 - 0.5)
            })
            .collect();
        let played = call.block(&voice, 0);
        air.push(played.iter().map(|sample| 0.5 * sample).collect());
        let echo = air.remove(0);
        let bytes: Vec<u8> = echo.iter().flat_map(|at| at.to_le_bytes()).collect();
        let heard = sound(&bytes, 20_000 * block, 1);
        let level = call
            .listener
            .capture(call.now, &heard, |frame| frame.audio_level);
        if block >= 200 {
            power[0] += mean_square(&echo);
            power[1] += 10_f32.powf(-f32::from(level.unwrap()) / 10.0);
        }
    }
    let loss = 10.0 * (power[0] / power[1]).log10();
    assert!(loss > 20.0, "only {loss} dB less");
}

/// A microphone that no machine has.
fn absent() -> Device {
    Device {
        label: "no microphone is called that".to_owned(),
        pt: 111,
        processing: 0,
        bitrate: 40_000,
        active: true,
        enabled: true,
    }
}

#[test]
fn a_page_that_may_not_listen_yet_is_told_that_the_microphone_is_left_to_it() {
    let (heard, mut inputs) = mpsc::channel(4);
    let (tap, _) = mpsc::channel(1);
    let mut desk = Desk::new(Instant::now(), Loudspeaker::by_hand(), tap, heard);
    assert!(matches!(
        desk.set_microphone(SLOT, Some(absent()), false),
        Some(Event::Microphone {
            slot: SLOT,
            open: false
        })
    ));
    assert!(inputs.try_recv().is_err());
    assert!(desk.set_microphone(SLOT, None, false).is_none());
}

#[test]
fn a_microphone_that_is_not_there_is_left_to_the_page() {
    let (heard, mut inputs) = mpsc::channel(4);
    let (tap, _) = mpsc::channel(1);
    let mut desk = Desk::new(Instant::now(), Loudspeaker::by_hand(), tap, heard);
    let device = absent();
    desk.set_microphone(SLOT, Some(device.clone()), true);
    let lost = inputs.blocking_recv().unwrap();
    assert!(matches!(
        desk.handle_input(lost, |_| ()),
        Some(Event::Microphone {
            slot: SLOT,
            open: false
        })
    ));
    // What one that was open before has to tell is old.
    desk.set_microphone(SLOT, Some(device.clone()), true);
    desk.set_microphone(SLOT, None, true);
    desk.set_microphone(SLOT, Some(device), true);
    let old = inputs.blocking_recv().unwrap();
    let new = inputs.blocking_recv().unwrap();
    let told = [old, new].map(|input| desk.handle_input(input, |_| ()).is_some());
    assert_eq!(told.iter().filter(|told| **told).count(), 1);
}

#[test]
fn what_a_microphone_hears_is_of_the_page_s_clock_wherever_the_wall_s_is_set() {
    let mut now = Instant::now();
    let (heard, _inputs) = mpsc::channel(4);
    let (tap, _) = mpsc::channel(1);
    let mut desk = Desk::new(now, Loudspeaker::by_hand(), tap, heard);
    // Decades before what the wall's says, as if that had been set since the page began.
    let began = 1_000_000_000_000;
    now += BLOCK_TIME;
    desk.follow_clock(now, began);
    assert!(desk.set_microphone(SLOT, Some(absent()), true).is_none());
    let mut times = Vec::new();
    for block in 1..200_u64 {
        now += BLOCK_TIME;
        if block == 100 {
            // Another word of the page, an hour late.
            desk.follow_clock(now, began - 3_600_000_000);
        }
        let block = Heard::Block(Captured {
            slot: SLOT,
            opening: 1,
            samples: Box::new([0.0; BLOCK]),
            at: now,
        });
        desk.handle_input(block, |frame| times.push(frame.timestamp));
    }
    let wanted: Vec<u64> = (0..199).map(|block| began + 20_000 * block).collect();
    assert_eq!(times, wanted);
}

#[test]
fn a_microphone_is_closed_when_the_person_takes_it_away() {
    let (heard, mut inputs) = mpsc::channel(4);
    let (tap, _) = mpsc::channel(1);
    let mut desk = Desk::new(Instant::now(), Loudspeaker::by_hand(), tap, heard);
    desk.set_microphone(SLOT, Some(absent()), true);
    let closed = desk.close_microphones();
    assert!(matches!(
        closed[..],
        [Event::Microphone {
            slot: SLOT,
            open: false
        }]
    ));
    let late = inputs.blocking_recv().unwrap();
    assert!(desk.handle_input(late, |_| panic!("sent")).is_none());
}

#[test]
fn nonsense_is_refused_and_breaks_nothing() {
    let mut call = Call::new();
    call.listener.hear(SLOT, 1.0);
    call.tone(10, 0);
    let now = call.now;
    for length in [0, 1, 4 * BLOCK - 4, 4 * BLOCK + 1, 8 * BLOCK] {
        let bytes = vec![0; length];
        let taken = call.speaker.capture(now, &sound(&bytes, 9, 0), |_| ());
        assert!(taken.is_none(), "{length} bytes");
    }
    let loud = f32::NAN.to_le_bytes().repeat(BLOCK);
    let level = call
        .speaker
        .capture(now, &sound(&loud, 9, 0), |frame| frame.audio_level);
    assert_eq!(level, Some(127));
    let mut packet = MediaToPage {
        slot: SLOT,
        pt: 111,
        key: true,
        after_loss: false,
        audio_level: 0,
        media_time: 0,
        arrival: 0,
        capture: 0,
        payload: Arc::from(&[][..]),
    };
    for payload in [&[][..], &[0xff], &[0xff, 0x03], &[7; 1500]] {
        for media_time in [0, 1, u64::MAX] {
            packet.payload = payload.into();
            packet.media_time = media_time;
            call.listener.receive(now, &packet);
        }
    }
    packet.slot = 60_000;
    assert!(call.listener.receive(now, &packet).is_none());
    let heard = mean_square(&call.tone(300, 0));
    assert!((0.015..0.025).contains(&heard), "{heard}");
}

impl InboundStats {
    fn for_slot(slot: u16) -> Self {
        Self {
            slot,
            mid: String::new(),
            kind: Kind::Audio,
            ssrc: 0,
            packets_received: 0,
            bytes_received: 0,
            packets_lost: 0,
            jitter_ms: 0.0,
            nacks: 0,
            plis: 0,
            firs: 0,
            frames_dropped: 0,
            reported: None,
            latest: None,
            sound: None,
        }
    }
}

impl OutboundStats {
    fn for_slot(slot: u16) -> Self {
        Self {
            slot,
            mid: String::new(),
            kind: Kind::Audio,
            ssrc: 0,
            packets_sent: 0,
            bytes_sent: 0,
            nacks: 0,
            plis: 0,
            firs: 0,
            remote_loss: None,
            remote_packets_lost: None,
            remote_jitter_ms: None,
            rtt_ms: None,
            sound: None,
        }
    }
}
