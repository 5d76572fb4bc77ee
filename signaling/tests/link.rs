//! Links between nodes, over loopback.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

mod support;

use std::net::SocketAddr;

use lanline_signaling::{
    inbox::Input,
    protocol::{ErrorCode, limits::MAX_MESSAGE_BYTES, link::LinkMessage},
};
use support::{
    Node, frame,
    hostile::{LINK_ALPN, Mallory, connect_without_certificate},
    soon,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

#[tokio::test]
async fn a_message_opens_a_link_and_arrives() {
    let (mut a, mut b) = (Node::start().await, Node::start().await);
    let (a_id, b_id) = (a.id().clone(), b.id().clone());
    let message = frame(&a_id, &b_id, 1, None);
    a.links.send(&b_id, &[b.address], message.clone());
    a.expect_up(&b_id).await;
    b.expect_up(&a_id).await;
    b.expect_message(&a_id, &message).await;
    // The way back needs no address.
    let answer = frame(&b_id, &a_id, 1, None);
    b.links.send(&a_id, &[], answer.clone());
    a.expect_message(&b_id, &answer).await;
}

#[tokio::test]
async fn messages_wait_for_the_link_and_keep_their_order() {
    let (mut a, mut b) = (Node::start().await, Node::start().await);
    let (a_id, b_id) = (a.id().clone(), b.id().clone());
    let messages: Vec<_> = (1..=100)
        .map(|seq| frame(&a_id, &b_id, seq, None))
        .collect();
    for message in &messages {
        a.links.send(&b_id, &[b.address], message.clone());
    }
    a.expect_up(&b_id).await;
    b.expect_up(&a_id).await;
    for message in &messages {
        b.expect_message(&a_id, message).await;
    }
}

#[tokio::test]
async fn both_dial_at_once() {
    let (mut a, mut b) = (Node::start().await, Node::start().await);
    let (a_id, b_id) = (a.id().clone(), b.id().clone());
    let (to_b, to_a) = (frame(&a_id, &b_id, 1, None), frame(&b_id, &a_id, 1, None));
    // On one thread neither dial begins before both are asked for.
    a.links.send(&b_id, &[b.address], to_b.clone());
    b.links.send(&a_id, &[a.address], to_a.clone());
    for (node, other, message) in [(&mut a, &b_id, &to_a), (&mut b, &a_id, &to_b)] {
        let (mut ups, mut messages) = (0, 0);
        while ups < 2 || messages < 1 {
            match node.input().await {
                Input::LinkUp { node } => {
                    assert_eq!(node, *other);
                    ups += 1;
                }
                Input::LinkMessage { message: got, .. } => {
                    assert_eq!(got, *message);
                    messages += 1;
                }
                other => panic!("{other:?}"),
            }
        }
    }
    // A goodbye over each, and the end is told once.
    a.links.shutdown().await;
    b.expect_message(&a_id, &LinkMessage::Goodbye).await;
    b.expect_message(&a_id, &LinkMessage::Goodbye).await;
    b.expect_down(&a_id).await;
    a.expect_down(&b_id).await;
    assert!(a.inputs.try_recv().is_err() && b.inputs.try_recv().is_err());
}

#[tokio::test]
async fn a_goodbye_is_told_before_the_link_is_down() {
    let (mut a, mut b) = (Node::start().await, Node::start().await);
    let (a_id, b_id) = (a.id().clone(), b.id().clone());
    a.links
        .send(&b_id, &[b.address], frame(&a_id, &b_id, 1, None));
    a.expect_up(&b_id).await;
    b.expect_up(&a_id).await;
    b.input().await;
    let last = frame(&a_id, &b_id, 2, None);
    a.links.send(&b_id, &[], last.clone());
    soon(a.links.shutdown()).await;
    a.expect_down(&b_id).await;
    b.expect_message(&a_id, &last).await;
    b.expect_message(&a_id, &LinkMessage::Goodbye).await;
    b.expect_down(&a_id).await;
}

#[tokio::test]
async fn an_address_that_answers_makes_up_for_those_that_do_not() {
    let (mut a, mut b) = (Node::start().await, Node::start().await);
    let (a_id, b_id) = (a.id().clone(), b.id().clone());
    let (refusing, silent) = (refusing_address().await, silent_listener().await);
    let addresses = [refusing, silent.local_addr().unwrap(), b.address];
    a.links
        .send(&b_id, &addresses, frame(&a_id, &b_id, 1, None));
    a.expect_up(&b_id).await;
    b.expect_up(&a_id).await;
}

#[tokio::test]
async fn a_node_that_is_not_there_is_told_and_may_be_tried_again() {
    let (mut a, mut b) = (Node::start().await, Node::start().await);
    let (a_id, b_id) = (a.id().clone(), b.id().clone());
    let refusing = refusing_address().await;
    for addresses in [&[refusing][..], &[]] {
        a.links.send(&b_id, addresses, frame(&a_id, &b_id, 1, None));
        a.expect_failed(&b_id, None).await;
    }
    a.links
        .send(&b_id, &[b.address], frame(&a_id, &b_id, 1, None));
    a.expect_up(&b_id).await;
    b.expect_up(&a_id).await;
}

#[tokio::test]
async fn another_node_at_the_address_is_refused_inside_the_handshake() {
    let mut a = Node::start().await;
    let (a_id, expected) = (a.id().clone(), Mallory::honest());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    a.links.send(
        expected.id(),
        &[address],
        frame(&a_id, expected.id(), 1, None),
    );
    refused_in_handshake(&listener, &Mallory::honest()).await;
    a.expect_failed(expected.id(), Some(ErrorCode::WrongKey))
        .await;
}

#[tokio::test]
async fn a_right_certificate_without_its_key_is_refused_inside_the_handshake() {
    let (mut a, b) = (Node::start().await, Node::start().await);
    let (a_id, b_id) = (a.id().clone(), b.id().clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    a.links
        .send(&b_id, &[address], frame(&a_id, &b_id, 1, None));
    refused_in_handshake(&listener, &Mallory::posing_as(b.certificate())).await;
    a.expect_failed(&b_id, None).await;
}

/// Serves one TLS handshake as `mallory`, and sees it fail before any byte of HTTP came.
async fn refused_in_handshake(listener: &TcpListener, mallory: &Mallory) {
    let (tcp, _) = soon(listener.accept()).await.unwrap();
    let refused = soon(TlsAcceptor::from(mallory.server()).accept(tcp)).await;
    let error = refused.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("alert"), "{error}");
}

#[tokio::test]
async fn an_incoming_link_needs_a_certificate_and_its_key() {
    let (mut a, b) = (Node::start().await, Node::start().await);
    let request = b"GET /link HTTP/1.1\r\nhost: localhost\r\n\r\n";

    let mut bare = connect_without_certificate(a.address, LINK_ALPN)
        .await
        .unwrap();
    let _ = soon(bare.write_all(request)).await;
    assert!(soon(bare.read_to_end(&mut Vec::new())).await.is_err());

    let posing = Mallory::posing_as(b.certificate());
    let mut posing = posing.connect(a.address, LINK_ALPN).await;
    let _ = soon(posing.write_all(request)).await;
    assert!(soon(posing.read_to_end(&mut Vec::new())).await.is_err());

    // Nothing of it reached the driver.
    assert!(a.inputs.try_recv().is_err());
}

#[tokio::test]
async fn a_link_is_served_nothing_else_and_nobody_else_is_served_a_link() {
    let a = Node::start().await;
    for (alpn, path) in [(LINK_ALPN, "/"), (LINK_ALPN, "/ui"), (b"http/1.1", "/link")] {
        let mut tls = Mallory::honest().connect(a.address, alpn).await;
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        soon(tls.write_all(request.as_bytes())).await.unwrap();
        let mut response = Vec::new();
        let _ = soon(tls.read_to_end(&mut response)).await;
        let response = String::from_utf8(response).unwrap();
        assert!(!response.starts_with("HTTP/1.1 1"), "{path}: {response}");
        assert!(
            response.starts_with("HTTP/1.1 404") || response.starts_with("HTTP/1.1 403"),
            "{path}: {response}"
        );
    }
}

#[tokio::test]
async fn whoever_speaks_for_another_node_is_cut_off() {
    let (mut a, b) = (Node::start().await, Node::start().await);
    let (a_id, mallory) = (a.id().clone(), Mallory::honest());
    let mut link = mallory.link(a.address).await;
    link.greet().await;
    a.expect_up(mallory.id()).await;
    let forged = frame(b.id(), &a_id, 1, None);
    link.say(serde_json::to_string(&forged).unwrap()).await;
    let code = ErrorCode::WrongSender;
    assert_eq!(link.hear().await, Some(LinkMessage::Error { code }));
    assert_eq!(link.hear().await, None);
    drop(link);
    // The forged frame is not among what the driver is told.
    a.expect_down(mallory.id()).await;
}

#[tokio::test]
async fn bad_messages_end_the_link_with_a_code() {
    let mut a = Node::start().await;
    for (message, code) in [
        (String::new(), ErrorCode::InvalidMessage),
        ("{".to_owned(), ErrorCode::InvalidMessage),
        (r#"{"type":"leg"}"#.to_owned(), ErrorCode::InvalidMessage),
        (r#"{"type":"dance"}"#.to_owned(), ErrorCode::UnknownMessage),
        (
            r#"{"type":"hello","version":1}"#.to_owned(),
            ErrorCode::InvalidMessage,
        ),
        (
            format!("\"{}\"", "x".repeat(MAX_MESSAGE_BYTES)),
            ErrorCode::TooLarge,
        ),
        (
            format!("\"{}\"", "x".repeat(8 * MAX_MESSAGE_BYTES)),
            ErrorCode::TooLarge,
        ),
    ] {
        let mallory = Mallory::honest();
        let mut link = mallory.link(a.address).await;
        link.greet().await;
        a.expect_up(mallory.id()).await;
        link.say(message.as_str()).await;
        let start: String = message.chars().take(40).collect();
        assert_eq!(
            link.hear().await,
            Some(LinkMessage::Error { code }),
            "{start}"
        );
        assert_eq!(link.hear().await, None);
        drop(link);
        a.expect_down(mallory.id()).await;
    }
}

#[tokio::test]
async fn another_version_is_told_apart() {
    let mut a = Node::start().await;
    let a_id = a.id().clone();
    // Coming in: told, and nothing of it reaches the driver.
    let mallory = Mallory::honest();
    let mut link = mallory.link(a.address).await;
    link.say(r#"{"type":"hello","version":2}"#).await;
    assert_eq!(link.hear().await, Some(LinkMessage::Hello { version: 1 }));
    let code = ErrorCode::IncompatibleVersion;
    assert_eq!(link.hear().await, Some(LinkMessage::Error { code }));
    assert_eq!(link.hear().await, None);
    assert!(a.inputs.try_recv().is_err());

    // Going out: the driver is told why.
    let future = Mallory::honest();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    a.links
        .send(future.id(), &[address], frame(&a_id, future.id(), 1, None));
    let (tcp, _) = soon(listener.accept()).await.unwrap();
    let tls = soon(TlsAcceptor::from(future.server()).accept(tcp))
        .await
        .unwrap();
    let upgrade = Box::pin(tokio_tungstenite::accept_async(tls));
    let mut socket = soon(upgrade).await.unwrap();
    let hello = r#"{"type":"hello","version":2}"#;
    let hello = tokio_tungstenite::tungstenite::Message::text(hello);
    soon(futures_util::SinkExt::send(&mut socket, hello))
        .await
        .unwrap();
    a.expect_failed(future.id(), Some(code)).await;
}

#[tokio::test]
async fn a_node_does_not_link_to_itself() {
    let mut a = Node::start().await;
    let id = a.id().clone();
    a.links.send(&id, &[a.address], frame(&id, &id, 1, None));
    soon(a.links.shutdown()).await;
    assert!(a.inputs.try_recv().is_err());
}

#[tokio::test]
async fn a_stranger_with_many_links_keeps_only_some() {
    use lanline_signaling::protocol::limits::MAX_LINKS_PER_NODE;

    let mut a = Node::start().await;
    let mallory = Mallory::honest();
    let mut links = Vec::new();
    for _ in 0..=MAX_LINKS_PER_NODE {
        let mut link = mallory.link(a.address).await;
        link.greet().await;
        a.expect_up(mallory.id()).await;
        links.push(link);
    }
    assert_eq!(links[0].hear().await, None, "the oldest is closed");
    drop(links);
    a.expect_down(mallory.id()).await;
}

/// Where connections are refused.
async fn refusing_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

/// Where connections are accepted by the system, and nobody says anything.
async fn silent_listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}
