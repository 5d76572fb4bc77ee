//! Offers and answers (RFC 8829), as far as they are not the page's: the text, and what it does to str0m.

use std::collections::{BTreeMap, VecDeque};

use str0m::{
    bwe::Bitrate,
    change::{SdpAnswer, SdpOffer, SdpPendingOffer},
    channel::ChannelId,
    media::{self, MediaKind, Mid},
};

use super::{Live, Output, channels::Waiting, codecs, sdp::Description};
use crate::{
    bridge::messages::{
        Answer, AnsweredTransceiver, DescriptionKind, Direction, Kind, Negotiated,
        OfferedTransceiver, RemoteMedia, WireCandidate, WireCodec,
    },
    error::RequestError,
};

/// Where offer and answer stand.
///
/// ```text
///            offer                 remote(answer)
///   Stable ─────────▶ LocalOffer ────────────────▶ Stable
///     │ ▲  ◀───────── (discard)
///     │ └──────────────────────────────┐ answer, discard
///     └────────────────▶ RemoteOffer ──┘
///         remote(offer)
/// ```
#[derive(Default)]
enum State {
    #[default]
    Stable,
    LocalOffer(LocalOffer),
    RemoteOffer(Description),
}

struct LocalOffer {
    /// Nothing if nothing was to be negotiated: the answer changes nothing either.
    pending: Option<SdpPendingOffer>,
    /// What str0m changed before it was agreed to.
    directions: Vec<(Mid, media::Direction)>,
    /// The data channel that asks for SCTP.
    channel: Option<(ChannelId, Waiting)>,
}

/// Offer and answer of one connection.
#[derive(Default)]
pub(crate) struct Negotiation {
    state: State,
    /// Our last description: what a section is called, and in which order.
    local: Option<Description>,
    /// Whether a description of the peer took effect.
    remote: bool,
    has_data: bool,
    /// The answer to the last offer, until the next.
    answered: Option<String>,
}

impl Negotiation {
    /// Whether both descriptions are in force.
    pub(crate) fn described(&self) -> bool {
        self.remote
    }

    /// Whether SCTP is agreed on.
    pub(crate) fn has_data(&self) -> bool {
        self.has_data
    }
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
        let waiting = (data && !self.negotiation.has_data)
            .then(|| self.channels.take_waiting())
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
        let channel = waiting.map(|waiting| {
            let id = api.add_channel_with_config(waiting.config.clone());
            (id, waiting)
        });
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
            section.set_streams(&transceiver.streams, transceiver.track.as_deref());
            if let Some(codecs) = &transceiver.codecs {
                section.restrict(codecs);
            }
        }
        self.negotiation.state = State::LocalOffer(LocalOffer {
            pending,
            directions,
            channel,
        });
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
            State::RemoteOffer(_) => {}
            State::LocalOffer(offer) => {
                let mut api = self.rtc.sdp_api();
                for (mid, direction) in offer.directions {
                    api.set_direction(mid, direction);
                }
                drop(api);
                if let Some((_, waiting)) = offer.channel {
                    self.channels.put_back(waiting);
                }
            }
        }
        Ok(())
    }

    /// Takes a description of the peer.
    pub(crate) fn set_remote(
        &mut self,
        kind: DescriptionKind,
        sdp: &str,
        out: &mut VecDeque<Output>,
    ) -> Result<Answer, RequestError> {
        let description = Description::parse(sdp)?;
        match kind {
            DescriptionKind::Offer => self.hold_offer(description),
            DescriptionKind::Answer => self.accept_answer(description, out),
        }
    }

    /// Answers the held offer; it takes effect here.
    pub(crate) fn answer(
        &mut self,
        transceivers: &[AnsweredTransceiver],
        out: &mut VecDeque<Output>,
    ) -> Result<Answer, RequestError> {
        let remote = match std::mem::take(&mut self.negotiation.state) {
            State::RemoteOffer(remote) => remote,
            other @ (State::Stable | State::LocalOffer(_)) => {
                self.negotiation.state = other;
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
            }
        };
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
        let candidates = offer.take_candidates();
        let parsed = SdpOffer::from_sdp_string(&offer.to_text())?;
        let answer = self
            .rtc
            .sdp_api()
            .accept_offer(parsed)
            .map_err(RequestError::Apply)?;
        self.take_effect(&remote, candidates, out);
        let mut description = Description::parse(&answer.to_sdp_string())?;
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

    fn hold_offer(&mut self, description: Description) -> Result<Answer, RequestError> {
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
        self.negotiation.state = State::RemoteOffer(description);
        Ok(Answer::RemoteOffer { media, data })
    }

    fn accept_answer(
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
        self.rtc
            .sdp_api()
            .accept_answer(pending, answer)
            .map_err(RequestError::Apply)?;
        if let Some((id, waiting)) = offer.channel {
            self.channels.confirm(id, waiting);
        }
        self.take_effect(&remote, candidates, out);
        Ok(Answer::Accepted {
            media: self.negotiated(Some(&remote), None),
        })
    }

    /// What both kinds of remote description bring.
    fn take_effect(
        &mut self,
        remote: &Description,
        candidates: Vec<String>,
        out: &mut VecDeque<Output>,
    ) {
        self.negotiation.remote = true;
        super::set_ice_checking(self, out);
        if let Some(bps) = remote.start_bitrate()
            && self.estimate.is_none()
        {
            self.rtc.bwe().reset(Bitrate::bps(bps));
        }
        if remote
            .sections()
            .iter()
            .any(|section| section.is_data() && !section.rejected())
        {
            self.negotiation.has_data = true;
            self.channels.open_waiting(&mut self.rtc);
        }
        for candidate in candidates {
            if let Err(error) = self.candidates.add(&mut self.rtc, &candidate, None, out) {
                tracing::debug!(%error, "a candidate of a description is of no use");
            }
        }
    }

    /// The media sections of our last description, as they are now.
    fn negotiated(
        &mut self,
        remote: Option<&Description>,
        preferences: Option<&[AnsweredTransceiver]>,
    ) -> Vec<Negotiated> {
        let Some(local) = &self.negotiation.local else {
            return Vec::new();
        };
        let sections: Vec<(String, Kind)> = local
            .sections()
            .iter()
            .filter_map(|section| Some((section.mid()?.to_owned(), section.kind()?)))
            .collect();
        let mut negotiated = Vec::new();
        for (mid, kind) in sections {
            let id = Mid::from(mid.as_str());
            let Some(media) = self.rtc.media(id) else {
                continue;
            };
            let params = self.rtc.codec_config().params();
            let mut codecs: Vec<WireCodec> = media
                .remote_pts()
                .iter()
                .filter_map(|pt| params.iter().find(|params| params.pt() == *pt))
                .filter_map(codecs::to_wire)
                .collect();
            // str0m keeps the order of the `a=rtpmap` lines; what counts is that of the `m=` line.
            let theirs: Vec<u8> = remote
                .and_then(|remote| remote.section(&mid))
                .map(|section| section.payloads().into_iter().map(|(pt, _)| pt).collect())
                .unwrap_or_default();
            codecs.sort_by_key(|codec| theirs.iter().position(|pt| *pt == codec.pt));
            let preferred = preferences
                .and_then(|all| all.iter().find(|one| one.mid == mid))
                .and_then(|one| one.codecs.as_ref());
            if let Some(preferred) = preferred {
                codecs.sort_by_key(|codec| {
                    let name = codec.mime.rsplit('/').next().unwrap_or_default();
                    preferred
                        .iter()
                        .position(|wanted| wanted.eq_ignore_ascii_case(name))
                        .unwrap_or(usize::MAX)
                });
            }
            let (direction, rejected) = (from_str0m(media.direction()), media.stopped());
            let (streams, track) = remote
                .and_then(|remote| remote.section(&mid))
                .map(super::sdp::Section::streams)
                .unwrap_or_default();
            negotiated.push(Negotiated {
                slot: self.lines.slot(id, kind),
                mid,
                kind,
                direction,
                rejected,
                streams,
                track,
                codecs,
            });
        }
        negotiated
    }

    fn common_codecs(&self, payloads: Vec<(u8, String)>) -> Vec<WireCodec> {
        payloads
            .into_iter()
            .filter(|(_, name)| {
                self.page_codecs
                    .iter()
                    .any(|codec| codec.eq_ignore_ascii_case(name))
            })
            .filter_map(|(pt, name)| {
                let params = self.rtc.codec_config().params().iter().find(|params| {
                    codecs::name(params.spec().codec)
                        .is_some_and(|ours| ours.eq_ignore_ascii_case(&name))
                })?;
                Some(WireCodec {
                    pt,
                    ..codecs::to_wire(params)?
                })
            })
            .collect()
    }

    fn local_candidates(&mut self, description: &Description) -> Vec<WireCandidate> {
        let mid = description
            .sections()
            .first()
            .and_then(|section| section.mid().map(str::to_owned));
        let ufrag = self.rtc.direct_api().local_ice_credentials().ufrag;
        description
            .clone()
            .take_candidates()
            .into_iter()
            .map(|candidate| WireCandidate {
                candidate,
                mid: mid.clone(),
                m_line: 0,
                ufrag: Some(ufrag.clone()),
            })
            .collect()
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

fn names(remote: &Description, mid: &str) -> Vec<String> {
    remote
        .section(mid)
        .map(|section| {
            section
                .payloads()
                .into_iter()
                .map(|(_, name)| name)
                .collect()
        })
        .unwrap_or_default()
}

fn to_str0m(direction: Direction) -> media::Direction {
    match direction {
        Direction::Sendrecv => media::Direction::SendRecv,
        Direction::Sendonly => media::Direction::SendOnly,
        Direction::Recvonly => media::Direction::RecvOnly,
        Direction::Inactive => media::Direction::Inactive,
    }
}

fn from_str0m(direction: media::Direction) -> Direction {
    match direction {
        media::Direction::SendRecv => Direction::Sendrecv,
        media::Direction::SendOnly => Direction::Sendonly,
        media::Direction::RecvOnly => Direction::Recvonly,
        media::Direction::Inactive => Direction::Inactive,
    }
}
