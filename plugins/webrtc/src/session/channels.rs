//! Data channels (RFC 8831, RFC 8832): the page's handles, and what waits to be sent on each.

use std::collections::VecDeque;

use str0m::{
    Rtc,
    channel::{ChannelConfig, ChannelData, ChannelId, Reliability},
};

use super::{
    Output,
    dtls::{Shared, stand_in},
};
use crate::{
    bridge::messages::{Event, NewChannel},
    error::RequestError,
    limits::{MAX_CHANNEL_BUFFER, MAX_CHANNEL_MESSAGE, MAX_CHANNEL_NAMES, MAX_CHANNELS},
};

/// Handles from here on are ours to give: to channels the peer opened.
const FIRST_REMOTE_HANDLE: u16 = 32_768;
/// Streams from here on are for [`Channels::placeholder`]; Chromium has 1,024 in all.
const FIRST_RESERVED_STREAM: u16 = 60_000;
const LAST_STREAM: u16 = 65_534;
/// The page is told again when so much has left, or all.
const REPORT_STEP: u64 = 64 * 1024;

/// A channel that can't be opened before SCTP is agreed on.
#[derive(Debug)]
pub(crate) struct Waiting {
    handle: u16,
    pub(crate) config: ChannelConfig,
}

#[derive(Debug)]
struct Channel {
    handle: u16,
    id: ChannelId,
    /// The stream that both pages agreed on by themselves.
    negotiated: Option<u16>,
    open: bool,
    closing: Closing,
    /// Its stream, once it has one.
    on: Option<u16>,
    /// The page knows its stream.
    placed: bool,
    /// Messages SCTP has no room for yet.
    queue: VecDeque<(bool, Vec<u8>)>,
    queued: usize,
    /// Bytes the page handed over since it was opened.
    accepted: u64,
    /// Bytes the page was told have left.
    reported: u64,
}

/// Whether a channel is being closed by its page (WebRTC 1.0, section 6.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closing {
    Not,
    /// It has no stream yet that could be closed.
    WhenOpen,
    /// When what waits has been handed to SCTP.
    WhenSent,
    /// SCTP was told to, and does when the peer has all that it was handed.
    Told,
}

/// All channels of a connection.
#[derive(Debug)]
pub(crate) struct Channels {
    waiting: VecDeque<Waiting>,
    open: Vec<Channel>,
    next_remote: u16,
    /// How many streams were given to offers.
    placeholders: u16,
    /// What was sent of them.
    seen: Shared,
}

impl Channels {
    /// `seen` of the connection that they belong to.
    pub(super) fn new(seen: Shared) -> Self {
        Self {
            waiting: VecDeque::new(),
            open: Vec::new(),
            next_remote: 0,
            placeholders: 0,
            seen,
        }
    }

    /// Makes a channel of the page, see [`Channels::open_waiting`].
    pub(crate) fn create(
        &mut self,
        rtc: &mut Rtc,
        channel: NewChannel,
    ) -> Result<(), RequestError> {
        if channel.handle >= FIRST_REMOTE_HANDLE || self.knows(channel.handle) {
            return Err(RequestError::ChannelHandle);
        }
        if let Some(stream) = channel.stream_id.filter(|_| channel.negotiated)
            && (stream >= FIRST_RESERVED_STREAM || self.has_stream(rtc, stream))
        {
            return Err(RequestError::ChannelStream);
        }
        if self.waiting.len() + self.open.len() >= MAX_CHANNELS {
            return Err(RequestError::TooManyChannels);
        }
        if !channel.negotiated && channel.label.len() + channel.protocol.len() > MAX_CHANNEL_NAMES {
            return Err(RequestError::ChannelNames);
        }
        self.waiting.push_back(Waiting {
            handle: channel.handle,
            config: config_of(channel),
        });
        Ok(())
    }

    /// Closes a channel of either side, after what waits to be sent on it.
    pub(crate) fn close(
        &mut self,
        rtc: &mut Rtc,
        handle: u16,
        out: &mut VecDeque<Output>,
    ) -> Result<(), RequestError> {
        let before = self.waiting.len();
        self.waiting.retain(|waiting| waiting.handle != handle);
        if self.waiting.len() < before {
            out.push_back(Output::Event(Event::ChannelClosed { handle }));
            return Ok(());
        }
        let channel = self.by_handle(handle).ok_or(RequestError::UnknownChannel)?;
        if channel.open {
            if channel.closing == Closing::Not {
                channel.closing = Closing::WhenSent;
                channel.close_if_sent(rtc);
            }
            return Ok(());
        }
        channel.closing = Closing::WhenOpen;
        let id = channel.id;
        rtc.direct_api().close_data_channel(id);
        Ok(())
    }

    /// A message of the page. One that the page had no right to send (W3C: it throws) closes the channel:
    /// a hole in it nobody would notice.
    pub(crate) fn send(&mut self, rtc: &mut Rtc, handle: u16, binary: bool, payload: &[u8]) {
        let Some(channel) = self
            .by_handle(handle)
            .filter(|channel| channel.open && channel.closing == Closing::Not)
        else {
            return;
        };
        let sent = if payload.is_empty() {
            stand_in()
        } else {
            payload
        };
        if payload.len() > MAX_CHANNEL_MESSAGE || channel.queued + sent.len() > MAX_CHANNEL_BUFFER {
            tracing::warn!("a data channel is closed: the page sent too much on it");
            channel.give_up(rtc);
            return;
        }
        channel.accepted += payload.len() as u64;
        channel.queued += sent.len();
        channel.queue.push_back((binary, sent.to_vec()));
        channel.flush(rtc);
    }

    /// Tells the page which streams its channels were given, before the peer can know them. Moves what can be moved
    /// to SCTP, and tells what has left.
    /// True: something was moved, SCTP has more to send.
    pub(crate) fn report(&mut self, rtc: &mut Rtc, out: &mut VecDeque<Output>) -> bool {
        let mut moved = false;
        for channel in self.open.iter_mut().filter(|channel| !channel.placed) {
            if let Some(stream_id) = channel.stream(rtc) {
                channel.placed = true;
                let handle = channel.handle;
                out.push_back(Output::Event(Event::ChannelPlaced { handle, stream_id }));
            }
        }
        for channel in self.open.iter_mut().filter(|channel| channel.open) {
            if channel.reported == channel.accepted && channel.queue.is_empty() {
                continue;
            }
            moved |= channel.flush(rtc);
            moved |= channel.close_if_sent(rtc);
            let sent = channel
                .stream(rtc)
                .map_or(0, |stream| self.seen.lock().sent.on(stream));
            // SCTP has what the peer has not acknowledged, and no more what it gave up before it was sent.
            let in_sctp = rtc
                .channel(channel.id)
                .map_or(0, |mut channel| channel.buffered_amount());
            let unacknowledged = (in_sctp + channel.queued) as u64;
            let held = unacknowledged.min(channel.accepted.saturating_sub(sent));
            let left = channel.accepted.saturating_sub(held);
            let all = held == 0 && left > channel.reported;
            if all || left >= channel.reported + REPORT_STEP {
                channel.reported = left;
                out.push_back(Output::Event(Event::Released {
                    handle: channel.handle,
                    bytes: left,
                }));
            }
        }
        moved
    }

    /// What an offer asks for SCTP with, if a channel waits for it. str0m wants a channel for that and never
    /// forgets it, though the offer be taken back: so it gets one that is nobody's, on a stream where no
    /// word is ever sent, and those that wait are opened when there is SCTP.
    pub(crate) fn placeholder(&mut self) -> Option<ChannelConfig> {
        if self.waiting.is_empty() {
            return None;
        }
        let stream = LAST_STREAM.checked_sub(self.placeholders)?;
        self.placeholders += 1;
        (stream >= FIRST_RESERVED_STREAM).then(|| ChannelConfig {
            negotiated: Some(stream),
            ..ChannelConfig::default()
        })
    }

    /// Whether [`Channels::open_waiting`] has something to do, once SCTP is agreed on.
    pub(crate) fn are_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// SCTP is agreed on. To be called right before time passes, when str0m finds streams for them: in the order they
    /// come in, and for as long as there is none for one, without a pause. So those that name theirs come first, and
    /// one whose stream the peer has taken meanwhile is closed.
    pub(crate) fn open_waiting(&mut self, rtc: &mut Rtc, out: &mut VecDeque<Output>) {
        let (named, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting| waiting.config.negotiated.is_some());
        for waiting in named.into_iter().chain(others) {
            let negotiated = waiting.config.negotiated;
            if negotiated.is_some_and(|stream| self.has_stream(rtc, stream)) {
                let handle = waiting.handle;
                out.push_back(Output::Event(Event::ChannelClosed { handle }));
                continue;
            }
            let mut api = rtc.sdp_api();
            let id = api.add_channel_with_config(waiting.config);
            if api.apply().is_some() {
                tracing::debug!("a data channel wanted to be negotiated though there is SCTP");
            }
            self.insert(waiting.handle, id, negotiated);
        }
    }

    /// SCTP says a channel is open: one of ours, or a new one of the peer.
    pub(crate) fn opened(
        &mut self,
        rtc: &mut Rtc,
        id: ChannelId,
        label: String,
        out: &mut VecDeque<Output>,
    ) {
        let stream_id = rtc.direct_api().sctp_stream_id_by_channel_id(id);
        if let Some(channel) = self.open.iter_mut().find(|channel| channel.id == id) {
            if channel.closing == Closing::WhenOpen {
                rtc.direct_api().close_data_channel(id);
                return;
            }
            channel.open = true;
            let handle = channel.handle;
            out.push_back(Output::Event(Event::ChannelOpen { handle, stream_id }));
            return;
        }
        if stream_id.is_some_and(|stream| stream >= FIRST_RESERVED_STREAM) {
            return; // a placeholder of ours, or of a peer like us
        }
        let free = FIRST_REMOTE_HANDLE.checked_add(self.next_remote);
        let Some(handle) = free.filter(|_| self.open.len() < MAX_CHANNELS) else {
            rtc.direct_api().close_data_channel(id);
            return;
        };
        self.next_remote += 1;
        self.insert(handle, id, None);
        if let Some(channel) = self.by_handle(handle) {
            channel.open = true;
            channel.placed = true;
        }
        let config = rtc
            .channel(id)
            .and_then(|channel| channel.config().cloned())
            .unwrap_or_default();
        let (max_retransmits, max_packet_life_time) = match config.reliability {
            Reliability::Reliable => (None, None),
            Reliability::MaxRetransmits { retransmits } => (Some(retransmits), None),
            Reliability::MaxPacketLifetime { lifetime } => (None, Some(lifetime)),
        };
        out.push_back(Output::Event(Event::ChannelNew {
            handle,
            label,
            protocol: config.protocol,
            ordered: config.ordered,
            max_retransmits,
            max_packet_life_time,
            stream_id,
        }));
    }

    /// A message of the peer.
    pub(crate) fn received(&self, data: ChannelData, out: &mut VecDeque<Output>) {
        if let Some(channel) = self.open.iter().find(|channel| channel.id == data.id) {
            out.push_back(Output::Data {
                handle: channel.handle,
                binary: data.binary,
                payload: data.data,
            });
        }
    }

    /// SCTP says a channel is closed.
    pub(crate) fn closed(&mut self, id: ChannelId, out: &mut VecDeque<Output>) {
        if let Some(at) = self.open.iter().position(|channel| channel.id == id) {
            let channel = self.open.remove(at);
            if let Some(stream) = channel.on {
                self.seen.lock().sent.forget(stream);
            }
            let handle = channel.handle;
            out.push_back(Output::Event(Event::ChannelClosed { handle }));
        }
    }

    fn insert(&mut self, handle: u16, id: ChannelId, negotiated: Option<u16>) {
        self.open.push(Channel {
            handle,
            id,
            negotiated,
            on: negotiated,
            open: false,
            closing: Closing::Not,
            placed: negotiated.is_some(),
            queue: VecDeque::new(),
            queued: 0,
            accepted: 0,
            reported: 0,
        });
    }

    fn by_handle(&mut self, handle: u16) -> Option<&mut Channel> {
        self.open
            .iter_mut()
            .find(|channel| channel.handle == handle)
    }

    /// Whether a channel has that stream, or has asked for it. str0m would panic at another.
    fn has_stream(&self, rtc: &mut Rtc, stream: u16) -> bool {
        self.waiting
            .iter()
            .any(|waiting| waiting.config.negotiated == Some(stream))
            || self
                .open
                .iter()
                .any(|channel| channel.negotiated == Some(stream))
            || rtc
                .direct_api()
                .channel_id_by_sctp_stream_id(stream)
                .is_some()
    }

    fn knows(&self, handle: u16) -> bool {
        self.open.iter().any(|channel| channel.handle == handle)
            || self.waiting.iter().any(|waiting| waiting.handle == handle)
    }
}

impl Channel {
    /// The stream it goes over, if that is known.
    fn stream(&mut self, rtc: &mut Rtc) -> Option<u16> {
        self.on = self
            .on
            .or_else(|| rtc.direct_api().sctp_stream_id_by_channel_id(self.id));
        self.on
    }

    /// Hands SCTP what it has room for.
    fn flush(&mut self, rtc: &mut Rtc) -> bool {
        let mut moved = false;
        while let Some((binary, payload)) = self.queue.front() {
            let Some(mut channel) = rtc.channel(self.id) else {
                break;
            };
            match channel.write(*binary, payload) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "a data channel is closed: SCTP does not take a message");
                    self.give_up(rtc);
                    break;
                }
            }
            moved = true;
            self.queued -= payload.len();
            self.queue.pop_front();
        }
        moved
    }

    /// Closes it if its page wants that, and SCTP has all that was sent on it. True: SCTP has more to send.
    fn close_if_sent(&mut self, rtc: &mut Rtc) -> bool {
        let due = self.closing == Closing::WhenSent && self.queue.is_empty();
        if due {
            self.closing = Closing::Told;
            rtc.direct_api().close_data_channel(self.id);
        }
        due
    }

    /// Closes it, and forgets what has not been sent.
    fn give_up(&mut self, rtc: &mut Rtc) {
        self.queue.clear();
        self.queued = 0;
        self.open = false;
        rtc.direct_api().close_data_channel(self.id);
    }
}

fn config_of(channel: NewChannel) -> ChannelConfig {
    let reliability = match (channel.max_retransmits, channel.max_packet_life_time) {
        (Some(retransmits), _) => Reliability::MaxRetransmits { retransmits },
        (None, Some(lifetime)) => Reliability::MaxPacketLifetime { lifetime },
        (None, None) => Reliability::Reliable,
    };
    ChannelConfig {
        label: channel.label,
        ordered: channel.ordered,
        reliability,
        negotiated: channel.stream_id.filter(|_| channel.negotiated),
        protocol: channel.protocol,
    }
}
