//! A stream of Server-Sent Events, from its first piece to its last.

use std::future::pending;

use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};

use super::{
    events::Entry,
    session::{Outcome, is_last, write},
};
use crate::{
    inbox::Events,
    protocol::{
        limits::{DEAD_AFTER, HANDSHAKE_TIMEOUT, PING_INTERVAL},
        ui::{Event, FromNode},
    },
};

/// Writes the stream until the session is over. Returning ends the response.
pub(super) async fn serve(
    secret: &str,
    entry: &Entry,
    mut answers: mpsc::Receiver<Outcome>,
    pieces: &mpsc::Sender<String>,
) {
    let opened = Instant::now();
    let mut events: Option<Events> = None;
    let mut ping = interval_at(opened + PING_INTERVAL, PING_INTERVAL);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut piece = Some(format!("event: session\ndata: {secret}\n\n"));
    let mut last = false;
    loop {
        if let Some(piece) = piece.take() {
            // As a socket that takes no byte for so long is dead.
            let written = timeout(DEAD_AFTER, pieces.send(piece)).await;
            if !matches!(written, Ok(Ok(()))) {
                return;
            }
        }
        if last {
            return;
        }
        tokio::select! {
            Some(outcome) = answers.recv() => match outcome {
                Outcome::Attached(seat) => events = Some(seat),
                Outcome::Reply(reply) => piece = data(&reply),
                Outcome::Close(reply) => {
                    piece = data(&reply);
                    last = true;
                }
            },
            event = next(&mut events) => {
                // The driver has dropped this UI.
                let Some(event) = event else { return };
                last = is_last(&event);
                piece = data(&FromNode::Event(event));
            }
            _ = ping.tick() => piece = Some("event: ping\ndata:\n\n".to_owned()),
            () = silence(entry) => return,
            () = sleep_until(opened + HANDSHAKE_TIMEOUT), if events.is_none() => return,
        }
    }
}

async fn next(events: &mut Option<Events>) -> Option<Event> {
    match events {
        Some(events) => events.recv().await,
        None => pending().await,
    }
}

/// Returns when the UI hasn't been heard of for [`DEAD_AFTER`].
async fn silence(entry: &Entry) {
    loop {
        let deadline = *entry.heard() + DEAD_AFTER;
        if deadline <= Instant::now() {
            return;
        }
        sleep_until(deadline).await;
    }
}

/// JSON has no line breaks of its own, so a message is one line of data.
fn data(message: &FromNode) -> Option<String> {
    write(message).map(|text| format!("data: {text}\n\n"))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::{
        inbox::{self, Inbox, Origin},
        protocol::{ErrorCode, limits::UI_QUEUE},
        relay::ui::{events::STREAM_QUEUE, session::Session},
    };

    struct Stream {
        entry: Arc<Entry>,
        pieces: mpsc::Receiver<String>,
        ended: tokio::task::JoinHandle<()>,
    }

    fn stream() -> Stream {
        let (inbox, _inputs) = Inbox::new();
        let (outcomes, answers) = mpsc::channel(UI_QUEUE);
        let session = Session::new(inbox, Origin::Network);
        let entry = Arc::new(Entry {
            session: Arc::new(tokio::sync::Mutex::new(session)),
            outcomes,
            heard: Mutex::new(Instant::now()),
        });
        let (body, pieces) = mpsc::channel(STREAM_QUEUE);
        let serving = Arc::clone(&entry);
        let ended = tokio::spawn(async move { serve("secret", &serving, answers, &body).await });
        Stream {
            entry,
            pieces,
            ended,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_nobody_attaches_to_ends() {
        let stream = stream();
        let start = Instant::now();
        stream.ended.await.unwrap();
        assert_eq!(start.elapsed(), HANDSHAKE_TIMEOUT);
    }

    #[tokio::test(start_paused = true)]
    async fn pings_must_be_answered() {
        let mut stream = stream();
        let (_events, seat) = inbox::events();
        stream
            .entry
            .outcomes
            .send(Outcome::Attached(seat))
            .await
            .unwrap();
        let session = stream.pieces.recv().await.unwrap();
        assert_eq!(session, "event: session\ndata: secret\n\n");
        let mut answered = Instant::now();
        for _ in 0..10 {
            let ping = stream.pieces.recv().await.unwrap();
            assert_eq!(ping, "event: ping\ndata:\n\n");
            answered = Instant::now();
            *stream.entry.heard() = answered;
        }
        stream.ended.await.unwrap();
        assert_eq!(answered.elapsed(), DEAD_AFTER);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_is_not_read_ends() {
        let stream = stream();
        let (events, seat) = inbox::events();
        let attached = Outcome::Attached(seat);
        stream.entry.outcomes.send(attached).await.unwrap();
        let living = Arc::clone(&stream.entry);
        let signs_of_life = async {
            loop {
                *living.heard() = Instant::now();
                tokio::time::sleep(PING_INTERVAL).await;
            }
        };
        let start = Instant::now();
        while events.send(Event::NetworkChanged).is_ok() {
            tokio::task::yield_now().await;
        }
        tokio::select! {
            ended = stream.ended => ended.unwrap(),
            () = signs_of_life => {}
        }
        assert_eq!(start.elapsed(), DEAD_AFTER);
    }

    #[tokio::test(start_paused = true)]
    async fn a_last_answer_ends_the_stream() {
        let mut stream = stream();
        let error = Some(ErrorCode::TooLarge);
        let last = Outcome::Close(FromNode::Reply { id: 0, error });
        stream.entry.outcomes.send(last).await.unwrap();
        stream.ended.await.unwrap();
        stream.pieces.recv().await.unwrap();
        assert_eq!(
            stream.pieces.recv().await.unwrap(),
            "data: {\"type\":\"reply\",\"id\":0,\"error\":\"too_large\"}\n\n"
        );
        assert_eq!(stream.pieces.recv().await, None);
    }
}
