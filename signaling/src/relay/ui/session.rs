//! What a UI's socket and its stream have in common: the seat, the bounds, and the answers.

use std::time::Instant;

use tokio::runtime::Handle;

use crate::{
    inbox::{Events, Inbox, Input, Origin},
    protocol::{
        ErrorCode, UiId,
        limits::{MAX_BAD_MESSAGES, REQUEST_BURST, REQUESTS_PER_SECOND},
        ui::{Command, Event, FromNode, ToNode},
        wire,
    },
    rate::TokenBucket,
    traffic::{self, Direction},
};

/// One UI's session.
#[derive(Debug)]
pub(super) struct Session {
    inbox: Inbox,
    origin: Origin,
    seat: Option<Seat>,
    bucket: TokenBucket,
    /// How many requests more may be refused for the rate before it is no longer a UI in a hurry.
    patience: TokenBucket,
    /// Messages in a row that made no sense.
    bad: u32,
}

/// What follows from a message.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The UI has its seat; its events come from here.
    Attached(Events),
    /// An answer.
    Reply(FromNode),
    /// A last answer: the session is over.
    Close(FromNode),
}

impl Session {
    pub(super) fn new(inbox: Inbox, origin: Origin) -> Self {
        let now = Instant::now();
        Self {
            inbox,
            origin,
            seat: None,
            bucket: TokenBucket::new(now, REQUESTS_PER_SECOND, REQUEST_BURST),
            patience: TokenBucket::new(now, REQUESTS_PER_SECOND, REQUEST_BURST),
            bad: 0,
        }
    }

    /// Handles one message. Not to be cancelled half-way: the driver may have done what it asks.
    pub(super) async fn handle(&mut self, bytes: &[u8]) -> Outcome {
        // Unreadable messages cost a token too: reading them is the work.
        let allowed = self.bucket.take(Instant::now()).is_ok();
        let message = wire::decode(bytes);
        match &message {
            Ok(message) => traffic::log(Direction::UiToNode, message, bytes.len()),
            Err(code) => traffic::log_refused(Direction::UiToNode, *code, bytes.len()),
        }
        match (message, &self.seat) {
            (Ok(ToNode::Attach(attach)), None) => {
                match self.inbox.attach(attach, self.origin).await {
                    Ok((ui, events)) => {
                        let inbox = self.inbox.clone();
                        self.seat = Some(Seat { ui, inbox });
                        Outcome::Attached(events)
                    }
                    Err(code) => Outcome::Close(reply(0, Some(code))),
                }
            }
            (Ok(ToNode::Request { id, .. }), None) => {
                Outcome::Close(reply(id, Some(ErrorCode::NotAttached)))
            }
            (Err(code), None) => Outcome::Close(reply(0, Some(code))),
            (Ok(ToNode::Request { id, .. }), Some(_)) if !allowed => {
                let reply = reply(id, Some(ErrorCode::RateLimited));
                match self.patience.take(Instant::now()) {
                    Ok(()) => Outcome::Reply(reply),
                    Err(_) => Outcome::Close(reply),
                }
            }
            (Ok(ToNode::Request { id, command }), Some(seat)) => {
                let ui = seat.ui;
                self.bad = 0;
                Outcome::Reply(reply(id, self.command(ui, command).await.err()))
            }
            (Ok(ToNode::Attach(_)), Some(_)) => self.refuse(ErrorCode::NotAttached),
            (Err(code), Some(_)) => self.refuse(code),
        }
    }

    /// The answer to a message too large to be read.
    pub(super) fn too_large() -> FromNode {
        reply(0, Some(ErrorCode::TooLarge))
    }

    async fn command(&self, ui: UiId, command: Command) -> Result<(), ErrorCode> {
        self.inbox.command(ui, command).await
    }

    fn refuse(&mut self, code: ErrorCode) -> Outcome {
        self.bad += 1;
        let reply = reply(0, Some(code));
        if self.bad < MAX_BAD_MESSAGES {
            Outcome::Reply(reply)
        } else {
            Outcome::Close(reply)
        }
    }
}

/// Writes a message to a UI out, and logs it. Nothing if it is too large to be sent.
pub(super) fn write(message: &FromNode) -> Option<String> {
    match wire::encode_for_ui(message) {
        Ok(text) => {
            traffic::log(Direction::NodeToUi, message, text.len());
            Some(text)
        }
        Err(code) => {
            traffic::log_refused(Direction::NodeToUi, code, 0);
            None
        }
    }
}

/// Whether an event is the last a UI gets.
pub(super) fn is_last(event: &Event) -> bool {
    matches!(event, Event::Replaced | Event::Goodbye)
}

fn reply(id: u32, error: Option<ErrorCode>) -> FromNode {
    FromNode::Reply { id, error }
}

/// A seat at the node, given back on drop, however the session ends.
#[derive(Debug)]
struct Seat {
    ui: UiId,
    inbox: Inbox,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let (ui, inbox) = (self.ui, self.inbox.clone());
        // No runtime means no driver to tell.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { inbox.put(Input::Detach { ui }).await });
        }
    }
}
