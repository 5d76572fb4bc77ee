//! Our own offers: made, taken back, answered.

use std::collections::{BTreeMap, VecDeque};

use str0m::{
    change::{SdpAnswer, SdpPendingOffer},
    media::{self, MediaKind, Mid},
};

use super::{Negotiation, State, from_str0m, to_str0m};
use crate::{
    bridge::messages::{Answer, Kind, OfferedTransceiver},
    error::RequestError,
    session::{Live, Output, sdp::Description},
};

/// An offer that waits for its answer.
pub(super) struct LocalOffer {
    /// Nothing if nothing was to be negotiated: then the answer can but want less.
    pending: Option<SdpPendingOffer>,
    /// What str0m changed before it was agreed to.
    directions: Vec<(Mid, media::Direction)>,
}

impl Live {
    /// Makes an offer and keeps it until it is answered, replaced or discarded.
    pub(crate) fn offer(
        &mut self,
        transceivers: &[OfferedTransceiver],
        data: bool,
        ice_restart: bool,
    ) -> Result<Answer, RequestError> {
        match self.negotiation.state {
            State::Stable => {}
            State::LocalOffer(_) => self.discard()?,
            State::RemoteOffer(_) => return Err(RequestError::OfferPending),
        }
        if transceivers.len() > crate::limits::MAX_SECTIONS {
            return Err(RequestError::TooManySections);
        }
        self.negotiation.answered = None;
        let placeholder = (data && !self.negotiation.has_data)
            .then(|| self.channels.placeholder())
            .flatten();
        let mut directions = Vec::new();
        let mut mids = BTreeMap::new();
        let mut texts = Vec::new();
        let known: Vec<(Mid, media::Direction)> = transceivers
            .iter()
            .filter_map(|transceiver| {
                let mid = Mid::from(transceiver.mid.as_deref()?);
                Some((mid, self.rtc.media(mid)?.direction()))
            })
            .collect();
        let mut api = self.rtc.sdp_api();
        for transceiver in transceivers {
            let direction = to_str0m(transceiver.direction);
            let mid = match transceiver.mid.as_deref() {
                None => {
                    let kind = match transceiver.kind {
                        Kind::Audio => MediaKind::Audio,
                        Kind::Video => MediaKind::Video,
                    };
                    let stream = transceiver.streams.first().cloned();
                    api.add_media(kind, direction, stream, transceiver.track.clone(), None)
                }
                Some(mid) => {
                    let mid = Mid::from(mid);
                    if let Some((_, old)) = known.iter().find(|(known, _)| *known == mid) {
                        if transceiver.stopped {
                            api.stop_media(mid);
                        } else if *old != direction {
                            directions.push((mid, *old));
                            api.set_direction(mid, direction);
                        }
                    }
                    mid
                }
            };
            mids.insert(transceiver.key, mid.to_string());
            texts.push((mid.to_string(), transceiver));
        }
        if let Some(placeholder) = placeholder {
            api.add_channel_with_config(placeholder);
        }
        if ice_restart && self.negotiation.local.is_some() {
            api.ice_restart(true);
        }
        let (text, pending) = match api.apply() {
            Some((offer, pending)) => (offer.to_sdp_string(), Some(pending)),
            None => (self.negotiation.local_as_offer(), None),
        };
        let mut description = Description::parse(&text)?;
        for (mid, transceiver) in texts {
            let Some(section) = description.section_mut(&mid) else {
                continue;
            };
            if pending.is_none() {
                // The text may be older than the answer that wanted less.
                section.set_direction(transceiver.direction);
            }
            section.set_streams(&transceiver.streams, transceiver.track.as_deref());
            if let Some(codecs) = &transceiver.codecs {
                section.restrict(codecs);
            }
        }
        self.negotiation.state = State::LocalOffer(LocalOffer {
            pending,
            directions,
        });
        description.place_candidates();
        let candidates = self.local_candidates(&description);
        let sdp = description.to_text();
        self.negotiation.local = Some(description);
        Ok(Answer::Offer {
            sdp,
            mids,
            candidates,
        })
    }

    /// Goes back to where there was no offer.
    pub(crate) fn discard(&mut self) -> Result<(), RequestError> {
        match std::mem::take(&mut self.negotiation.state) {
            State::Stable => return Err(RequestError::NoOffer),
            State::RemoteOffer(_) => self.candidates.forget_held(),
            State::LocalOffer(offer) => self.direct(offer.directions),
        }
        Ok(())
    }

    /// Gives sections a direction, as it is agreed on.
    fn direct(&mut self, directions: Vec<(Mid, media::Direction)>) {
        let mut api = self.rtc.sdp_api();
        for (mid, direction) in directions {
            api.set_direction(mid, direction);
        }
    }

    /// What an answer leaves of an offer that str0m knows nothing of.
    fn narrow(&mut self, answer: &Description) {
        let mut directions = Vec::new();
        let mut rejected = Vec::new();
        for section in answer.sections() {
            let Some(mid) = section.mid().map(Mid::from) else {
                continue;
            };
            let Some(media) = self.rtc.media(mid) else {
                continue;
            };
            let left = from_str0m(media.direction()).intersect(section.direction().inverted());
            if section.rejected() {
                rejected.push(mid);
            } else {
                directions.push((mid, to_str0m(left)));
            }
        }
        self.direct(directions);
        let mut api = self.rtc.sdp_api();
        for mid in rejected {
            api.stop_media(mid);
        }
    }

    pub(super) fn accept_answer(
        &mut self,
        remote: Description,
        out: &mut VecDeque<Output>,
    ) -> Result<Answer, RequestError> {
        let offer = match std::mem::take(&mut self.negotiation.state) {
            State::LocalOffer(offer) => offer,
            other @ (State::Stable | State::RemoteOffer(_)) => {
                self.negotiation.state = other;
                return Err(RequestError::NoPendingOffer);
            }
        };
        let mut stripped = remote.clone();
        let candidates = stripped.take_candidates();
        let Some(pending) = offer.pending else {
            self.narrow(&remote);
            return Ok(Answer::Accepted {
                media: self.negotiated(Some(&remote), None),
            });
        };
        let answer = match SdpAnswer::from_sdp_string(&stripped.to_text()) {
            Ok(answer) => answer,
            Err(error) => {
                self.negotiation.state = State::LocalOffer(LocalOffer {
                    pending: Some(pending),
                    ..offer
                });
                return Err(error.into());
            }
        };
        if let Err(error) = self.rtc.sdp_api().accept_answer(pending, answer) {
            // The offer is used up: as if it had been taken back.
            self.direct(offer.directions);
            return Err(RequestError::Apply(error));
        }
        self.take_effect(&remote, candidates, out);
        Ok(Answer::Accepted {
            media: self.negotiated(Some(&remote), None),
        })
    }
}

impl Negotiation {
    /// Our description in force, as an offer that asks for nothing new.
    fn local_as_offer(&self) -> String {
        let text = self.local.as_ref().map_or_else(
            // RFC 8829 lets an offer have no media at all.
            || "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n".to_owned(),
            Description::to_text,
        );
        text.replace("a=setup:active", "a=setup:actpass")
            .replace("a=setup:passive", "a=setup:actpass")
    }
}
