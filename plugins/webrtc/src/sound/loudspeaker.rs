//! The device that sound comes out of, through the system's sound server (cpal: PulseAudio's protocol, which
//! PipeWire speaks too, or ALSA). It is open while somebody is to be heard.
//!
//! ```text
//! closed ──a voice has packets──▶ open ──none has for 5 s──▶ closed
//!                                  │ ▲
//!                no device, broken ▼ │ every RETRY
//!                               nobody: sound is taken on time, and thrown away
//! ```

use std::{
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use cpal::{
    ErrorKind, OutputCallbackInfo, Stream,
    traits::{DeviceTrait, HostTrait, StreamTrait},
};

use super::{BLOCK, device, mixer::Mixer, pulse, voice::Voice};

/// Samples that the device asks for at once: 15 ms. At 10 ms this and the sound server take 3 % of a core more, at 20 ms
/// 1 % less (PulseAudio, measured); twice as much waits to be played.
const PERIOD: u32 = 720;
/// How often a device is looked for where there was none.
const RETRY: Duration = Duration::from_secs(10);
/// How often an open device is looked after.
const CHECK: Duration = Duration::from_secs(1);
/// A device that asks for nothing for so long is broken.
const STUCK: Duration = Duration::from_secs(3);
/// How often sound is taken that nobody hears.
const TICK: Duration = Duration::from_millis(15);

/// The loudspeaker of the program: one for all connections of all windows.
#[derive(Debug, Default)]
pub(crate) struct Loudspeaker {
    mixer: Arc<Mixer>,
    running: Arc<AtomicBool>,
    waker: OnceLock<SyncSender<()>>,
}

impl Loudspeaker {
    /// From now on that voice is heard, until its last owner lets go of it.
    pub(super) fn add(&self, voice: &Arc<Mutex<Voice>>) {
        self.mixer.add(voice);
    }

    /// A voice has sound: the device is opened if it is not open yet.
    pub(super) fn wake(&self) {
        if self.running.swap(true, Ordering::AcqRel) {
            return;
        }
        let waker = self.waker.get_or_init(|| {
            let (waker, woken) = sync_channel(1);
            let (mixer, running) = (self.mixer.clone(), self.running.clone());
            let spawned = thread::Builder::new()
                .name("webrtc-sound".to_owned())
                .spawn(move || run(&mixer, &running, &woken));
            if let Err(error) = spawned {
                tracing::error!(%error, "nothing can be heard");
            }
            waker
        });
        // Full: it is about to look anyway.
        let _ = waker.try_send(());
    }

    /// From being mixed to being heard, as far as the device says.
    pub(super) fn latency(&self) -> Duration {
        self.mixer.latency()
    }

    /// See [`Mixer::played`].
    pub(super) fn played(&self, captured: Instant, cursor: &mut Option<i64>) -> [f32; BLOCK] {
        self.mixer.played(captured, cursor)
    }
}

#[cfg(test)]
impl Loudspeaker {
    /// Without a device: a test takes the sound.
    pub(super) fn by_hand() -> Arc<Self> {
        let loudspeaker = Self::default();
        loudspeaker.running.store(true, Ordering::Release);
        Arc::new(loudspeaker)
    }

    pub(super) fn take(&self, now: Instant, length: usize) -> Vec<f32> {
        let mut out = vec![0.0; length];
        self.mixer.mix(now, &mut out);
        out
    }
}

/// Until the program's last owner of the loudspeaker is gone.
fn run(mixer: &Arc<Mixer>, running: &AtomicBool, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        loop {
            if !mixer.is_wanted(Instant::now()) {
                running.store(false, Ordering::Release);
                // A packet may have come in between, and have seen that it runs.
                if !mixer.is_wanted(Instant::now()) || running.swap(true, Ordering::AcqRel) {
                    break;
                }
            }
            match open(mixer) {
                Ok((_stream, broken)) => play(mixer, &broken),
                Err(error) => {
                    tracing::info!(%error, "no loudspeaker");
                    play_to_nobody(mixer, RETRY);
                }
            }
        }
    }
}

/// Opens the default device; what breaks it is told later.
fn open(mixer: &Arc<Mixer>) -> Result<(Stream, Receiver<cpal::Error>), cpal::Error> {
    let device = pulse::host()
        .default_output_device()
        .ok_or(ErrorKind::DeviceNotAvailable)?;
    let channels = device.default_output_config()?.channels();
    let config = device::config(channels, PERIOD);
    let width = usize::from(channels.max(1));
    let mut mono = Vec::new();
    let mixer = mixer.clone();
    let fill = move |out: &mut [f32], info: &OutputCallbackInfo| {
        let times = info.timestamp();
        mixer.set_latency(times.playback.duration_since(times.callback));
        mono.resize(out.len() / width, 0.0);
        mixer.mix(Instant::now(), &mut mono);
        for (frame, sample) in out.chunks_mut(width).zip(&mono) {
            frame.fill(*sample);
        }
    };
    let (failed, broken) = device::trouble("the loudspeaker");
    let stream = device.build_output_stream(config, fill, failed, Some(device::OPENING))?;
    stream.play()?;
    Ok((stream, broken))
}

/// While there is somebody to be heard and the device does its work.
fn play(mixer: &Mixer, broken: &Receiver<cpal::Error>) {
    let opened = Instant::now();
    loop {
        match broken.recv_timeout(CHECK) {
            Ok(error) => {
                tracing::info!(%error, "the loudspeaker broke");
                return;
            }
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {}
        }
        let now = Instant::now();
        let last = mixer.last_mixed().map_or(opened, |last| last.max(opened));
        if now.saturating_duration_since(last) > STUCK {
            tracing::info!("the loudspeaker takes no sound");
            play_to_nobody(mixer, RETRY);
            return;
        }
        if !mixer.is_wanted(now) {
            return;
        }
    }
}

/// Takes sound as a device would, so that nothing piles up and all is counted.
fn play_to_nobody(mixer: &Mixer, duration: Duration) {
    let start = Instant::now();
    let mut block = [0.0; PERIOD as usize];
    let mut taken = 0_u32;
    while taken * TICK < duration {
        let now = Instant::now();
        while start + taken * TICK <= now {
            mixer.mix(now, &mut block);
            taken += 1;
        }
        if taken.is_multiple_of(100) && !mixer.is_wanted(now) {
            return;
        }
        thread::sleep((start + taken * TICK).saturating_duration_since(Instant::now()));
    }
}
