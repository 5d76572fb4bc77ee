//! A room with a loudspeaker and a microphone, and two people.

use std::f32::consts::PI;

use super::*;

const SECOND: usize = RATE as usize;
const ECHO_ONLY: Wishes = Wishes {
    echo: true,
    noise: false,
    gain: false,
};

/// Numbers between −1 and 1 (xorshift), the same in each run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * (self.next() + 1.0) / 2.0
    }
}

/// One formant: a resonance of the mouth.
#[derive(Default)]
struct Formant([f32; 2]);

impl Formant {
    fn pass(&mut self, input: f32, frequency: f32, width: f32) -> f32 {
        let radius = (-PI * width / RATE as f32).exp();
        let turn = 2.0 * radius * (2.0 * PI * frequency / RATE as f32).cos();
        let output = input * (1.0 - radius) + turn * self.0[0] - radius * radius * self.0[1];
        self.0 = [output, self.0[0]];
        output
    }
}

/// Speech-like: syllables of 120 to 240 ms, vowels (pulses of the pitch through three formants), hisses and
/// pauses. RMS 0.08 (−22 dBFS).
fn speech(seed: u64, seconds: usize, pitch: f32) -> Vec<f32> {
    let mut noise = Noise(seed);
    let mut formants = [const { Formant([0.0; 2]) }; 3];
    let (mut phase, mut smooth) = (0.0_f32, 0.0_f32);
    let mut voice = Vec::new();
    while voice.len() < seconds * SECOND {
        let length = (noise.between(0.12, 0.24) * RATE as f32) as usize;
        let kind = noise.between(0.0, 10.0);
        let vowel = [
            noise.between(250.0, 850.0),
            noise.between(850.0, 2300.0),
            noise.between(2300.0, 3200.0),
        ];
        let pitch = pitch * noise.between(0.85, 1.15);
        for at in 0..length {
            let envelope = (PI * at as f32 / length as f32).sin().sqrt();
            let sample = if kind < 1.5 {
                0.0
            } else if kind < 3.0 {
                0.1 * noise.next()
            } else {
                phase += pitch / RATE as f32;
                let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
                phase -= pulse;
                // The glottis rounds its pulses off.
                smooth += 0.2 * (pulse + 0.01 * noise.next() - smooth);
                let heard = formants.iter_mut().zip(vowel).zip([80.0, 110.0, 160.0]);
                heard
                    .map(|((formant, frequency), width)| formant.pass(smooth, frequency, width))
                    .sum()
            };
            voice.push(sample * envelope);
        }
    }
    voice.truncate(seconds * SECOND);
    let scale = 0.08 / power(&voice).sqrt();
    voice
        .iter()
        .map(|sample| (sample * scale).clamp(-0.9, 0.9))
        .collect()
}

/// What a microphone hears of a loudspeaker: the direct sound after `delay` ms, and 100 ms of reverberation.
fn room(sound: &[f32], delay: usize, gain: f32) -> Vec<f32> {
    let mut noise = Noise(11);
    let mut paths = vec![(0, 1.0)];
    for _ in 0..60 {
        let after = noise.between(0.0, 0.1);
        let strength = 0.5 * noise.next() * (-after / 0.03).exp();
        paths.push(((after * RATE as f32) as usize, strength));
    }
    let scale = gain
        / paths
            .iter()
            .map(|(_, strength)| strength * strength)
            .sum::<f32>()
            .sqrt();
    let mut heard = vec![0.0; sound.len()];
    for (after, strength) in paths {
        let shift = delay * SECOND / 1000 + after;
        for (at, sample) in sound.iter().take(sound.len() - shift).enumerate() {
            heard[at + shift] += sample * strength * scale;
        }
    }
    heard
}

/// As captured by a microphone whose clock is off.
fn off_by(sound: &[f32], ppm: f64) -> Vec<f32> {
    let sample = |at: usize| sound.get(at).copied().unwrap_or(0.0);
    (0..sound.len())
        .map(|at| {
            let position = at as f64 * (1.0 + ppm * 1e-6);
            let part = position.fract() as f32;
            sample(position as usize) * (1.0 - part) + sample(position as usize + 1) * part
        })
        .collect()
}

fn power(sound: &[f32]) -> f32 {
    sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len() as f32
}

/// How much stronger the one is, dB.
fn decibels(one: &[f32], other: &[f32]) -> f32 {
    10.0 * (power(one) / power(other).max(1e-12)).log10()
}

fn add(one: &[f32], other: &[f32]) -> Vec<f32> {
    one.iter()
        .zip(other)
        .map(|(one, other)| one + other)
        .collect()
}

/// In blocks of 20 ms, as the page sends them.
fn clean(wishes: Wishes, captured: &[f32], played: &[f32]) -> Vec<f32> {
    let mut cleaner = Cleaner::new(wishes);
    let (captured, _) = captured.as_chunks::<BLOCK>();
    let (played, _) = played.as_chunks::<BLOCK>();
    let blocks = captured.iter().zip(played);
    blocks
        .flat_map(|(captured, played)| {
            let mut sound = *captured;
            cleaner.clean(&mut sound, played);
            sound
        })
        .collect()
}

#[test]
fn the_echo_of_a_loudspeaker_is_gone_after_two_seconds() {
    let far = speech(7, 8, 120.0);
    for delay in [20, 60, 120, 200] {
        for gain in [0.2, 0.6] {
            let echo = room(&far, delay, gain);
            let sent = clean(ECHO_ONLY, &echo, &far);
            let loss = decibels(&echo[2 * SECOND..], &sent[2 * SECOND..]);
            assert!(loss > 25.0, "{delay} ms, gain {gain}: only {loss} dB");
        }
    }
}

#[test]
fn two_who_speak_at_once_are_both_heard() {
    // Ten seconds of the far end alone, then both without a pause. The mouth is nearer than the loudspeaker.
    let far = speech(7, 18, 120.0);
    let mut near = speech(99, 18, 210.0);
    near[..10 * SECOND].fill(0.0);
    let echo = room(&far, 60, 0.1);
    let sent = clean(ECHO_ONLY, &add(&echo, &near), &far);
    let (near, sent) = (&near[10 * SECOND..], &sent[10 * SECOND..]);
    let lost = decibels(near, sent);
    assert!(lost < 3.0, "{lost} dB of the near end are lost");
    // What is left is the near end, and not the echo instead of it: its loud and quiet parts fall together.
    let loudness = |sound: &[f32]| sound.chunks(SECOND / 20).map(power).collect::<Vec<_>>();
    let likeness = correlation(&loudness(near), &loudness(sent));
    assert!(likeness > 0.75, "likeness {likeness}");
}

fn correlation(one: &[f32], other: &[f32]) -> f32 {
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    let (middle, centre) = (mean(one), mean(other));
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for (one, other) in one.iter().zip(other) {
        both += (one - middle) * (other - centre);
        first += (one - middle).powi(2);
        second += (other - centre).powi(2);
    }
    both / (first * second).sqrt()
}

#[test]
fn clocks_that_run_apart_do_not_bring_the_echo_back() {
    let far = speech(7, 30, 120.0);
    for ppm in [-200.0, 200.0] {
        let echo = off_by(&room(&far, 100, 0.3), ppm);
        let sent = clean(ECHO_ONLY, &echo, &far);
        let loss = decibels(&echo[3 * SECOND..], &sent[3 * SECOND..]);
        assert!(loss > 25.0, "{ppm} ppm: only {loss} dB");
    }
}

#[test]
fn a_delay_that_changes_is_found_again() {
    let far = speech(7, 16, 120.0);
    let mut echo = room(&far, 50, 0.3);
    echo[8 * SECOND..].copy_from_slice(&room(&far, 170, 0.3)[8 * SECOND..]);
    let sent = clean(ECHO_ONLY, &echo, &far);
    let loss = decibels(&echo[11 * SECOND..], &sent[11 * SECOND..]);
    assert!(loss > 25.0, "only {loss} dB");
}

#[test]
fn steady_noise_is_taken_away_and_a_quiet_voice_raised_where_that_was_asked_for() {
    let mut noise = Noise(3);
    let fan: Vec<f32> = (0..8 * SECOND).map(|_| 0.01 * noise.next()).collect();
    let silence = vec![0.0; fan.len()];
    let wishes = Wishes {
        noise: true,
        ..ECHO_ONLY
    };
    let quieter = decibels(
        &fan[4 * SECOND..],
        &clean(wishes, &fan, &silence)[4 * SECOND..],
    );
    assert!(quieter > 8.0, "only {quieter} dB less noise");
    let quiet: Vec<f32> = speech(99, 8, 210.0)
        .iter()
        .map(|sample| sample * 0.1)
        .collect();
    let wishes = Wishes {
        gain: true,
        ..ECHO_ONLY
    };
    let louder = decibels(
        &clean(wishes, &quiet, &silence)[4 * SECOND..],
        &quiet[4 * SECOND..],
    );
    assert!((6.0..30.0).contains(&louder), "{louder} dB louder");
}
