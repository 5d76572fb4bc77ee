//! The windows' seats at the node. A window has at most one: a page that was reloaded attaches again,
//! and its earlier seat is given up first.

use std::collections::HashMap;

use lanline_signaling::{
    inbox::{Events, Inbox, Input, Origin},
    protocol::{
        ErrorCode, UiId,
        ui::{Attach, Command, Event, FromNode},
    },
};
use tauri::{
    Runtime, UserAttentionType, WebviewWindow,
    async_runtime::{self, JoinHandle},
    ipc::Channel,
};
use tokio::sync::Mutex;

use crate::attention::{Attention, Change};

/// The seats, by the windows' labels.
#[derive(Debug, Default)]
pub(crate) struct Attachments(Mutex<HashMap<String, Attachment>>);

/// A window's seat.
#[derive(Debug)]
struct Attachment {
    inbox: Inbox,
    ui: UiId,
    forwarder: JoinHandle<()>,
}

impl Attachments {
    /// Takes a seat for a window's page, and gives up the one it had.
    ///
    /// # Errors
    /// What the node refuses with.
    pub(crate) async fn attach<R: Runtime>(
        &self,
        window: WebviewWindow<R>,
        inbox: Inbox,
        attach: Attach,
        channel: Channel<FromNode>,
    ) -> Result<(), ErrorCode> {
        // Held throughout, so that two attaches of one page can't both be the earlier.
        let mut seats = self.0.lock().await;
        let label = window.label().to_owned();
        if let Some(earlier) = seats.remove(&label) {
            earlier.give_up().await;
        }
        let (ui, events) = inbox.attach(attach, Origin::Device).await?;
        let forwarder = async_runtime::spawn(forward(window, events, channel));
        seats.insert(
            label,
            Attachment {
                inbox,
                ui,
                forwarder,
            },
        );
        Ok(())
    }

    /// Has a command of a window's page done.
    ///
    /// # Errors
    /// [`ErrorCode::NotAttached`], or what the node refuses with.
    pub(crate) async fn request(&self, label: &str, command: Command) -> Result<(), ErrorCode> {
        let (inbox, ui) = {
            let seats = self.0.lock().await;
            let seat = seats.get(label).ok_or(ErrorCode::NotAttached)?;
            (seat.inbox.clone(), seat.ui)
        };
        inbox.command(ui, command).await
    }
}

impl Attachment {
    async fn give_up(self) {
        // The page that listened is gone: not even the last events may reach the one in its place.
        self.forwarder.abort();
        // A node that is gone has no seat to give up.
        let _ = self.inbox.put(Input::Detach { ui: self.ui }).await;
    }
}

/// Carries events to the page. Tauri queues what it sends to a webview without a bound of its own; what
/// comes in is bounded by what the node takes from the network.
async fn forward<R: Runtime>(
    window: WebviewWindow<R>,
    mut events: Events,
    channel: Channel<FromNode>,
) {
    let mut attention = Attention::default();
    while let Some(event) = events.recv().await {
        if let Some(change) = attention.handle_event(&event) {
            draw_attention(&window, change);
        }
        let last = matches!(event, Event::Goodbye | Event::Replaced);
        if channel.send(FromNode::Event(event)).is_err() || last {
            return;
        }
    }
    // The node let go of this window without a word; its page must not wait for ever. If it is gone
    // too, nobody needs telling.
    let _ = channel.send(FromNode::Event(Event::Goodbye));
}

fn draw_attention<R: Runtime>(window: &WebviewWindow<R>, change: Change) {
    let kind = match change {
        Change::Ask if window.is_focused().unwrap_or(false) => return,
        Change::Ask => Some(UserAttentionType::Critical),
        Change::Stop => None,
    };
    // Not every desktop can; the call rings all the same.
    if let Err(error) = window.request_user_attention(kind) {
        tracing::debug!(%error, "the desktop took no request for attention");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lanline_signaling::{
        inbox::EventSender,
        protocol::ui::{DeviceKind, Role},
    };
    use tauri::{
        App, Manager, WebviewWindowBuilder,
        ipc::InvokeResponseBody,
        test::{MockRuntime, mock_builder, mock_context, noop_assets},
    };
    use tokio::sync::{mpsc, oneshot};

    use super::*;

    fn app() -> App<MockRuntime> {
        mock_builder().build(mock_context(noop_assets())).unwrap()
    }

    fn window(app: &App<MockRuntime>) -> WebviewWindow<MockRuntime> {
        WebviewWindowBuilder::new(app, "main", tauri::WebviewUrl::default())
            .build()
            .unwrap()
    }

    fn owner() -> Attach {
        Attach {
            role: Role::Owner,
            webrtc: false,
            kind: DeviceKind::Desktop,
            name: None,
            resume: None,
        }
    }

    /// A channel, and what the page gets through it.
    fn channel() -> (Channel<FromNode>, mpsc::Receiver<FromNode>) {
        let (sender, receiver) = mpsc::channel(8);
        let channel = Channel::new(move |body: InvokeResponseBody| {
            sender.try_send(body.deserialize()?).unwrap();
            Ok(())
        });
        (channel, receiver)
    }

    /// The driver's side: gives the next seat, and returns the queue of its events.
    async fn seat(inputs: &mut mpsc::Receiver<Input>, ui: u64) -> EventSender {
        let Some(Input::Attach {
            origin,
            events,
            reply,
            ..
        }) = inputs.recv().await
        else {
            panic!("not an attach");
        };
        assert_eq!(origin, Origin::Device);
        reply.send(Ok(UiId(ui))).unwrap();
        events
    }

    async fn next(page: &mut mpsc::Receiver<FromNode>) -> Option<FromNode> {
        tokio::time::timeout(Duration::from_secs(5), page.recv())
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_page_that_attaches_again_gives_up_its_earlier_seat_first() {
        let app = app();
        let (inbox, mut inputs) = Inbox::new();
        let seats = Attachments::default();

        let (first, mut first_page) = channel();
        let attach = seats.attach(window(&app), inbox.clone(), owner(), first);
        let (attached, first_events) = tokio::join!(attach, seat(&mut inputs, 7));
        attached.unwrap();
        first_events.send(Event::NetworkChanged).unwrap();
        assert_eq!(
            next(&mut first_page).await,
            Some(FromNode::Event(Event::NetworkChanged))
        );

        let (second, mut second_page) = channel();
        let reloaded = app.get_webview_window("main").unwrap();
        let attach = seats.attach(reloaded, inbox, owner(), second);
        let driver = async {
            let Some(Input::Detach { ui }) = inputs.recv().await else {
                panic!("the earlier seat was not given up first");
            };
            assert_eq!(ui, UiId(7));
            seat(&mut inputs, 8).await
        };
        let (attached, second_events) = tokio::join!(attach, driver);
        attached.unwrap();
        // Nothing more reaches the earlier page, which is gone.
        assert_eq!(next(&mut first_page).await, None);
        second_events.send(Event::NetworkChanged).unwrap();
        assert_eq!(
            next(&mut second_page).await,
            Some(FromNode::Event(Event::NetworkChanged))
        );
    }

    #[tokio::test]
    async fn commands_go_to_the_seat_of_the_page() {
        let app = app();
        let (inbox, mut inputs) = Inbox::new();
        let seats = Attachments::default();
        assert_eq!(
            seats.request("main", Command::HistorySeen).await,
            Err(ErrorCode::NotAttached)
        );

        let (page, _events) = channel();
        let attach = seats.attach(window(&app), inbox, owner(), page);
        let (attached, _queue) = tokio::join!(attach, seat(&mut inputs, 3));
        attached.unwrap();
        let driver = async {
            let Some(Input::Command { ui, command, reply }) = inputs.recv().await else {
                panic!("not a command");
            };
            assert_eq!((ui, command), (UiId(3), Command::HistorySeen));
            reply.send(Err(ErrorCode::RateLimited)).unwrap();
        };
        let (answer, ()) = tokio::join!(seats.request("main", Command::HistorySeen), driver);
        assert_eq!(answer, Err(ErrorCode::RateLimited));
    }

    #[tokio::test]
    async fn a_page_hears_the_end_though_the_node_says_nothing() {
        let app = app();
        let (inbox, mut inputs) = Inbox::new();
        let (channel, mut page) = channel();
        let seats = Attachments::default();
        let attach = seats.attach(window(&app), inbox, owner(), channel);
        let (attached, events) = tokio::join!(attach, seat(&mut inputs, 1));
        attached.unwrap();
        drop(events);
        assert_eq!(next(&mut page).await, Some(FromNode::Event(Event::Goodbye)));
    }

    #[tokio::test]
    async fn a_refused_page_has_no_seat() {
        let app = app();
        let (inbox, mut inputs) = Inbox::new();
        let (channel, _page) = channel();
        let seats = Attachments::default();
        let attach = seats.attach(window(&app), inbox, owner(), channel);
        let driver = async {
            let Some(Input::Attach { reply, .. }) = inputs.recv().await else {
                panic!("not an attach");
            };
            let reply: oneshot::Sender<_> = reply;
            reply.send(Err(ErrorCode::AtCapacity)).unwrap();
        };
        let (refused, ()) = tokio::join!(attach, driver);
        assert_eq!(refused, Err(ErrorCode::AtCapacity));
        assert_eq!(
            seats.request("main", Command::HistorySeen).await,
            Err(ErrorCode::NotAttached)
        );
    }
}
