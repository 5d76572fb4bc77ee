//! Echo, noise and level of captured sound: WebRTC's audio processing (AEC3, noise suppression, AGC2) in
//! its Rust port `sonora`. The webview gives raw sound whatever `getUserMedia` was asked for.

use sonora::{
    AudioProcessing, Config, StreamConfig,
    config::{
        AdaptiveDigital, EchoCanceller, GainController2, HighPassFilter, MaxProcessingRate,
        NoiseSuppression, Pipeline,
    },
};

use super::{BLOCK, RATE};

/// Samples that are processed at once: 10 ms.
const FRAME: usize = 480;

/// What a page asked `getUserMedia` for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    pub(crate) echo: bool,
    pub(crate) noise: bool,
    pub(crate) gain: bool,
}

impl Wishes {
    /// As they cross the bridge.
    pub(crate) fn from_bits(bits: u8) -> Self {
        Self {
            echo: bits & 1 != 0,
            noise: bits & 2 != 0,
            gain: bits & 4 != 0,
        }
    }
}

/// Cleans the sound of one microphone. Knows how the loudspeaker sounds in it after a second or two of
/// sound, and follows when the room, the delay between the two or their clocks change.
#[derive(Debug)]
pub(crate) struct Cleaner {
    wishes: Wishes,
    processing: AudioProcessing,
}

impl Cleaner {
    pub(crate) fn new(wishes: Wishes) -> Self {
        let config = Config {
            pipeline: Pipeline {
                maximum_internal_processing_rate: MaxProcessingRate::Rate48kHz,
                ..Pipeline::default()
            },
            high_pass_filter: Some(HighPassFilter::default()),
            echo_canceller: wishes.echo.then(EchoCanceller::default),
            noise_suppression: wishes.noise.then(NoiseSuppression::default),
            gain_controller2: wishes.gain.then(|| GainController2 {
                adaptive_digital: Some(AdaptiveDigital::default()),
                ..GainController2::default()
            }),
            ..Config::default()
        };
        let stream = StreamConfig::new(RATE, 1);
        let processing = AudioProcessing::builder()
            .config(config)
            .capture_config(stream)
            .render_config(stream)
            .build();
        Self { wishes, processing }
    }

    pub(crate) fn wishes(&self) -> Wishes {
        self.wishes
    }

    /// `sound`: what the microphone captured, and after it as it is to be sent; `played`: what was heard
    /// meanwhile. Samples between −1 and 1.
    pub(crate) fn clean(&mut self, sound: &mut [f32; BLOCK], played: &[f32; BLOCK]) {
        let (sound, _) = sound.as_chunks_mut::<FRAME>();
        let (played, _) = played.as_chunks::<FRAME>();
        let mut output = [0.0; FRAME];
        for (near, far) in sound.iter_mut().zip(played) {
            let processing = &mut self.processing;
            let done = processing
                .process_render_f32(&[far], &mut [&mut output])
                .and_then(|()| processing.process_capture_f32(&[near], &mut [&mut output]));
            match done {
                Ok(()) => *near = output,
                // Refuses only formats, and ours is fixed: rather an echo than silence.
                Err(error) => tracing::warn!(%error, "sound could not be cleaned"),
            }
        }
    }
}

#[cfg(test)]
mod tests;
