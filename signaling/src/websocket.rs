//! What all WebSockets here share: bounds, liveness and the upgrade of an HTTP request (RFC 6455). One
//! stream type serves UIs, links coming in and links going out.

use std::{future::Future, time::Duration};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header},
    response::IntoResponse as _,
};
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        error::CapacityError,
        handshake::derive_accept_key,
        protocol::{Role, WebSocketConfig},
    },
};

use crate::protocol::limits::{DEAD_AFTER, MAX_EVENT_BYTES, MAX_MESSAGE_BYTES};

/// A WebSocket of a request to this node.
pub(crate) type Incoming = WebSocketStream<TokioIo<Upgraded>>;

/// Time for the last words of a closing socket.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// What is read and thrown away of an oversized message before the socket is cut: closing with unread
/// bytes makes TCP reset the connection, and the error code would be lost with it.
const DRAIN_BYTES: usize = 1024 * 1024;

/// Bounds of every WebSocket.
pub(crate) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(16 * 1024)
        .write_buffer_size(16 * 1024)
        // One message at a time is written, and pongs beside it.
        .max_write_buffer_size(MAX_EVENT_BYTES + MAX_MESSAGE_BYTES)
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES))
}

/// Answers an upgrade request, and runs `serve` on the socket once the response is out.
pub(crate) fn upgrade<F, S>(mut request: Request<Body>, serve: F) -> Response<Body>
where
    F: FnOnce(Incoming) -> S + Send + 'static,
    S: Future<Output = ()> + Send + 'static,
{
    let Some(accept) = accept_key(request.headers()) else {
        return StatusCode::UPGRADE_REQUIRED.into_response();
    };
    let Some(on_upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
        return StatusCode::UPGRADE_REQUIRED.into_response();
    };
    tokio::spawn(async move {
        // Fails when the other side is gone before the response was written.
        if let Ok(upgraded) = on_upgrade.await {
            let io = TokioIo::new(upgraded);
            serve(WebSocketStream::from_raw_socket(io, Role::Server, Some(config())).await).await;
        }
    });
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

/// The answer to a valid opening handshake (RFC 6455, section 4.2.1).
fn accept_key(headers: &HeaderMap) -> Option<HeaderValue> {
    let has = |name, token: &str| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .is_some_and(|value| {
                value
                    .split(',')
                    .any(|part| part.trim().eq_ignore_ascii_case(token))
            })
    };
    let valid = has(header::CONNECTION, "upgrade")
        && has(header::UPGRADE, "websocket")
        && has(header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| valid)?;
    HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok()
}

/// What a socket said next.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A message, text or binary.
    Message(Vec<u8>),
    /// A message over [`MAX_MESSAGE_BYTES`]: nothing more can be read.
    TooLarge,
    /// Closed, broken, or silent for [`DEAD_AFTER`] though it was pinged.
    Gone,
}

/// Waits for the next message; pings and pongs only show that the other side lives.
pub(crate) async fn hear<S>(stream: &mut S) -> Heard
where
    S: Stream<Item = Result<Message, Error>> + Unpin,
{
    loop {
        match timeout(DEAD_AFTER, stream.next()).await {
            Ok(Some(Ok(Message::Text(text)))) => return Heard::Message(text.as_bytes().to_vec()),
            Ok(Some(Ok(Message::Binary(bytes)))) => return Heard::Message(bytes.to_vec()),
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)))) => {}
            Ok(Some(Err(Error::Capacity(CapacityError::MessageTooLong { .. })))) => {
                return Heard::TooLarge;
            }
            Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) | Err(_) => return Heard::Gone,
        }
    }
}

/// The other side reads too slowly, or is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stuck;

/// Writes one message, within [`DEAD_AFTER`].
///
/// # Errors
/// [`Stuck`] if it couldn't be; the socket is of no more use then.
pub(crate) async fn say<S>(sink: &mut S, message: Message) -> Result<(), Stuck>
where
    S: Sink<Message, Error = Error> + Unpin,
{
    match timeout(DEAD_AFTER, sink.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Stuck),
    }
}

/// Says goodbye in the WebSocket's own way, and gives the other side a moment to read what was said.
pub(crate) async fn close<S>(mut socket: WebSocketStream<S>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let farewell = async {
        if socket.close(None).await.is_err() {
            return;
        }
        let io = socket.get_mut();
        if io.shutdown().await.is_err() {
            return;
        }
        let mut scratch = [0; 4096];
        let mut left = DRAIN_BYTES;
        while let Ok(read @ 1..) = io.read(&mut scratch).await {
            left = left.saturating_sub(read);
            if left == 0 {
                return;
            }
        }
    };
    // Whoever doesn't answer in time is cut off.
    let _ = timeout(CLOSE_TIMEOUT, farewell).await;
}
