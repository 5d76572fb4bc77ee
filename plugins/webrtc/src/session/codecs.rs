//! The codecs that are offered, and how they are named on the bridge.

use str0m::{
    RtcConfig,
    format::{Codec, FormatParams, PayloadParams},
    media::Pt,
};

use crate::bridge::messages::{Codecs, WireCodec};

/// Payload types as Chromium numbers them; a remote offer's own numbers replace them.
const VP8: (u8, u8) = (96, 97);
/// Constrained baseline, level 3.1: what every browser has in software.
const H264: (u8, u8) = (108, 109);
const H264_PROFILE: u32 = 0x0042_e01f;
/// Baseline, level 3.1: what Chromium lists first.
const H264_BASELINE: (u8, u8) = (102, 103);
const H264_BASELINE_PROFILE: u32 = 0x0042_001f;

/// Switches on what the page can encode and decode, in its order.
pub(crate) fn enable(config: RtcConfig, page: &Codecs) -> RtcConfig {
    let has =
        |list: &[String], name: &str| list.iter().any(|codec| codec.eq_ignore_ascii_case(name));
    let mut config = config
        .clear_codecs()
        .enable_opus(has(&page.audio, "opus"), false);
    let codecs = config.codec_config();
    for name in page.video.iter().take(8) {
        if name.eq_ignore_ascii_case("VP8") {
            codecs.add_config(
                Pt::from(VP8.0),
                Some(Pt::from(VP8.1)),
                Codec::Vp8,
                str0m::media::Frequency::NINETY_KHZ,
                None,
                FormatParams::default(),
            );
        } else if name.eq_ignore_ascii_case("H264") {
            for (numbers, profile) in [(H264, H264_PROFILE), (H264_BASELINE, H264_BASELINE_PROFILE)]
            {
                codecs.add_h264(
                    Pt::from(numbers.0),
                    Some(Pt::from(numbers.1)),
                    true,
                    profile,
                );
            }
        }
    }
    config
}

/// The name of a codec that both str0m and the page can have.
pub(crate) fn name(codec: Codec) -> Option<&'static str> {
    if codec == Codec::Opus {
        Some("opus")
    } else if codec == Codec::Vp8 {
        Some("VP8")
    } else if codec == Codec::H264 {
        Some("H264")
    } else {
        None
    }
}

/// As the page is told.
pub(crate) fn to_wire(params: &PayloadParams) -> Option<WireCodec> {
    let spec = params.spec();
    let kind = if spec.codec.is_audio() {
        "audio"
    } else {
        "video"
    };
    Some(WireCodec {
        pt: *params.pt(),
        mime: format!("{kind}/{}", name(spec.codec)?),
        clock_rate: spec.clock_rate.get(),
        channels: spec.channels,
        fmtp: spec.format.to_string(),
    })
}
