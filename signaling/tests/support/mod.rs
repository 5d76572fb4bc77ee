//! Nodes without a driver: relay and links as they are, on loopback and a port of the system's
//! choice; the test takes the inputs itself.

#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod hostile;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use lanline_signaling::{
    identity::Identity,
    inbox::{EventSender, Inbox, Input},
    link::Links,
    protocol::{
        CallId, ErrorCode, Instance, NodeId, PeerId, UiId,
        link::{LegBody, LegFrame, LinkMessage},
        ui::{Attach, Command, DeviceKind, FromNode, Role, ToNode},
    },
    relay::{self, RelayHandle},
};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::mpsc,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};

/// Longer than anything here should take; a test that reaches it has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for something that must happen.
pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("in time")
}

/// A directory of its own, removed in the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let name = format!("lanline-test-{}", CallId::random());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Relay, links and the inputs they cause.
pub struct Node {
    pub identity: Arc<Identity>,
    pub links: Links,
    pub relay: RelayHandle,
    pub inputs: mpsc::Receiver<Input>,
    pub address: SocketAddr,
    folder: Folder,
}

impl Node {
    pub async fn start() -> Self {
        let folder = Folder::new();
        let identity = Arc::new(Identity::load_or_create(folder.path()).unwrap());
        let (inbox, inputs) = Inbox::new();
        let links = Links::new(identity.clone(), inbox.clone());
        let bound = relay::bind(0).await.unwrap();
        let address = (Ipv4Addr::LOCALHOST, bound.port).into();
        let relay = relay::serve(bound, identity.clone(), inbox, links.clone());
        Self {
            identity,
            links,
            relay,
            inputs,
            address,
            folder,
        }
    }

    pub fn certificate(&self) -> CertificateDer<'static> {
        let path = self.folder.path().join("identity/certificate.pem");
        CertificateDer::from_pem_file(path).unwrap()
    }

    pub fn id(&self) -> &NodeId {
        self.identity.node_id()
    }

    pub async fn input(&mut self) -> Input {
        soon(self.inputs.recv()).await.expect("an input")
    }

    pub async fn expect_up(&mut self, id: &NodeId) {
        match self.input().await {
            Input::LinkUp { node } => assert_eq!(node, *id),
            other => panic!("{other:?}"),
        }
    }

    pub async fn expect_down(&mut self, id: &NodeId) {
        match self.input().await {
            Input::LinkDown { node } => assert_eq!(node, *id),
            other => panic!("{other:?}"),
        }
    }

    pub async fn expect_failed(&mut self, id: &NodeId, expected: Option<ErrorCode>) {
        match self.input().await {
            Input::LinkFailed { node, code } => assert_eq!((&node, code), (id, expected)),
            other => panic!("{other:?}"),
        }
    }

    pub async fn expect_message(&mut self, id: &NodeId, expected: &LinkMessage) {
        match self.input().await {
            Input::LinkMessage { node, message } => assert_eq!((&node, &message), (id, expected)),
            other => panic!("{other:?}"),
        }
    }

    pub async fn expect_detach(&mut self, id: u64) {
        match self.input().await {
            Input::Detach { ui } => assert_eq!(ui, UiId(id)),
            other => panic!("{other:?}"),
        }
    }

    /// Answers the next command of a UI, as a driver would.
    pub async fn answer(&mut self, id: u64, result: Result<(), ErrorCode>) -> Command {
        match self.input().await {
            Input::Command { ui, command, reply } => {
                assert_eq!(ui, UiId(id));
                reply.send(result).unwrap();
                command
            }
            other => panic!("{other:?}"),
        }
    }

    /// Seats the next UI, as a driver would.
    pub async fn seat(&mut self, ui: u64) -> (Attach, EventSender) {
        match self.input().await {
            Input::Attach {
                attach,
                events,
                reply,
                ..
            } => {
                reply.send(Ok(UiId(ui))).unwrap();
                (attach, events)
            }
            other => panic!("no attach: {other:?}"),
        }
    }
}

/// A frame with nothing but an acknowledgement.
pub fn frame(from: &NodeId, to: &NodeId, seq: u32, body: Option<LegBody>) -> LinkMessage {
    LinkMessage::Leg(Box::new(LegFrame {
        call: CallId::random(),
        from: PeerId::owner(from.clone()),
        to: PeerId::owner(to.clone()),
        instance: Instance(1),
        seq,
        ack: 0,
        body,
    }))
}

/// The first message of a UI.
pub fn attach(role: Role) -> ToNode {
    ToNode::Attach(Attach {
        role,
        webrtc: true,
        kind: DeviceKind::Desktop,
        name: None,
        resume: None,
    })
}

/// A browser's WebSocket.
pub struct Ui<S = TcpStream>(pub WebSocketStream<S>);

impl Ui {
    pub async fn open(address: SocketAddr) -> Result<Self, Error> {
        let host = format!("localhost:{}", address.port());
        Self::open_as(address, &host, Some(&format!("http://{host}"))).await
    }

    pub async fn open_as(
        address: SocketAddr,
        host: &str,
        origin: Option<&str>,
    ) -> Result<Self, Error> {
        let stream = TcpStream::connect(address).await.unwrap();
        Self::over(stream, host, origin).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Ui<S> {
    pub async fn over(stream: S, host: &str, origin: Option<&str>) -> Result<Self, Error> {
        let mut request = format!("ws://{host}/ui").into_client_request().unwrap();
        if let Some(origin) = origin {
            let headers = request.headers_mut();
            headers.insert("origin", origin.parse().unwrap());
        }
        soon(Box::pin(client_async(request, stream)))
            .await
            .map(|(socket, _)| Self(socket))
    }

    pub async fn say(&mut self, message: &ToNode) {
        self.say_text(serde_json::to_string(message).unwrap()).await;
    }

    pub async fn say_text(&mut self, text: String) {
        self.try_say_text(text).await.unwrap();
    }

    pub async fn try_say_text(&mut self, text: String) -> Result<(), Error> {
        soon(self.0.send(Message::text(text))).await
    }

    /// The next message, or nothing once the socket is closed.
    pub async fn hear(&mut self) -> Option<FromNode> {
        loop {
            match soon(self.0.next()).await {
                // Goes with a ping.
                Some(Ok(Message::Text(text))) if text.is_empty() => {}
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_) | Err(_)) | None => return None,
            }
        }
    }

    pub async fn expect_reply(&mut self, id: u32, error: Option<ErrorCode>) {
        assert_eq!(self.hear().await, Some(FromNode::Reply { id, error }));
    }

    pub async fn expect_closed(&mut self) {
        assert_eq!(self.hear().await, None);
    }
}
