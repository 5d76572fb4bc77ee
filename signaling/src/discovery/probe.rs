//! Whether a node's relay accepts a connection.

use std::{net::SocketAddr, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{net::TcpStream, time};

/// A host on the same LAN answers within milliseconds; this leaves room for one lost SYN, which is
/// repeated after a second (RFC 6298).
const PROBE_TIMEOUT: Duration = Duration::from_millis(1500);
/// Addresses tried, all at once.
const PROBE_ADDRESSES: usize = 3;

/// Whether a connection could be made to one of the first addresses. It is closed at once.
pub(super) async fn answers(addresses: &[SocketAddr]) -> bool {
    let mut attempts: FuturesUnordered<_> = addresses
        .iter()
        .take(PROBE_ADDRESSES)
        .map(TcpStream::connect)
        .collect();
    let first = async {
        while let Some(attempt) = attempts.next().await {
            if attempt.is_ok() {
                return true;
            }
        }
        false
    };
    time::timeout(PROBE_TIMEOUT, first).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_listener_answers_and_a_closed_port_does_not() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let open = listener.local_addr().unwrap();
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shut = closed.local_addr().unwrap();
        drop(closed);
        assert!(answers(&[open]).await);
        assert!(answers(&[shut, open]).await);
        assert!(!answers(&[shut]).await);
        assert!(!answers(&[]).await);
    }
}
