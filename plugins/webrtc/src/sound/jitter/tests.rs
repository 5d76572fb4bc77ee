//! Blocks by hand, and calls on virtual time: what comes when, what is heard, and how late.

use std::f64::consts::PI;

use super::*;

/// Samples a second.
const RATE: u32 = 48_000;
/// Samples in a block: 20 ms.
const BLOCK: usize = 960;
/// The same, as positions are counted.
const STEP: i64 = BLOCK as i64;
/// Samples that are read at once.
const QUANTUM: usize = 128;

/// A voice, from sample `at` on.
fn tone(frequency: f64, at: i64, length: usize) -> Vec<f32> {
    (at..)
        .take(length)
        .map(|at| (0.5 * (at as f64 * 2.0 * PI * frequency / f64::from(RATE)).sin()) as f32)
        .collect()
}

/// A block of a voice of 200 Hz, from sample `at` on.
fn voice(at: i64) -> Vec<f32> {
    tone(200.0, at, BLOCK)
}

/// A buffer with these blocks in it.
fn holding(blocks: &[i64]) -> JitterBuffer {
    let mut buffer = JitterBuffer::new();
    for block in blocks {
        buffer.write(block * STEP, &voice(block * STEP));
    }
    buffer
}

fn read(buffer: &mut JitterBuffer, samples: usize) -> Vec<f32> {
    let mut all = vec![0.0; samples];
    for quantum in all.chunks_mut(QUANTUM) {
        buffer.read(quantum);
    }
    all
}

fn loudest(samples: &[f32]) -> f32 {
    samples.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

/// Largest step from one sample to the next: a click is far above that of the voice itself.
fn roughest(samples: &[f32]) -> f32 {
    samples
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .fold(0.0, f32::max)
}

#[test]
fn it_is_silent_until_two_blocks_are_there_and_then_plays_them_whole() {
    let mut buffer = holding(&[0]);
    assert!(
        read(&mut buffer, QUANTUM)
            .iter()
            .all(|sample| *sample == 0.0)
    );
    buffer.write(STEP, &voice(STEP));
    assert_eq!(read(&mut buffer, 2 * BLOCK), tone(200.0, 0, 2 * BLOCK));
    assert_eq!(buffer.counts().concealed, 0);
}

#[test]
fn it_goes_on_with_the_voice_when_the_next_block_is_late_and_then_plays_that() {
    let mut buffer = holding(&[0, 1]);
    let before = read(&mut buffer, 2 * BLOCK);
    let bridged = read(&mut buffer, 384);
    buffer.write(2 * STEP, &voice(2 * STEP));
    let after = read(&mut buffer, BLOCK);
    let JitterCounts {
        concealed,
        events,
        removed,
        inserted: _,
    } = *buffer.counts();
    assert_eq!((concealed, events, removed), (384, 1, 0));
    assert!(loudest(&bridged) > 0.3);
    assert!(roughest(&[before, bridged, after].concat()) < 0.05);
}

#[test]
fn a_hole_is_filled_with_as_much_sound_as_was_lost() {
    let mut buffer = holding(&[0, 1]);
    read(&mut buffer, QUANTUM);
    let level = buffer.level();
    buffer.write(3 * STEP, &voice(3 * STEP));
    assert_eq!(buffer.level(), level + 2 * STEP);
    assert_eq!(buffer.counts().concealed, 960);
    assert_eq!(buffer.counts().events, 1);
}

#[test]
fn it_falls_silent_and_waits_for_two_blocks_again_when_nothing_comes() {
    let mut buffer = holding(&[0, 1]);
    let all = read(&mut buffer, 48_000);
    assert!(loudest(&all[24_000..]) < 0.01);
    buffer.write(100 * STEP, &voice(0));
    assert_eq!(loudest(&read(&mut buffer, QUANTUM)), 0.0);
}

#[test]
fn a_delay_that_is_not_needed_is_cut_and_what_is_played_too_soon_played_again_without_a_click() {
    let mut buffer = holding(&Vec::from_iter(0..15));
    let mut at = 15 * STEP;
    let mut last = 0.0_f32;
    let mut play = |buffer: &mut JitterBuffer, blocks: usize| {
        for _ in 0..blocks {
            buffer.write(at, &voice(at));
            let played = read(buffer, BLOCK);
            assert!((played[0] - last).abs() < 0.05, "at {at}");
            assert!(roughest(&played) < 0.05, "at {at}");
            last = played[BLOCK - 1];
            at += STEP;
        }
    };
    play(&mut buffer, 150);
    assert!(buffer.delay() < 2 * 960);
    assert!(buffer.counts().removed > 12 * 960);
    buffer.set_floor(4_800);
    play(&mut buffer, 100);
    assert!(buffer.delay() > 4_300);
    assert!(buffer.counts().inserted > 3_000);
    assert_eq!(buffer.counts().concealed, 0);
}

#[test]
fn no_more_than_a_second_is_kept() {
    let buffer = holding(&Vec::from_iter(0..200));
    assert_eq!(buffer.level(), 48_000);
}

#[test]
fn a_loudspeaker_that_opens_late_plays_what_comes_then() {
    let mut buffer = JitterBuffer::new();
    let mut at = 0;
    for _ in 0..80 {
        buffer.write(at, &voice(at));
        at += STEP;
    }
    for _ in 0..150 {
        buffer.write(at, &voice(at));
        at += STEP;
        read(&mut buffer, BLOCK);
    }
    assert!(buffer.delay() <= 2_880, "{} samples late", buffer.delay());
    // Only what was beyond the second that is kept; nothing was played faster.
    assert!(buffer.counts().removed <= 30_240, "{:?}", buffer.counts());
}

#[test]
fn what_comes_again_is_ignored() {
    let buffer = holding(&[0, 1, 1, 0]);
    assert_eq!(buffer.level(), 2 * STEP);
}

/// The positions are the peer's: what they are must not matter to the arithmetic.
#[test]
fn positions_without_sense_break_nothing() {
    let mut buffer = JitterBuffer::new();
    for at in [0, i64::MAX, i64::MIN, -1, i64::MAX - 1, i64::MIN + 1, 0] {
        for _ in 0..60 {
            buffer.write(at, &voice(0));
            read(&mut buffer, BLOCK);
        }
    }
    let before = buffer.counts().concealed;
    for block in 0..100 {
        buffer.write(block * STEP, &voice(block * STEP));
        read(&mut buffer, BLOCK);
    }
    assert!(buffer.counts().concealed <= before + 960);
    assert!(buffer.delay() < 4 * 960);
}

/// Numbers from 0 to 1, the same in each run (mulberry32).
fn randomness(seed: u32) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x6d2b_79f5);
        let mut mixed = (state ^ (state >> 15)).wrapping_mul(1 | state);
        mixed ^= mixed.wrapping_add((mixed ^ (mixed >> 7)).wrapping_mul(61 | mixed));
        f64::from(mixed ^ (mixed >> 14)) / 4_294_967_296.0
    }
}

struct Call {
    seconds: u32,
    /// Milliseconds that the block of this time (milliseconds) is under way; nothing: it is lost.
    transit: Box<dyn FnMut(f64) -> Option<f64>>,
    /// Milliseconds that playing stands still at this time; what isn't played then isn't made up for.
    stall: Box<dyn FnMut(f64) -> f64>,
    /// By how much the sender's clock is fast, parts in a million.
    ppm: f64,
    /// Milliseconds.
    floor: u32,
}

impl Call {
    fn new(seconds: u32, transit: impl FnMut(f64) -> Option<f64> + 'static) -> Self {
        Self {
            seconds,
            transit: Box::new(transit),
            stall: Box::new(|_| 0.0),
            ppm: 0.0,
            floor: 0,
        }
    }
}

/// What a part of a call was like, in milliseconds and shares.
#[derive(Debug)]
struct Heard {
    /// From a block's being sent to its being heard, over its fastest way.
    delay: f64,
    most: f64,
    concealed: f64,
    stretched: f64,
}

/// Plays a call and tells how each `part` (seconds) of it was.
fn play(mut call: Call, part: u32) -> Vec<Heard> {
    // 150 Hz: three periods a block, so that blocks join.
    let voice = tone(150.0, 0, BLOCK);
    let rate = f64::from(RATE);
    let mut buffer = JitterBuffer::new();
    buffer.set_floor(call.floor * RATE / 1_000);
    // In order, as the session hands them over: a block waits for the one before it.
    let mut before = 0.0_f64;
    let mut blocks = Vec::new();
    for number in 0..call.seconds * 1_000 / 20 {
        let sent = f64::from(number * 20) / (1.0 + call.ppm / 1e6);
        let Some(transit) = (call.transit)(sent) else {
            continue;
        };
        before = before.max(sent + transit);
        blocks.push((i64::from(number) * STEP, before));
    }
    let mut blocks = blocks.into_iter().peekable();
    let mut output = [0.0; QUANTUM];
    let mut heard = Vec::new();
    let mut now = 0.0;
    let mut last = *buffer.counts();
    for from in (0..call.seconds).step_by(part as usize) {
        let (mut sum, mut most, mut reads) = (0.0, 0.0_f64, 0.0);
        while now < f64::from((from + part) * 1_000) {
            now += QUANTUM as f64 * 1_000.0 / rate + (call.stall)(now);
            while let Some((at, _)) = blocks.next_if(|(_, when)| *when <= now) {
                buffer.write(at, &voice);
            }
            buffer.read(&mut output);
            let delay = f64::from(buffer.delay()) * 1_000.0 / rate;
            sum += delay;
            most = most.max(delay);
            reads += 1.0;
        }
        let counts = *buffer.counts();
        let samples = reads * QUANTUM as f64;
        let stretched = counts.removed - last.removed + counts.inserted - last.inserted;
        heard.push(Heard {
            delay: sum / reads,
            most,
            concealed: (counts.concealed - last.concealed) as f64 / samples,
            stretched: stretched as f64 / samples,
        });
        last = counts;
    }
    heard
}

/// Delays as of a busy radio network: mostly short, sometimes long.
fn radio(seed: u32, mean: f64) -> impl FnMut() -> f64 {
    let mut random = randomness(seed);
    move || 2.0 - mean * (1.0 - random()).ln()
}

/// Nothing comes for `length` ms from each of these times (ms) on, and then all at once.
fn held(length: f64, times: Vec<f64>) -> impl FnMut(f64) -> Option<f64> {
    move |sent| {
        let from = times
            .iter()
            .find(|time| sent >= **time && sent < **time + length);
        Some(from.map_or(2.0, |from| from + length - sent + 2.0))
    }
}

#[test]
fn on_a_quiet_network_sound_waits_20_ms_or_less_with_clocks_that_run_apart() {
    for ppm in [0.0, 200.0, -200.0] {
        let mut random = randomness(1);
        let call = Call {
            ppm,
            ..Call::new(120, move |_| Some(1.0 + 2.0 * random()))
        };
        for part in &play(call, 10)[1..] {
            assert!(part.delay < 25.0, "{ppm} ppm: {part:?}");
            assert!(part.concealed < 0.002, "{ppm} ppm: {part:?}");
            assert!(part.stretched < 0.01, "{ppm} ppm: {part:?}");
        }
    }
}

#[test]
fn with_jitter_sound_waits_as_long_as_nearly_all_blocks_need() {
    let mut jitter = radio(7, 15.0);
    for part in &play(Call::new(90, move |_| Some(jitter())), 30)[1..] {
        assert!(part.concealed < 0.01, "{part:?}");
        assert!(part.delay > 40.0, "{part:?}");
        assert!(part.delay < 130.0, "{part:?}");
    }
}

#[test]
fn when_jitter_is_over_sound_waits_no_longer_than_before() {
    let mut jitter = radio(7, 15.0);
    let call = Call::new(90, move |sent| {
        Some(if sent < 30_000.0 { jitter() } else { 2.0 })
    });
    let parts = play(call, 15);
    assert!(parts[1].delay > 40.0, "{parts:?}");
    assert!(parts[4].delay < 25.0, "{parts:?}");
    assert_eq!(parts[5].concealed, 0.0, "{parts:?}");
}

#[test]
fn what_is_lost_is_concealed_and_no_more() {
    let mut random = randomness(5);
    let call = Call::new(60, move |_| (random() >= 0.05).then_some(2.0));
    for part in &play(call, 20)[1..] {
        assert!(part.concealed > 0.03, "{part:?}");
        assert!(part.concealed < 0.07, "{part:?}");
        assert!(part.delay < 30.0, "{part:?}");
    }
}

#[test]
fn three_seconds_after_a_single_stall_of_300_ms_sound_is_prompt_again() {
    let parts = play(Call::new(20, held(300.0, vec![10_000.0])), 1);
    assert!(parts[10].most > 200.0, "{parts:?}");
    assert!(parts[13].delay < 40.0, "{parts:?}");
    assert!(parts[19].delay < 25.0, "{parts:?}");
}

#[test]
fn stalls_of_120_ms_that_come_each_second_are_waited_for_and_no_longer_when_they_end() {
    let times = (1..=30).map(|second| f64::from(second) * 1_000.0).collect();
    let parts = play(Call::new(60, held(120.0, times)), 5);
    for part in &parts[2..6] {
        assert!(part.concealed < 0.01, "{part:?}");
        assert!(part.delay > 90.0, "{part:?}");
        assert!(part.delay < 170.0, "{part:?}");
    }
    assert!(parts[11].delay < 25.0, "{parts:?}");
}

#[test]
fn sound_does_not_stay_late_when_playing_itself_stood_still() {
    let mut stalled = 0;
    let stall = move |at: f64| {
        if at < f64::from(10_000 + stalled * 2_000) || stalled == 5 {
            return 0.0;
        }
        stalled += 1;
        250.0
    };
    let call = Call {
        stall: Box::new(stall),
        ..Call::new(30, |_| Some(2.0))
    };
    let parts = play(call, 1);
    // The stalls are at 10, 12, 14, 16 and 18 s: what is left of each is gone before the next.
    for second in [11, 13, 15, 17, 19] {
        assert!(parts[second].delay < 60.0, "{second}: {parts:?}");
    }
    assert!(parts[24].delay < 25.0, "{parts:?}");
    assert!(parts.iter().all(|part| part.concealed < 0.01), "{parts:?}");
}

#[test]
fn sound_waits_for_pictures_that_are_late() {
    let call = Call {
        floor: 150,
        ..Call::new(30, |_| Some(2.0))
    };
    let parts = play(call, 10);
    assert!(parts[2].delay > 140.0, "{parts:?}");
    assert!(parts[2].delay < 165.0, "{parts:?}");
    assert_eq!(parts[2].concealed, 0.0, "{parts:?}");
}
