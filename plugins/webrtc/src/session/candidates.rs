//! ICE candidates: ours, of every address; the peer's, with the `.local` names browsers hide theirs behind.

use std::{
    collections::{BTreeMap, VecDeque},
    net::{IpAddr, SocketAddr},
};

use str0m::{Candidate, Rtc};

use super::{Live, Output};
use crate::{
    bridge::messages::WireCandidate,
    error::RequestError,
    limits::{MAX_LOOKUPS, MAX_REMOTE_CANDIDATES},
};

/// The fields of a candidate that are its address and its type (RFC 8839, section 5.1).
const ADDRESS: usize = 4;
const TYPE: usize = 7;
/// Of a candidate that the peer did not tell of (RFC 8445, section 5.1.2.2); the true one is in its checks.
const REFLEXIVE_PRIORITY: u32 = (110 << 24) + (65_535 << 8) + 255;
/// Of a link-local IPv4 address of ours: a host's. By their last bytes these are ranked against each other, and behind
/// what str0m ranks (it counts down from 65,535).
const LINK_LOCAL_PRIORITY: u32 = (126 << 24) + 255;
const LINK_LOCAL_RANKS: u32 = 0x7fff;

/// The peer's candidates.
#[derive(Debug, Default)]
pub(crate) struct RemoteCandidates {
    /// How many of the generation of that name there were (RFC 8839, section 5.4: `a=ice-ufrag`).
    count: usize,
    generation: Option<String>,
    /// There are no more of it.
    ended: bool,
    /// Candidates that wait for a name, by that name.
    waiting: BTreeMap<String, Vec<String>>,
    /// Candidates that came after an offer and before our answer: they are of the generation that the
    /// answer begins, and would be lost with the one before.
    held: Vec<(String, Option<String>)>,
    /// Where the peer said that it can be reached, and in which words.
    told: Vec<(SocketAddr, String)>,
    /// Where STUN of the peer's came from, with its password; the latest last.
    checked: VecDeque<SocketAddr>,
    /// Those of this generation: str0m has them already, and pairs that work with them.
    found: Vec<SocketAddr>,
}

impl RemoteCandidates {
    /// A description of the peer takes effect: another name, another generation. Gives the candidates
    /// that waited for it.
    pub(crate) fn begin(&mut self, generation: Option<&str>) -> Vec<(String, Option<String>)> {
        if self.generation.as_deref() != generation {
            // Before there is any the first one's checks may have come: they overtake its description.
            if self.generation.is_some() {
                self.found.clear();
            }
            self.generation = generation.map(str::to_owned);
            self.count = 0;
            self.ended = false;
            self.waiting.clear();
            self.told.clear();
        }
        std::mem::take(&mut self.held)
    }

    /// Keeps a candidate until the held offer is answered.
    ///
    /// # Errors
    /// It isn't one.
    pub(crate) fn hold(&mut self, text: &str, ufrag: Option<&str>) -> Result<(), RequestError> {
        if !text.trim().is_empty() && !looks_right(candidate_of(text)) {
            return Err(RequestError::Candidate);
        }
        if self.held.len() < MAX_REMOTE_CANDIDATES {
            let ufrag = ufrag.map(|ufrag| ufrag.chars().take(256).collect());
            self.held.push((text.to_owned(), ufrag));
        }
        Ok(())
    }

    /// Whether the peer said that there are no more.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// Whether a generation of that name has not begun.
    pub(crate) fn is_new(&self, generation: &str) -> bool {
        self.generation.as_deref() != Some(generation)
    }

    /// The offer they came with is taken back.
    pub(crate) fn forget_held(&mut self) {
        self.held.clear();
    }

    /// STUN of the peer's came from there. False: it came from too many places. Each would be one more candidate to
    /// str0m, and a pair more to be checked.
    pub(crate) fn checked(&mut self, from: SocketAddr) -> bool {
        if !self.found.contains(&from) {
            if self.found.len() < MAX_REMOTE_CANDIDATES {
                self.found.push(from);
            } else if self.told.iter().all(|(known, _)| *known != from) {
                return false;
            }
        }
        if self.checked.contains(&from) {
            return true;
        }
        if self.checked.len() >= MAX_REMOTE_CANDIDATES {
            self.checked.pop_front();
        }
        self.checked.push_back(from);
        true
    }

    /// Whether the peer may send from there: from any pair that it found to work (RFC 8445, section 12.1), not only from
    /// the one str0m holds for the best. In the first moments the two don't agree on that, and what is refused then is
    /// a step of a handshake, which is sent again after a second.
    pub(crate) fn has_checked(&self, from: SocketAddr) -> bool {
        self.checked.contains(&from)
    }

    /// The candidate with that address: in the peer's words, or in ours for one that it did not tell of.
    pub(crate) fn text_of(&self, address: SocketAddr) -> String {
        let told = self.told.iter().find(|(known, _)| *known == address);
        told.map_or_else(
            || {
                let (ip, port) = (address.ip(), address.port());
                format!(
                    "candidate:0 1 udp {REFLEXIVE_PRIORITY} {ip} {port} typ prflx raddr 0.0.0.0 rport 0"
                )
            },
            |(_, text)| text.clone(),
        )
    }

    /// Takes a candidate as it is signalled; "" means there are no more.
    ///
    /// # Errors
    /// It isn't one. One too many is dropped without a word: the peer has enough to be reached.
    pub(crate) fn add(
        &mut self,
        rtc: &mut Rtc,
        text: &str,
        ufrag: Option<&str>,
        out: &mut VecDeque<Output>,
    ) -> Result<(), RequestError> {
        let text = candidate_of(text);
        if text.is_empty() {
            self.ended = true;
            return Ok(());
        }
        if !looks_right(text) {
            return Err(RequestError::Candidate);
        }
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        if fields.get(1) == Some(&"2") {
            return Ok(()); // RTCP, which is multiplexed (RFC 8858)
        }
        if self.count >= MAX_REMOTE_CANDIDATES {
            tracing::debug!("the peer has too many candidates");
            return Ok(());
        }
        self.count += 1;
        let address = fields.get(ADDRESS).copied().unwrap_or_default();
        if let Ok(address) = address.parse::<IpAddr>() {
            if !is_of_a_host(address) {
                tracing::debug!("a candidate of the peer is no host's address");
                return Ok(());
            }
            let mut candidate =
                Candidate::from_sdp_string(text).map_err(|_| RequestError::Candidate)?;
            if let Some(ufrag) = ufrag.filter(|_| candidate.ufrag().is_none()) {
                candidate.set_ufrag(ufrag);
            }
            self.tell(rtc, candidate, text);
            return Ok(());
        }
        let name = address.to_ascii_lowercase();
        if !is_local_name(&name) {
            return Err(RequestError::Candidate);
        }
        if !self.waiting.contains_key(&name) {
            if self.waiting.len() >= MAX_LOOKUPS {
                return Ok(());
            }
            out.push_back(Output::Resolve(name.clone()));
        }
        self.waiting.entry(name).or_default().push(text.to_owned());
        Ok(())
    }

    /// A candidate with its address is known. What was found by checks is left as it was found: str0m would begin its
    /// pair anew, and send over another until that has worked again. The peer follows, and each of these changes has
    /// Chromium estimate the bandwidth from nothing (measured: three in the first tenth of a second).
    fn tell(&mut self, rtc: &mut Rtc, candidate: Candidate, text: &str) {
        let address = candidate.addr();
        self.told.push((address, text.to_owned()));
        if !self.found.contains(&address) {
            rtc.add_remote_candidate(candidate);
        }
    }

    /// A name was looked up.
    pub(crate) fn resolved(&mut self, rtc: &mut Rtc, name: &str, addresses: &[IpAddr]) {
        for text in self.waiting.remove(name).unwrap_or_default() {
            let hosts = addresses.iter().filter(|address| is_of_a_host(**address));
            for address in hosts.take(4) {
                let address = address.to_string();
                let fields: Vec<&str> = text
                    .split_ascii_whitespace()
                    .enumerate()
                    .map(|(index, field)| if index == ADDRESS { &address } else { field })
                    .collect();
                if let Ok(candidate) = Candidate::from_sdp_string(&fields.join(" ")) {
                    self.tell(rtc, candidate, &text);
                }
            }
        }
    }
}

impl Live {
    /// Offers an own address, for the generation that begins where one does. Nothing if str0m has it, or does not
    /// take it.
    pub(crate) fn add_local(&mut self, address: SocketAddr) -> Option<WireCandidate> {
        let candidate = own(address)?;
        let mut candidate = self.rtc.add_local_candidate(candidate)?.clone();
        let ufrag = match self.negotiation.offered_generation() {
            Some(offered) => offered.to_owned(),
            None => self.rtc.direct_api().local_ice_credentials().ufrag,
        };
        candidate.set_ufrag(&ufrag);
        Some(WireCandidate {
            candidate: candidate.to_sdp_string(),
            mid: None,
            m_line: 0,
            ufrag: Some(ufrag),
        })
    }

    /// An own address is gone, and the pairs with it.
    pub(crate) fn remove_local(&mut self, address: SocketAddr) {
        if let Some(candidate) = own(address) {
            self.rtc.direct_api().invalidate_candidate(&candidate);
        }
    }
}

/// The candidate of an own address; nothing for one that no host has.
fn own(address: SocketAddr) -> Option<Candidate> {
    let candidate = match address {
        // str0m makes none of these, but takes what is written.
        SocketAddr::V4(v4) if v4.ip().is_link_local() => {
            let (ip, port) = (v4.ip(), v4.port());
            let last = ip.to_bits() & 0xffff;
            let priority = LINK_LOCAL_PRIORITY + ((last & LINK_LOCAL_RANKS) << 8);
            let text = format!("candidate:{last:x} 1 udp {priority} {ip} {port} typ host");
            Candidate::from_sdp_string(&text)
        }
        SocketAddr::V4(_) | SocketAddr::V6(_) => Candidate::host(address, "udp"),
    };
    candidate.ok()
}

/// A candidate without what some put around it.
fn candidate_of(text: &str) -> &str {
    text.trim().trim_start_matches("a=")
}

/// The type of a candidate, by the name it has in statistics.
pub(super) fn type_of(text: &str) -> &'static str {
    match text.split_ascii_whitespace().nth(TYPE) {
        Some("host") => "host",
        Some("srflx") => "srflx",
        Some("relay") => "relay",
        _ => "prflx",
    }
}

/// Whether it has the form of a candidate (RFC 8839, section 5.1).
fn looks_right(text: &str) -> bool {
    text.starts_with("candidate:")
        && text.len() <= 512
        && text.split_ascii_whitespace().nth(TYPE).is_some()
}

/// Whether one host can be reached there: what is for many would multiply our checks, and a link-local
/// IPv6 address means nothing without its interface.
fn is_of_a_host(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => !ip.is_multicast() && !ip.is_broadcast() && !ip.is_unspecified(),
        IpAddr::V6(ip) => !ip.is_multicast() && !ip.is_unspecified() && !ip.is_unicast_link_local(),
    }
}

/// A name as browsers make them (draft-ietf-mmusic-mdns-ice-candidates): one label under `.local`.
fn is_local_name(name: &str) -> bool {
    name.strip_suffix(".local").is_some_and(|label| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}
