//! What a UI and its node say to each other: over the shell's IPC in the app, over a WebSocket (or
//! Server-Sent Events and POST) in a browser.

use serde::{Deserialize, Serialize};

use super::{
    codes::{EndReason, ErrorCode, NoticeCode},
    ids::{CallId, EndpointId, NodeId, PeerId},
    media::{MediaState, Signal},
};

/// The first message of a UI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
pub struct Attach {
    /// The seat it wants. [`Role::Owner`] is refused to connections from the LAN.
    pub role: Role,
    /// Whether this UI can hold a call's media.
    pub webrtc: bool,
    /// What kind of device it runs on.
    pub kind: DeviceKind,
    /// A guest's name for itself; the owner's is in the settings.
    pub name: Option<String>,
    /// Says that this UI was here before, and as whom.
    pub resume: Option<Resume>,
}

/// The seat of a UI that was here before: keeps the endpoint, and with it the call, over a reload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
pub struct Resume {
    /// The guest's endpoint; nothing for the owner.
    pub endpoint: Option<EndpointId>,
    /// The secret of the last [`Event::Welcome`].
    pub token: String,
}

/// A UI's seat at its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person whose device this is.
    Owner,
    /// Somebody who opened the node's page.
    Guest,
}

/// What kind of device a peer uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// A desktop computer.
    Desktop,
    /// A laptop computer.
    Laptop,
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// Anything else, or not known.
    #[serde(other)]
    Unknown,
}

/// A UI's message after it attached: a numbered request, answered by one [`FromNode::Reply`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToNode {
    /// Must be the first message, and only the first.
    Attach(Attach),
    /// Something to do.
    Request {
        /// Number of the request, chosen by the UI.
        id: u32,
        /// What to do.
        command: Command,
    },
}

/// What a UI can ask of its node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Command {
    /// Call somebody. Errors: unknown_peer, self_call, already_in_call, call_exists, no_webrtc,
    /// at_capacity.
    Place {
        /// The new call's id.
        call: CallId,
        /// Whom.
        to: PeerId,
        /// Whether it is meant as a video call.
        video: bool,
        /// What will be sent.
        media: MediaState,
        /// A [`Signal::Offer`] of epoch 0.
        offer: Signal,
    },
    /// Take an incoming call, here. Errors: not_in_call, wrong_state, no_webrtc.
    Accept {
        /// The call.
        call: CallId,
        /// What will be sent.
        media: MediaState,
    },
    /// Say no to an incoming call. Errors: not_in_call, wrong_state.
    Decline {
        /// The call.
        call: CallId,
    },
    /// Leave a call: cancels it while it rings. Errors: not_in_call, wrong_state (incoming and
    /// ringing: decline it).
    HangUp {
        /// The call.
        call: CallId,
    },
    /// Go on with a call in this UI, which then makes a new peer connection.
    /// Errors: not_in_call, wrong_state, no_webrtc.
    Take {
        /// The call.
        call: CallId,
    },
    /// A step of the negotiation, for another participant. Errors: not_in_call, held_elsewhere,
    /// wrong_state, too_large.
    Signal {
        /// The call.
        call: CallId,
        /// For whom.
        to: PeerId,
        /// The step.
        signal: Signal,
    },
    /// What this UI sends has changed. Errors: not_in_call, held_elsewhere.
    Media {
        /// The call.
        call: CallId,
        /// What it sends now.
        media: MediaState,
    },
    /// How the media path to a participant does. Errors: not_in_call, held_elsewhere.
    Transport {
        /// The call.
        call: CallId,
        /// The participant.
        peer: PeerId,
        /// What the peer connection says.
        state: TransportState,
    },
    /// A new display name. Errors: invalid_name, not_saved.
    SetName {
        /// The name.
        name: String,
    },
    /// Take no calls from a peer, nor, if it is a node's owner, from the node's guests; or take them
    /// again, which for a guest takes back the block of its node's owner, too. Errors: unknown_peer,
    /// not_owner, not_saved.
    SetBlocked {
        /// The peer.
        peer: PeerId,
        /// Whether it is blocked from now on.
        blocked: bool,
    },
    /// The missed calls have been seen.
    HistorySeen,
    /// Forget all recent calls.
    ClearHistory,
}

/// What a UI reports of a peer connection (`connectionState` of W3C WebRTC 1.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(rename_all = "snake_case")]
pub enum TransportState {
    /// Media can flow.
    Connected,
    /// It flowed, and doesn't now; the UI tries to mend it.
    Interrupted,
    /// The UI has given up.
    Failed,
}

/// What a node tells a UI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromNode {
    /// The answer to a request.
    Reply {
        /// Number of the request; 0 for a message that could not be read.
        id: u32,
        /// What was wrong; nothing if it was done.
        error: Option<ErrorCode>,
    },
    /// Something happened.
    Event(Event),
}

/// What happens at a node. Each carries the whole of what it is about, never a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The first event after attaching; the current state of everything follows it.
    Welcome {
        /// For [`Resume`].
        token: String,
        /// The guest's endpoint; nothing for the owner.
        endpoint: Option<EndpointId>,
    },
    /// Who I am has changed.
    Me(Me),
    /// Who is there has changed.
    Roster {
        /// Everybody but this endpoint itself.
        peers: Vec<Peer>,
    },
    /// A call of this endpoint is new, or has changed, or has ended.
    Call(CallView),
    /// A step of the negotiation arrived, for the UI that holds the call.
    Signal {
        /// The call.
        call: CallId,
        /// From whom.
        from: PeerId,
        /// The step.
        signal: Signal,
    },
    /// The recent calls have changed; newest first.
    History {
        /// All of them.
        entries: Vec<HistoryEntry>,
    },
    /// This device's addresses have changed: a call's ICE should be restarted.
    NetworkChanged,
    /// What the person should know at the moment; an empty list takes the last one back.
    Notices {
        /// All that hold now.
        codes: Vec<NoticeCode>,
    },
    /// Another socket took this UI's seat with its token; this one is closed and must not return.
    Replaced,
    /// The node is going away.
    Goodbye,
}

/// Who this UI is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
pub struct Me {
    /// As others see it.
    pub peer: PeerId,
    /// The seat.
    pub role: Role,
    /// Display name.
    pub name: String,
    /// Kind of device.
    pub kind: DeviceKind,
    /// Name of the node, which differs from `name` for guests.
    pub node_name: String,
    /// Where a browser on the LAN can join, best first: `https://ADDRESS:PORT/`.
    pub join_urls: Vec<String>,
    /// Where a browser on this device opens the same UI: `http://localhost:PORT/`.
    pub local_url: String,
    /// Version of Lanline.
    pub version: String,
}

/// Somebody who can be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
pub struct Peer {
    /// Who.
    pub id: PeerId,
    /// The node.
    pub node: NodeId,
    /// Display name, as the peer chose it.
    pub name: String,
    /// Kind of device.
    pub kind: DeviceKind,
    /// Owner or guest of its node.
    pub role: Role,
    /// For a guest: the name of the node that vouches for it.
    pub via: Option<String>,
    /// Whether a call would be taken now.
    pub status: PeerStatus,
    /// Whether identity and name fit what was seen before.
    pub trust: Trust,
    /// Whether its calls are refused, because it is blocked or the owner of its node is; told to the owner only.
    pub blocked: bool,
}

/// Whether a peer can take a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(rename_all = "snake_case")]
pub enum PeerStatus {
    /// A UI is open and in no call.
    Available,
    /// In a call.
    InCall,
    /// The node runs, but nobody has its UI open: a call rings only once somebody does.
    Away,
}

/// What is known of a peer's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Never talked to.
    New,
    /// Talked to before, with this key.
    Known,
    /// Somebody of this name was talked to before, with another key: even if this one was, too, but went
    /// by another name then.
    NameTaken,
}

/// A call as one endpoint sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
pub struct CallView {
    /// The call.
    pub id: CallId,
    /// Who called whom.
    pub direction: Direction,
    /// How far it is.
    pub state: CallState,
    /// How it ended; only in [`CallState::Ended`].
    pub end: Option<EndReason>,
    /// The call this one was merged into, when both sides called each other at once: this one has
    /// ended without a word, that one goes on, accepted already.
    pub merged_into: Option<CallId>,
    /// Whether it was meant as a video call.
    pub video: bool,
    /// The others.
    pub participants: Vec<Participant>,
    /// Where the media of this endpoint is.
    pub holder: Holder,
    /// Milliseconds since the call was first connected, when it was.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub connected_ms: Option<u64>,
}

/// Another participant of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
pub struct Participant {
    /// Who.
    pub peer: PeerId,
    /// Display name at the time of the call.
    pub name: String,
    /// For a guest: what the node that vouches for it is called.
    pub via: Option<String>,
    /// Whether identity and `name` fit what was seen before: that of a caller is the caller's to choose,
    /// whatever it is called in the roster, if it is there at all.
    pub trust: Trust,
    /// Kind of device.
    pub kind: DeviceKind,
    /// What the participant sends; nothing before it accepted.
    pub media: MediaState,
    /// Whether this endpoint is the polite one in perfect negotiation towards this participant.
    pub polite: bool,
    /// The highest epoch of a signal seen in either direction.
    pub epoch: u32,
    /// Whether the media path is interrupted at the moment, as either side reports it.
    pub interrupted: bool,
}

/// Who started a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// This endpoint.
    Outgoing,
    /// The other.
    Incoming,
}

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// Outgoing: not known to ring yet.
    Calling,
    /// It rings at the callee's.
    Ringing,
    /// Accepted; media not there yet.
    Connecting,
    /// Media flows.
    Active,
    /// Over.
    Ended,
}

/// Which UI of an endpoint has the call's peer connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// The UI that receives this.
    Here,
    /// Another UI of the same person.
    Elsewhere,
    /// None: it was closed or is reloading, or none can do WebRTC.
    Nobody,
}

/// A call of the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "index.ts"))]
pub struct HistoryEntry {
    /// The call.
    pub call: CallId,
    /// With whom.
    pub peer: PeerId,
    /// Their name then.
    pub name: String,
    /// Their kind of device.
    pub kind: DeviceKind,
    /// Who called.
    pub direction: Direction,
    /// Whether it was a video call.
    pub video: bool,
    /// How it ended.
    pub end: EndReason,
    /// Start of ringing, milliseconds since the Unix epoch.
    #[cfg_attr(test, ts(type = "number"))]
    pub at_ms: u64,
    /// How long they talked, in seconds; nothing if they didn't.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub talked_s: Option<u64>,
    /// An incoming call that was not taken, and not declined by the person.
    pub missed: bool,
    /// Whether a missed call has been looked at.
    pub seen: bool,
}
