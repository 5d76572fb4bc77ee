use std::f32::consts::TAU;

use super::{
    super::microphone::{Microphone, Settings},
    *,
};

/// Bits a second: the page's default (`guest-js/src/shared/sound.ts`).
const BITRATE: u32 = 40_000;
const BLOCKS: usize = 250;

/// Something like a vowel, four syllables a second: encoders tell speech from other sound.
#[allow(clippy::cast_precision_loss)]
fn speech(block: usize) -> [f32; BLOCK] {
    std::array::from_fn(|index| {
        let time = (block * BLOCK + index) as f32 / RATE as f32;
        let pitch = 140.0 + 20.0 * (TAU * 0.7 * time).sin();
        let voice: f32 = (1..20)
            .map(|harmonic| (TAU * pitch * harmonic as f32 * time).sin() / harmonic as f32)
            .sum();
        0.12 * voice * (0.55 - 0.45 * (TAU * 4.0 * time).cos())
    })
}

/// Speech of which the packets in `lost` never come.
fn heard(lost: impl Fn(usize) -> bool) -> HeardStats {
    let mut microphone = Microphone::default();
    let mut voice = Voice::new(1).unwrap();
    let mut now = Instant::now();
    for block in 0..BLOCKS {
        let settings = Settings {
            wishes: 0,
            bitrate: BITRATE,
            muted: false,
        };
        let timestamp = 20_000 * block as u64;
        let packet = microphone
            .take(&mut speech(block), timestamp, &[0.0; BLOCK], settings)
            .unwrap();
        if !lost(block) {
            voice.receive(now, packet.timestamp, &packet.payload);
        }
        voice.mix(&mut [0.0; BLOCK], &mut [0.0; BLOCK]);
        now += Duration::from_millis(20);
    }
    voice.counts()
}

#[test]
fn a_packet_that_is_lost_is_heard_from_the_one_after_it() {
    assert_eq!(heard(|_| false).concealed_samples, 0);
    let counts = heard(|block| block % 20 == 10);
    assert_eq!(counts.packets, 238);
    // The first of twelve comes too late; sound waits long enough from then on.
    assert!(counts.concealed_samples <= BLOCK as u64, "{counts:?}");
}

#[test]
fn of_two_that_are_lost_one_after_the_other_the_second_is_heard() {
    let counts = heard(|block| block % 50 == 20 || block % 50 == 21);
    assert_eq!(counts.packets, 240);
    let (five, six) = (5 * BLOCK as u64, 6 * BLOCK as u64);
    assert!(
        (five..six).contains(&counts.concealed_samples),
        "{counts:?}"
    );
}
