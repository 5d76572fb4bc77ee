//! A node without mDNS, driven as its UIs drive it.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test waits for one event among others"
)]

use std::{path::PathBuf, time::Duration};

use super::{Config, Node};
use crate::{
    inbox::{Events, Inbox, Input, Origin, Sighting},
    protocol::{
        CallId, EndReason, EndpointId, ErrorCode, Instance, NodeId, PeerId, UiId,
        link::{Card, LegBody, LegFrame, LinkMessage},
        media::{MediaState, Signal},
        ui::{
            Attach, CallState, CallView, Command, DeviceKind, Event, Holder, PeerStatus, Resume,
            Role, Trust,
        },
    },
    store::Store,
};

/// A failure bound, not a wait: every state below is reached by an event.
const TOO_LONG: Duration = Duration::from_secs(20);

struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        let dir = std::env::temp_dir().join(format!("lanline-node-{}", CallId::random()));
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    /// Somebody of this name was talked to in an earlier run.
    fn has_talked_to(&self, name: &str) {
        let (store, _) = Store::open(&self.0).unwrap();
        store.talked(&PeerId::owner(node_id('a')), name, 1);
        store.save().unwrap();
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn node(dir: &Dir) -> Node {
    let config = Config {
        data_dir: dir.0.clone(),
        port: 0,
        name: Some("Ada".to_owned()),
    };
    Node::start_unannounced(config).await.unwrap()
}

struct Ui {
    ui: UiId,
    inbox: Inbox,
    events: Events,
    me: PeerId,
    resume: Resume,
}

impl Ui {
    async fn attach(node: &Node, attach: Attach, origin: Origin) -> Result<Self, ErrorCode> {
        let inbox = node.inbox();
        let (ui, mut events) = inbox.attach(attach, origin).await?;
        let Some(Event::Welcome { token, endpoint }) = events.recv().await else {
            panic!("the first event is the welcome");
        };
        let Some(Event::Me(me)) = events.recv().await else {
            panic!("then who I am");
        };
        Ok(Self {
            ui,
            inbox,
            events,
            me: me.peer,
            resume: Resume { endpoint, token },
        })
    }

    async fn owner(node: &Node) -> Self {
        Self::attach(node, attach(Role::Owner, None), Origin::Device)
            .await
            .unwrap()
    }

    async fn guest(node: &Node, name: &str) -> Self {
        Self::attach(node, attach(Role::Guest, Some(name)), Origin::Network)
            .await
            .unwrap()
    }

    async fn until<T>(&mut self, what: &str, mut pick: impl FnMut(Event) -> Option<T>) -> T {
        let found = async {
            loop {
                let event = self
                    .events
                    .recv()
                    .await
                    .unwrap_or_else(|| panic!("closed before: {what}"));
                if let Some(found) = pick(event) {
                    return found;
                }
            }
        };
        tokio::time::timeout(TOO_LONG, found)
            .await
            .unwrap_or_else(|_| panic!("never: {what}"))
    }

    async fn call(&mut self, state: CallState) -> CallView {
        self.until(&format!("a call in {state:?}"), |event| match event {
            Event::Call(view) if view.state == state => Some(view),
            _ => None,
        })
        .await
    }

    async fn request(&self, command: Command) -> Result<(), ErrorCode> {
        self.inbox.command(self.ui, command).await
    }

    async fn place(&self, to: &PeerId) -> CallId {
        let call = CallId::random();
        self.request(place(&call, to)).await.unwrap();
        call
    }
}

fn attach(role: Role, name: Option<&str>) -> Attach {
    Attach {
        role,
        webrtc: true,
        kind: DeviceKind::Phone,
        name: name.map(ToOwned::to_owned),
        resume: None,
    }
}

fn offer() -> Signal {
    Signal::Offer {
        epoch: 0,
        sdp: "v=0".to_owned(),
    }
}

fn place(call: &CallId, to: &PeerId) -> Command {
    Command::Place {
        call: call.clone(),
        to: to.clone(),
        video: true,
        media: BOTH,
        offer: offer(),
    }
}

fn node_id(letter: char) -> NodeId {
    letter.to_string().repeat(NodeId::LENGTH).parse().unwrap()
}

/// A peer of another node calls; its link says so.
async fn invite(node: &Node, from: &PeerId, to: &PeerId, name: &str) -> CallId {
    let call = CallId::random();
    let caller = Card {
        name: name.to_owned(),
        kind: DeviceKind::Laptop,
    };
    let frame = LegFrame {
        call: call.clone(),
        from: from.clone(),
        to: to.clone(),
        instance: Instance(1),
        seq: 1,
        ack: 0,
        body: Some(LegBody::Invite {
            caller,
            media: BOTH,
            video: true,
            offer: offer(),
        }),
    };
    let input = Input::LinkMessage {
        node: from.node().clone(),
        message: LinkMessage::Leg(Box::new(frame)),
    };
    node.inbox().put(input).await.unwrap();
    call
}

const BOTH: MediaState = MediaState {
    audio: true,
    video: true,
    screen: false,
};

#[tokio::test]
async fn a_guest_calls_the_owner_and_they_talk() {
    let dir = Dir::new();
    let node = node(&dir).await;
    let mut owner = Ui::owner(&node).await;
    let mut guest = Ui::guest(&node, "Grace's phone").await;

    let call = guest.place(&owner.me).await;
    let ringing = owner.call(CallState::Ringing).await;
    assert_eq!(ringing.id, call);
    let caller = &ringing.participants[0];
    assert_eq!(caller.name, "Grace's phone");
    assert_eq!(
        (caller.via.as_deref(), caller.trust),
        (Some("Ada"), Trust::New)
    );
    assert_eq!(ringing.holder, Holder::Here);
    guest.call(CallState::Ringing).await;
    let early = owner
        .until("the offer while it rings", |event| match event {
            Event::Signal { signal, .. } => Some(signal),
            _ => None,
        })
        .await;
    assert_eq!(early, offer());

    owner
        .request(Command::Accept {
            call: call.clone(),
            media: BOTH,
        })
        .await
        .unwrap();
    guest.call(CallState::Connecting).await;
    guest
        .request(Command::HangUp { call: call.clone() })
        .await
        .unwrap();
    let over = owner.call(CallState::Ended).await;
    assert_eq!(over.end, Some(EndReason::HungUp));
    let entries = owner
        .until("the recent call", |event| match event {
            Event::History { entries } if !entries.is_empty() => Some(entries),
            _ => None,
        })
        .await;
    assert_eq!(entries[0].call, call);
    assert!(!entries[0].missed);
    node.shutdown().await;
}

#[tokio::test]
async fn a_caller_is_judged_by_the_name_it_calls_with_listed_or_not() {
    let dir = Dir::new();
    dir.has_talked_to("Alice");
    let node = node(&dir).await;
    let mut owner = Ui::owner(&node).await;
    // Nothing was ever heard of it on mDNS.
    let stranger = node_id('b');
    let guest = PeerId::guest(stranger.clone(), EndpointId::random());
    invite(&node, &guest, &owner.me, "ALICE").await;
    let mut second = Ui::owner(&node).await;
    for ui in [&mut owner, &mut second] {
        let caller = ui.call(CallState::Ringing).await.participants.remove(0);
        assert_eq!(
            (caller.name.as_str(), caller.trust),
            ("ALICE", Trust::NameTaken)
        );
        assert_eq!(caller.via.as_deref(), Some("bbbbbbbb"));
    }
    node.shutdown().await;
}

#[tokio::test]
async fn who_is_there_is_told_to_everybody() {
    let dir = Dir::new();
    let node = node(&dir).await;
    let mut guest = Ui::guest(&node, "Grace").await;
    let away = guest
        .until("the owner, away", |event| match event {
            Event::Roster { peers } => peers.into_iter().find(|peer| peer.role == Role::Owner),
            _ => None,
        })
        .await;
    assert_eq!((away.name.as_str(), away.status), ("Ada", PeerStatus::Away));
    let owner = Ui::owner(&node).await;
    guest
        .until("the owner, available", |event| match event {
            Event::Roster { peers } => peers
                .into_iter()
                .find(|peer| peer.id == owner.me && peer.status == PeerStatus::Available),
            _ => None,
        })
        .await;
    owner
        .request(Command::SetName {
            name: "  Ada\u{202e} Lovelace ".to_owned(),
        })
        .await
        .unwrap();
    guest
        .until("the new name", |event| match event {
            Event::Roster { peers } => peers.into_iter().find(|peer| peer.name == "Ada Lovelace"),
            _ => None,
        })
        .await;
    node.shutdown().await;
}

#[tokio::test]
async fn the_owners_seat_is_not_for_the_network() {
    let dir = Dir::new();
    let node = node(&dir).await;
    let refused = Ui::attach(&node, attach(Role::Owner, None), Origin::Network).await;
    assert_eq!(refused.err(), Some(ErrorCode::NotOwner));
    node.shutdown().await;
}

#[tokio::test]
async fn bad_requests_get_their_code_and_change_nothing() {
    let dir = Dir::new();
    let node = node(&dir).await;
    let owner = Ui::owner(&node).await;
    let guest = Ui::guest(&node, "Grace").await;
    let stranger = PeerId::owner("a".repeat(52).parse().unwrap());
    let call = CallId::random();
    let table = [
        (place(&call, &stranger), ErrorCode::UnknownPeer),
        (place(&call, &guest.me), ErrorCode::SelfCall),
        (
            Command::Accept {
                call: call.clone(),
                media: BOTH,
            },
            ErrorCode::NotInCall,
        ),
        (Command::HangUp { call: call.clone() }, ErrorCode::NotInCall),
        (
            Command::SetName {
                name: " \u{7} ".to_owned(),
            },
            ErrorCode::InvalidName,
        ),
        (
            Command::SetBlocked {
                peer: owner.me.clone(),
                blocked: true,
            },
            ErrorCode::NotOwner,
        ),
    ];
    for (command, code) in table {
        assert_eq!(
            guest.request(command.clone()).await,
            Err(code),
            "{command:?}"
        );
    }
    node.shutdown().await;
}

#[tokio::test]
async fn a_reloaded_guest_keeps_its_seat_and_its_call() {
    let dir = Dir::new();
    let node = node(&dir).await;
    let mut owner = Ui::owner(&node).await;
    let mut guest = Ui::guest(&node, "Grace").await;
    let call = guest.place(&owner.me).await;
    owner.call(CallState::Ringing).await;
    owner
        .request(Command::Accept {
            call: call.clone(),
            media: BOTH,
        })
        .await
        .unwrap();
    guest.call(CallState::Connecting).await;

    let again = Attach {
        resume: Some(guest.resume.clone()),
        ..attach(Role::Guest, Some("Grace"))
    };
    let mut reloaded = Ui::attach(&node, again, Origin::Network).await.unwrap();
    assert_eq!(reloaded.me, guest.me);
    guest
        .until("the old page is told", |event| {
            matches!(event, Event::Replaced).then_some(())
        })
        .await;
    let view = reloaded.call(CallState::Connecting).await;
    assert_eq!(view.id, call);
    reloaded
        .request(Command::Take { call: call.clone() })
        .await
        .unwrap();
    reloaded
        .until("the call is here", |event| match event {
            Event::Call(view) if view.holder == Holder::Here => Some(()),
            _ => None,
        })
        .await;

    let thief = Attach {
        resume: Some(Resume {
            token: "guess".to_owned(),
            ..guest.resume.clone()
        }),
        ..attach(Role::Guest, Some("Mallory"))
    };
    let thief = Ui::attach(&node, thief, Origin::Network).await.unwrap();
    assert_ne!(thief.me, guest.me, "a wrong token gets a seat of its own");
    node.shutdown().await;
}

#[tokio::test]
async fn a_blocked_guest_is_told_and_the_owner_is_not_disturbed() {
    let dir = Dir::new();
    let node = node(&dir).await;
    let mut owner = Ui::owner(&node).await;
    let mut guest = Ui::guest(&node, "Mallory").await;
    let blocked = Command::SetBlocked {
        peer: guest.me.clone(),
        blocked: true,
    };
    owner.request(blocked).await.unwrap();
    guest.place(&owner.me).await;
    assert_eq!(
        guest.call(CallState::Ended).await.end,
        Some(EndReason::Blocked)
    );
    owner
        .request(Command::SetName {
            name: "Still here".to_owned(),
        })
        .await
        .unwrap();
    owner
        .until("the rename, and no call before it", |event| match event {
            Event::Call(view) => panic!("a blocked peer rang: {view:?}"),
            Event::Me(me) if me.name == "Still here" => Some(()),
            _ => None,
        })
        .await;
    node.shutdown().await;
}

#[tokio::test]
async fn whom_the_owner_has_blocked_is_told_to_the_owner_only() {
    let dir = Dir::new();
    let node = node(&dir).await;
    let mut owner = Ui::owner(&node).await;
    let mut guest = Ui::guest(&node, "Grace").await;
    let mallory = Ui::guest(&node, "Mallory").await;
    let blocked = Command::SetBlocked {
        peer: mallory.me.clone(),
        blocked: true,
    };
    owner.request(blocked).await.unwrap();
    owner
        .until("who is blocked", |event| match event {
            Event::Roster { peers } => peers
                .into_iter()
                .find(|peer| peer.blocked && peer.id == mallory.me),
            _ => None,
        })
        .await;
    // What the guests are told with this comes after the block.
    owner
        .request(Command::SetName {
            name: "Ada Lovelace".to_owned(),
        })
        .await
        .unwrap();
    let mut late = Ui::guest(&node, "Linus").await;
    for ui in [&mut guest, &mut late] {
        ui.until("the rename, and no block", |event| match event {
            Event::Roster { peers } => {
                assert!(peers.iter().all(|peer| !peer.blocked), "{peers:?}");
                peers.into_iter().find(|peer| peer.name == "Ada Lovelace")
            }
            _ => None,
        })
        .await;
    }
    node.shutdown().await;
}

#[tokio::test]
async fn a_person_is_blocked_with_all_guests_of_their_node() {
    let dir = Dir::new();
    let node = node(&dir).await;
    let mut owner = Ui::owner(&node).await;
    let mallory = PeerId::owner(node_id('b'));
    let herself = PeerId::guest(node_id('b'), EndpointId::random());
    for peer in [&mallory, &herself] {
        let sighting = Sighting {
            peer: peer.clone(),
            name: "Mallory".to_owned(),
            kind: DeviceKind::Laptop,
            status: PeerStatus::Available,
            via: (!peer.is_owner()).then(|| "Mallory".to_owned()),
            addresses: vec![([192, 0, 2, 1], 3000).into()],
        };
        node.inbox().put(Input::Seen(sighting)).await.unwrap();
    }
    for (peer, blocked) in [(&mallory, true), (&herself, false)] {
        let peer = peer.clone();
        let command = Command::SetBlocked { peer, blocked };
        owner.request(command).await.unwrap();
        owner
            .until("both, blocked or not", |event| match event {
                Event::Roster { peers } => {
                    let is = peers.iter().filter(|peer| peer.blocked == blocked);
                    (is.count() == 2).then_some(())
                }
                _ => None,
            })
            .await;
    }
    node.shutdown().await;
}

#[tokio::test]
async fn a_ui_that_does_not_read_is_dropped_and_nobody_waits_for_it() {
    let dir = Dir::new();
    let node = node(&dir).await;
    let stuck = Ui::owner(&node).await;
    let mut lively = Ui::owner(&node).await;
    for round in 0..=crate::protocol::limits::UI_QUEUE {
        let name = format!("Ada {round}");
        lively
            .request(Command::SetName { name: name.clone() })
            .await
            .unwrap();
        lively
            .until("my own rename", |event| {
                matches!(event, Event::Me(me) if me.name == name).then_some(())
            })
            .await;
    }
    assert_eq!(
        stuck.request(Command::HistorySeen).await,
        Err(ErrorCode::NotAttached)
    );
    node.shutdown().await;
}

#[tokio::test]
async fn a_guest_that_renames_itself_all_the_time_costs_nobody_a_seat() {
    let dir = Dir::new();
    let node = node(&dir).await;
    // It reads nothing meanwhile, as a tab in the background may for a moment.
    let mut owner = Ui::owner(&node).await;
    let mut guest = Ui::guest(&node, "Mallory").await;
    for round in 0..=crate::protocol::limits::UI_QUEUE {
        let name = format!("Mallory {round}");
        guest
            .request(Command::SetName { name: name.clone() })
            .await
            .unwrap();
        guest
            .until("my own rename", |event| {
                matches!(event, Event::Me(me) if me.name == name).then_some(())
            })
            .await;
    }
    assert_eq!(owner.request(Command::HistorySeen).await, Ok(()));
    node.shutdown().await;
    // What was kept for it meanwhile: what it was told first, and that it is over.
    let mut rosters = 0;
    while let Some(event) = owner.events.recv().await {
        rosters += usize::from(matches!(event, Event::Roster { .. }));
    }
    assert_eq!(rosters, 1);
}

#[tokio::test]
async fn a_stopping_node_ends_calls_with_a_reason() {
    let dir = Dir::new();
    let node = node(&dir).await;
    let mut owner = Ui::owner(&node).await;
    let mut guest = Ui::guest(&node, "Grace").await;
    let call = guest.place(&owner.me).await;
    owner.call(CallState::Ringing).await;
    owner
        .request(Command::Accept { call, media: BOTH })
        .await
        .unwrap();
    guest.call(CallState::Connecting).await;
    node.shutdown().await;
    assert_eq!(
        guest.call(CallState::Ended).await.end,
        Some(EndReason::Left)
    );
    guest
        .until("the goodbye", |event| {
            matches!(event, Event::Goodbye).then_some(())
        })
        .await;
}
