//! One participant of a call, as seen from the other end: frames, negotiation, media path.

use std::time::Instant;

use super::{Effects, negotiation::Negotiation, output::Output, reliable::Reliable};
use crate::protocol::{
    CallId, EndReason, ErrorCode, Instance, PeerId,
    link::{Card, LegBody, LegFrame},
    media::{MediaState, Signal},
};

/// Which leg: one endpoint's end of its call with one other.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) call: CallId,
    pub(super) local: PeerId,
    pub(super) remote: PeerId,
}

/// How the media path of this leg does, as the UI that holds the call reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// Not connected yet.
    New,
    /// Media can flow.
    Connected,
    /// It could, and can't now; nothing while that depends on a UI that is not there.
    Interrupted {
        /// When the call is given up.
        until: Option<Instant>,
    },
}

/// One other participant.
#[derive(Debug)]
pub(super) struct Leg {
    address: Address,
    frames: Reliable,
    /// The peer's run, once heard of.
    remote_instance: Option<Instance>,
    pub(super) card: Card,
    /// What the participant sends.
    pub(super) media: MediaState,
    pub(super) transport: Transport,
    negotiation: Negotiation,
}

impl Leg {
    /// A leg to somebody who is being called.
    pub(super) fn calling(address: Address, card: Card) -> Self {
        Self {
            address,
            frames: Reliable::default(),
            remote_instance: None,
            card,
            media: MediaState::default(),
            transport: Transport::New,
            negotiation: Negotiation::offered(),
        }
    }

    /// A leg to somebody whose invitation, frame 1, has arrived.
    pub(super) fn called(
        address: Address,
        run: Instance,
        card: Card,
        media: MediaState,
        offer: Signal,
    ) -> Self {
        Self {
            frames: Reliable::after(1),
            remote_instance: Some(run),
            media,
            negotiation: Negotiation::offered_with(offer),
            ..Self::calling(address, card)
        }
    }

    /// The participant.
    pub(super) fn remote(&self) -> &PeerId {
        &self.address.remote
    }

    /// The peer's run, once heard of.
    pub(super) fn remote_instance(&self) -> Option<Instance> {
        self.remote_instance
    }

    /// Says something; it will arrive, in order, unless the leg ends.
    pub(super) fn send(&mut self, fx: &mut Effects<'_>, body: LegBody) {
        let (seq, body) = self.frames.push(fx.now, body);
        self.emit(fx, seq, Some(body));
    }

    /// Says that this end has left, if anything was said before.
    pub(super) fn send_end(&mut self, fx: &mut Effects<'_>, reason: EndReason, keep_invite: bool) {
        self.negotiation.close();
        self.frames.discard(keep_invite);
        if self.remote_instance.is_some() || self.frames.has_spoken() {
            self.send(fx, LegBody::End { reason });
        }
    }

    /// Whether the peer acknowledges less than it did before: it has forgotten the leg since.
    pub(super) fn has_forgotten(&self, ack: u32) -> bool {
        self.frames.is_settled() && self.frames.is_ahead_of(ack)
    }

    /// Says once more that this end has left, to whom that has not reached or who has forgotten it.
    pub(super) fn repeat_end(&mut self, fx: &mut Effects<'_>, reason: EndReason) {
        self.emit(fx, 0, Some(LegBody::End { reason }));
    }

    /// The other end has left: nothing of ours matters to it any more.
    pub(super) fn close(&mut self) {
        self.frames.discard(false);
        self.negotiation.close();
    }

    /// Acknowledges what has arrived, if no frame has done so.
    pub(super) fn acknowledge(&mut self, fx: &mut Effects<'_>) {
        if self.frames.is_ack_due() {
            self.emit(fx, 0, None);
        }
    }

    fn emit(&mut self, fx: &mut Effects<'_>, seq: u32, body: Option<LegBody>) {
        fx.out.push_back(Output::Frame(LegFrame {
            call: self.address.call.clone(),
            from: self.address.local.clone(),
            to: self.address.remote.clone(),
            instance: fx.instance,
            seq,
            ack: self.frames.ack(),
            body,
        }));
    }

    fn emit_all(&mut self, fx: &mut Effects<'_>, frames: Vec<(u32, LegBody)>) {
        for (seq, body) in frames {
            self.emit(fx, seq, Some(body));
        }
    }

    /// A frame arrived on this leg. Gives the reason if it ends it; otherwise [`Self::next`] gives
    /// out what is in turn.
    pub(super) fn handle_frame(&mut self, now: Instant, frame: LegFrame) -> Option<EndReason> {
        let known = *self.remote_instance.get_or_insert(frame.instance) == frame.instance;
        if known {
            self.frames.handle_ack(now, frame.ack);
        }
        match frame.body {
            // Also from a new run of the peer, which says that it knows nothing of this leg.
            Some(LegBody::End { reason }) => {
                self.frames.receive_end(if known { frame.seq } else { 0 });
                Some(reason)
            }
            Some(body) if known && frame.seq > 0 => {
                self.frames.receive(frame.seq, body);
                None
            }
            Some(_) | None => None,
        }
    }

    /// The next thing the participant says.
    pub(super) fn next(&mut self) -> Option<LegBody> {
        self.frames.next()
    }

    /// A link to the participant's node has opened.
    pub(super) fn handle_link_up(&mut self, fx: &mut Effects<'_>) {
        let frames = self.frames.handle_link_up(fx.now);
        self.emit_all(fx, frames);
    }

    /// Time has passed.
    pub(super) fn handle_timeout(&mut self, fx: &mut Effects<'_>) {
        let frames = self.frames.handle_timeout(fx.now);
        self.emit_all(fx, frames);
    }

    /// When time matters next to the frames.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.frames.poll_timeout()
    }

    /// Whether everything said has arrived.
    pub(super) fn is_settled(&self) -> bool {
        self.frames.is_settled()
    }

    /// The peer connection that was is no more.
    pub(super) fn interrupt(&mut self, was_active: bool, until: Option<Instant>) {
        self.transport = if was_active {
            Transport::Interrupted { until }
        } else {
            Transport::New
        };
    }

    /// The highest epoch of the negotiation.
    pub(super) fn epoch(&self) -> u32 {
        self.negotiation.epoch()
    }

    /// Whether this end is the polite one.
    pub(super) fn is_polite(&self) -> bool {
        self.negotiation.is_polite()
    }

    /// The participant's signal: whether it is to be passed on.
    pub(super) fn admit(&mut self, signal: &Signal) -> bool {
        self.negotiation.admit(signal)
    }

    /// What a UI needs that is now to answer.
    pub(super) fn unanswered(&self) -> &[Signal] {
        self.negotiation.unanswered()
    }

    /// A UI's signal for the participant.
    ///
    /// # Errors
    /// What [`Negotiation::send`] refuses with; [`ErrorCode::AtCapacity`] when too much waits for an
    /// acknowledgement.
    pub(super) fn signal(&mut self, fx: &mut Effects<'_>, signal: Signal) -> Result<(), ErrorCode> {
        if !self.frames.has_room() {
            return Err(ErrorCode::AtCapacity);
        }
        if self.negotiation.send(&signal)? {
            self.send(fx, LegBody::Signal { signal });
        }
        Ok(())
    }

    /// Whether a UI may say something more.
    pub(super) fn has_room(&self) -> bool {
        self.frames.has_room()
    }
}
