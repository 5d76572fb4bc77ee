//! Gives the pictures of a screen to the page: one each time it asks, when there is one that is new.

use std::{
    ops::ControlFlow,
    pin::pin,
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use tokio::{net::TcpStream, time};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use super::{
    Screen, ScreenError, Source,
    pictures::{Picture, Pictures},
};
use crate::{bridge::frame::screen_to_wire, limits::STILL_INTERVAL};

/// Shows a screen until the page closes its socket, or it ends.
pub(crate) async fn run(mut page: WebSocketStream<TcpStream>, screen: Screen) {
    let ended = show(&mut page, screen).await;
    if let Err(error) = ended {
        tracing::info!(%error, "a screen is shown no longer");
    }
    // The page may have closed it.
    let _ = page.close(None).await;
}

async fn show(page: &mut WebSocketStream<TcpStream>, screen: Screen) -> Result<(), ScreenError> {
    let Screen { source, bounds } = screen;
    let starting = tokio::task::spawn_blocking(move || {
        Pictures::start(&source, bounds).map(|pictures| (source, pictures))
    });
    let (source, pictures) = starting
        .await
        .map_err(|error| ScreenError::Failed(error.to_string()))??;
    feed(page, pictures, stopped(&source), bounds.frame_rate).await
}

async fn feed(
    page: &mut WebSocketStream<TcpStream>,
    mut pictures: Pictures,
    stopped: impl Future<Output = ()>,
    frame_rate: u32,
) -> Result<(), ScreenError> {
    // One may come early by a quarter of its time, or 30 a second would be 15 of 29.
    let interval = Duration::from_secs(1) * 3 / 4 / frame_rate;
    let mut stopped = pin!(stopped);
    let start = Instant::now();
    let mut last: Option<(Instant, Picture)> = None;
    let mut wanted = false;
    loop {
        let due = match &last {
            Some((at, _)) => *at + interval,
            None => start,
        };
        let picture = async {
            time::sleep_until(due.into()).await;
            next(&mut pictures, last.as_ref()).await
        };
        tokio::select! {
            message = page.next() => match heard(message) {
                ControlFlow::Continue(wants) => wanted |= wants,
                ControlFlow::Break(()) => return Ok(()),
            },
            () = &mut stopped => return Ok(()),
            picture = picture, if wanted => {
                let (now, picture) = (Instant::now(), picture?);
                wanted = false;
                let wire = screen_to_wire(picture.width, picture.height, now - start, &picture.planes);
                if page.send(Message::from(wire)).await.is_err() {
                    return Ok(());
                }
                last = Some((now, picture));
            }
        }
    }
}

/// The next picture that differs from the last, or the last once more after a while.
async fn next(
    pictures: &mut Pictures,
    last: Option<&(Instant, Picture)>,
) -> Result<Picture, ScreenError> {
    let Some((at, last)) = last else {
        return pictures.next().await;
    };
    let still = *at + STILL_INTERVAL;
    loop {
        match time::timeout_at(still.into(), pictures.next()).await {
            Ok(picture) => {
                let picture = picture?;
                if picture != *last {
                    return Ok(picture);
                }
            }
            Err(_) => return Ok(last.clone()),
        }
    }
}

/// Whether the page wants a picture, or nothing more.
fn heard<E>(message: Option<Result<Message, E>>) -> ControlFlow<(), bool> {
    match message {
        Some(Ok(Message::Text(_) | Message::Binary(_))) => ControlFlow::Continue(true),
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {
            ControlFlow::Continue(false)
        }
        Some(Ok(Message::Close(_)) | Err(_)) | None => ControlFlow::Break(()),
    }
}

/// Until what was chosen is no longer there, or the desktop stops showing it.
async fn stopped(source: &Source) {
    match source {
        Source::Portal(cast) => cast.ended().await,
        Source::Area(choice) => choice.ended().await,
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::net::TcpListener;
    use tokio_tungstenite::{accept_async, client_async};

    use super::{super::Bounds, *};

    /// Both ends of a socket.
    async fn socket() -> (WebSocketStream<TcpStream>, WebSocketStream<TcpStream>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let ours = async {
            accept_async(listener.accept().await.unwrap().0)
                .await
                .unwrap()
        };
        let theirs = async {
            let stream = TcpStream::connect(address).await.unwrap();
            client_async(format!("ws://{address}/"), stream)
                .await
                .unwrap()
                .0
        };
        tokio::join!(ours, theirs)
    }

    fn ball(more: &str) -> Pictures {
        let bounds = Bounds {
            width: 64,
            height: 48,
            frame_rate: 60,
        };
        Pictures::of(&format!("videotestsrc pattern=ball {more}"), bounds).unwrap()
    }

    #[tokio::test]
    async fn a_picture_comes_for_each_that_is_asked_for() {
        let (mut ours, mut page) = socket().await;
        let feeding = feed(&mut ours, ball("is-live=true"), pending(), 60);
        let asking = async {
            let mut seen = Vec::new();
            for _ in 0..3 {
                page.send(Message::from("next")).await.unwrap();
                seen.push(page.next().await.unwrap().unwrap().into_data());
            }
            page.close(None).await.unwrap();
            seen
        };
        let (ended, seen) = tokio::join!(feeding, asking);
        assert!(ended.is_ok());
        assert!(
            seen.iter()
                .all(|picture| picture.len() == 16 + 64 * 48 * 3 / 2)
        );
        assert!(seen.windows(2).all(|pair| pair[0][16..] != pair[1][16..]));
    }

    #[tokio::test]
    async fn it_ends_with_the_screen_and_when_it_is_stopped() {
        let (mut ours, mut page) = socket().await;
        page.send(Message::from("next")).await.unwrap();
        page.send(Message::from("next")).await.unwrap();
        let gone = feed(&mut ours, ball("num-buffers=0"), pending(), 60).await;
        assert!(matches!(gone, Err(ScreenError::Failed(_))));
        let stopped = feed(&mut ours, ball("is-live=true"), async {}, 60).await;
        assert!(stopped.is_ok());
    }
}
