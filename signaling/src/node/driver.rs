//! The driver: one task that owns the clock, the state and every decision of a node.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::{mpsc, oneshot};

use super::seats::Seats;
use crate::{
    call::Machine,
    discovery::{Announcement, Discovery},
    inbox::{Inbox, Input},
    link::Links,
    protocol::{
        EndReason, Instance, NodeId, NoticeCode, PeerId, UiId,
        ui::{DeviceKind, Event},
    },
    relay::RelayHandle,
    roster::Roster,
    store::Store,
};

/// The roster goes to the UIs at most this often: when a hundred devices appear at once, each UI is
/// told a few times, not a hundred times of up to a hundred.
const ROSTER_PUSH_EVERY: Duration = Duration::from_millis(40);
/// A UI that has much to read, or an earlier history, is looked after again so soon.
const HISTORY_RETRY: Duration = Duration::from_millis(40);

/// What a driver is made of.
pub(super) struct Parts {
    pub(super) node: NodeId,
    pub(super) instance: Instance,
    pub(super) name: String,
    pub(super) kind: DeviceKind,
    pub(super) port: u16,
    pub(super) store: Arc<Store>,
    pub(super) notices: Vec<NoticeCode>,
    pub(super) inbox: Inbox,
    pub(super) links: Links,
    pub(super) discovery: Option<Discovery>,
    pub(super) addresses: Vec<IpAddr>,
}

/// Whether the store is being written to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saving {
    /// No.
    Idle,
    /// Yes.
    Running,
    /// Something changed meanwhile.
    RunningAndStale,
}

/// See the module.
pub(super) struct Driver {
    pub(super) owner: PeerId,
    pub(super) name: String,
    pub(super) kind: DeviceKind,
    pub(super) port: u16,
    pub(super) machine: Machine,
    pub(super) roster: Roster,
    pub(super) seats: Seats,
    pub(super) store: Arc<Store>,
    pub(super) notices: BTreeSet<NoticeCode>,
    pub(super) links: Links,
    pub(super) discovery: Option<Discovery>,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) announced: BTreeMap<PeerId, Announcement>,
    /// UIs that read too slowly; they lose their seat once the current input is done with.
    slow: Vec<UiId>,
    pub(super) roster_changed: bool,
    roster_pushed_at: Option<Instant>,
    inbox: Inbox,
    pub(super) saving: Saving,
}

impl Driver {
    pub(super) fn new(parts: Parts) -> Self {
        let mut machine = Machine::new(parts.node.clone(), parts.instance);
        machine.set_blocked(parts.store.blocked());
        let mut driver = Self {
            owner: PeerId::owner(parts.node.clone()),
            name: parts.name,
            kind: parts.kind,
            port: parts.port,
            machine,
            roster: Roster::new(parts.node.clone()),
            seats: Seats::new(parts.node),
            store: parts.store,
            notices: parts.notices.into_iter().collect(),
            links: parts.links,
            discovery: parts.discovery,
            addresses: parts.addresses,
            announced: BTreeMap::new(),
            slow: Vec::new(),
            roster_changed: false,
            roster_pushed_at: None,
            inbox: parts.inbox,
            saving: Saving::Idle,
        };
        driver.note(NoticeCode::NoNetwork, driver.addresses.is_empty());
        driver
    }

    /// Runs until told to stop.
    pub(super) async fn run(
        mut self,
        mut inputs: mpsc::Receiver<Input>,
        mut stop: oneshot::Receiver<()>,
        relay: RelayHandle,
    ) {
        loop {
            let deadline = self.settle(Instant::now());
            let due = async {
                match deadline {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                _ = &mut stop => break,
                // Before the inputs: whoever keeps the inbox full must not stop the clock.
                () = due => self.handle_timeout(Instant::now()),
                input = inputs.recv() => match input {
                    Some(input) => self.handle(Instant::now(), input),
                    None => break,
                },
            }
        }
        self.shut_down(inputs, relay).await;
    }

    /// Lets everything that follows from the last input happen; says when the next thing is due.
    pub(super) fn settle(&mut self, now: Instant) -> Option<Instant> {
        loop {
            // First the roster: what it says may end calls.
            while let Some(output) = self.roster.poll_output() {
                self.handle_roster_output(now, output);
            }
            while let Some(output) = self.machine.poll_output() {
                self.handle_call_output(now, output);
            }
            self.push_histories();
            let Some(ui) = self.slow.pop() else { break };
            tracing::warn!(ui = ui.0, "a UI reads too slowly and is dropped");
            self.detach(now, ui);
        }
        let before = self.announced.clone();
        self.announce();
        self.roster_changed |= before != self.announced;
        let roster_due = self.push_roster_if_due(now);
        let history_due = self.seats.owes_history().then_some(now + HISTORY_RETRY);
        [
            self.machine.poll_timeout(),
            self.roster.poll_timeout(),
            self.seats.poll_timeout(),
            roster_due,
            history_due,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn push_roster_if_due(&mut self, now: Instant) -> Option<Instant> {
        if std::mem::take(&mut self.roster_changed) {
            self.seats.owe_roster(None);
        }
        if !self.seats.owes_roster() {
            return None;
        }
        let due = self.roster_pushed_at.map(|at| at + ROSTER_PUSH_EVERY);
        if due.is_some_and(|due| due > now) {
            return due;
        }
        self.roster_pushed_at = Some(now);
        self.push_roster();
        self.seats.owes_roster().then_some(now + ROSTER_PUSH_EVERY)
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.machine.handle_timeout(now);
        self.roster.handle_timeout(now);
        for guest in self.seats.handle_timeout(now) {
            self.machine
                .end_endpoint(now, &guest, EndReason::ConnectionLost);
        }
    }

    /// Has the store written to disk, off this task; [`Input::Saved`] tells how it went.
    pub(super) fn save(&mut self) {
        if self.saving != Saving::Idle {
            self.saving = Saving::RunningAndStale;
            return;
        }
        self.saving = Saving::Running;
        let (store, inbox) = (self.store.clone(), self.inbox.clone());
        tokio::spawn(async move {
            let saved = match tokio::task::spawn_blocking(move || store.save()).await {
                Ok(Ok(())) => true,
                Ok(Err(error)) => {
                    tracing::error!(%error, "settings or history could not be saved");
                    false
                }
                Err(_) => false,
            };
            // A node that is shutting down saves once more itself.
            let _ = inbox.put(Input::Saved(saved)).await;
        });
    }

    /// Sends an event to a UI, or marks it as too slow.
    pub(super) fn push(&mut self, ui: UiId, event: Event) {
        if !self.seats.send(ui, event) && !self.slow.contains(&ui) {
            self.slow.push(ui);
        }
    }

    /// Raises a notice, or takes it back.
    pub(super) fn note(&mut self, code: NoticeCode, holds: bool) {
        let changed = if holds {
            self.notices.insert(code)
        } else {
            self.notices.remove(&code)
        };
        if changed {
            self.push_notices();
        }
    }

    /// The roster as the UIs know it is out of date.
    pub(super) fn roster_is_stale(&mut self) {
        self.roster_changed = true;
    }
}
