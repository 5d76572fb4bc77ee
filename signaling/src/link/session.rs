//! One link, from after the greeting to its end. The same for both sides.

use std::{
    ops::ControlFlow,
    sync::{Mutex, PoisonError},
};

use futures_util::{Sink, Stream, StreamExt as _};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, sleep},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Bytes, Error, Message},
};
use tokio_util::sync::CancellationToken;

use crate::{
    inbox::{Inbox, Input},
    protocol::{
        ErrorCode, NodeId,
        limits::{LINK_IDLE, LINK_MESSAGE_BURST, LINK_MESSAGES_PER_SECOND, PING_INTERVAL},
        link::LinkMessage,
        wire,
    },
    rate::TokenBucket,
    traffic::{self, Direction},
    websocket::{self, Heard, Stuck, hear, say},
};

/// What ends a link from outside.
#[derive(Debug)]
pub(super) struct Stops {
    /// This link must go, now.
    pub(super) cut: CancellationToken,
    /// The node shuts down: say goodbye.
    pub(super) shutdown: CancellationToken,
}

/// Carries messages both ways until the link ends, then closes it.
pub(super) async fn run<S>(
    socket: WebSocketStream<S>,
    node: &NodeId,
    inbox: &Inbox,
    queue: &mut mpsc::Receiver<LinkMessage>,
    stops: Stops,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let used = Mutex::new(Instant::now());
    let (mut sink, mut stream) = socket.split();
    let end = tokio::select! {
        end = receive(&mut stream, node, inbox, &used) => end,
        end = transmit(&mut sink, queue, &used) => end,
        () = stops.shutdown.cancelled() => End::Said(LinkMessage::Goodbye),
        () = stops.cut.cancelled() => End::Broken,
    };
    // From here on nobody queues for this link, so what the queue holds now is all.
    stops.cut.cancel();
    let last_words = match end {
        End::Broken => return,
        End::Quiet => None,
        End::Said(message) => Some(message),
    };
    let Ok(mut socket) = sink.reunite(stream) else {
        return;
    };
    while let Ok(message) = queue.try_recv() {
        if write(&mut socket, &message).await.is_err() {
            return;
        }
    }
    if let Some(message) = last_words
        && write(&mut socket, &message).await.is_err()
    {
        return;
    }
    websocket::close(socket).await;
}

/// How a link ends.
#[derive(Debug)]
enum End {
    /// It takes nothing more: gone, stuck, or cut.
    Broken,
    /// Nothing is left to say: idle for [`LINK_IDLE`], or the other side said goodbye.
    Quiet,
    /// With these last words.
    Said(LinkMessage),
}

impl End {
    fn error(code: ErrorCode) -> Self {
        Self::Said(LinkMessage::Error { code })
    }
}

/// Takes messages until one, or the silence, ends the link.
async fn receive<S>(stream: &mut S, node: &NodeId, inbox: &Inbox, used: &Mutex<Instant>) -> End
where
    S: Stream<Item = Result<Message, Error>> + Unpin,
{
    let mut bucket = TokenBucket::new(
        Instant::now().into_std(),
        LINK_MESSAGES_PER_SECOND,
        LINK_MESSAGE_BURST,
    );
    loop {
        // Whoever sends faster is read more slowly: TCP holds them back, and nothing is lost.
        while let Err(wait) = bucket.take(Instant::now().into_std()) {
            sleep(wait).await;
        }
        let message = match hear(stream).await {
            Heard::Message(bytes) => read(&bytes),
            Heard::TooLarge => Err(ErrorCode::TooLarge),
            Heard::Gone => return End::Broken,
        };
        let taken = match message {
            Ok(message) => take(message, node, inbox).await,
            Err(code) => ControlFlow::Break(End::error(code)),
        };
        match taken {
            ControlFlow::Continue(()) => touch(used),
            ControlFlow::Break(end) => return end,
        }
    }
}

async fn take(message: LinkMessage, node: &NodeId, inbox: &Inbox) -> ControlFlow<End> {
    let (message, ends) = match message {
        LinkMessage::Leg(frame) if frame.from.node() != node => {
            return ControlFlow::Break(End::error(ErrorCode::WrongSender));
        }
        LinkMessage::Leg(frame) => (LinkMessage::Leg(frame), false),
        LinkMessage::Goodbye => (LinkMessage::Goodbye, true),
        LinkMessage::Hello { .. } => {
            return ControlFlow::Break(End::error(ErrorCode::InvalidMessage));
        }
        LinkMessage::Error { code } => {
            tracing::warn!(target: traffic::TARGET, %code, "the other node refused a message");
            return ControlFlow::Break(End::Quiet);
        }
    };
    let node = node.clone();
    match inbox.put(Input::LinkMessage { node, message }).await {
        Ok(()) if !ends => ControlFlow::Continue(()),
        Ok(()) | Err(_) => ControlFlow::Break(End::Quiet),
    }
}

/// Writes what is queued, and pings, until the link is stuck or idle.
async fn transmit<S>(
    sink: &mut S,
    queue: &mut mpsc::Receiver<LinkMessage>,
    used: &Mutex<Instant>,
) -> End
where
    S: Sink<Message, Error = Error> + Unpin,
{
    let mut ping = interval_at(Instant::now() + PING_INTERVAL, PING_INTERVAL);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            message = queue.recv() => {
                let Some(message) = message else {
                    return End::Quiet;
                };
                touch(used);
                if write(sink, &message).await.is_err() {
                    return End::Broken;
                }
            }
            _ = ping.tick() => {
                if is_idle(used) {
                    return End::Quiet;
                }
                if say(sink, Message::Ping(Bytes::new())).await.is_err() {
                    return End::Broken;
                }
            }
        }
    }
}

fn touch(used: &Mutex<Instant>) {
    *used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
}

fn is_idle(used: &Mutex<Instant>) -> bool {
    used.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .elapsed()
        >= LINK_IDLE
}

pub(super) async fn write<S>(sink: &mut S, message: &LinkMessage) -> Result<(), Stuck>
where
    S: Sink<Message, Error = Error> + Unpin,
{
    // A message too large to encode would be refused by the other side anyway.
    let Ok(text) = wire::encode(message) else {
        return Ok(());
    };
    traffic::log(Direction::NodeToLink, message, text.len());
    say(sink, Message::text(text)).await
}

pub(super) fn read(bytes: &[u8]) -> Result<LinkMessage, ErrorCode> {
    let message = wire::decode(bytes);
    match &message {
        Ok(message) => traffic::log(Direction::LinkToNode, message, bytes.len()),
        Err(code) => traffic::log_refused(Direction::LinkToNode, *code, bytes.len()),
    }
    message
}

#[cfg(test)]
mod tests {
    use futures_util::SinkExt as _;
    use tokio::io::{DuplexStream, duplex};
    use tokio_tungstenite::tungstenite::protocol::Role;

    use super::*;
    use crate::protocol::limits::{DEAD_AFTER, LINK_QUEUE};

    struct Link {
        far: WebSocketStream<DuplexStream>,
        queue: mpsc::Sender<LinkMessage>,
        inputs: mpsc::Receiver<Input>,
        stops: (CancellationToken, CancellationToken),
        ended: tokio::task::JoinHandle<()>,
    }

    fn node() -> NodeId {
        NodeId::from_digest(&[1; 32])
    }

    /// A link on a network in memory; `far` is the other node's end.
    async fn link() -> Link {
        let (near, far) = duplex(4096);
        let (inbox, inputs) = Inbox::new();
        let (queue, mut queued) = mpsc::channel(LINK_QUEUE);
        let (cut, shutdown) = (CancellationToken::new(), CancellationToken::new());
        let stops = Stops {
            cut: cut.clone(),
            shutdown: shutdown.clone(),
        };
        let ended = tokio::spawn(async move {
            let socket = WebSocketStream::from_raw_socket(near, Role::Client, None).await;
            run(socket, &node(), &inbox, &mut queued, stops).await;
        });
        Link {
            far: WebSocketStream::from_raw_socket(far, Role::Server, None).await,
            queue,
            inputs,
            stops: (cut, shutdown),
            ended,
        }
    }

    /// Reads until the end, which answers pings too.
    async fn texts(far: &mut WebSocketStream<DuplexStream>) -> Vec<String> {
        let mut texts = Vec::new();
        while let Some(Ok(message)) = far.next().await {
            if let Message::Text(text) = message {
                texts.push(text.to_string());
            }
        }
        texts
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_link_is_closed_in_silence() {
        let mut link = link().await;
        let start = Instant::now();
        assert!(texts(&mut link.far).await.is_empty());
        assert!(start.elapsed() >= LINK_IDLE);
        assert!(start.elapsed() < LINK_IDLE + 2 * PING_INTERVAL);
        link.ended.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_link_in_use_is_kept() {
        let mut link = link().await;
        let start = Instant::now();
        let queue = link.queue.clone();
        let user = async {
            while start.elapsed() < 4 * LINK_IDLE {
                queue.send(LinkMessage::Goodbye).await.unwrap();
                tokio::time::sleep(LINK_IDLE / 2).await;
            }
        };
        let (said, ()) = tokio::join!(texts(&mut link.far), user);
        assert_eq!(said.len(), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn an_unplugged_node_is_noticed() {
        let link = link().await;
        let start = Instant::now();
        link.ended.await.unwrap();
        assert_eq!(start.elapsed(), DEAD_AFTER);
    }

    #[tokio::test(start_paused = true)]
    async fn a_shutdown_says_what_is_queued_and_goodbye() {
        let mut link = link().await;
        let error = LinkMessage::Error {
            code: ErrorCode::AtCapacity,
        };
        link.queue.try_send(error).unwrap();
        link.stops.1.cancel();
        let said = texts(&mut link.far).await;
        assert_eq!(
            said,
            [
                r#"{"type":"error","code":"at_capacity"}"#,
                r#"{"type":"goodbye"}"#
            ]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_cut_link_ends_at_once() {
        let link = link().await;
        let start = Instant::now();
        link.stops.0.cancel();
        link.ended.await.unwrap();
        assert_eq!(start.elapsed(), std::time::Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_floods_is_read_more_slowly() {
        let mut link = link().await;
        let seconds = 4;
        let count = LINK_MESSAGE_BURST + seconds * LINK_MESSAGES_PER_SECOND;
        let frame = crate::protocol::link::LegFrame {
            call: crate::protocol::CallId::random(),
            from: crate::protocol::PeerId::owner(node()),
            to: crate::protocol::PeerId::owner(NodeId::from_digest(&[2; 32])),
            instance: crate::protocol::Instance(1),
            seq: 0,
            ack: 0,
            body: None,
        };
        let text = wire::encode(&LinkMessage::Leg(Box::new(frame))).unwrap();
        let start = Instant::now();
        tokio::spawn(async move {
            for _ in 0..count {
                link.far.send(Message::text(text.clone())).await.unwrap();
            }
            // Kept open, and nothing more to say.
            link.ended.await.unwrap();
        });
        for _ in 0..count {
            let input = link.inputs.recv().await;
            assert!(
                matches!(input, Some(Input::LinkMessage { .. })),
                "{input:?}"
            );
        }
        let least = std::time::Duration::from_secs(seconds.into());
        assert!(start.elapsed() >= least);
    }
}
