//! The loopback server behind the bridge. Only the webview that asked for a ticket gets in: once,
//! within seconds, from its own origin.

use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use str0m::config::DtlsCert;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time,
};
use tokio_tungstenite::{
    accept_hdr_async_with_config,
    tungstenite::{
        handshake::server::{ErrorResponse, Request, Response},
        http::{HeaderValue, StatusCode, header},
        protocol::WebSocketConfig,
    },
};

use crate::{
    connection,
    hexadecimal::secret,
    limits::{HANDSHAKE_TIMEOUT, MAX_BINARY, MAX_CONNECTIONS, MAX_TICKETS, TICKET_LIFETIME},
    screen::{self, Screen},
    sound::loudspeaker::Loudspeaker,
};

/// The subprotocol; the ticket's token stands beside it, so that it is in no URL and in no log.
const SUBPROTOCOL: &str = "tauri-webrtc.1";

/// What a socket is for.
#[derive(Debug)]
pub(crate) enum Purpose {
    /// A peer connection.
    Connection {
        /// Whether its webview has a microphone open.
        may_listen: watch::Receiver<bool>,
        /// What it is to show the peer; otherwise it makes one.
        certificate: Option<DtlsCert>,
    },
    /// The pictures of a screen.
    Screen(Screen),
}

/// Bytes read of the page at once: a picture at a high rate, or a dozen blocks of sound.
const READ_BUFFER: usize = 32 * 1024;

/// What a webview needs to get in.
#[derive(Debug)]
pub(crate) struct Ticket {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

/// Why there is no ticket.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TicketError {
    #[error("the plugin's socket could not be opened: {0}")]
    Socket(#[from] io::Error),
    #[error("too many peer connections are being opened")]
    TooMany,
}

/// The server, started with the first ticket.
#[derive(Debug)]
pub(crate) struct Server {
    running: tokio::sync::Mutex<Option<SocketAddr>>,
    tickets: Arc<Mutex<Tickets>>,
    /// One for each connection, and one for the next.
    places: Arc<Semaphore>,
    loudspeaker: Arc<Loudspeaker>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            running: tokio::sync::Mutex::default(),
            tickets: Arc::default(),
            places: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            loudspeaker: Arc::default(),
        }
    }
}

impl Server {
    /// A ticket for a page of that origin.
    ///
    /// # Errors
    /// The socket can't be opened, or there are too many tickets not used yet.
    pub(crate) async fn ticket(
        &self,
        origin: String,
        purpose: Purpose,
    ) -> Result<Ticket, TicketError> {
        let mut running = self.running.lock().await;
        let address = match *running {
            Some(address) => address,
            None => {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
                let address = listener.local_addr()?;
                let accepting = accept(
                    listener,
                    self.tickets.clone(),
                    self.places.clone(),
                    self.loudspeaker.clone(),
                );
                tauri::async_runtime::spawn(accepting);
                *running = Some(address);
                address
            }
        };
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        let token = tickets
            .issue(Instant::now(), origin, purpose)
            .ok_or(TicketError::TooMany)?;
        // The desktop shows a screen to be seen as long as its ticket is there.
        let expiring = expire(self.tickets.clone(), tickets.lifetime);
        tauri::async_runtime::spawn(expiring);
        Ok(Ticket { address, token })
    }
}

/// The tickets not used yet.
#[derive(Debug)]
struct Tickets {
    by_token: BTreeMap<String, Issued>,
    lifetime: Duration,
}

impl Default for Tickets {
    fn default() -> Self {
        Self {
            by_token: BTreeMap::new(),
            lifetime: TICKET_LIFETIME,
        }
    }
}

#[derive(Debug)]
struct Issued {
    origin: String,
    until: Instant,
    purpose: Purpose,
}

impl Tickets {
    fn issue(&mut self, now: Instant, origin: String, purpose: Purpose) -> Option<String> {
        self.expire(now);
        if self.by_token.len() >= MAX_TICKETS {
            return None;
        }
        let token = secret::<32>();
        let issued = Issued {
            origin,
            until: now + self.lifetime,
            purpose,
        };
        self.by_token.insert(token.clone(), issued);
        Some(token)
    }

    /// What a token stands for, if it is good for that origin; it is no longer, after.
    fn redeem(&mut self, now: Instant, token: &str, origin: &str) -> Option<Purpose> {
        self.by_token
            .remove(token)
            .filter(|issued| issued.origin == origin && issued.until > now)
            .map(|issued| issued.purpose)
    }

    /// Drops those that nobody has used in time, and what they are for.
    fn expire(&mut self, now: Instant) {
        self.by_token.retain(|_, issued| issued.until > now);
    }
}

/// Has a ticket that was just issued expire in its time, though no other be issued then.
async fn expire(tickets: Arc<Mutex<Tickets>>, lifetime: Duration) {
    time::sleep(lifetime).await;
    let mut tickets = tickets.lock().unwrap_or_else(PoisonError::into_inner);
    tickets.expire(Instant::now());
}

async fn accept(
    listener: TcpListener,
    tickets: Arc<Mutex<Tickets>>,
    places: Arc<Semaphore>,
    loudspeaker: Arc<Loudspeaker>,
) {
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, most likely: let some be closed.
                tracing::warn!(%error, "the page could not be connected");
                time::sleep(HANDSHAKE_TIMEOUT).await;
                continue;
            }
        };
        let (tickets, loudspeaker) = (tickets.clone(), loudspeaker.clone());
        tokio::spawn(async move {
            serve(stream, &tickets, loudspeaker).await;
            drop(place);
        });
    }
}

async fn serve(stream: TcpStream, tickets: &Mutex<Tickets>, loudspeaker: Arc<Loudspeaker>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the page's socket will be slower");
    }
    let config = WebSocketConfig::default()
        // It is filled with zeros before each read.
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(MAX_BINARY))
        .max_frame_size(Some(MAX_BINARY))
        .write_buffer_size(0);
    let mut admitted = None;
    // The error's size is tungstenite's choice.
    #[allow(clippy::result_large_err)]
    let check = |request: &Request, response: Response| {
        let (purpose, response) = admit(request, response, tickets)?;
        admitted = Some(purpose);
        Ok(response)
    };
    let handshake = accept_hdr_async_with_config(stream, check, Some(config));
    let shaken = time::timeout(HANDSHAKE_TIMEOUT, handshake).await;
    match shaken {
        Ok(Ok(page)) => match admitted {
            Some(Purpose::Connection {
                may_listen,
                certificate,
            }) => connection::run(page, loudspeaker, may_listen, certificate).await,
            Some(Purpose::Screen(screen)) => screen::run(page, screen).await,
            // Whoever shook hands was admitted.
            None => {}
        },
        Ok(Err(error)) => tracing::warn!(%error, "a socket that isn't the page's was refused"),
        Err(_) => tracing::debug!("a socket that said nothing was closed"),
    }
}

#[allow(clippy::result_large_err)]
fn admit(
    request: &Request,
    mut response: Response,
    tickets: &Mutex<Tickets>,
) -> Result<(Purpose, Response), ErrorResponse> {
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .unwrap_or_default()
    };
    let mut offered = header(header::SEC_WEBSOCKET_PROTOCOL)
        .split(',')
        .map(str::trim);
    let known = offered.next() == Some(SUBPROTOCOL);
    let token = offered.next().unwrap_or_default();
    let mut tickets = tickets.lock().unwrap_or_else(PoisonError::into_inner);
    let good = tickets.redeem(Instant::now(), token, header(header::ORIGIN));
    if known && let Some(purpose) = good {
        response.headers_mut().insert(
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(SUBPROTOCOL),
        );
        return Ok((purpose, response));
    }
    let mut refused = ErrorResponse::new(None);
    *refused.status_mut() = StatusCode::FORBIDDEN;
    Err(refused)
}

#[cfg(test)]
mod tests {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::{
        WebSocketStream, client_async,
        tungstenite::{Message, client::IntoClientRequest},
    };

    use super::*;
    use crate::limits::MAX_TEXT;

    const ORIGIN: &str = "tauri://localhost";

    fn connection() -> Purpose {
        Purpose::Connection {
            may_listen: watch::channel(false).1,
            certificate: None,
        }
    }

    /// A page that has opened a connection.
    async fn page(server: &Server) -> WebSocketStream<TcpStream> {
        let ticket = server
            .ticket(ORIGIN.to_owned(), connection())
            .await
            .unwrap();
        let url = format!("ws://{}/", ticket.address);
        let mut request = url.into_client_request().unwrap();
        let protocols = format!("{SUBPROTOCOL}, {}", ticket.token);
        let headers = request.headers_mut();
        headers.insert(header::ORIGIN, ORIGIN.parse().unwrap());
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, protocols.parse().unwrap());
        let stream = TcpStream::connect(ticket.address).await.unwrap();
        let (mut page, _) = client_async(request, stream).await.unwrap();
        let init = r#"{"id":1,"op":"init","v":1,"codecs":{"audio":["opus"],"video":["VP8"]}}"#;
        page.send(Message::from(init)).await.unwrap();
        let reply = page.next().await.unwrap().unwrap();
        assert!(reply.to_text().unwrap().contains("fingerprint"));
        page
    }

    #[tokio::test]
    async fn connections_end_with_their_pages_however_these_end() {
        let server = Server::default();
        let mut pages = Vec::new();
        for _ in 0..24 {
            pages.push(page(&server).await);
        }
        assert!(server.places.available_permits() < MAX_CONNECTIONS - 24);
        // As when the web process is killed: no goodbye.
        pages.truncate(12);
        for mut page in pages {
            page.close(None).await.unwrap();
        }
        let all = u32::try_from(MAX_CONNECTIONS - 1).unwrap();
        let freed = server.places.acquire_many(all);
        let freed = time::timeout(Duration::from_secs(20), freed).await;
        assert!(freed.is_ok_and(|permits| permits.is_ok()));
    }

    #[tokio::test]
    async fn what_a_ticket_is_for_ends_with_it_though_nobody_uses_it() {
        let server = Server::default();
        server.tickets.lock().unwrap().lifetime = Duration::ZERO;
        let (listening, may_listen) = watch::channel(false);
        let purpose = Purpose::Connection {
            may_listen,
            certificate: None,
        };
        server.ticket(ORIGIN.to_owned(), purpose).await.unwrap();
        let dropped = time::timeout(Duration::from_secs(20), listening.closed());
        dropped.await.unwrap();
    }

    #[tokio::test]
    async fn a_request_that_is_too_large_is_refused_and_the_next_is_not() {
        let server = Server::default();
        let mut page = page(&server).await;
        let sdp = "x".repeat(MAX_TEXT);
        let large = format!(r#"{{"id":2,"op":"remote","type":"offer","sdp":"{sdp}"}}"#);
        for request in [large.as_str(), r#"{"id":3,"op":"stats"}"#] {
            page.send(Message::from(request)).await.unwrap();
        }
        let reply = page.next().await.unwrap().unwrap();
        let reply: serde_json::Value = serde_json::from_str(reply.to_text().unwrap()).unwrap();
        assert_eq!(
            (&reply["id"], &reply["error"]["name"]),
            (&2.into(), &"OperationError".into())
        );
        let reply = page.next().await.unwrap().unwrap();
        assert!(reply.to_text().unwrap().starts_with(r#"{"id":3,"ok""#));
    }

    #[test]
    fn a_ticket_is_good_once_for_its_origin_and_for_a_while() {
        let now = Instant::now();
        let mut tickets = Tickets::default();
        let issue =
            |tickets: &mut Tickets| tickets.issue(now, ORIGIN.to_owned(), connection()).unwrap();
        let token = issue(&mut tickets);
        assert!(tickets.redeem(now, &token, ORIGIN).is_some());
        assert!(tickets.redeem(now, &token, ORIGIN).is_none());
        let token = issue(&mut tickets);
        assert!(tickets.redeem(now, &token, "http://evil.example").is_none());
        assert!(tickets.redeem(now, &token, ORIGIN).is_none());
        let token = issue(&mut tickets);
        assert!(
            tickets
                .redeem(now + TICKET_LIFETIME, &token, ORIGIN)
                .is_none()
        );
    }

    #[test]
    fn tickets_are_bounded_and_run_out() {
        let now = Instant::now();
        let mut tickets = Tickets::default();
        let mut issue = |at| tickets.issue(at, ORIGIN.to_owned(), connection()).is_some();
        for _ in 0..MAX_TICKETS {
            assert!(issue(now));
        }
        assert!(!issue(now));
        assert!(issue(now + TICKET_LIFETIME));
    }
}
