//! What the page asks for, and what is done about it.

use std::time::Duration;

use str0m::{Rtc, bwe::Bitrate, rtp::Extension};

use super::{
    Live, Session, brake::Brake, candidates::RemoteCandidates, channels::Channels,
    clock::PageClock, codecs, dtls, lines::Lines, negotiation::Negotiation, sources::Sources,
    statistics::Counters,
};
use crate::{
    bridge::messages::{Answer, DtlsState, IceState, Request, VERSION},
    error::RequestError,
    limits::{SCTP_BUFFER, START_BITRATE},
};

/// Incomplete pictures wait this long for packets sent again: several round trips of a bad radio link.
const VIDEO_REORDERING: Duration = Duration::from_millis(400);
/// Sound waits no longer than its jitter buffer would.
const AUDIO_REORDERING: Duration = Duration::from_millis(60);
const AUDIO_REORDERING_PACKETS: usize = 3;

/// The number that the header extension of that name gets where we offer, as in Chromium's own offers.
const PLAYOUT_DELAY: u8 = 5;
/// How often str0m counts. The brake looks at the loss so often.
const STATS_INTERVAL: Duration = Duration::from_millis(250);

impl Session {
    pub(super) fn carry_out(&mut self, request: Request) -> Result<Answer, RequestError> {
        if let Request::Init {
            v,
            codecs,
            media_start_bps,
        } = request
        {
            if v != VERSION {
                return Err(RequestError::UnknownVersion);
            }
            if self.live.is_some() {
                return Err(RequestError::InitialisedTwice);
            }
            let mut config = Rtc::builder()
                .set_crypto_provider(dtls::crypto())
                .enable_bwe(Some(Bitrate::bps(media_start_bps.unwrap_or(START_BITRATE))))
                .set_reordering_timeout_video(Some(VIDEO_REORDERING))
                .set_reordering_timeout_audio(Some(AUDIO_REORDERING))
                .set_reordering_size_audio(AUDIO_REORDERING_PACKETS)
                .set_reordering_size_video(100)
                .set_sctp_max_buffered_amount(SCTP_BUFFER)
                .set_extension(PLAYOUT_DELAY, Extension::PlayoutDelay)
                .set_stats_interval(Some(STATS_INTERVAL));
            if let Some(certificate) = self.certificate.take() {
                config = config.set_dtls_cert(certificate);
            }
            let rtc = codecs::enable(config, &codecs).build(self.now);
            let seen = dtls::last_built();
            let mut live = Live {
                rtc,
                negotiation: Negotiation::default(),
                lines: Lines::default(),
                channels: Channels::new(seen.clone()),
                seen,
                candidates: RemoteCandidates::default(),
                sources: Sources::default(),
                page_clock: PageClock::new(self.start),
                counters: Counters::default(),
                page_codecs: codecs.audio.into_iter().chain(codecs.video).collect(),
                ice: IceState::New,
                dtls: DtlsState::New,
                without_pair: None,
                was_connected: false,
                unpaired: None,
                checked_all: false,
                estimate: None,
                smoothed: None,
                brake: Brake::default(),
                desired: 0,
                timeout: self.now,
            };
            for address in &self.addresses {
                live.add_local(*address);
            }
            let fingerprint = live.rtc.direct_api().local_dtls_fingerprint().to_string();
            self.live = Some(live);
            return Ok(Answer::Init { fingerprint });
        }
        let live = self.live.as_mut().ok_or(RequestError::NotInitialised)?;
        let done = Answer::Done {};
        match request {
            // Sound is its desk's business.
            Request::Init { .. }
            | Request::Hear { .. }
            | Request::SoundFloor { .. }
            | Request::Microphone { .. }
            | Request::Tap { .. }
            | Request::Unknown => Err(RequestError::UnknownOperation),
            Request::Offer {
                transceivers,
                data,
                ice_restart,
            } => live.offer(&transceivers, data, ice_restart),
            Request::Discard => live.discard().map(|()| done),
            Request::Remote { kind, sdp } => {
                let answer = live.set_remote(kind, &sdp, &mut self.out);
                live.watch_ice(self.now);
                answer
            }
            Request::Answer { transceivers } => {
                let answer = live.answer(&transceivers, &mut self.out);
                live.watch_ice(self.now);
                answer
            }
            Request::Candidate { candidate, ufrag } => {
                let result = live.remote_candidate(&candidate, ufrag.as_deref(), &mut self.out);
                live.watch_ice(self.now);
                result.map(|()| done)
            }
            Request::Channel(channel) => {
                live.channels.create(&mut live.rtc, channel).map(|()| done)
            }
            Request::ChannelClose { handle } => live
                .channels
                .close(&mut live.rtc, handle, &mut self.out)
                .map(|()| done),
            Request::Keyframe { slot } => {
                live.request_key_frame(self.now, slot);
                Ok(done)
            }
            Request::Desire { bps } => {
                live.desired = bps;
                live.bound_desire();
                Ok(done)
            }
            Request::Stats => Ok(Answer::Stats(Box::new(live.stats(self.now)))),
            Request::Close => {
                self.close(self.now);
                Ok(done)
            }
        }
    }
}
