//! A UI without a WebSocket: Server-Sent Events down, POST up.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, Response, StatusCode, header},
    response::IntoResponse as _,
};
use data_encoding::HEXLOWER;
use futures_util::stream::unfold;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

use super::{
    super::{Shared, http::Context},
    session::{Outcome, Session},
    stream,
};
use crate::protocol::limits::{HANDSHAKE_TIMEOUT, MAX_MESSAGE_BYTES, MAX_UIS, UI_QUEUE};

/// The request header with the session's secret. Other sites' pages can't set it without asking.
const SESSION: HeaderName = HeaderName::from_static("lanline-session");
/// Pieces of a stream that wait for the connection; events wait in their own queue.
pub(super) const STREAM_QUEUE: usize = 8;

/// The open streams, by their secrets.
#[derive(Debug, Default)]
pub(in super::super) struct Streams(Mutex<HashMap<String, Arc<Entry>>>);

impl Streams {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Entry>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What POSTs reach a stream by.
#[derive(Debug)]
pub(super) struct Entry {
    /// Messages are handled one at a time.
    pub(super) session: Arc<tokio::sync::Mutex<Session>>,
    pub(super) outcomes: mpsc::Sender<Outcome>,
    /// When the UI was last heard of.
    pub(super) heard: Mutex<Instant>,
}

impl Entry {
    pub(super) fn heard(&self) -> MutexGuard<'_, Instant> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a stream, and with it a session.
pub(in super::super) async fn open(
    State(context): State<Context>,
    headers: HeaderMap,
) -> Response<Body> {
    let origin = context.origin(&headers);
    let Context { shared, connection } = context;
    let secret = HEXLOWER.encode(&rand::random::<[u8; 16]>());
    let (outcomes, answers) = mpsc::channel(UI_QUEUE);
    let session = Session::new(shared.inbox.clone(), origin);
    let entry = Arc::new(Entry {
        session: Arc::new(tokio::sync::Mutex::new(session)),
        outcomes,
        heard: Mutex::new(Instant::now()),
    });
    {
        let mut streams = shared.streams.lock();
        if streams.len() >= MAX_UIS {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        streams.insert(secret.clone(), Arc::clone(&entry));
    }
    let listed = Listed {
        shared: Arc::clone(&shared),
        secret,
    };
    let (pieces, body) = mpsc::channel(STREAM_QUEUE);
    shared.tasks.spawn(async move {
        let _place = connection.place;
        tokio::select! {
            () = stream::serve(&listed.secret, &entry, answers, &pieces) => {}
            () = pieces.closed() => {}
            () = listed.shared.cut.cancelled() => {}
        }
    });
    let body = unfold(body, |mut body| async move {
        let piece: String = body.recv().await?;
        Some((Ok::<_, Infallible>(Bytes::from(piece)), body))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // Its end is the session's end, which the browser should see at once.
        (header::CONNECTION, "close"),
    ];
    (headers, Body::from_stream(body)).into_response()
}

/// Takes one message of a session.
pub(in super::super) async fn message(
    State(context): State<Context>,
    request: Request,
) -> StatusCode {
    let found = request
        .headers()
        .get(SESSION)
        .and_then(|secret| secret.to_str().ok())
        .and_then(|secret| context.shared.streams.lock().get(secret).cloned());
    let Some(entry) = found else {
        return StatusCode::UNAUTHORIZED;
    };
    let body = to_bytes(request.into_body(), MAX_MESSAGE_BYTES);
    let outcome = match timeout(HANDSHAKE_TIMEOUT, body).await {
        Ok(Ok(bytes)) => {
            *entry.heard() = Instant::now();
            if bytes.is_empty() {
                return StatusCode::NO_CONTENT;
            }
            let mut session = Arc::clone(&entry.session).lock_owned().await;
            // In a task of its own: a browser that goes away now must not cancel it half-way.
            let handling = tokio::spawn(async move { session.handle(&bytes).await });
            match handling.await {
                Ok(outcome) => outcome,
                Err(_) => return StatusCode::INTERNAL_SERVER_ERROR,
            }
        }
        Ok(Err(_)) => Outcome::Close(Session::too_large()),
        Err(_) => return StatusCode::REQUEST_TIMEOUT,
    };
    match entry.outcomes.send(outcome).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::UNAUTHORIZED,
    }
}

/// A stream's entry in the list, taken out on drop.
struct Listed {
    shared: Arc<Shared>,
    secret: String,
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.shared.streams.lock().remove(&self.secret);
    }
}
