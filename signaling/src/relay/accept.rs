//! From a TCP connection to a served one: bounded in number and time, TLS or plain, browser or node.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use rustls::server::Acceptor;
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

use super::{
    Bound, Shared, http,
    places::{Place, Places},
};
use crate::{
    identity::{LINK_ALPN, node_id_of},
    protocol::{
        NodeId,
        limits::{DEAD_AFTER, HANDSHAKE_TIMEOUT, PING_INTERVAL},
    },
};

/// The first byte of a TLS connection: the content type "handshake" (RFC 8446, section 5.1). No HTTP
/// method begins with it.
const TLS_HANDSHAKE: u8 = 0x16;
/// Pause when the system has no more sockets to give, so that it isn't asked in a hot loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Longest head of a request. Browsers send 1 KiB or so.
const MAX_HEAD_BYTES: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;

/// What is known of the connection a request came over.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    /// Whether it is encrypted.
    pub(super) secure: bool,
    /// Whether it comes from a loopback address; see [`super::guard::origin`].
    pub(super) loopback: bool,
    /// Its place among all, held as long as anything uses the connection.
    pub(super) place: Arc<Place>,
}

/// Takes connections until the relay shuts down.
pub(super) async fn run(bound: Bound, shared: Arc<Shared>) {
    let places = Arc::new(Places::default());
    loop {
        let accepted = tokio::select! {
            accepted = bound.listener.accept() => accepted,
            () = shared.closing.cancelled() => return,
        };
        match accepted {
            Ok((stream, address)) => {
                // Beyond the bounds a connection is dropped unread.
                if let Some(place) = places.take(address.ip().to_canonical()) {
                    let serving = Arc::clone(&shared);
                    shared.tasks.spawn(async move {
                        tokio::select! {
                            () = serve(stream, address, place, &serving) => {}
                            () = serving.cut.cancelled() => {}
                        }
                    });
                }
            }
            Err(error) => {
                tracing::warn!(kind = %error.kind(), "a connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, address: SocketAddr, place: Place, shared: &Arc<Shared>) {
    set_options(&stream);
    let arrived = tokio::select! {
        arrived = timeout(HANDSHAKE_TIMEOUT, arrive(stream, shared)) => arrived,
        () = shared.closing.cancelled() => return,
    };
    let connection = |secure| Connection {
        secure,
        loopback: address.ip().to_canonical().is_loopback(),
        place: Arc::new(place),
    };
    match arrived {
        Ok(Ok(Arrived::Plain(stream))) => {
            serve_http(stream, http::browser(shared, connection(false)), shared).await;
        }
        Ok(Ok(Arrived::Browser(stream))) => {
            serve_http(stream, http::browser(shared, connection(true)), shared).await;
        }
        Ok(Ok(Arrived::Node(stream, node))) => {
            serve_http(stream, http::link(shared, connection(true), node), shared).await;
        }
        // Nobody to say anything to: a browser that doesn't like the certificate, a node that
        // looked whether this one is alive by connecting and closing again.
        Ok(Err(_)) | Err(_) => {}
    }
}

/// A connection ready for its first request.
enum Arrived {
    Plain(TcpStream),
    Browser(Box<TlsStream<TcpStream>>),
    Node(Box<TlsStream<TcpStream>>, NodeId),
}

async fn arrive(stream: TcpStream, shared: &Shared) -> io::Result<Arrived> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if first != [TLS_HANDSHAKE] {
        return Ok(Arrived::Plain(stream));
    }
    let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let is_link = start
        .client_hello()
        .alpn()
        .is_some_and(|mut names| names.any(|name| name == LINK_ALPN));
    let tls = shared.identity.tls();
    if !is_link {
        let stream = start.into_stream(Arc::clone(&tls.browser)).await?;
        return Ok(Arrived::Browser(Box::new(stream)));
    }
    let stream = start.into_stream(Arc::clone(&tls.link)).await?;
    let certificate = stream
        .get_ref()
        .1
        .peer_certificates()
        .and_then(<[_]>::first);
    let node = certificate
        .and_then(|certificate| node_id_of(certificate).ok())
        .ok_or(io::ErrorKind::PermissionDenied)?;
    Ok(Arrived::Node(Box::new(stream), node))
}

async fn serve_http<S>(stream: S, router: axum::Router, shared: &Shared)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HANDSHAKE_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades();
    let mut served = pin!(served);
    // Whatever goes wrong is the other side's doing, and is answered if it can be.
    tokio::select! {
        _ = served.as_mut() => {}
        () = shared.closing.cancelled() => {
            served.as_mut().graceful_shutdown();
            let _ = served.await;
        }
    }
}

/// A device that is unplugged must be noticed even while nothing is said to it; sockets are pinged
/// besides. A system that doesn't know an option does without it.
fn set_options(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let socket = SockRef::from(stream);
    let keepalive = TcpKeepalive::new()
        .with_time(PING_INTERVAL)
        .with_interval(PING_INTERVAL);
    let _ = socket.set_tcp_keepalive(&keepalive);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(DEAD_AFTER));
    #[cfg(not(target_os = "linux"))]
    let _ = DEAD_AFTER;
}
