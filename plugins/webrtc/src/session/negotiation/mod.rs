//! Offers and answers (RFC 8829), as far as they are not the page's: the text, and what it does to str0m.

mod answer;
mod offer;

use std::collections::VecDeque;

use str0m::{
    bwe::Bitrate,
    media::{self, Mid},
};

use self::offer::LocalOffer;
use super::{Live, Output, codecs, sdp::Description, states};
use crate::{
    bridge::messages::{
        Answer, AnsweredTransceiver, DescriptionKind, Direction, Kind, Negotiated, WireCandidate,
        WireCodec,
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

/// Offer and answer of one connection.
#[derive(Default)]
pub(crate) struct Negotiation {
    state: State,
    /// Our last description: what a section is called, and in which order.
    local: Option<Description>,
    /// Whether a description of the peer took effect.
    remote: bool,
    has_data: bool,
    /// Whether the first offer was the peer's: its ICE agent is the controlling one (RFC 8445, section 6.1.1).
    controlled: bool,
    /// The answer to the last offer, until the next.
    answered: Option<String>,
}

impl Negotiation {
    /// Whether both descriptions are in force.
    pub(crate) fn described(&self) -> bool {
        self.remote
    }

    /// Whether the peer's ICE agent chooses the pair.
    pub(crate) fn controlled(&self) -> bool {
        self.controlled
    }

    /// The name of the generation that an offer of ours would begin, while it waits for its answer: str0m has it
    /// from the answer on, the page from the offer's text on.
    pub(crate) fn offered_generation(&self) -> Option<&str> {
        match self.state {
            State::LocalOffer(_) => self.local.as_ref()?.generation(),
            State::Stable | State::RemoteOffer(_) => None,
        }
    }

    /// Whether SCTP is agreed on.
    pub(crate) fn has_data(&self) -> bool {
        self.has_data
    }
}

impl Live {
    /// Takes a description of the peer.
    pub(crate) fn set_remote(
        &mut self,
        kind: DescriptionKind,
        sdp: &str,
        out: &mut VecDeque<Output>,
    ) -> Result<Answer, RequestError> {
        let description = Description::parse_remote(sdp)?;
        match kind {
            DescriptionKind::Offer => self.hold_offer(description),
            DescriptionKind::Answer => self.accept_answer(description, out),
        }
    }

    /// A candidate of the peer that came by itself.
    pub(crate) fn remote_candidate(
        &mut self,
        text: &str,
        ufrag: Option<&str>,
        out: &mut VecDeque<Output>,
    ) -> Result<(), RequestError> {
        let early = match self.negotiation.state {
            State::RemoteOffer(_) => true,
            // It has overtaken the answer to our restart.
            State::LocalOffer(_) => ufrag.is_some_and(|ufrag| self.candidates.is_new(ufrag)),
            State::Stable => false,
        };
        if early {
            return self.candidates.hold(text, ufrag);
        }
        let added = self.candidates.add(&mut self.rtc, text, ufrag, out);
        self.follow_candidates(out);
        added
    }

    /// What both kinds of remote description bring.
    fn take_effect(
        &mut self,
        remote: &Description,
        candidates: Vec<String>,
        out: &mut VecDeque<Output>,
    ) {
        self.negotiation.remote = true;
        self.sources.describe(remote);
        states::set_ice_checking(self, out);
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
        }
        let held = self.candidates.begin(remote.generation());
        let described = candidates.into_iter().map(|candidate| (candidate, None));
        for (candidate, ufrag) in described.chain(held) {
            let ufrag = ufrag.as_deref();
            if let Err(error) = self.candidates.add(&mut self.rtc, &candidate, ufrag, out) {
                tracing::debug!(%error, "a candidate of a description is of no use");
            }
        }
        self.follow_candidates(out);
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
            // str0m keeps what the peer once offered, in the order of the `a=rtpmap` lines; what counts
            // is what is in the `m=` line now, and its order.
            if let Some(section) = remote.and_then(|remote| remote.section(&mid)) {
                let theirs = section.payloads();
                let place = |codec: &WireCodec| theirs.iter().position(|(pt, _)| *pt == codec.pt);
                codecs.retain(|codec| place(codec).is_some());
                codecs.sort_by_key(place);
            }
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
            if kind == Kind::Video && self.lines.by_mid(&id).is_none() {
                super::media::keep_for_retransmission(&mut self.rtc, id);
            }
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
        let first = description.first_used().unwrap_or_default();
        let section = description.sections().get(first);
        let mid = section.and_then(|section| section.mid().map(str::to_owned));
        // A restart that is only offered has another name than what str0m uses until the answer.
        let ufrag = description.generation().map(str::to_owned);
        description
            .clone()
            .take_candidates()
            .into_iter()
            .map(|candidate| WireCandidate {
                candidate,
                mid: mid.clone(),
                m_line: u16::try_from(first).unwrap_or_default(),
                ufrag: ufrag.clone(),
            })
            .collect()
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
