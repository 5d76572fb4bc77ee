//! The first message of each side, or the only one. The same for both sides.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;

use super::{
    LinkError,
    session::{read, write},
};
use crate::{
    protocol::{ErrorCode, LINK_VERSION, link::LinkMessage},
    websocket::{self, Heard, Stuck, hear},
};

/// Exchanges versions. The caller bounds the time.
///
/// # Errors
/// [`LinkError`]; the other side has been told.
pub(super) async fn greet<S>(socket: &mut WebSocketStream<S>) -> Result<(), LinkError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let hello = LinkMessage::Hello {
        version: LINK_VERSION,
    };
    write(socket, &hello)
        .await
        .map_err(|Stuck| LinkError::Unreachable)?;
    let (answer, error) = match hear(socket).await {
        Heard::Message(bytes) => match read(&bytes) {
            Ok(LinkMessage::Hello { version }) if version == LINK_VERSION => return Ok(()),
            Ok(LinkMessage::Hello { .. }) => (
                Some(ErrorCode::IncompatibleVersion),
                LinkError::IncompatibleVersion,
            ),
            Ok(LinkMessage::Error {
                code: ErrorCode::IncompatibleVersion,
            }) => (None, LinkError::IncompatibleVersion),
            Ok(LinkMessage::Error {
                code: ErrorCode::AtCapacity,
            }) => (None, LinkError::AtCapacity),
            Ok(LinkMessage::Leg(_) | LinkMessage::Goodbye | LinkMessage::Error { .. }) => {
                (Some(ErrorCode::InvalidMessage), LinkError::Misbehaved)
            }
            Err(code) => (Some(code), LinkError::Misbehaved),
        },
        Heard::TooLarge => (Some(ErrorCode::TooLarge), LinkError::Misbehaved),
        Heard::Gone => (None, LinkError::Unreachable),
    };
    if let Some(code) = answer {
        // The link ends either way.
        let _ = write(socket, &LinkMessage::Error { code }).await;
    }
    Err(error)
}

/// Ends a link before it began.
pub(super) async fn refuse<S>(mut socket: WebSocketStream<S>, code: ErrorCode)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if write(&mut socket, &LinkMessage::Error { code })
        .await
        .is_ok()
    {
        websocket::close(socket).await;
    }
}
