//! A microphone of this machine, taken from the system's sound server and not from the page.
//!
//! The page has it open as well, for its track is the page's. But what it captures crosses some ten threads in pieces of
//! 3 ms, and then the one that paints: that is a tenth of a core, and sound that is uneven by tens of milliseconds
//! (both measured).

use std::{
    io,
    sync::mpsc::sync_channel,
    thread,
    time::{Duration, Instant},
};

use cpal::{
    Device, ErrorKind, InputCallbackInfo, Stream,
    traits::{DeviceTrait, HostTrait, StreamTrait},
};
use tokio::sync::mpsc;

use super::{BLOCK, device, pulse};

/// Samples that the device gives at once: a block.
const PERIOD: u32 = 960;

/// What comes of a microphone.
#[derive(Debug)]
pub(crate) enum Heard {
    /// It is open; what follows comes of it.
    Open { slot: u16, opening: u32 },
    /// A block.
    Block(Captured),
    /// It could not be opened, or is gone.
    Lost { slot: u16, opening: u32 },
}

/// [`BLOCK`] samples.
#[derive(Debug)]
pub(crate) struct Captured {
    pub(crate) slot: u16,
    pub(crate) opening: u32,
    pub(crate) samples: Box<[f32; BLOCK]>,
    /// When it was whole.
    pub(crate) at: Instant,
}

/// An open microphone, or one that is being opened. It is closed when this is dropped.
#[derive(Debug)]
pub(crate) struct Input {
    /// Dropped with it, which ends its thread.
    _closing: std::sync::mpsc::SyncSender<()>,
}

impl Input {
    /// Opens the microphone that the system names so. What comes of it is told to `heard`, with `opening` to tell it
    /// from one that was open before.
    ///
    /// # Errors
    /// There is no thread for it; then nothing is told.
    pub(crate) fn open(
        slot: u16,
        opening: u32,
        label: String,
        heard: mpsc::Sender<Heard>,
    ) -> io::Result<Self> {
        let (closing, closed) = sync_channel::<()>(0);
        thread::Builder::new()
            .name("webrtc-microphone".to_owned())
            .spawn(move || {
                let lost = Heard::Lost { slot, opening };
                match start(slot, opening, &label, heard.clone()) {
                    Ok((_stream, broken)) => {
                        let _ = heard.blocking_send(Heard::Open { slot, opening });
                        wait(&closed, &broken);
                    }
                    Err(error) => tracing::info!(%error, "the page captures a microphone itself"),
                }
                let _ = heard.blocking_send(lost);
            })?;
        Ok(Self { _closing: closing })
    }
}

/// Until nobody wants it any more, or it breaks.
fn wait(closed: &std::sync::mpsc::Receiver<()>, broken: &std::sync::mpsc::Receiver<cpal::Error>) {
    use std::sync::mpsc::RecvTimeoutError;
    const CHECK: Duration = Duration::from_millis(200);
    loop {
        match closed.recv_timeout(CHECK) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
        if let Ok(error) = broken.try_recv() {
            tracing::info!(%error, "a microphone broke");
            return;
        }
    }
}

fn start(
    slot: u16,
    opening: u32,
    label: &str,
    heard: mpsc::Sender<Heard>,
) -> Result<(Stream, std::sync::mpsc::Receiver<cpal::Error>), cpal::Error> {
    let device = find(label)?;
    let channels = device.default_input_config()?.channels();
    let config = device::config(channels, PERIOD);
    let mut blocks = Blocks::new(usize::from(channels.max(1)));
    let take = move |samples: &[f32], _: &InputCallbackInfo| {
        blocks.take(samples, |samples| {
            // A connection that is behind loses sound, as it would from the page.
            let _ = heard.try_send(Heard::Block(Captured {
                slot,
                opening,
                samples,
                at: Instant::now(),
            }));
        });
    };
    let (failed, broken) = device::trouble("a microphone");
    let stream = device.build_input_stream(config, take, failed, Some(device::OPENING))?;
    stream.play()?;
    Ok((stream, broken))
}

/// The one microphone of that name. Two of one name can't be told apart: the page knows which it has.
fn find(label: &str) -> Result<Device, cpal::Error> {
    let mut found = pulse::host().input_devices()?.filter(|device| {
        device
            .description()
            .is_ok_and(|description| description.name() == label)
    });
    match (found.next(), found.next()) {
        (Some(device), None) => Ok(device),
        (Some(_), Some(_)) | (None, _) => Err(ErrorKind::DeviceNotAvailable.into()),
    }
}

/// Makes blocks of one channel of what a device gives.
#[derive(Debug)]
struct Blocks {
    channels: usize,
    block: Box<[f32; BLOCK]>,
    filled: usize,
}

impl Blocks {
    fn new(channels: usize) -> Self {
        Self {
            channels,
            block: Box::new([0.0; BLOCK]),
            filled: 0,
        }
    }

    #[allow(clippy::cast_precision_loss)]
    fn take(&mut self, samples: &[f32], mut full: impl FnMut(Box<[f32; BLOCK]>)) {
        for frame in samples.chunks_exact(self.channels) {
            if let Some(sample) = self.block.get_mut(self.filled) {
                *sample = frame.iter().sum::<f32>() / self.channels as f32;
            }
            self.filled += 1;
            if self.filled == BLOCK {
                self.filled = 0;
                full(std::mem::replace(&mut self.block, Box::new([0.0; BLOCK])));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_cut_of_pieces_of_any_length_and_mixed_to_one_channel() {
        let frames: Vec<f32> = (0..2_000).flat_map(|at| [at as f32, 0.0]).collect();
        let mut blocks = Blocks::new(2);
        let mut full = Vec::new();
        for piece in frames.chunks(2 * 333) {
            blocks.take(piece, |block| full.push(block));
        }
        assert_eq!(full.len(), 2);
        let mixed: Vec<f32> = full
            .iter()
            .flat_map(|block| block.iter().copied())
            .collect();
        let expected: Vec<f32> = (0..2 * BLOCK).map(|at| at as f32 / 2.0).collect();
        assert_eq!(mixed, expected);
    }
}
