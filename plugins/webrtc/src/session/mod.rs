//! One peer connection, sans-IO: str0m, and what the bridge asks of it. It owns no socket and reads
//! no clock; `connection.rs` drives it.

mod brake;
mod candidates;
mod channels;
pub(crate) mod clock;
mod codecs;
mod dtls;
mod h264;
mod lines;
mod media;
mod negotiation;
mod requests;
mod sdp;
mod sources;
mod sps;
mod states;
mod statistics;
mod stun;

#[cfg(test)]
mod tests;

use std::{collections::VecDeque, net::SocketAddr, time::Instant};

use str0m::{
    Event as RtcEvent, IceConnectionState, Input, Output as RtcOutput, Rtc, RtcError,
    bwe::BweKind,
    config::DtlsCert,
    error::SctpError,
    net::{Protocol, Receive, Transmit},
};

use self::{
    brake::Brake,
    candidates::RemoteCandidates,
    channels::Channels,
    clock::PageClock,
    lines::Lines,
    negotiation::Negotiation,
    sources::Sources,
    states::{is_connected, set_dtls, set_ice},
    statistics::Counters,
    stun::is_stun,
};
use crate::{
    bridge::{
        frame::{MediaFromPage, MediaToPage},
        messages::{DtlsState, Event, FromPage, IceState, Outcome, Reply},
    },
    error::{RequestError, WireError},
    limits::{GOODBYE_TIMEOUT, ICE_FAILURE_TIMEOUT},
};

/// What a session wants done.
#[derive(Debug)]
pub(crate) enum Output {
    /// A datagram, to be sent from the socket bound to its source.
    Transmit(Transmit),
    /// A reply to the page.
    Reply(Reply),
    /// Something the page should know.
    Event(Event),
    Video(MediaToPage),
    Audio(MediaToPage),
    Data {
        handle: u16,
        binary: bool,
        payload: Vec<u8>,
    },
    /// A `.local` name to be looked up; the answer goes to [`Session::handle_resolved`].
    Resolve(String),
}

/// A peer connection.
pub(crate) struct Session {
    start: Instant,
    now: Instant,
    /// What it is to show the peer.
    certificate: Option<DtlsCert>,
    /// Own addresses, before and after there is a connection to give them to.
    addresses: Vec<SocketAddr>,
    live: Option<Live>,
    out: VecDeque<Output>,
    /// Closed: until then the peer can be told.
    leaving: Option<Instant>,
    said_goodbye: bool,
    ended: bool,
}

/// What there is from `init` on.
struct Live {
    rtc: Rtc,
    /// What passes through its DTLS.
    seen: dtls::Shared,
    negotiation: Negotiation,
    lines: Lines,
    channels: Channels,
    candidates: RemoteCandidates,
    sources: Sources,
    page_clock: PageClock,
    counters: Counters,
    page_codecs: Vec<String>,
    ice: IceState,
    dtls: DtlsState,
    /// Since when ICE has had no pair though it has somebody to talk to.
    without_pair: Option<Instant>,
    was_connected: bool,
    /// ICE is connected, and the pair it has chosen was not used yet.
    unpaired: Option<IceConnectionState>,
    /// str0m has nothing left to check.
    checked_all: bool,
    /// The estimate the page was told of, and when.
    estimate: Option<(Instant, u64)>,
    /// str0m's last word on it.
    smoothed: Option<u64>,
    brake: Brake,
    /// What the page would like to send, bit/s.
    desired: u64,
    timeout: Instant,
}

impl Session {
    #[cfg(test)]
    pub(crate) fn new(now: Instant) -> Self {
        Self::with_certificate(now, None)
    }

    /// Without a certificate it makes one.
    pub(crate) fn with_certificate(now: Instant, certificate: Option<DtlsCert>) -> Self {
        Self {
            start: now,
            now,
            certificate,
            addresses: Vec::new(),
            live: None,
            out: VecDeque::new(),
            leaving: None,
            said_goodbye: false,
            ended: false,
        }
    }

    /// Whether there is nothing more to do: what is in [`Session::poll_output`] is the last of it.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended || self.live.as_ref().is_some_and(|live| !live.rtc.is_alive())
    }

    /// A text message of the page.
    pub(crate) fn handle_request(&mut self, now: Instant, message: FromPage) {
        self.now = now;
        let outcome = self.carry_out(message.request);
        let Some(id) = message.id else {
            if let Err(error) = outcome {
                tracing::debug!(%error, "a message of the page had no effect");
            }
            return;
        };
        let outcome = match outcome {
            Ok(answer) => Outcome::Ok(answer),
            Err(error) => Outcome::Error(error.to_wire()),
        };
        self.out.push_back(Output::Reply(Reply { id, outcome }));
    }

    /// A text message of the page that could not be taken.
    pub(crate) fn refuse(&mut self, id: Option<u32>, error: &RequestError) {
        if let Some(id) = id {
            let outcome = Outcome::Error(error.to_wire());
            self.out.push_back(Output::Reply(Reply { id, outcome }));
        }
    }

    /// A frame of the page, to be sent.
    pub(crate) fn handle_media(&mut self, now: Instant, frame: &MediaFromPage<'_>) {
        self.now = now;
        if let Some(live) = self.live.as_mut() {
            live.send_media(now, frame);
        }
    }

    /// A data channel message of the page.
    pub(crate) fn handle_data(&mut self, now: Instant, handle: u16, binary: bool, payload: &[u8]) {
        self.now = now;
        if let Some(live) = self.live.as_mut() {
            live.channels.send(&mut live.rtc, handle, binary, payload);
        }
    }

    /// A datagram from the network, to one of our addresses.
    pub(crate) fn handle_datagram(
        &mut self,
        now: Instant,
        from: SocketAddr,
        to: SocketAddr,
        bytes: &[u8],
    ) {
        self.now = now;
        let Some(live) = self.live.as_mut() else {
            return;
        };
        // What is neither STUN, DTLS, RTP nor RTCP is refused here.
        let Ok(received) = Receive::new(Protocol::Udp, from, to, bytes) else {
            return;
        };
        let input = Input::Receive(now, received);
        let stun = is_stun(bytes);
        let welcome = live.rtc.accepts(&input) || (!stun && live.candidates.has_checked(from));
        if !welcome || (stun && !live.candidates.checked(from)) || !live.takes_rtp(now, bytes) {
            return;
        }
        if live.counters.packet_received((to, from), bytes) {
            live.follow_path(now, &mut self.out);
        }
        if let Err(error) = live.rtc.handle_input(input) {
            self.fail(&error);
        }
    }

    /// An own address has a socket now.
    pub(crate) fn handle_address(&mut self, now: Instant, address: SocketAddr) {
        self.now = now;
        self.addresses.push(address);
        let Some(live) = self.live.as_mut() else {
            return;
        };
        if let Some(candidate) = live.add_local(address)
            && live.negotiation.described()
        {
            self.out
                .push_back(Output::Event(Event::Candidate { candidate }));
        }
    }

    /// An own address is gone.
    pub(crate) fn handle_address_gone(&mut self, now: Instant, address: SocketAddr) {
        self.now = now;
        self.addresses.retain(|known| *known != address);
        if let Some(live) = self.live.as_mut() {
            live.remove_local(address);
        }
    }

    /// What a `.local` name stands for; nothing if nobody answered.
    pub(crate) fn handle_resolved(
        &mut self,
        now: Instant,
        name: &str,
        addresses: &[std::net::IpAddr],
    ) {
        self.now = now;
        if let Some(live) = self.live.as_mut() {
            live.candidates.resolved(&mut live.rtc, name, addresses);
        }
    }

    /// Time passed.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        let Some(live) = self.live.as_mut() else {
            return;
        };
        if live.negotiation.has_data() {
            live.channels.open_waiting(&mut live.rtc, &mut self.out);
        }
        if let Err(error) = live.rtc.handle_input(Input::Timeout(now)) {
            self.fail(&error);
            return;
        }
        let overdue = live
            .without_pair
            .is_some_and(|since| now >= since + ICE_FAILURE_TIMEOUT);
        if overdue {
            live.without_pair = None;
            set_ice(live, &mut self.out, IceState::Failed);
        }
    }

    /// When [`Session::handle_timeout`] wants to be called. Good after [`Session::poll_output`] gave nothing.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let live = self.live.as_ref()?;
        let failure = live.without_pair.map(|since| since + ICE_FAILURE_TIMEOUT);
        let leaving = self.leaving.filter(|_| live.rtc.is_alive());
        let channels = live.negotiation.has_data() && live.channels.are_waiting();
        let deadlines = [
            Some(live.timeout),
            failure,
            leaving,
            channels.then_some(self.now),
        ];
        deadlines.into_iter().flatten().min()
    }

    /// The next thing to do.
    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        loop {
            if let Some(output) = self.out.pop_front() {
                return Some(output);
            }
            let live = self.live.as_mut()?;
            match live.rtc.poll_output() {
                Ok(RtcOutput::Timeout(at)) => {
                    live.timeout = at;
                    let moved = live.channels.report(&mut live.rtc, &mut self.out);
                    let left = self.say_goodbye();
                    if self.out.is_empty() && !moved && !left {
                        return None;
                    }
                }
                Ok(RtcOutput::Transmit(transmit)) => {
                    if live.counters.packet_sent(&transmit) {
                        live.follow_path(self.now, &mut self.out);
                    }
                    return Some(Output::Transmit(transmit));
                }
                Ok(RtcOutput::Event(event)) => self.handle_event(event),
                // The peer's goodbye, which str0m can't return while SCTP is in its handshake.
                Err(RtcError::Sctp(SctpError::Proto(_))) if live.dtls == DtlsState::Connected => {
                    self.handle_event(RtcEvent::Closed);
                    self.ended = true;
                    self.live = None;
                }
                Err(error) => {
                    self.fail(&error);
                    self.live = None;
                }
            }
        }
    }

    /// Asks the peer for a key frame: one was dropped on the way to the page.
    pub(crate) fn request_key_frame(&mut self, now: Instant, slot: u16) {
        if let Some(live) = self.live.as_mut() {
            live.request_key_frame(now, slot);
        }
    }

    /// The page closed the connection, or is gone: the peer is told, and [`Session::is_ended`] follows when it was,
    /// or [`GOODBYE_TIMEOUT`] has passed.
    pub(crate) fn close(&mut self, now: Instant) {
        self.now = now;
        if self.leaving.is_some() {
            return;
        }
        self.leaving = Some(now + GOODBYE_TIMEOUT);
        if self.live.is_none() {
            self.ended = true;
        }
    }

    /// Tells the peer as soon as there is a way to: DTLS has no `close_notify` before its handshake is done, and
    /// str0m none while SCTP is in its own (RFC 9260, section 9.2: there is no SHUTDOWN before it is established).
    /// To be called when nothing else is waiting to be sent: after it str0m sends no more of SCTP.
    /// True: there is more to send.
    fn say_goodbye(&mut self) -> bool {
        let (Some(deadline), Some(live)) = (self.leaving, self.live.as_mut()) else {
            return false;
        };
        let in_time = self.now < deadline;
        match live.dtls {
            DtlsState::Connected if in_time && !self.said_goodbye => {
                self.said_goodbye = live.rtc.close().is_ok();
                self.said_goodbye
            }
            DtlsState::Connecting | DtlsState::Connected if in_time => false,
            DtlsState::New | DtlsState::Connecting | DtlsState::Connected | DtlsState::Closed => {
                live.rtc.disconnect();
                false
            }
        }
    }

    fn handle_event(&mut self, event: RtcEvent) {
        let now = self.now;
        let Some(live) = self.live.as_mut() else {
            return;
        };
        let out = &mut self.out;
        // The enum is str0m's and grows; what we don't name is raw RTP, off in this mode.
        #[allow(clippy::wildcard_enum_match_arm)]
        match event {
            RtcEvent::IceConnectionStateChange(state) => {
                live.seen.lock().patience.follow(now, is_connected(state));
                live.handle_ice(now, state, out);
            }
            RtcEvent::Connected => {
                out.push_back(Output::Event(live.certificates()));
                set_dtls(live, out, DtlsState::Connected);
            }
            RtcEvent::Closed => {
                set_dtls(live, out, DtlsState::Closed);
                set_ice(live, out, IceState::Closed);
            }
            RtcEvent::MediaData(data) => live.receive_media(self.start, now, &data, out),
            RtcEvent::KeyframeRequest(request) => {
                live.key_frame_wanted(now, request.mid, out);
            }
            RtcEvent::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => {
                live.handle_estimate(now, estimate.as_u64(), out);
            }
            RtcEvent::ChannelOpen(id, label) => {
                live.channels.opened(&mut live.rtc, id, label, out);
            }
            RtcEvent::ChannelData(data) => live.channels.received(data, out),
            RtcEvent::ChannelClose(id) => live.channels.closed(id, out),
            RtcEvent::PeerStats(stats) => live.handle_counts(now, stats, out),
            RtcEvent::MediaEgressStats(stats) => live.counters.handle_egress(stats),
            RtcEvent::MediaIngressStats(stats) => live.counters.handle_ingress(stats),
            _ => {}
        }
    }

    fn fail(&mut self, error: &RtcError) {
        tracing::warn!(%error, "a peer connection failed");
        self.ended = true;
        self.out.push_back(Output::Event(Event::Failed {
            error: WireError {
                name: "OperationError",
                message: error.to_string(),
            },
        }));
    }
}
