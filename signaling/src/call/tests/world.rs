//! Nodes on virtual time, joined by a network that may lose, repeat and reorder what it carries.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use super::values::{MEDIA, call_id, card, node_id, offer};
use crate::{
    call::{Machine, Output, Place, Record},
    protocol::{
        CallId, ErrorCode, Instance, NodeId, PeerId, UiId,
        link::LegFrame,
        media::Signal,
        ui::{CallState, CallView, TransportState},
    },
};

/// What a frame takes on a network that isn't disturbed.
pub(super) const TRIP: Duration = Duration::from_millis(2);

/// What the network does with one frame: a copy arrives after each of these.
pub(super) type Fate = Vec<Duration>;

/// One UI of one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ui {
    pub(super) peer: PeerId,
    pub(super) ui: UiId,
}

pub(super) struct World {
    pub(super) now: Instant,
    machines: BTreeMap<NodeId, Machine>,
    /// Frames under way, by arrival.
    wire: BTreeMap<(Instant, u64), LegFrame>,
    sent: u64,
    /// What happens to the next frames; the network isn't disturbed after the last.
    pub(super) fates: VecDeque<Fate>,
    /// Nothing passes between nodes.
    pub(super) is_cut: bool,
    pub(super) records: Vec<(PeerId, Record)>,
    pub(super) signals: Vec<(UiId, CallId, Signal)>,
    pub(super) changes: Vec<(PeerId, CallId)>,
    /// The calls that went on as another.
    pub(super) merged: Vec<(PeerId, CallId)>,
    /// Every frame that was given to the network.
    pub(super) frames: Vec<LegFrame>,
    next_ui: u64,
    runs: u32,
}

impl World {
    pub(super) fn new(nodes: &[u8]) -> Self {
        let machine = |number: &u8| {
            let id = node_id(*number);
            (id.clone(), Machine::new(id, Instance(u32::from(*number))))
        };
        Self {
            now: Instant::now(),
            machines: nodes.iter().map(machine).collect(),
            wire: BTreeMap::new(),
            sent: 0,
            fates: VecDeque::new(),
            is_cut: false,
            records: Vec::new(),
            signals: Vec::new(),
            changes: Vec::new(),
            merged: Vec::new(),
            frames: Vec::new(),
            next_ui: 1,
            runs: 1000,
        }
    }

    pub(super) fn machine(&mut self, peer: &PeerId) -> &mut Machine {
        self.machines.get_mut(peer.node()).unwrap()
    }

    /// The UI's node comes up anew and remembers nothing; so does the UI.
    pub(super) fn restart(&mut self, ui: &Ui) -> Ui {
        self.runs += 1;
        let machine = Machine::new(ui.peer.node().clone(), Instance(self.runs));
        self.machines.insert(ui.peer.node().clone(), machine);
        self.attach(&ui.peer, true)
    }

    pub(super) fn attach(&mut self, peer: &PeerId, webrtc: bool) -> Ui {
        let ui = UiId(self.next_ui);
        self.next_ui += 1;
        let now = self.now;
        self.machine(peer).handle_attached(now, peer, ui, webrtc);
        self.drain();
        Ui {
            peer: peer.clone(),
            ui,
        }
    }

    pub(super) fn owner(&mut self, number: u8) -> Ui {
        self.attach(&PeerId::owner(node_id(number)), true)
    }

    pub(super) fn detach(&mut self, ui: &Ui) {
        let now = self.now;
        self.machine(&ui.peer).handle_detached(now, &ui.peer, ui.ui);
        self.drain();
    }

    /// Does something at the UI's node, and carries what comes of it.
    pub(super) fn act<R>(&mut self, ui: &Ui, act: impl FnOnce(&mut Machine, Instant) -> R) -> R {
        let now = self.now;
        let result = act(self.machine(&ui.peer), now);
        self.drain();
        result
    }

    pub(super) fn place(&mut self, ui: &Ui, to: &PeerId, call: char) -> Result<(), ErrorCode> {
        let place = Place {
            call: call_id(call),
            to: to.clone(),
            to_card: card("callee"),
            my_card: card("caller"),
            video: true,
            media: MEDIA,
            offer: offer(0),
        };
        self.act(ui, |machine, now| {
            machine.place(now, &ui.peer, ui.ui, place)
        })
    }

    pub(super) fn accept(&mut self, ui: &Ui, call: char) -> Result<(), ErrorCode> {
        self.act(ui, |machine, now| {
            machine.accept(now, &ui.peer, ui.ui, &call_id(call), MEDIA)
        })
    }

    pub(super) fn decline(&mut self, ui: &Ui, call: char) -> Result<(), ErrorCode> {
        self.act(ui, |machine, now| {
            machine.decline(now, &ui.peer, &call_id(call))
        })
    }

    pub(super) fn hang_up(&mut self, ui: &Ui, call: char) -> Result<(), ErrorCode> {
        self.act(ui, |machine, now| {
            machine.hang_up(now, &ui.peer, &call_id(call))
        })
    }

    pub(super) fn take(&mut self, ui: &Ui, call: char) -> Result<(), ErrorCode> {
        self.act(ui, |machine, now| {
            machine.take(now, &ui.peer, ui.ui, &call_id(call))
        })
    }

    pub(super) fn signal(
        &mut self,
        ui: &Ui,
        call: char,
        to: &PeerId,
        signal: Signal,
    ) -> Result<(), ErrorCode> {
        self.act(ui, |machine, now| {
            machine.signal(now, &ui.peer, ui.ui, &call_id(call), to, signal)
        })
    }

    pub(super) fn transport(
        &mut self,
        ui: &Ui,
        call: char,
        peer: &PeerId,
        state: TransportState,
    ) -> Result<(), ErrorCode> {
        self.act(ui, |machine, now| {
            machine.transport(now, &ui.peer, ui.ui, &call_id(call), peer, state)
        })
    }

    /// A link between the nodes of the two opens.
    pub(super) fn link_up(&mut self, one: &Ui, other: &Ui) {
        for (here, there) in [(one, other), (other, one)] {
            let node = there.peer.node().clone();
            self.act(here, |machine, now| machine.handle_link_up(now, &node));
        }
    }

    /// A call that is answered and connected: the story starts after it.
    pub(super) fn connected(&mut self, caller: &Ui, callee: &Ui, call: char) {
        self.place(caller, &callee.peer, call).unwrap();
        self.settle();
        self.accept(callee, call).unwrap();
        self.settle();
        for (here, there) in [(caller, callee), (callee, caller)] {
            self.transport(here, call, &there.peer, TransportState::Connected)
                .unwrap();
        }
        assert_eq!(self.state(caller, call), Some(CallState::Active));
        assert_eq!(self.state(callee, call), Some(CallState::Active));
    }

    pub(super) fn view(&mut self, ui: &Ui, call: char) -> Option<CallView> {
        let now = self.now;
        self.machine(&ui.peer)
            .view(now, &ui.peer, &call_id(call), ui.ui)
    }

    pub(super) fn state(&mut self, ui: &Ui, call: char) -> Option<CallState> {
        self.view(ui, call).map(|view| view.state)
    }

    /// The only record of this endpoint.
    pub(super) fn record(&self, ui: &Ui) -> Record {
        let mut records = self.records_of(&ui.peer);
        assert_eq!(records.len(), 1, "one record of {}", ui.peer);
        records.remove(0)
    }

    pub(super) fn records_of(&self, peer: &PeerId) -> Vec<Record> {
        let own = self.records.iter().filter(|(endpoint, _)| endpoint == peer);
        own.map(|(_, record)| record.clone()).collect()
    }

    /// What this UI was given, in order.
    pub(super) fn signals_of(&self, ui: &Ui) -> Vec<Signal> {
        let own = self.signals.iter().filter(|(to, _, _)| *to == ui.ui);
        own.map(|(_, _, signal)| signal.clone()).collect()
    }

    /// Puts a frame on the wire as if a node had sent it.
    pub(super) fn inject(&mut self, frame: LegFrame) {
        let now = self.now;
        self.machine(&frame.to.clone()).handle_frame(now, frame);
        self.drain();
    }

    /// Carries what is under way, without waiting for any timer.
    pub(super) fn settle(&mut self) {
        while let Some((&(at, _), _)) = self.wire.first_key_value() {
            self.step_to(at);
        }
    }

    /// Lets time pass.
    pub(super) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.next_event().filter(|at| *at <= end) {
            self.step_to(at.max(self.now));
        }
        self.now = end;
    }

    fn next_event(&self) -> Option<Instant> {
        let arrival = self.wire.keys().next().map(|(at, _)| *at);
        let timers = self.machines.values().filter_map(Machine::poll_timeout);
        timers.chain(arrival).min()
    }

    fn step_to(&mut self, at: Instant) {
        self.now = at;
        while let Some(entry) = self.wire.first_entry().filter(|entry| entry.key().0 <= at) {
            let frame = entry.remove();
            if let Some(machine) = self.machines.get_mut(frame.to.node()) {
                machine.handle_frame(at, frame);
            }
        }
        for machine in self.machines.values_mut() {
            if machine.poll_timeout().is_some_and(|due| due <= at) {
                machine.handle_timeout(at);
                assert!(
                    machine.poll_timeout().is_none_or(|due| due > at),
                    "it spins"
                );
            }
        }
        self.drain();
    }

    fn drain(&mut self) {
        let mut outputs = Vec::new();
        for machine in self.machines.values_mut() {
            let from = outputs.len();
            outputs.extend(std::iter::from_fn(|| machine.poll_output()));
            assert!(outputs.len() - from < 500, "outputs are bounded");
        }
        for output in outputs {
            match output {
                Output::Frame(frame) => self.send(frame),
                Output::Changed { endpoint, call } => self.note_change(endpoint, call),
                Output::Signal {
                    ui, call, signal, ..
                } => self.signals.push((ui, call, signal)),
                Output::Ended { endpoint, record } => {
                    let own = self.records_of(&endpoint);
                    assert!(
                        own.iter().all(|r| r.call != record.call),
                        "a call ends once"
                    );
                    self.records.push((endpoint, record));
                }
            }
        }
    }

    fn note_change(&mut self, endpoint: PeerId, call: CallId) {
        let now = self.now;
        let view = self.machine(&endpoint).view(now, &endpoint, &call, UiId(0));
        let view = view.expect("what has changed can be seen");
        assert_eq!(
            view.state == CallState::Ended,
            view.end.is_some() || view.merged_into.is_some()
        );
        if view.merged_into.is_some() {
            self.merged.push((endpoint.clone(), call.clone()));
        }
        self.changes.push((endpoint, call));
    }

    fn send(&mut self, frame: LegFrame) {
        self.frames.push(frame.clone());
        let is_local = frame.from.node() == frame.to.node();
        let fate = match (is_local, self.is_cut) {
            (true, _) => vec![Duration::ZERO],
            (false, true) => Vec::new(),
            (false, false) => self.fates.pop_front().unwrap_or_else(|| vec![TRIP]),
        };
        for delay in fate {
            self.sent += 1;
            self.wire
                .insert((self.now + delay, self.sent), frame.clone());
        }
    }
}
