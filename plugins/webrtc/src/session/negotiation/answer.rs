//! The peer's offers: held, and answered.

use std::collections::VecDeque;

use str0m::change::SdpOffer;

use super::{State, names};
use crate::{
    bridge::messages::{Answer, AnsweredTransceiver, RemoteMedia},
    error::RequestError,
    session::{Live, Output, sdp::Description},
};

impl Live {
    /// Answers the held offer; it takes effect here.
    pub(crate) fn answer(
        &mut self,
        transceivers: &[AnsweredTransceiver],
        out: &mut VecDeque<Output>,
    ) -> Result<Answer, RequestError> {
        let State::RemoteOffer(remote) = &self.negotiation.state else {
            let sdp = self
                .negotiation
                .answered
                .clone()
                .ok_or(RequestError::NoOffer)?;
            return Ok(Answer::Answered {
                sdp,
                media: self.negotiated(None, None),
                candidates: Vec::new(),
            });
        };
        let remote = remote.clone();
        let mut offer = remote.clone();
        for transceiver in transceivers {
            let section = offer
                .section_mut(&transceiver.mid)
                .ok_or_else(|| RequestError::UnknownSection(transceiver.mid.clone()))?;
            // str0m answers with the direction of the offer, inverted: offer it what we want.
            let wanted = transceiver.direction.inverted();
            let agreed = section.direction().intersect(wanted);
            section.set_direction(agreed);
        }
        offer.refuse_simulcast();
        let candidates = offer.take_candidates();
        let parsed = SdpOffer::from_sdp_string(&offer.to_text())?;
        let answer = self
            .rtc
            .sdp_api()
            .accept_offer(parsed)
            .map_err(RequestError::Apply)?;
        // One that is refused is held on: the page takes it back.
        self.negotiation.state = State::Stable;
        if !self.negotiation.described() {
            self.negotiation.controlled = true;
        }
        self.take_effect(&remote, candidates, out);
        let mut description = Description::parse(&answer.to_sdp_string())?;
        description.name_rejected(&remote);
        for transceiver in transceivers {
            let Some(section) = description.section_mut(&transceiver.mid) else {
                continue;
            };
            section.set_streams(&transceiver.streams, transceiver.track.as_deref());
            match &transceiver.codecs {
                Some(codecs) => section.restrict(codecs),
                None => section.prefer(&names(&remote, &transceiver.mid)),
            }
        }
        description.place_candidates();
        let candidates = self.local_candidates(&description);
        let sdp = description.to_text();
        self.negotiation.local = Some(description);
        self.negotiation.answered = Some(sdp.clone());
        Ok(Answer::Answered {
            sdp,
            media: self.negotiated(Some(&remote), Some(transceivers)),
            candidates,
        })
    }

    pub(super) fn hold_offer(&mut self, description: Description) -> Result<Answer, RequestError> {
        if let State::LocalOffer(_) = self.negotiation.state {
            return Err(RequestError::OfferPending);
        }
        // Nothing takes effect yet; but what str0m can't read is said now.
        SdpOffer::from_sdp_string(&description.to_text())?;
        let mut media = Vec::new();
        let mut data = false;
        for (index, section) in description.sections().iter().enumerate() {
            data |= section.is_data();
            let (Some(kind), Some(mid)) = (section.kind(), section.mid()) else {
                continue;
            };
            let (streams, track) = section.streams();
            media.push(RemoteMedia {
                mid: mid.to_owned(),
                m_line: u16::try_from(index).unwrap_or(u16::MAX),
                kind,
                direction: section.direction(),
                rejected: section.rejected(),
                streams,
                track,
                codecs: self.common_codecs(section.payloads()),
            });
        }
        self.negotiation.answered = None;
        // Those of an offer that this one replaces.
        self.candidates.forget_held();
        self.negotiation.state = State::RemoteOffer(description);
        Ok(Answer::RemoteOffer { media, data })
    }
}
