//! The machine: its calls and endpoints, and what it is told.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Instant,
};

use super::{Effects, admission::Admission, output::Output, state::Call, view::view};
use crate::protocol::{
    CallId, EndReason, Instance, NodeId, PeerId, UiId, link::LegFrame, ui::CallView,
};

/// All calls of a node. See the [module's documentation](super).
#[derive(Debug)]
pub struct Machine {
    pub(super) node: NodeId,
    pub(super) instance: Instance,
    pub(super) endpoints: BTreeMap<PeerId, Endpoint>,
    /// By call and endpoint: both ends of a call may be at this node.
    pub(super) calls: BTreeMap<(CallId, PeerId), Call>,
    pub(super) blocked: BTreeSet<PeerId>,
    pub(super) admission: Admission,
    pub(super) out: VecDeque<Output>,
}

/// The UIs of an endpoint, the first attached first.
#[derive(Debug, Default)]
pub(super) struct Endpoint {
    uis: Vec<(UiId, bool)>,
}

impl Endpoint {
    pub(super) fn is_visible(&self) -> bool {
        !self.uis.is_empty()
    }

    /// Whether a UI is attached, and can do WebRTC.
    pub(super) fn webrtc(&self, ui: UiId) -> Option<bool> {
        self.uis
            .iter()
            .find(|(id, _)| *id == ui)
            .map(|(_, webrtc)| *webrtc)
    }

    /// The UI that is to answer offers while it rings.
    pub(super) fn nominee(&self) -> Option<UiId> {
        self.uis
            .iter()
            .find(|(_, webrtc)| *webrtc)
            .map(|(id, _)| *id)
    }
}

/// Whether the calls of a peer are refused: a person who is blocked, and who opens the page of their own
/// node as a guest, with a new id each time, is blocked all the same.
#[must_use]
pub fn is_blocked(blocked: &BTreeSet<PeerId>, peer: &PeerId) -> bool {
    blocked.contains(peer) || blocked.contains(&PeerId::owner(peer.node().clone()))
}

impl Machine {
    /// No calls, and no UIs.
    #[must_use]
    pub fn new(node: NodeId, instance: Instance) -> Self {
        let owner = PeerId::owner(node.clone());
        Self {
            node,
            instance,
            endpoints: BTreeMap::from([(owner, Endpoint::default())]),
            calls: BTreeMap::new(),
            blocked: BTreeSet::new(),
            admission: Admission::default(),
            out: VecDeque::new(),
        }
    }

    /// A UI took a seat. The endpoint exists from its first UI until [`Self::end_endpoint`]; the
    /// owner's exists always.
    pub fn handle_attached(&mut self, now: Instant, endpoint: &PeerId, ui: UiId, webrtc: bool) {
        let seat = self.endpoints.entry(endpoint.clone()).or_default();
        match seat.uis.iter_mut().find(|(id, _)| *id == ui) {
            Some(known) => known.1 = webrtc,
            None => seat.uis.push((ui, webrtc)),
        }
        let nominee = seat.nominee();
        self.each_call_of(now, endpoint, |call, fx| {
            if call.is_unanswered() {
                call.ring(fx, true, nominee);
            }
        });
    }

    /// A UI is gone: reloaded or closed.
    pub fn handle_detached(&mut self, now: Instant, endpoint: &PeerId, ui: UiId) {
        let Some(seat) = self.endpoints.get_mut(endpoint) else {
            return;
        };
        seat.uis.retain(|(id, _)| *id != ui);
        let nominee = seat.nominee();
        self.each_call_of(now, endpoint, |call, fx| {
            if call.is_live() && call.holder == Some(ui) {
                call.release(fx, nominee);
            }
        });
    }

    /// A frame arrived. The driver has checked that `from` is an endpoint of the node that sent it;
    /// `to` is to be one of this node, known or not.
    pub fn handle_frame(&mut self, now: Instant, frame: LegFrame) {
        if frame.to.node() != &self.node || frame.to == frame.from {
            return;
        }
        let key = (frame.call.clone(), frame.to.clone());
        match self.calls.get_mut(&key) {
            Some(call) if call.legs.contains_key(&frame.from) => {
                let mut fx = Effects {
                    now,
                    instance: self.instance,
                    out: &mut self.out,
                };
                call.handle_frame(&mut fx, frame);
            }
            Some(_) | None => self.handle_unknown_leg(now, frame),
        }
    }

    /// A link to a node has opened.
    pub fn handle_link_up(&mut self, now: Instant, node: &NodeId) {
        self.each_call(now, |call, fx| call.handle_link_up(fx, node));
    }

    /// No link to a node could be made.
    pub fn handle_link_failed(&mut self, now: Instant, node: &NodeId) {
        self.each_call(now, |call, fx| call.handle_link_failed(fx, node));
    }

    /// A node was reached, and no link with it may ever be: trying on is of no use. Calls to it that
    /// nobody has answered end with this reason.
    pub fn handle_link_refused(&mut self, now: Instant, node: &NodeId, reason: EndReason) {
        self.each_call(now, |call, fx| call.handle_link_refused(fx, node, reason));
    }

    /// A peer said goodbye, or gives no sign of life: nobody is there to ring for any more. Media that
    /// flows is better evidence, and goes on.
    pub fn handle_peer_gone(&mut self, now: Instant, peer: &PeerId) {
        self.each_call(now, |call, fx| call.handle_peer_gone(fx, peer));
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.each_call(now, |call, fx| call.handle_timeout(fx));
        self.calls.retain(|_, call| !call.is_forgotten(now));
    }

    /// The peers whose calls the owner doesn't take, as [`is_blocked`] has it. Guests of the node are not concerned.
    pub fn set_blocked(&mut self, blocked: BTreeSet<PeerId>) {
        self.blocked = blocked;
    }

    /// Ends all calls.
    pub fn end_all(&mut self, now: Instant, reason: EndReason) {
        self.each_call(now, |call, fx| call.end(fx, reason, Some(reason)));
    }

    /// Ends all calls of an endpoint, which no longer exists unless it is the owner's.
    pub fn end_endpoint(&mut self, now: Instant, endpoint: &PeerId, reason: EndReason) {
        self.each_call_of(now, endpoint, |call, fx| call.end(fx, reason, Some(reason)));
        if !endpoint.is_owner() {
            self.endpoints.remove(endpoint);
        }
    }

    /// What to do next; ask until there is nothing.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When to call [`Self::handle_timeout`], at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.calls.values().filter_map(Call::poll_timeout).min()
    }

    /// Whether an endpoint has a call that isn't over, so that another would find it busy.
    #[must_use]
    pub fn is_busy(&self, endpoint: &PeerId) -> bool {
        self.live_call(endpoint).is_some()
    }

    /// The calls of an endpoint that aren't over, as one of its UIs is shown them, but for what is
    /// known of the participants from elsewhere: [`trust`](crate::protocol::ui::Participant::trust) and
    /// [`via`](crate::protocol::ui::Participant::via).
    #[must_use]
    pub fn views(&self, now: Instant, endpoint: &PeerId, ui: UiId) -> Vec<CallView> {
        self.live_call(endpoint)
            .map(|call| view(call, now, ui))
            .into_iter()
            .collect()
    }

    /// One call of an endpoint, like [`Self::views`]; also for a while after its end.
    #[must_use]
    pub fn view(
        &self,
        now: Instant,
        endpoint: &PeerId,
        call: &CallId,
        ui: UiId,
    ) -> Option<CallView> {
        let call = self.calls.get(&(call.clone(), endpoint.clone()))?;
        Some(view(call, now, ui))
    }

    /// The call of an endpoint that isn't over: there is one at most.
    pub(super) fn live_call(&self, endpoint: &PeerId) -> Option<&Call> {
        self.calls
            .values()
            .find(|call| &call.local == endpoint && call.is_live())
    }

    fn each_call(&mut self, now: Instant, mut act: impl FnMut(&mut Call, &mut Effects<'_>)) {
        let mut fx = Effects {
            now,
            instance: self.instance,
            out: &mut self.out,
        };
        for call in self.calls.values_mut() {
            act(call, &mut fx);
        }
    }

    fn each_call_of(
        &mut self,
        now: Instant,
        endpoint: &PeerId,
        mut act: impl FnMut(&mut Call, &mut Effects<'_>),
    ) {
        self.each_call(now, |call, fx| {
            if &call.local == endpoint {
                act(call, fx);
            }
        });
    }
}
