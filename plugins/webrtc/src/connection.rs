//! Drives one peer connection: its socket to the page, its sockets to the network, its clock. It lives
//! as long as the page's socket.

use std::{
    future::poll_fn,
    net::IpAddr,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use futures_util::{Sink, Stream};
use str0m::config::DtlsCert;
use tokio::{
    net::TcpStream,
    sync::{mpsc, watch},
    task::JoinSet,
    time,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error as SocketError, Message},
};

use crate::{
    bridge::{
        frame::{BinaryFromPage, MediaFromPage, data_to_wire, sound_to_wire},
        messages::{Answer, Envelope, Event, FromPage, Outcome, Request},
        outbox::{Outbox, Put, ToPage},
    },
    error::RequestError,
    limits::{
        DATAGRAMS_PER_TURN, INTERFACE_INTERVAL, MAX_CAPTURED, MAX_DATAGRAM, MAX_TAPPED, MAX_TEXT,
    },
    network::{
        names,
        sockets::{Datagram, Sockets},
    },
    session::{Output, Session},
    sound::{desk::Desk, input::Heard, loudspeaker::Loudspeaker},
};

/// How long a connection with nothing to do sleeps.
const IDLE: Duration = Duration::from_secs(3600);

/// What woke the connection.
enum Wake {
    Page(Message),
    Datagrams,
    Timeout,
    Resolved(String, Vec<IpAddr>),
    Tapped(u16, Vec<f32>),
    Input(Heard),
    Interfaces,
}

/// Runs a connection until the page closes its socket.
/// `may_listen`: whether the webview has a microphone open, and so has the person's permission. `certificate`: what the
/// peer is to be shown.
pub(crate) async fn run(
    page: WebSocketStream<TcpStream>,
    loudspeaker: Arc<Loudspeaker>,
    may_listen: watch::Receiver<bool>,
    certificate: Option<DtlsCert>,
) {
    let now = Instant::now();
    let mut connection = Connection::new(now, page, loudspeaker, may_listen, certificate);
    connection.refresh_addresses();
    let ended = connection.turn_until_ended().await;
    tracing::debug!(%ended, "a peer connection ended");
    // The peer is told, rather than left to find out by silence.
    let (session, sockets, buffer) = connection.into_parting();
    Box::pin(take_leave(session, sockets, buffer)).await;
}

/// Closes a session whose page is gone.
async fn take_leave(
    mut session: Session,
    mut sockets: Sockets,
    mut buffer: Box<[u8; MAX_DATAGRAM]>,
) {
    session.close(Instant::now());
    loop {
        while let Some(output) = session.poll_output() {
            if let Output::Transmit(transmit) = output {
                sockets.send(transmit.source, transmit.destination, &transmit.contents);
            }
        }
        if session.is_ended() {
            return;
        }
        let deadline = session.poll_timeout().unwrap_or_else(Instant::now);
        let received = poll_fn(|context| sockets.poll_receive(context, &mut buffer));
        let received = time::timeout_at(deadline.into(), received).await;
        let now = Instant::now();
        if let Ok(datagram) = received {
            hand_over(&mut session, now, &datagram, &*buffer);
        }
        session.handle_timeout(now);
    }
}

/// Gives the session a datagram that was read into the buffer.
fn hand_over(session: &mut Session, now: Instant, datagram: &Datagram, buffer: &[u8]) {
    let bytes = buffer.get(..datagram.length).unwrap_or_default();
    session.handle_datagram(now, datagram.from, datagram.to, bytes);
}

struct Connection {
    page: WebSocketStream<TcpStream>,
    session: Session,
    desk: Desk,
    tapped: mpsc::Receiver<(u16, Vec<f32>)>,
    inputs: mpsc::Receiver<Heard>,
    may_listen: watch::Receiver<bool>,
    sockets: Sockets,
    outbox: Outbox,
    lookups: JoinSet<(String, Vec<IpAddr>)>,
    buffer: Box<[u8; MAX_DATAGRAM]>,
    unflushed: bool,
}

/// Why a connection is over.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("the page closed it")]
    Closed,
    #[error("the page's socket broke: {0}")]
    Broken(#[from] SocketError),
    #[error("the page does not read")]
    Unread,
}

impl Connection {
    fn new(
        now: Instant,
        page: WebSocketStream<TcpStream>,
        loudspeaker: Arc<Loudspeaker>,
        may_listen: watch::Receiver<bool>,
        certificate: Option<DtlsCert>,
    ) -> Self {
        let (tap, tapped) = mpsc::channel(MAX_TAPPED);
        let (captured, inputs) = mpsc::channel(MAX_CAPTURED);
        Self {
            page,
            session: Session::with_certificate(now, certificate),
            desk: Desk::new(now, loudspeaker, tap, captured),
            tapped,
            inputs,
            may_listen,
            sockets: Sockets::default(),
            outbox: Outbox::default(),
            lookups: JoinSet::new(),
            buffer: Box::new([0; MAX_DATAGRAM]),
            unflushed: false,
        }
    }

    /// What the peer can be told with. Nothing of the page's is needed for that, and its microphone is closed here.
    fn into_parting(self) -> (Session, Sockets, Box<[u8; MAX_DATAGRAM]>) {
        (self.session, self.sockets, self.buffer)
    }

    async fn turn_until_ended(&mut self) -> Ended {
        let mut interfaces = time::interval(INTERFACE_INTERVAL);
        interfaces.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        loop {
            if !self.carry_out() {
                return Ended::Unread;
            }
            if self.session.is_ended() && self.outbox.is_empty() {
                // The last words are written; the page closes its end when it has read them.
                if let Err(error) = self.page.close(None).await {
                    return error.into();
                }
                return Ended::Closed;
            }
            let wake = match self.wait(&mut interfaces).await {
                Ok(wake) => wake,
                Err(ended) => return ended,
            };
            let now = Instant::now();
            match wake {
                Wake::Page(Message::Text(text)) => {
                    if !self.handle_text(now, &text) {
                        return Ended::Unread;
                    }
                }
                Wake::Page(Message::Binary(bytes)) => self.handle_binary(now, &bytes),
                Wake::Page(Message::Close(_)) => return Ended::Closed,
                Wake::Page(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Wake::Datagrams => self.handle_datagrams().await,
                Wake::Timeout => self.session.handle_timeout(now),
                Wake::Resolved(name, addresses) => {
                    self.session.handle_resolved(now, &name, &addresses);
                }
                Wake::Tapped(slot, samples) => {
                    self.outbox.put_sound(sound_to_wire(slot, &samples));
                }
                Wake::Input(input) => {
                    if !self.handle_input(now, input) {
                        return Ended::Unread;
                    }
                }
                Wake::Interfaces => self.refresh_addresses(),
            }
            // str0m wants time to pass after it was told something, before it is asked.
            self.session.handle_timeout(now);
        }
    }

    /// Waits for whatever comes first, writing to the page meanwhile.
    async fn wait(&mut self, interfaces: &mut time::Interval) -> Result<Wake, Ended> {
        let deadline = self
            .session
            .poll_timeout()
            .unwrap_or_else(|| Instant::now() + IDLE);
        let mut timeout = pin!(time::sleep_until(deadline.into()));
        poll_fn(|context| {
            if let Err(ended) = self.write(context) {
                return Poll::Ready(Err(ended));
            }
            match pin!(&mut self.page).poll_next(context) {
                Poll::Ready(Some(Ok(message))) => return Poll::Ready(Ok(Wake::Page(message))),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error.into())),
                Poll::Ready(None) => return Poll::Ready(Err(Ended::Closed)),
                Poll::Pending => {}
            }
            if let Poll::Ready(Some(Ok((name, addresses)))) = self.lookups.poll_join_next(context) {
                return Poll::Ready(Ok(Wake::Resolved(name, addresses)));
            }
            if let Poll::Ready(Some((slot, samples))) = self.tapped.poll_recv(context) {
                return Poll::Ready(Ok(Wake::Tapped(slot, samples)));
            }
            if let Poll::Ready(Some(input)) = self.inputs.poll_recv(context) {
                return Poll::Ready(Ok(Wake::Input(input)));
            }
            if interfaces.poll_tick(context).is_ready() {
                return Poll::Ready(Ok(Wake::Interfaces));
            }
            if timeout.as_mut().poll(context).is_ready() {
                return Poll::Ready(Ok(Wake::Timeout));
            }
            // A page that does not read its data channels must not make us keep more of them.
            if !self.outbox.is_full()
                && let Poll::Ready(datagram) = self.sockets.poll_receive(context, &mut self.buffer)
            {
                hand_over(&mut self.session, Instant::now(), &datagram, &*self.buffer);
                return Poll::Ready(Ok(Wake::Datagrams));
            }
            Poll::Pending
        })
        .await
    }

    /// Writes what the page's socket takes.
    fn write(&mut self, context: &mut std::task::Context<'_>) -> Result<(), Ended> {
        while !self.outbox.is_empty() {
            match pin!(&mut self.page).poll_ready(context) {
                Poll::Pending => return Ok(()),
                Poll::Ready(ready) => ready?,
            }
            let message = match self.outbox.pop() {
                Some(ToPage::Text(text)) => Message::Text(text.into()),
                Some(ToPage::Binary(bytes)) => Message::Binary(bytes.into()),
                None => break,
            };
            pin!(&mut self.page).start_send(message)?;
            self.unflushed = true;
        }
        if self.unflushed
            && let Poll::Ready(flushed) = pin!(&mut self.page).poll_flush(context)
        {
            flushed?;
            self.unflushed = false;
        }
        Ok(())
    }

    /// Does what the session wants done. False: the page does not read.
    fn carry_out(&mut self) -> bool {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    self.sockets
                        .send(transmit.source, transmit.destination, &transmit.contents);
                }
                Output::Reply(mut reply) => {
                    if let Outcome::Ok(Answer::Stats(stats)) = &mut reply.outcome {
                        self.desk.count(stats);
                    }
                    if !put_json(&mut self.outbox, &reply) {
                        return false;
                    }
                }
                Output::Event(event) => {
                    if !put_json(&mut self.outbox, &event) {
                        return false;
                    }
                }
                Output::Audio(frame) => {
                    if let Some(event) = self.desk.receive(Instant::now(), &frame)
                        && !put_json(&mut self.outbox, &event)
                    {
                        return false;
                    }
                }
                Output::Video(frame) => {
                    let slot = frame.slot;
                    if let Put::Dropped { first } = self.outbox.put_video(frame) {
                        self.session.request_key_frame(Instant::now(), slot);
                        if first && !put_json(&mut self.outbox, &Event::MediaLost { slot }) {
                            return false;
                        }
                    }
                }
                Output::Data {
                    handle,
                    binary,
                    payload,
                } => self.outbox.put_data(data_to_wire(handle, binary, &payload)),
                Output::Resolve(name) => {
                    self.lookups.spawn(async move {
                        let addresses = names::resolve(&name).await;
                        (name, addresses)
                    });
                }
            }
        }
        true
    }

    /// A message of the page. False: it does not read.
    fn handle_text(&mut self, now: Instant, text: &str) -> bool {
        if text.len() > MAX_TEXT {
            tracing::warn!("a message of the page is too long");
            self.session
                .refuse(id_of(text), &RequestError::MessageTooLarge);
            return true;
        }
        match serde_json::from_str::<FromPage>(text) {
            Ok(FromPage {
                id: None,
                request: Request::Hear { slot, gain },
            }) => self.desk.hear(slot, gain),
            Ok(FromPage {
                id: None,
                request: Request::SoundFloor { slot, ms },
            }) => self
                .desk
                .set_floor(slot, Duration::from_millis(u64::from(ms))),
            Ok(FromPage {
                id: None,
                request: Request::Tap { slot, on },
            }) => self.desk.set_tap(slot, on),
            Ok(FromPage {
                id: None,
                request:
                    Request::Microphone {
                        slot,
                        device,
                        now: page_now,
                    },
            }) => {
                let may_listen = *self.may_listen.borrow();
                self.desk.follow_clock(now, page_now);
                let event = self.desk.set_microphone(slot, device, may_listen);
                return event.is_none_or(|event| put_json(&mut self.outbox, &event));
            }
            Ok(message) => self.session.handle_request(now, message),
            Err(error) => self.session.refuse(id_of(text), &error.into()),
        }
        true
    }

    fn handle_binary(&mut self, now: Instant, message: &[u8]) {
        match BinaryFromPage::parse(message) {
            Some(BinaryFromPage::Media(frame)) => self.session.handle_media(now, &frame),
            Some(BinaryFromPage::Sound(sound)) => {
                let session = &mut self.session;
                self.desk
                    .capture(now, &sound, |frame| session.handle_media(now, frame));
            }
            Some(BinaryFromPage::Data {
                handle,
                binary,
                payload,
            }) => self.session.handle_data(now, handle, binary, payload),
            None => tracing::debug!("a binary message of the page is of no known kind"),
        }
    }

    /// Something of a microphone. False: the page does not read.
    fn handle_input(&mut self, now: Instant, input: Heard) -> bool {
        if !*self.may_listen.borrow() {
            let lost = self.desk.close_microphones();
            return lost.iter().all(|event| put_json(&mut self.outbox, event));
        }
        let session = &mut self.session;
        let send = |frame: &MediaFromPage<'_>| session.handle_media(now, frame);
        let event = self.desk.handle_input(input, send);
        event.is_none_or(|event| put_json(&mut self.outbox, &event))
    }

    /// Reads the datagrams that are there already, without waiting for more.
    async fn handle_datagrams(&mut self) {
        for _ in 1..DATAGRAMS_PER_TURN {
            if self.outbox.is_full() {
                return;
            }
            let next = poll_fn(|context| {
                Poll::Ready(match self.sockets.poll_receive(context, &mut self.buffer) {
                    Poll::Ready(datagram) => Some(datagram),
                    Poll::Pending => None,
                })
            });
            let Some(datagram) = next.await else {
                return;
            };
            hand_over(&mut self.session, Instant::now(), &datagram, &*self.buffer);
            // str0m wants to be asked after each input.
            if !self.carry_out() {
                return;
            }
        }
    }

    fn refresh_addresses(&mut self) {
        let change = self.sockets.refresh();
        let now = Instant::now();
        for address in change.removed {
            self.session.handle_address_gone(now, address);
        }
        for address in change.added {
            self.session.handle_address(now, address);
        }
    }
}

/// What a message of the page that is refused wants its reply to be called.
fn id_of(text: &str) -> Option<u32> {
    serde_json::from_str::<Envelope>(text).ok()?.id
}

fn put_json(outbox: &mut Outbox, message: &impl serde::Serialize) -> bool {
    match serde_json::to_string(message) {
        Ok(text) => outbox.put_control(text),
        Err(error) => {
            // Our own types: a map with keys that are no strings, which they have not.
            tracing::error!(%error, "a message to the page can't be written");
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;
    use tokio_tungstenite::tungstenite::protocol::Role;

    use super::*;

    #[tokio::test]
    async fn nothing_of_the_page_s_is_kept_while_the_peer_is_told() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await;
        let page = WebSocketStream::from_raw_socket(stream.unwrap(), Role::Server, None).await;
        let (listening, may_listen) = watch::channel(true);
        let now = Instant::now();
        let connection = Connection::new(now, page, Arc::default(), may_listen, None);
        let _parting = connection.into_parting();
        assert!(listening.is_closed());
    }
}
