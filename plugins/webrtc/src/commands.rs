//! What the page can ask the plugin for over IPC: a socket for a connection, and one for a screen.

use serde::Serialize;
use tauri::{Runtime, State, Webview, command};

use crate::{
    bridge::{
        messages::VERSION,
        server::{Purpose, Server, TicketError},
    },
    capturing::Capturing,
    certificates::{Certificates, Generated},
    screen::{Bounds, Chooser, ScreenError},
};

/// How the page gets to the bridge.
#[derive(Debug, Serialize)]
pub(crate) struct Opened {
    protocol: u32,
    url: String,
    token: String,
}

/// Why it does not, by the names of the W3C.
#[derive(Debug, Serialize)]
pub(crate) struct OpenError {
    name: &'static str,
    message: String,
}

impl From<TicketError> for OpenError {
    fn from(error: TicketError) -> Self {
        Self {
            name: "OperationError",
            message: error.to_string(),
        }
    }
}

impl From<ScreenError> for OpenError {
    /// W3C Screen Capture, section 5.1.
    fn from(error: ScreenError) -> Self {
        let name = match error {
            ScreenError::Refused => "NotAllowedError",
            ScreenError::Choosing => "InvalidStateError",
            ScreenError::Unsupported(_) => "NotFoundError",
            ScreenError::Failed(_) => "OperationError",
        };
        Self {
            name,
            message: error.to_string(),
        }
    }
}

/// A ticket for one peer connection. `certificate`: the name of the one that it is to show.
#[command]
pub(crate) async fn open<R: Runtime>(
    webview: Webview<R>,
    server: State<'_, Server>,
    capturing: State<'_, Capturing>,
    certificates: State<'_, Certificates>,
    certificate: Option<String>,
) -> Result<Opened, OpenError> {
    let may_listen = capturing.watch(webview.label());
    let certificate = match certificate {
        Some(id) => Some(certificates.get(&id).ok_or_else(forgotten)?),
        None => None,
    };
    let purpose = Purpose::Connection {
        may_listen,
        certificate,
    };
    admit(&webview, &server, purpose).await
}

fn forgotten() -> OpenError {
    OpenError {
        name: "OperationError",
        message: "the certificate is no longer there".to_owned(),
    }
}

/// A certificate for connections to come.
#[command]
pub(crate) async fn generate_certificate(
    certificates: State<'_, Certificates>,
) -> Result<Generated, OpenError> {
    certificates.generate().ok_or_else(|| OpenError {
        name: "NotSupportedError",
        message: "no certificate can be made".to_owned(),
    })
}

/// A ticket for the pictures of a screen, which the person is asked to choose.
#[command]
pub(crate) async fn capture_screen<R: Runtime>(
    webview: Webview<R>,
    server: State<'_, Server>,
    chooser: State<'_, Chooser>,
    bounds: Bounds,
) -> Result<Opened, OpenError> {
    let screen = chooser.ask(&webview, bounds).await?;
    admit(&webview, &server, Purpose::Screen(screen)).await
}

async fn admit<R: Runtime>(
    webview: &Webview<R>,
    server: &Server,
    purpose: Purpose,
) -> Result<Opened, OpenError> {
    let url = webview.url().map_err(|error| OpenError {
        name: "OperationError",
        message: error.to_string(),
    })?;
    let ticket = server.ticket(origin_of(&url), purpose).await?;
    Ok(Opened {
        protocol: VERSION,
        url: format!("ws://{}/", ticket.address),
        token: ticket.token,
    })
}

/// As the webview writes it in the `Origin` header. WebKit gives custom schemes an origin; the `url` crate doesn't.
fn origin_of(url: &url::Url) -> String {
    let mut origin = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    if let Some(port) = url.port() {
        origin.push_str(&format!(":{port}"));
    }
    origin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_the_webview_writes_them() {
        for (url, origin) in [
            ("tauri://localhost/index.html#x", "tauri://localhost"),
            ("http://localhost:1420/", "http://localhost:1420"),
            ("https://example.org/a", "https://example.org"),
        ] {
            assert_eq!(origin_of(&url.parse().unwrap()), origin);
        }
    }
}
