//! The sockets of UIs.
//!
//! A UI prefers the WebSocket at `/ui`: one JSON message a frame. Beside each ping goes an empty message,
//! which shows the page that the node is there: a browser keeps pings to itself. Where a browser refuses
//! the WebSocket (Safari, on a self-signed certificate), a UI uses two requests instead:
//!
//! - `GET /ui/events` is a stream of Server-Sent Events (WHATWG HTML, section 9.2). The first, of type
//!   `session`, carries the session's secret; those without a type carry a
//!   [`FromNode`](crate::protocol::ui::FromNode) each; those of type `ping` are answered with an
//!   empty POST, as a WebSocket's pings are by the browser itself.
//! - `POST /ui/messages` with the secret in the header `lanline-session` carries one
//!   [`ToNode`](crate::protocol::ui::ToNode). 204: it was taken, and is answered in the stream. 401: there is
//!   no such session (any more). Messages are handled in the order they arrive, so a UI awaits one
//!   response before it sends the next message.

pub(super) mod events;
mod session;
pub(super) mod socket;
mod stream;

pub(super) use events::Streams;
