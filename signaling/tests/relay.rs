//! What browsers get of the relay, over loopback.

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
    inbox::{Input, Origin},
    protocol::{
        ErrorCode, UiId,
        limits::{MAX_BAD_MESSAGES, MAX_MESSAGE_BYTES, REQUEST_BURST},
        ui::{Command, Event, FromNode, Role, ToNode},
    },
};
use support::{Node, Ui, attach, hostile, soon};
use tokio::{
    io::{
        AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
        BufReader,
    },
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Error;

#[tokio::test]
async fn a_ui_attaches_commands_and_leaves() {
    let mut node = Node::start().await;
    let mut ui = Ui::open(node.address).await.unwrap();
    ui.say(&attach(Role::Owner)).await;
    let (attach, events) = node.seat(7).await;
    assert_eq!(attach.role, Role::Owner);
    events.send(Event::NetworkChanged).unwrap();
    let event = FromNode::Event(Event::NetworkChanged);
    assert_eq!(ui.hear().await, Some(event));

    for (id, result) in [(3, Ok(())), (4, Err(ErrorCode::NotSaved))] {
        let command = Command::HistorySeen;
        ui.say(&ToNode::Request { id, command }).await;
        assert_eq!(node.answer(7, result).await, Command::HistorySeen);
        ui.expect_reply(id, result.err()).await;
    }
    drop(ui);
    node.expect_detach(7).await;
}

#[tokio::test]
async fn a_refused_seat_is_told() {
    let mut node = Node::start().await;
    let mut ui = Ui::open(node.address).await.unwrap();
    ui.say(&attach(Role::Owner)).await;
    match node.input().await {
        Input::Attach { origin, reply, .. } => {
            assert_eq!(origin, Origin::Device);
            reply.send(Err(ErrorCode::NotOwner)).unwrap();
        }
        other => panic!("{other:?}"),
    }
    ui.expect_reply(0, Some(ErrorCode::NotOwner)).await;
    ui.expect_closed().await;
}

#[tokio::test]
async fn the_first_message_must_attach() {
    let node = Node::start().await;
    let request = r#"{"type":"request","id":9,"command":{"type":"history_seen"}}"#;
    for (first, id, code) in [
        (request, 9, ErrorCode::NotAttached),
        ("", 0, ErrorCode::InvalidMessage),
        (r#"{"type":"attach"}"#, 0, ErrorCode::InvalidMessage),
        (r#"{"type":"dance"}"#, 0, ErrorCode::UnknownMessage),
    ] {
        let mut ui = Ui::open(node.address).await.unwrap();
        ui.say_text(first.to_owned()).await;
        ui.expect_reply(id, Some(code)).await;
        ui.expect_closed().await;
    }
}

#[tokio::test]
async fn bad_messages_are_answered_and_many_of_them_close() {
    let (mut node, mut ui) = attached().await;
    let unknown_command = r#"{"type":"request","id":5,"command":{"type":"dance"}}"#;
    let wrong_type = r#"{"type":"request","id":"5","command":{"type":"history_seen"}}"#;
    for (message, code) in [
        ("x", ErrorCode::InvalidMessage),
        (r#"{"type":"dance"}"#, ErrorCode::UnknownMessage),
        (unknown_command, ErrorCode::UnknownMessage),
        (wrong_type, ErrorCode::InvalidMessage),
    ] {
        ui.say_text(message.to_owned()).await;
        ui.expect_reply(0, Some(code)).await;
    }
    ui.say(&attach(Role::Owner)).await;
    ui.expect_reply(0, Some(ErrorCode::NotAttached)).await;
    // A good one, and all is forgiven.
    let command = Command::HistorySeen;
    ui.say(&ToNode::Request { id: 6, command }).await;
    node.answer(1, Ok(())).await;
    ui.expect_reply(6, None).await;

    for _ in 0..MAX_BAD_MESSAGES {
        ui.say_text("x".to_owned()).await;
        ui.expect_reply(0, Some(ErrorCode::InvalidMessage)).await;
    }
    ui.expect_closed().await;
    node.expect_detach(1).await;
}

#[tokio::test]
async fn a_message_over_the_size_is_told_before_the_end() {
    for factor in [1, 8] {
        let (mut node, mut ui) = attached().await;
        ui.say_text("x".repeat(factor * MAX_MESSAGE_BYTES + 1))
            .await;
        ui.expect_reply(0, Some(ErrorCode::TooLarge)).await;
        ui.expect_closed().await;
        node.expect_detach(1).await;
    }
}

#[tokio::test]
async fn too_many_requests_are_refused_and_then_cut_off() {
    let (mut node, mut ui) = attached().await;
    let driver = tokio::spawn(async move {
        loop {
            match node.input().await {
                Input::Command { reply, .. } => reply.send(Ok(())).unwrap(),
                Input::Detach { ui } => return ui,
                other => panic!("{other:?}"),
            }
        }
    });
    // Far more than the burst, and what trickles in while it is sent.
    let flood = 20 * REQUEST_BURST;
    let (mut done, mut refused) = (0, 0);
    let mut id = 0;
    while id < flood {
        // In batches, so that the replies are read too.
        for _ in 0..50 {
            let command = Command::HistorySeen;
            id += 1;
            let request = serde_json::to_string(&ToNode::Request { id, command }).unwrap();
            if ui.try_say_text(request).await.is_err() {
                id = flood;
                break;
            }
        }
        while done + refused < id {
            match ui.hear().await {
                Some(FromNode::Reply { error: None, .. }) => done += 1,
                Some(FromNode::Reply {
                    error: Some(code), ..
                }) => {
                    assert_eq!(code, ErrorCode::RateLimited);
                    refused += 1;
                }
                Some(other) => panic!("{other:?}"),
                None => {
                    id = flood;
                    break;
                }
            }
        }
    }
    assert!(done >= REQUEST_BURST, "{done} done");
    assert!(refused >= REQUEST_BURST, "{refused} refused");
    assert!(done + refused < flood, "cut off before the end");
    assert_eq!(soon(driver).await.unwrap(), UiId(1));
}

#[tokio::test]
async fn last_words_close_the_socket() {
    for last in [Event::Replaced, Event::Goodbye] {
        let mut node = Node::start().await;
        let mut ui = Ui::open(node.address).await.unwrap();
        ui.say(&attach(Role::Guest)).await;
        let (_, events) = node.seat(1).await;
        events.send(last.clone()).unwrap();
        assert_eq!(ui.hear().await, Some(FromNode::Event(last)));
        ui.expect_closed().await;
        node.expect_detach(1).await;
    }
}

#[tokio::test]
async fn a_ui_the_driver_drops_is_closed() {
    let mut node = Node::start().await;
    let mut ui = Ui::open(node.address).await.unwrap();
    ui.say(&attach(Role::Guest)).await;
    let (_, events) = node.seat(1).await;
    drop(events);
    ui.expect_closed().await;
    node.expect_detach(1).await;
}

#[tokio::test]
async fn shutdown_lets_the_last_words_out() {
    let mut node = Node::start().await;
    let mut ui = Ui::open(node.address).await.unwrap();
    ui.say(&attach(Role::Guest)).await;
    let (_, events) = node.seat(1).await;
    events.send(Event::Goodbye).unwrap();
    drop(events);
    soon(node.relay.shutdown()).await;
    assert_eq!(ui.hear().await, Some(FromNode::Event(Event::Goodbye)));
    ui.expect_closed().await;
    assert!(
        TcpStream::connect(node.address).await.is_err(),
        "the port is free"
    );
}

#[tokio::test]
async fn other_hosts_and_other_pages_are_refused() {
    let node = Node::start().await;
    let port = node.address.port();
    let own = format!("localhost:{port}");
    let own_page = format!("http://{own}");
    for (host, origin, status) in [
        ("evil.example", Some("http://evil.example"), 421),
        (&own, Some("http://evil.example"), 403),
        (&own, Some(&*format!("https://{own}")), 403),
        (&own, Some("null"), 403),
        (&own, None, 403),
        (&format!("127.0.0.1:{port}"), Some(&*own_page), 403),
    ] {
        match Ui::open_as(node.address, host, origin).await {
            Err(Error::Http(response)) => {
                assert_eq!(response.status(), status, "{host} {origin:?}")
            }
            Err(other) => panic!("{host} {origin:?}: {other}"),
            Ok(_) => panic!("{host} {origin:?} was let in"),
        }
    }
    for path in ["/ui/events", "/ui/messages"] {
        let method = if path == "/ui/events" { "GET" } else { "POST" };
        for (headers, status) in [
            (format!("host: {own}\r\norigin: http://evil.example"), 403),
            (format!("host: {own}"), 403),
            (format!("host: {own}\r\nsec-fetch-site: cross-site"), 403),
            (format!("host: evil.example\r\norigin: {own_page}"), 421),
        ] {
            let response = exchange(node.address, &format!("{method} {path}"), &headers).await;
            assert_eq!(response.status, status, "{path} {headers}");
        }
    }
}

#[tokio::test]
async fn a_page_by_another_name_of_this_device_is_not_the_owners() {
    let mut node = Node::start().await;
    let port = node.address.port();
    // The device itself has a page open that was loaded from wherever its name led to.
    let host = format!("{}:{port}", gethostname::gethostname().to_string_lossy());
    let plain = exchange(node.address, "GET /x?y", &format!("host: {host}")).await;
    assert_eq!(plain.status, 307);
    assert_eq!(plain.header("cache-control"), Some("no-store"));
    let location = format!("https://{host}/x?y");
    assert_eq!(plain.header("location"), Some(&*location));

    let tls = hostile::connect_without_certificate(node.address, b"http/1.1").await;
    let ui = Ui::over(tls.unwrap(), &host, Some(&format!("https://{host}"))).await;
    ui.unwrap().say(&attach(Role::Owner)).await;
    let over_socket = node.input().await;
    assert!(
        matches!(
            &over_socket,
            Input::Attach {
                origin: Origin::Network,
                ..
            }
        ),
        "{over_socket:?}"
    );
}

#[tokio::test]
async fn the_page_comes_with_its_headers() {
    let node = Node::start().await;
    let host = format!("host: localhost:{}", node.address.port());
    let page = exchange(node.address, "GET /", &host).await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.to_lowercase().starts_with("<!doctype html>"),
        "{}",
        page.body
    );
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert!(
        page.header("permissions-policy")
            .unwrap()
            .contains("camera=(self)")
    );
    let policy = page.header("content-security-policy").unwrap();
    for part in [
        "default-src 'self'",
        "frame-ancestors 'none'",
        "ws://localhost:",
    ] {
        assert!(policy.contains(part), "{policy}");
    }

    let etag = page.header("etag").unwrap();
    let again = exchange(
        node.address,
        "GET /",
        &format!("{host}\r\nif-none-match: {etag}"),
    )
    .await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));

    for path in [
        "/nothing",
        "/index.html/x",
        "/../Cargo.toml",
        "/..%2fpackage.json",
        "//etc/passwd",
        "/link",
    ] {
        let response = exchange(node.address, &format!("GET {path}"), &host).await;
        assert_eq!(response.status, 404, "{path}");
        assert!(
            response.header("content-security-policy").is_some(),
            "{path}"
        );
    }
    let post = exchange(node.address, "POST /", &host).await;
    assert_eq!(post.status, 405);
}

#[tokio::test]
async fn one_port_speaks_plain_and_tls() {
    let mut node = Node::start().await;
    let host = format!("localhost:{}", node.address.port());
    let tls = hostile::connect_without_certificate(node.address, b"http/1.1");
    let response = exchange_over(tls.await.unwrap(), "GET /", &format!("host: {host}")).await;
    assert_eq!(response.status, 200);
    let policy = response.header("content-security-policy").unwrap();
    assert!(policy.contains(&format!("wss://{host}")), "{policy}");

    // And a UI's socket over it.
    let tls = hostile::connect_without_certificate(node.address, b"http/1.1").await;
    let mut ui = Ui::over(tls.unwrap(), &host, Some(&format!("https://{host}")))
        .await
        .unwrap();
    ui.say(&attach(Role::Guest)).await;
    let (_, events) = node.seat(1).await;
    events.send(Event::NetworkChanged).unwrap();
    let event = FromNode::Event(Event::NetworkChanged);
    assert_eq!(ui.hear().await, Some(event));
}

#[tokio::test]
async fn a_probe_leaves_nothing_behind() {
    let mut node = Node::start().await;
    for _ in 0..100 {
        drop(TcpStream::connect(node.address).await.unwrap());
    }
    // All their places are free again, or this one would not be served.
    let mut ui = Ui::open(node.address).await.unwrap();
    ui.say(&attach(Role::Guest)).await;
    node.seat(1).await;
    assert!(node.inputs.try_recv().is_err());
}

#[tokio::test]
async fn a_session_without_websocket() {
    let mut node = Node::start().await;
    let mut stream = EventStream::open(node.address).await;
    let (kind, secret) = stream.next().await.unwrap();
    assert_eq!(kind, "session");
    assert!(secret.len() >= 32);

    let say = |message: String| post(node.address, secret.clone(), message);
    let first = serde_json::to_string(&attach(Role::Owner)).unwrap();
    let attaching = tokio::spawn(say(first));
    let (got, events) = node.seat(1).await;
    assert_eq!(got.role, Role::Owner);
    assert_eq!(soon(attaching).await.unwrap(), 204);
    events.send(Event::NetworkChanged).unwrap();
    let event = FromNode::Event(Event::NetworkChanged);
    assert_eq!(stream.message().await, Some(event));

    let command = Command::HistorySeen;
    let request = serde_json::to_string(&ToNode::Request { id: 2, command }).unwrap();
    let requesting = tokio::spawn(post(node.address, secret.clone(), request));
    node.answer(1, Err(ErrorCode::NotSaved)).await;
    assert_eq!(soon(requesting).await.unwrap(), 204);
    let error = Some(ErrorCode::NotSaved);
    assert_eq!(
        stream.message().await,
        Some(FromNode::Reply { id: 2, error })
    );

    // A sign of life, and a message that isn't one.
    assert_eq!(post(node.address, secret.clone(), String::new()).await, 204);
    assert_eq!(
        post(node.address, secret.clone(), "x".to_owned()).await,
        204
    );
    let error = Some(ErrorCode::InvalidMessage);
    assert_eq!(
        stream.message().await,
        Some(FromNode::Reply { id: 0, error })
    );

    assert_eq!(post(node.address, "0".repeat(32), String::new()).await, 401);
    drop(stream);
    node.expect_detach(1).await;
    assert_eq!(post(node.address, secret, String::new()).await, 401);
}

#[tokio::test]
async fn a_session_without_websocket_ends_with_last_words() {
    let mut node = Node::start().await;
    for (message, last) in [
        (None, FromNode::Event(Event::Goodbye)),
        (
            Some("x".repeat(MAX_MESSAGE_BYTES + 1)),
            FromNode::Reply {
                id: 0,
                error: Some(ErrorCode::TooLarge),
            },
        ),
    ] {
        let mut stream = EventStream::open(node.address).await;
        let (_, secret) = stream.next().await.unwrap();
        let first = serde_json::to_string(&attach(Role::Guest)).unwrap();
        let attaching = tokio::spawn(post(node.address, secret.clone(), first));
        let (_, events) = node.seat(1).await;
        soon(attaching).await.unwrap();
        match message {
            None => events.send(Event::Goodbye).unwrap(),
            Some(message) => {
                post(node.address, secret, message).await;
            }
        }
        assert_eq!(stream.message().await, Some(last));
        assert_eq!(stream.message().await, None);
        node.expect_detach(1).await;
    }
}

/// A node and a UI that has its seat, number 1. The driver never drops it.
async fn attached() -> (Node, Ui) {
    let mut node = Node::start().await;
    let mut ui = Ui::open(node.address).await.unwrap();
    ui.say(&attach(Role::Owner)).await;
    let (_, events) = node.seat(1).await;
    // As a driver does, which keeps the sender as long as the UI is there.
    std::mem::forget(events);
    (node, ui)
}

struct Response {
    status: u16,
    head: String,
    body: String,
}

impl Response {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// One request with an empty body, written by hand so that nothing is made better on the way.
async fn exchange(address: SocketAddr, request: &str, headers: &str) -> Response {
    exchange_over(TcpStream::connect(address).await.unwrap(), request, headers).await
}

async fn exchange_over<S>(mut stream: S, request: &str, headers: &str) -> Response
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let text = format!(
        "{request} HTTP/1.1\r\n{headers}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    // The end of the connection may come without TLS's goodbye.
    let _ = soon(stream.read_to_end(&mut response)).await;
    let response = String::from_utf8(response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").expect("a whole head");
    let status = head.split(' ').nth(1).expect("a status").parse().unwrap();
    Response {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// Posts a message of a session; returns the status.
async fn post(address: SocketAddr, secret: String, message: String) -> u16 {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let host = format!("localhost:{}", address.port());
    let text = format!(
        "POST /ui/messages HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\n\
         lanline-session: {secret}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{message}",
        message.len()
    );
    // The answer to too much may come before all is written.
    let _ = stream.write_all(text.as_bytes()).await;
    let mut status = [0; 12];
    soon(stream.read_exact(&mut status)).await.unwrap();
    std::str::from_utf8(&status[9..]).unwrap().parse().unwrap()
}

/// Server-Sent Events as a browser reads them.
struct EventStream(BufReader<TcpStream>);

impl EventStream {
    async fn open(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let host = format!("localhost:{}", address.port());
        let text = format!(
            "GET /ui/events HTTP/1.1\r\nhost: {host}\r\nsec-fetch-site: same-origin\r\n\r\n"
        );
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut stream = Self(BufReader::new(stream));
        let mut head = Vec::new();
        while let Some(line) = stream.line().await.filter(|line| !line.is_empty()) {
            head.push(line);
        }
        assert_eq!(head[0], "HTTP/1.1 200 OK");
        assert!(head.contains(&"content-type: text/event-stream".to_owned()));
        stream
    }

    /// Type and data of the next event.
    async fn next(&mut self) -> Option<(String, String)> {
        let (mut kind, mut data) = (String::new(), None);
        loop {
            let line = self.line().await?;
            if let Some(value) = line.strip_prefix("event: ") {
                value.clone_into(&mut kind);
            } else if let Some(value) = line.strip_prefix("data:") {
                data = Some(value.trim_start().to_owned());
            } else if line.is_empty()
                && let Some(data) = data.take()
            {
                return Some((kind, data));
            }
            // Anything else is a chunk's size.
        }
    }

    async fn message(&mut self) -> Option<FromNode> {
        loop {
            let (kind, data) = self.next().await?;
            if kind.is_empty() {
                return Some(serde_json::from_str(&data).unwrap());
            }
            assert_eq!(kind, "ping");
        }
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = soon(self.0.read_line(&mut line)).await.unwrap();
        (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }
}
