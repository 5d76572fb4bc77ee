//! A UI's WebSocket.

use axum::{
    body::Body,
    extract::{Request, State},
    http::Response,
};
use futures_util::{Sink, Stream, StreamExt as _};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Bytes, Error, Message},
};

use super::{
    super::http::Context,
    session::{Outcome, Session, is_last, write},
};
use crate::{
    inbox::Events,
    protocol::{
        limits::{HANDSHAKE_TIMEOUT, PING_INTERVAL, UI_QUEUE},
        ui::FromNode,
    },
    websocket::{self, Heard, hear, say},
};

/// Opens one.
pub(in super::super) async fn open(
    State(context): State<Context>,
    request: Request,
) -> Response<Body> {
    let origin = context.origin(request.headers());
    websocket::upgrade(request, move |socket| async move {
        let shared = context.shared;
        // Counted among the relay's tasks, so that its shutdown waits for the last words.
        let _task = shared.tasks.token();
        let _place = context.connection.place;
        let session = Session::new(shared.inbox.clone(), origin);
        tokio::select! {
            () = serve(socket, session) => {}
            () = shared.cut.cancelled() => {}
        }
    })
}

async fn serve<S>(mut socket: WebSocketStream<S>, mut session: Session)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Ok(first) = timeout(HANDSHAKE_TIMEOUT, hear(&mut socket)).await else {
        return;
    };
    let outcome = match first {
        Heard::Message(bytes) => session.handle(&bytes).await,
        Heard::TooLarge => Outcome::Close(Session::too_large()),
        Heard::Gone => return,
    };
    let last_words = match outcome {
        Outcome::Attached(mut events) => {
            let (mut sink, mut stream) = socket.split();
            let (replies, mut replied) = mpsc::channel(UI_QUEUE);
            let last_words = tokio::select! {
                last_words = receive(&mut stream, &mut session, replies) => last_words,
                () = transmit(&mut sink, &mut replied, &mut events) => None,
            };
            // The seat is given back before the closing, which may take a while.
            drop(session);
            let Ok(whole) = sink.reunite(stream) else {
                return;
            };
            socket = whole;
            // What was answered before the last words is said before them.
            while let Ok(reply) = replied.try_recv() {
                if let Some(text) = write(&reply)
                    && say(&mut socket, Message::text(text)).await.is_err()
                {
                    return;
                }
            }
            last_words
        }
        Outcome::Reply(message) | Outcome::Close(message) => Some(message),
    };
    if let Some(text) = last_words.as_ref().and_then(write)
        && say(&mut socket, Message::text(text)).await.is_err()
    {
        return;
    }
    websocket::close(socket).await;
}

/// Has the UI's requests done, one after the other, until it is gone or must go. Returns what there
/// is left to say.
async fn receive<S>(
    stream: &mut S,
    session: &mut Session,
    replies: mpsc::Sender<FromNode>,
) -> Option<FromNode>
where
    S: Stream<Item = Result<Message, Error>> + Unpin,
{
    loop {
        let outcome = match hear(stream).await {
            Heard::Message(bytes) => session.handle(&bytes).await,
            Heard::TooLarge => return Some(Session::too_large()),
            Heard::Gone => return None,
        };
        match outcome {
            // A UI that doesn't read its replies is not read further.
            Outcome::Reply(reply) => replies.send(reply).await.ok()?,
            Outcome::Close(reply) => return Some(reply),
            // A session attaches once, and it has.
            Outcome::Attached(_) => return None,
        }
    }
}

/// Writes replies and events, and pings, until there are no more or the UI reads too slowly.
async fn transmit<S>(sink: &mut S, replies: &mut mpsc::Receiver<FromNode>, events: &mut Events)
where
    S: Sink<Message, Error = Error> + Unpin,
{
    let mut ping = interval_at(Instant::now() + PING_INTERVAL, PING_INTERVAL);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let (message, last) = tokio::select! {
            Some(reply) = replies.recv() => (write(&reply), false),
            event = events.recv() => {
                // The driver has dropped this UI.
                let Some(event) = event else { return };
                let last = is_last(&event);
                (write(&FromNode::Event(event)), last)
            }
            _ = ping.tick() => {
                if say(sink, Message::Ping(Bytes::new())).await.is_err() {
                    return;
                }
                // The browser answers a ping and tells its page nothing of it. The page is to notice a
                // dead socket, too: a message without a word is for it.
                (Some(String::new()), false)
            }
        };
        if let Some(text) = message
            && say(sink, Message::text(text)).await.is_err()
        {
            return;
        }
        if last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::SinkExt as _;
    use tokio::io::{DuplexStream, duplex};
    use tokio_tungstenite::tungstenite::protocol::Role;

    use super::*;
    use crate::{
        inbox::{EventSender, Inbox, Input, Origin},
        protocol::{
            NodeId, PeerId, UiId,
            limits::{DEAD_AFTER, MAX_NAME_CHARS, MAX_PEERS},
            ui::{
                Attach, Command, DeviceKind, Event, Peer, PeerStatus, Role as UiRole, ToNode, Trust,
            },
        },
    };

    const ATTACH: Attach = Attach {
        role: UiRole::Guest,
        webrtc: true,
        kind: DeviceKind::Phone,
        name: None,
        resume: None,
    };

    /// A UI on a network in memory, attached, and its driver's side.
    async fn attached() -> (
        WebSocketStream<DuplexStream>,
        EventSender,
        mpsc::Receiver<Input>,
    ) {
        let (near, far) = duplex(4096);
        let (inbox, mut inputs) = Inbox::new();
        let session = Session::new(inbox, Origin::Network);
        tokio::spawn(async move {
            let socket = WebSocketStream::from_raw_socket(far, Role::Server, None).await;
            serve(socket, session).await;
        });
        let mut ui = WebSocketStream::from_raw_socket(near, Role::Client, None).await;
        send(&mut ui, &ToNode::Attach(ATTACH)).await;
        let Some(Input::Attach { reply, events, .. }) = inputs.recv().await else {
            panic!("no attach");
        };
        reply.send(Ok(UiId(1))).unwrap();
        (ui, events, inputs)
    }

    async fn send(ui: &mut WebSocketStream<DuplexStream>, message: &ToNode) {
        let text = serde_json::to_string(message).unwrap();
        ui.send(Message::text(text)).await.unwrap();
    }

    async fn expect_detach(inputs: &mut mpsc::Receiver<Input>) {
        let input = inputs.recv().await;
        assert!(
            matches!(input, Some(Input::Detach { ui: UiId(1) })),
            "{input:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_ui_that_does_not_read_is_dropped_and_nobody_waits() {
        let (_ui, events, mut inputs) = attached().await;
        let mut sent = 0;
        while events.send(Event::NetworkChanged).is_ok() {
            sent += 1;
            assert!(sent < 10 * UI_QUEUE, "the queue has an end");
            tokio::task::yield_now().await;
        }
        let full = Instant::now();
        drop(events);
        expect_detach(&mut inputs).await;
        assert!(full.elapsed() <= DEAD_AFTER);
    }

    #[tokio::test(start_paused = true)]
    async fn an_unplugged_ui_is_noticed() {
        // It neither reads nor writes nor closes, and nobody has anything to say to it.
        let (_ui, _events, mut inputs) = attached().await;
        let silent = Instant::now();
        expect_detach(&mut inputs).await;
        assert_eq!(silent.elapsed(), DEAD_AFTER);
    }

    #[tokio::test(start_paused = true)]
    async fn a_ui_that_answers_pings_stays() {
        let (mut ui, events, mut inputs) = attached().await;
        let start = Instant::now();
        while start.elapsed() < 10 * DEAD_AFTER {
            // Reading is what answers pings.
            assert!(ui.next().await.unwrap().unwrap().is_ping());
            ui.next().await.unwrap().unwrap();
        }
        assert!(inputs.try_recv().is_err());
        events.send(Event::Goodbye).unwrap();
        assert!(ui.next().await.unwrap().unwrap().is_text());
        assert!(ui.next().await.unwrap().unwrap().is_close());
        expect_detach(&mut inputs).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_hears_of_every_ping() {
        let (mut ui, _events, _inputs) = attached().await;
        let start = Instant::now();
        for pings in 1..=3 {
            assert!(ui.next().await.unwrap().unwrap().is_ping());
            assert_eq!(ui.next().await.unwrap().unwrap(), Message::text(""));
            assert_eq!(start.elapsed(), pings * PING_INTERVAL);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_ui_that_says_nothing_is_closed() {
        let (near, far) = duplex(4096);
        let (inbox, _inputs) = Inbox::new();
        let start = Instant::now();
        let socket = WebSocketStream::from_raw_socket(far, Role::Server, None).await;
        serve(socket, Session::new(inbox, Origin::Network)).await;
        assert_eq!(start.elapsed(), HANDSHAKE_TIMEOUT);
        drop(near);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_roster_of_long_names_arrives_whole() {
        let (mut ui, events, _inputs) = attached().await;
        let node = NodeId::from_digest(&[1; 32]);
        let name: String = std::iter::repeat_n('\u{1f600}', MAX_NAME_CHARS).collect();
        let peer = Peer {
            id: PeerId::guest(node.clone(), crate::protocol::EndpointId::random()),
            node,
            name: name.clone(),
            kind: DeviceKind::Desktop,
            role: UiRole::Guest,
            via: Some(name),
            status: PeerStatus::Available,
            trust: Trust::NameTaken,
            blocked: false,
        };
        let peers = vec![peer; MAX_PEERS];
        events.send(Event::Roster { peers }).unwrap();
        let text = ui.next().await.unwrap().unwrap().into_text().unwrap();
        let roster: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(roster["peers"].as_array().unwrap().len(), MAX_PEERS);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_wait_for_their_turn() {
        let (mut ui, _events, mut inputs) = attached().await;
        for id in [1, 2] {
            let command = Command::HistorySeen;
            send(&mut ui, &ToNode::Request { id, command }).await;
        }
        let Some(Input::Command { reply, .. }) = inputs.recv().await else {
            panic!("no command");
        };
        // The second isn't told to the driver before the first is answered.
        for _ in 0..100 {
            tokio::task::yield_now().await;
            assert!(inputs.try_recv().is_err());
        }
        reply.send(Ok(())).unwrap();
        let second = inputs.recv().await;
        assert!(matches!(second, Some(Input::Command { .. })), "{second:?}");
    }
}
