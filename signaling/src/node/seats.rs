//! Who sits at this node: the owner, with any number of windows, and guests, with one each.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::{
    inbox::EventSender,
    protocol::{
        EndpointId, ErrorCode, NodeId, PeerId, UiId,
        ids::Secret,
        limits::{MAX_GUESTS, MAX_UIS},
        ui::{DeviceKind, Event, HistoryEntry, Resume},
    },
};

/// How long a guest whose page is gone stays on the list: a reload takes about a second.
const GUEST_LINGERS: Duration = Duration::from_secs(4);
/// How long a guest in a call keeps its seat; the call machine ends the call by then.
const GUEST_IN_CALL_LINGERS: Duration = Duration::from_secs(20);

/// All seats of a node.
#[derive(Debug)]
pub(super) struct Seats {
    node: NodeId,
    next: u64,
    uis: BTreeMap<UiId, Ui>,
    guests: BTreeMap<PeerId, Guest>,
}

/// One attached UI.
#[derive(Debug)]
struct Ui {
    endpoint: PeerId,
    events: EventSender,
    token: Secret,
    /// It has not been told who is there since that changed.
    roster_due: bool,
    /// It has not been told the recent calls since they changed.
    history_due: bool,
}

/// A guest, with or without its page at the moment.
#[derive(Debug)]
pub(super) struct Guest {
    /// As it calls itself.
    pub(super) name: String,
    /// Its device.
    pub(super) kind: DeviceKind,
    /// Its recent calls, newest first; kept as long as the seat.
    pub(super) history: Vec<HistoryEntry>,
    token: Secret,
    leaves_at: Option<Instant>,
}

/// A seat just taken.
#[derive(Debug)]
pub(super) struct Taken {
    /// The UI's number.
    pub(super) ui: UiId,
    /// Whom it speaks for.
    pub(super) endpoint: PeerId,
    /// The guest part of that.
    pub(super) guest: Option<EndpointId>,
    /// For [`Resume`].
    pub(super) token: Secret,
    /// The UI that had this seat and lost it to this one.
    pub(super) replaced: Option<UiId>,
}

impl Seats {
    pub(super) fn new(node: NodeId) -> Self {
        Self {
            node,
            next: 1,
            uis: BTreeMap::new(),
            guests: BTreeMap::new(),
        }
    }

    /// One more window of the owner.
    pub(super) fn take_owner(
        &mut self,
        resume: Option<&Resume>,
        events: EventSender,
    ) -> Result<Taken, ErrorCode> {
        let endpoint = PeerId::owner(self.node.clone());
        let replaced = resume.and_then(|resume| self.holder_of(&endpoint, &resume.token));
        self.check_room(replaced)?;
        Ok(self.seat(endpoint, None, Secret::random(), replaced, events))
    }

    /// A guest, new or come back.
    pub(super) fn take_guest(
        &mut self,
        name: String,
        kind: DeviceKind,
        resume: Option<&Resume>,
        events: EventSender,
    ) -> Result<Taken, ErrorCode> {
        let known = resume
            .and_then(|resume| Some((resume.endpoint.clone()?, &resume.token)))
            .map(|(id, token)| (PeerId::guest(self.node.clone(), id.clone()), id, token))
            .filter(|(peer, _, token)| self.guests.get(peer).is_some_and(|g| g.token.is(token)));
        if let Some((endpoint, id, token)) = known {
            let replaced = self.holder_of(&endpoint, token);
            self.check_room(replaced)?;
            let token = Secret::from(token.clone());
            if let Some(guest) = self.guests.get_mut(&endpoint) {
                guest.leaves_at = None;
                guest.name = name;
                guest.kind = kind;
            }
            return Ok(self.seat(endpoint, Some(id), token, replaced, events));
        }
        if self.guests.len() >= MAX_GUESTS {
            return Err(ErrorCode::AtCapacity);
        }
        self.check_room(None)?;
        let id = EndpointId::random();
        let endpoint = PeerId::guest(self.node.clone(), id.clone());
        let token = Secret::random();
        let taken = self.seat(endpoint.clone(), Some(id), token.clone(), None, events);
        self.guests.insert(
            endpoint,
            Guest {
                name,
                kind,
                history: Vec::new(),
                token,
                leaves_at: None,
            },
        );
        Ok(taken)
    }

    /// Frees a UI's place. Says whom it spoke for.
    pub(super) fn leave(&mut self, now: Instant, ui: UiId, in_call: bool) -> Option<PeerId> {
        let endpoint = self.uis.remove(&ui)?.endpoint;
        if !self.has_ui(&endpoint)
            && let Some(guest) = self.guests.get_mut(&endpoint)
        {
            let lingers = if in_call {
                GUEST_IN_CALL_LINGERS
            } else {
                GUEST_LINGERS
            };
            guest.leaves_at = Some(now + lingers);
        }
        Some(endpoint)
    }

    /// The guests whose time to come back is over; they are forgotten.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Vec<PeerId> {
        let gone: Vec<PeerId> = self
            .guests
            .iter()
            .filter(|(_, guest)| guest.leaves_at.is_some_and(|at| at <= now))
            .map(|(peer, _)| peer.clone())
            .collect();
        for peer in &gone {
            self.guests.remove(peer);
        }
        gone
    }

    /// When [`Self::handle_timeout`] is next due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.guests
            .values()
            .filter_map(|guest| guest.leaves_at)
            .min()
    }

    /// Whom a UI speaks for.
    pub(super) fn endpoint(&self, ui: UiId) -> Option<&PeerId> {
        Some(&self.uis.get(&ui)?.endpoint)
    }

    /// The UIs of an endpoint, oldest first.
    pub(super) fn uis_of(&self, endpoint: &PeerId) -> Vec<UiId> {
        self.uis
            .iter()
            .filter(|(_, ui)| ui.endpoint == *endpoint)
            .map(|(id, _)| *id)
            .collect()
    }

    /// All UIs, oldest first.
    pub(super) fn all_uis(&self) -> Vec<UiId> {
        self.uis.keys().copied().collect()
    }

    /// Whether anybody looks at this endpoint's UI.
    pub(super) fn has_ui(&self, endpoint: &PeerId) -> bool {
        self.uis.values().any(|ui| ui.endpoint == *endpoint)
    }

    /// The guests.
    pub(super) fn guests(&self) -> impl Iterator<Item = (&PeerId, &Guest)> {
        self.guests.iter()
    }

    /// One guest.
    pub(super) fn guest(&self, peer: &PeerId) -> Option<&Guest> {
        self.guests.get(peer)
    }

    /// One guest, to change.
    pub(super) fn guest_mut(&mut self, peer: &PeerId) -> Option<&mut Guest> {
        self.guests.get_mut(peer)
    }

    /// Who is there has changed: all UIs are to be told, but not `except`, which knows.
    pub(super) fn owe_roster(&mut self, except: Option<UiId>) {
        for (_, ui) in self.uis.iter_mut().filter(|(id, _)| Some(**id) != except) {
            ui.roster_due = true;
        }
    }

    /// Whether a UI is still to be told who is there.
    pub(super) fn owes_roster(&self) -> bool {
        self.uis.values().any(|ui| ui.roster_due)
    }

    /// The recent calls of an endpoint have changed: its UIs are to be told.
    pub(super) fn owe_history(&mut self, endpoint: &PeerId) {
        for ui in self.uis.values_mut().filter(|ui| ui.endpoint == *endpoint) {
            ui.history_due = true;
        }
    }

    /// Whether a UI is still to be told the recent calls.
    pub(super) fn owes_history(&self) -> bool {
        self.uis.values().any(|ui| ui.history_due)
    }

    /// The UIs to tell now who is there. One with much to read already, or with an earlier roster, waits,
    /// and then learns of all changes at once: however often the roster changes, nobody loses its seat
    /// over it, and nobody has more than one roster kept for them by not reading.
    pub(super) fn settle_rosters(&mut self) -> Vec<(UiId, PeerId)> {
        self.settle(|ui| &mut ui.roster_due, EventSender::roster_waits)
    }

    /// The UIs to tell now what the recent calls are; like [`Self::settle_rosters`].
    pub(super) fn settle_histories(&mut self) -> Vec<(UiId, PeerId)> {
        self.settle(|ui| &mut ui.history_due, EventSender::history_waits)
    }

    /// The UIs for which something is `due`, and that have read enough; `waits` if they have not read the last of it.
    fn settle(
        &mut self,
        due: fn(&mut Ui) -> &mut bool,
        waits: fn(&EventSender) -> bool,
    ) -> Vec<(UiId, PeerId)> {
        self.uis
            .iter_mut()
            .filter(|(_, ui)| ui.events.has_room() && !waits(&ui.events))
            .filter_map(|(id, ui)| std::mem::take(due(ui)).then(|| (*id, ui.endpoint.clone())))
            .collect()
    }

    /// Sends an event to a UI. False if the UI reads too slowly, or not at all: it must go.
    pub(super) fn send(&self, ui: UiId, event: Event) -> bool {
        self.uis
            .get(&ui)
            .is_none_or(|ui| ui.events.send(event).is_ok())
    }

    fn holder_of(&self, endpoint: &PeerId, token: &str) -> Option<UiId> {
        self.uis
            .iter()
            .find(|(_, ui)| ui.endpoint == *endpoint && ui.token.is(token))
            .map(|(id, _)| *id)
    }

    fn seat(
        &mut self,
        endpoint: PeerId,
        guest: Option<EndpointId>,
        token: Secret,
        replaced: Option<UiId>,
        events: EventSender,
    ) -> Taken {
        let ui = UiId(self.next);
        self.next += 1;
        self.uis.insert(
            ui,
            Ui {
                endpoint: endpoint.clone(),
                events,
                token: token.clone(),
                roster_due: false,
                history_due: false,
            },
        );
        Taken {
            ui,
            endpoint,
            guest,
            token,
            replaced,
        }
    }

    /// Whether one more UI may be seated, which a UI that takes another's place is not.
    fn check_room(&self, replaced: Option<UiId>) -> Result<(), ErrorCode> {
        if self.uis.len() >= MAX_UIS && replaced.is_none() {
            return Err(ErrorCode::AtCapacity);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{inbox, protocol::limits::UI_QUEUE};

    fn seats() -> Seats {
        Seats::new(NodeId::from_digest(&[1; 32]))
    }

    fn guest(seats: &mut Seats, resume: Option<&Resume>) -> Result<Taken, ErrorCode> {
        let (events, _) = inbox::events();
        seats.take_guest("Grace".to_owned(), DeviceKind::Phone, resume, events)
    }

    fn owner(seats: &mut Seats, resume: Option<&Resume>) -> Result<Taken, ErrorCode> {
        let (events, _) = inbox::events();
        seats.take_owner(resume, events)
    }

    fn resume(taken: &Taken) -> Resume {
        Resume {
            endpoint: taken.guest.clone(),
            token: taken.token.expose().to_owned(),
        }
    }

    #[test]
    fn guests_that_come_and_go_are_bounded_and_do_not_keep_the_owner_out() {
        let mut seats = seats();
        let now = Instant::now();
        for _ in 0..MAX_GUESTS {
            let taken = guest(&mut seats, None).unwrap();
            seats.leave(now, taken.ui, false);
        }
        assert_eq!(guest(&mut seats, None).err(), Some(ErrorCode::AtCapacity));
        assert!(owner(&mut seats, None).is_ok());
        let gone = seats.handle_timeout(now + GUEST_LINGERS);
        assert_eq!(gone.len(), MAX_GUESTS);
        assert!(guest(&mut seats, None).is_ok());
    }

    #[tokio::test]
    async fn a_ui_behind_with_reading_waits_for_the_roster_and_then_gets_it() {
        let mut seats = seats();
        let (events, mut read) = inbox::events();
        let behind = seats.take_owner(None, events).unwrap();
        let (events, _reads_at_once) = inbox::events();
        let prompt = seats.take_owner(None, events).unwrap();
        for _ in 0..UI_QUEUE / 2 {
            assert!(seats.send(behind.ui, Event::NetworkChanged));
        }
        seats.owe_roster(None);
        let told = seats.settle_rosters();
        assert_eq!(told, [(prompt.ui, prompt.endpoint)]);
        assert!(seats.owes_roster());
        read.recv().await.unwrap();
        assert_eq!(seats.settle_rosters(), [(behind.ui, behind.endpoint)]);
        assert!(!seats.owes_roster());
    }

    #[tokio::test]
    async fn no_second_roster_or_history_waits_for_a_ui() {
        let mut seats = seats();
        let (events, mut read) = inbox::events();
        let ui = seats.take_owner(None, events).unwrap();
        let due = [(ui.ui, ui.endpoint.clone())];
        let roster = || Event::Roster { peers: Vec::new() };
        let history = || Event::History {
            entries: Vec::new(),
        };
        for event in [roster(), history()] {
            seats.owe_roster(None);
            seats.owe_history(&ui.endpoint);
            let first = event == roster();
            assert_eq!(seats.settle_rosters(), due);
            assert_eq!(seats.settle_histories(), due);
            assert!(seats.send(ui.ui, event));
            seats.owe_roster(None);
            seats.owe_history(&ui.endpoint);
            // The one waits, and keeps nothing of the other's kind from being sent.
            assert_eq!(seats.settle_rosters().is_empty(), first);
            assert_eq!(seats.settle_histories().is_empty(), !first);
            assert_eq!((seats.owes_roster(), seats.owes_history()), (first, !first));
            read.recv().await.unwrap();
        }
        assert_eq!(seats.settle_histories(), due);
    }

    #[test]
    fn a_full_node_lets_a_reload_in_and_forgets_whom_it_refused() {
        let mut seats = seats();
        let now = Instant::now();
        let away = guest(&mut seats, None).unwrap();
        seats.leave(now, away.ui, false);
        let staying = guest(&mut seats, None).unwrap();
        while owner(&mut seats, None).is_ok() {}
        let again = guest(&mut seats, Some(&resume(&staying))).unwrap();
        assert_eq!(again.replaced, Some(staying.ui));
        // Refused, it isn't taken for one that came back, or it would never leave.
        let refused = guest(&mut seats, Some(&resume(&away)));
        assert_eq!(refused.err(), Some(ErrorCode::AtCapacity));
        assert_eq!(seats.handle_timeout(now + GUEST_LINGERS), [away.endpoint]);
    }
}
