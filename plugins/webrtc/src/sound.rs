//! Echo, noise and level of captured sound: WebRTC's audio processing (AEC3, noise suppression, AGC2) in
//! its Rust port `sonora`. The webview gives raw sound whatever `getUserMedia` was asked for.

use sonora::{
    AudioProcessing, Config, StreamConfig,
    config::{
        AdaptiveDigital, EchoCanceller, GainController2, HighPassFilter, MaxProcessingRate,
        NoiseSuppression, Pipeline,
    },
};

use crate::limits::MAX_SOUND;

/// Samples a second.
const RATE: u32 = 48_000;
/// Samples that are processed at once: 10 ms.
const FRAME: usize = 480;
/// Bytes of a sample.
const SAMPLE: usize = 4;

/// What a page asked `getUserMedia` for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Cleaned sound of the last call.
    cleaned: Vec<f32>,
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
        Self {
            wishes,
            processing,
            cleaned: Vec::with_capacity(MAX_SOUND),
        }
    }

    pub(crate) fn wishes(&self) -> Wishes {
        self.wishes
    }

    /// `sound`: samples of the microphone, then as many of the loudspeaker, `f32` little-endian. Nothing if that
    /// is not whole frames of 10 ms, or too much.
    pub(crate) fn clean(&mut self, sound: &[u8]) -> Option<&[f32]> {
        let (captured, played) = sound.split_at(sound.len() / 2);
        let whole = captured.len() == played.len()
            && captured.len().is_multiple_of(FRAME * SAMPLE)
            && captured.len() <= MAX_SOUND * SAMPLE;
        if !whole {
            return None;
        }
        self.cleaned.clear();
        let mut near = [0.0; FRAME];
        let mut far = [0.0; FRAME];
        let mut output = [0.0; FRAME];
        let frames = captured
            .chunks_exact(FRAME * SAMPLE)
            .zip(played.chunks_exact(FRAME * SAMPLE));
        for (captured, played) in frames {
            read(captured, &mut near);
            read(played, &mut far);
            let processing = &mut self.processing;
            let done = processing
                .process_render_f32(&[&far], &mut [&mut output])
                .and_then(|()| processing.process_capture_f32(&[&near], &mut [&mut output]));
            if let Err(error) = done {
                // Refuses only formats, and ours is fixed: rather an echo than silence.
                tracing::warn!(%error, "sound could not be cleaned");
                output = near;
            }
            self.cleaned.extend_from_slice(&output);
        }
        Some(&self.cleaned)
    }
}

/// Samples between −1 and 1: one that is no number would stay in the filters for good.
fn read(bytes: &[u8], samples: &mut [f32; FRAME]) {
    let (values, _) = bytes.as_chunks::<SAMPLE>();
    for (sample, value) in samples.iter_mut().zip(values) {
        let value = f32::from_le_bytes(*value);
        *sample = if value.is_finite() {
            value.clamp(-1.0, 1.0)
        } else {
            0.0
        };
    }
}

#[cfg(test)]
mod tests;
