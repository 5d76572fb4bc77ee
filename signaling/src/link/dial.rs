//! Reaching a node: every address it has, side by side (RFC 8305's idea), until one proves the id.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::{LinkError, greeting};
use crate::{
    identity::{Identity, WrongKey},
    protocol::{
        NodeId,
        limits::{HANDSHAKE_TIMEOUT, MAX_DIAL_ADDRESSES},
    },
    websocket,
};

/// How long one address is waited for, alone, before the next is tried beside it.
const STAGGER: Duration = Duration::from_millis(200);
/// How long a TCP connection may take; on a LAN it takes milliseconds, or never comes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Where links are served. The host is a name only: who is there is proven by TLS.
const LINK_URL: &str = "ws://lanline.local/link";

/// A link as the side that dialled has it.
pub(super) type Dialed = WebSocketStream<TlsStream<TcpStream>>;

/// Opens a link, up to and with the exchange of versions.
///
/// # Errors
/// [`LinkError`], the one that tells most if addresses failed differently.
pub(super) async fn dial(
    identity: &Identity,
    node: &NodeId,
    addresses: &[SocketAddr],
) -> Result<Dialed, LinkError> {
    let config = identity
        .link_client(node)
        .map_err(|_| LinkError::Misbehaved)?;
    let tls = race(&Arc::new(config), addresses).await?;
    let greeted = timeout(HANDSHAKE_TIMEOUT, async {
        let (mut socket, _) = client_async_with_config(LINK_URL, tls, Some(websocket::config()))
            .await
            .map_err(|_| LinkError::Misbehaved)?;
        greeting::greet(&mut socket).await?;
        Ok(socket)
    });
    greeted.await.map_err(|_| LinkError::Unreachable)?
}

async fn race(
    config: &Arc<ClientConfig>,
    addresses: &[SocketAddr],
) -> Result<TlsStream<TcpStream>, LinkError> {
    let mut waiting = addresses.iter().take(MAX_DIAL_ADDRESSES);
    let mut running = FuturesUnordered::new();
    let mut failure = LinkError::Unreachable;
    loop {
        if let Some(address) = waiting.next() {
            running.push(connect(config, *address));
        } else if running.is_empty() {
            return Err(failure);
        }
        tokio::select! {
            Some(result) = running.next() => match result {
                Ok(stream) => return Ok(stream),
                // A wrong key says more than silence, and silence never unsays it.
                Err(LinkError::Unreachable) => {}
                Err(error) => failure = error,
            },
            () = sleep(STAGGER), if waiting.len() > 0 => {}
        }
    }
}

async fn connect(
    config: &Arc<ClientConfig>,
    address: SocketAddr,
) -> Result<TlsStream<TcpStream>, LinkError> {
    let tcp = timeout(CONNECT_TIMEOUT, TcpStream::connect(address))
        .await
        .map_err(|_| LinkError::Unreachable)?
        .map_err(|_| LinkError::Unreachable)?;
    // Signalling is small and urgent; without it nothing is wrong, only slower.
    let _ = tcp.set_nodelay(true);
    let name = ServerName::IpAddress(address.ip().into());
    let connector = TlsConnector::from(Arc::clone(config));
    match timeout(HANDSHAKE_TIMEOUT, connector.connect(name, tcp)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) if WrongKey::is_in(&error) => Err(LinkError::WrongKey),
        Ok(Err(_)) | Err(_) => Err(LinkError::Unreachable),
    }
}
