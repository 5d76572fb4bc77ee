//! Encoded frames, out and in.

use std::{
    borrow::Cow,
    collections::VecDeque,
    time::{Duration, Instant},
};

use str0m::{
    Rtc,
    format::{Codec, PayloadParams},
    media::{KeyframeRequestKind, MediaData, MediaTime, Mid, Pt},
};

use super::{Live, Output, clock, h264, lines::Latest, sps};
use crate::{
    bridge::{
        frame::{LEVEL_UNKNOWN, MediaFromPage, MediaToPage},
        messages::{Event, Kind},
    },
    limits::KEY_FRAME_INTERVAL,
};

/// Longest that the peer may hold a picture back, hundredths of a second. With 0 as the shortest, and not more than this,
/// Chromium shows pictures as they come (`kLowLatencyStreamMaxPlayoutDelayThreshold`, 500 ms); otherwise it would hold
/// each back for the unevenness of a path that a LAN is not.
const LONGEST_PLAYOUT_DELAY: u64 = 50;

impl Live {
    /// A frame of the page. What can't be sent now (not connected, not our turn) is dropped.
    pub(crate) fn send_media(&mut self, now: Instant, frame: &MediaFromPage<'_>) {
        let captured = self.page_clock.captured(now, frame.timestamp);
        let Some(line) = self.lines.get_mut(frame.slot) else {
            return;
        };
        let kind = line.kind;
        if frame.key {
            line.key_frame_sent = Some(now);
        }
        let Some(mut writer) = self.rtc.writer(line.mid) else {
            return;
        };
        let pt = Pt::from(frame.pt);
        let Some(spec) = writer
            .payload_params()
            .find(|params| params.pt() == pt)
            .map(PayloadParams::spec)
        else {
            return;
        };
        let payload = if spec.codec == Codec::H264 {
            h264::to_annex_b(frame.payload)
        } else {
            frame.payload.into()
        };
        if let Ok(level) = i8::try_from(frame.audio_level) {
            writer = writer.audio_level(-level, level < 60);
        }
        if kind == Kind::Video {
            let longest = MediaTime::from_hundredths(LONGEST_PLAYOUT_DELAY);
            writer = writer.playout_delay(MediaTime::ZERO, longest);
        }
        let time = clock::rtp_time(frame.timestamp, spec.clock_rate);
        if let Err(error) = writer.write(pt, captured, time, payload.into_owned()) {
            tracing::debug!(%error, "a frame was not sent");
        }
    }

    /// A frame of the peer.
    pub(crate) fn receive_media(
        &mut self,
        start: Instant,
        now: Instant,
        data: &MediaData,
        out: &mut VecDeque<Output>,
    ) {
        let Some(line) = self.lines.by_mid_mut(&data.mid) else {
            return;
        };
        let kind = line.kind;
        let slot = line.slot;
        let (first, last) = (data.seq_range.start(), data.seq_range.end());
        line.received(**first, **last, data.data.len());
        line.heard = Some(now);
        let is_h264 = data.params.spec().codec == Codec::H264;
        let key = kind == Kind::Audio || data.is_keyframe();
        if kind == Kind::Video {
            // What begins in the middle of a picture is what is left of one: str0m takes each slice for a
            // beginning. WebKit's decoder makes a picture of it, and garbles all that follow.
            let whole = !is_h264 || h264::is_whole(&data.data);
            line.starving = !whole || (!key && (line.starving || !data.contiguous));
            if line.starving {
                line.withheld += 1;
                self.request_key_frame(now, slot);
                return;
            }
        }
        let arrival = match kind {
            Kind::Audio => data.network_time,
            // Of a picture, the packet that completed it.
            Kind::Video => now,
        };
        let level = data.ext_vals.audio_level.map(i8::unsigned_abs);
        line.latest = Some(Latest {
            at: now,
            rtp_timestamp: clock::rtp_timestamp(data.time),
            level,
        });
        let frame = MediaToPage {
            slot,
            pt: *data.pt,
            key,
            after_loss: !data.contiguous,
            audio_level: level.unwrap_or(LEVEL_UNKNOWN),
            media_time: clock::media_micros(data.time),
            arrival: micros(arrival.saturating_duration_since(start)),
            capture: line
                .sender_clock
                .captured(data.time, data.last_sender_info.as_ref()),
            payload: if is_h264 {
                match sps::without_reordering(&data.data) {
                    Cow::Owned(changed) => changed.into(),
                    Cow::Borrowed(_) => data.data.clone(),
                }
            } else {
                data.data.clone()
            },
        };
        out.push_back(match kind {
            Kind::Audio => Output::Audio(frame),
            Kind::Video => Output::Video(frame),
        });
    }

    /// The peer wants a key frame. While the last one is under way it can't know of it: another would
    /// only crowd it.
    pub(crate) fn key_frame_wanted(&mut self, now: Instant, mid: Mid, out: &mut VecDeque<Output>) {
        let under_way = self.round_trip() + KEY_FRAME_INTERVAL;
        if let Some(line) = self.lines.by_mid(&mid)
            && line.key_frame_sent.is_none_or(|at| now >= at + under_way)
        {
            let slot = line.slot;
            out.push_back(Output::Event(Event::Keyframe { slot }));
        }
    }

    /// Asks the peer for a key frame, at most once in [`KEY_FRAME_INTERVAL`].
    pub(crate) fn request_key_frame(&mut self, now: Instant, slot: u16) {
        let Some(line) = self.lines.get_mut(slot) else {
            return;
        };
        if line
            .key_frame_asked
            .is_some_and(|at| now < at + KEY_FRAME_INTERVAL)
        {
            return;
        }
        line.key_frame_asked = Some(now);
        let Some(mut writer) = self.rtc.writer(line.mid) else {
            return;
        };
        if let Err(error) = writer.request_keyframe(None, KeyframeRequestKind::Pli) {
            tracing::debug!(%error, "a key frame could not be asked for");
        }
    }
}

/// How much of a picture track may be sent again. str0m asks for a lost packet every 33 ms until it comes, so
/// on a link of 60 ms there and back each is sent twice or thrice; its own bound (0.15) would stop all
/// resending at a loss of 7 %. What is too much for the link is the brake's business.
pub(super) fn keep_for_retransmission(rtc: &mut Rtc, mid: Mid) {
    const PACKETS: usize = 2000;
    const AGE: Duration = Duration::from_secs(3);
    const SHARE: f32 = 0.3;
    if let Some(stream) = rtc.direct_api().stream_tx_by_mid(mid, None) {
        stream.set_rtx_cache(PACKETS, AGE, Some(SHARE));
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
