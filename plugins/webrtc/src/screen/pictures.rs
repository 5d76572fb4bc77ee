//! The pictures of a screen, by GStreamer, which WebKitGTK plays with and is therefore there.

use futures_util::StreamExt;
use gstreamer::{
    self as gst, MessageView,
    bus::BusStream,
    prelude::{Cast, ElementExt, GstBinExt},
};
use gstreamer_app::{AppSink, AppSinkCallbacks};
use gstreamer_video::{VideoFrameRef, VideoInfo};
use tokio::sync::watch;

use super::{Bounds, ScreenError, Source, dialog::Choice};

/// One picture: I420, its rows without anything between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) planes: Vec<u8>,
}

/// A screen that is being watched, until this is dropped.
#[derive(Debug)]
pub(super) struct Pictures {
    pipeline: gst::Element,
    newest: watch::Receiver<Option<gst::Sample>>,
    messages: BusStream,
}

impl Pictures {
    /// Begins to watch. It takes a second where GStreamer was never used.
    ///
    /// # Errors
    /// GStreamer, or a plugin of it, is missing.
    pub(super) fn start(source: &Source, bounds: Bounds) -> Result<Self, ScreenError> {
        Self::of(&origin(source, bounds), bounds)
    }

    /// What comes from `origin`, a part of a pipeline in GStreamer's own words.
    pub(super) fn of(origin: &str, bounds: Bounds) -> Result<Self, ScreenError> {
        gst::init().map_err(unsupported)?;
        let Bounds { width, height, .. } = bounds;
        let description = format!(
            "{origin} ! videoconvertscale ! video/x-raw,format=I420,pixel-aspect-ratio=1/1,\
             width=[2,{width}],height=[2,{height}] ! appsink name={SINK} max-buffers=1 drop=true sync=false"
        );
        let pipeline = gst::parse_launch(&description).map_err(unsupported)?;
        let sink = pipeline
            .downcast_ref::<gst::Bin>()
            .and_then(|bin| bin.by_name(SINK))
            .and_then(|element| element.downcast::<AppSink>().ok())
            .ok_or_else(|| ScreenError::Failed("GStreamer gave no sink".to_owned()))?;
        let (put, newest) = watch::channel(None);
        sink.set_callbacks(
            AppSinkCallbacks::builder()
                .new_sample(move |sink| {
                    let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
                    put.send_replace(Some(sample));
                    Ok(gst::FlowSuccess::Ok)
                })
                .build(),
        );
        let messages = pipeline
            .bus()
            .ok_or_else(|| ScreenError::Failed("GStreamer gave no bus".to_owned()))?
            .stream();
        let pictures = Self {
            pipeline,
            newest,
            messages,
        };
        pictures
            .pipeline
            .set_state(gst::State::Playing)
            .map_err(|error| ScreenError::Failed(error.to_string()))?;
        Ok(pictures)
    }

    /// The newest picture, when there is one that was not given yet.
    ///
    /// # Errors
    /// There will be no more.
    pub(super) async fn next(&mut self) -> Result<Picture, ScreenError> {
        loop {
            tokio::select! {
                // The last picture comes before the word that it was the last.
                biased;
                changed = self.newest.changed() => {
                    changed.map_err(|_| over())?;
                    let sample = self.newest.borrow_and_update().clone();
                    if let Some(sample) = sample {
                        return picture(&sample);
                    }
                }
                message = self.messages.next() => ended(message.as_ref())?,
            }
        }
    }
}

impl Drop for Pictures {
    fn drop(&mut self) {
        let pipeline = self.pipeline.clone();
        // It waits for the source's thread, which may wait for the screen.
        std::thread::spawn(move || {
            if let Err(error) = pipeline.set_state(gst::State::Null) {
                tracing::debug!(%error, "a screen could not be let go of");
            }
        });
    }
}

const SINK: &str = "pictures";

/// Where the pictures come from; nothing but numbers comes from outside.
fn origin(source: &Source, bounds: Bounds) -> String {
    match source {
        Source::Area(Choice { area, .. }) => format!(
            "ximagesrc startx={} starty={} endx={} endy={} ! video/x-raw,framerate={}/1",
            area.x,
            area.y,
            // The last pixels of it.
            area.x + area.width - 1,
            area.y + area.height - 1,
            bounds.frame_rate,
        ),
        Source::Portal(cast) => format!(
            "pipewiresrc fd={} path={} do-timestamp=true",
            cast.remote(),
            cast.node()
        ),
    }
}

/// Whether a message ends it.
fn ended(message: Option<&gst::Message>) -> Result<(), ScreenError> {
    match message.map(|message| message.view()) {
        None | Some(MessageView::Eos(_)) => Err(over()),
        Some(MessageView::Error(error)) => Err(ScreenError::Failed(error.error().to_string())),
        Some(_) => Ok(()),
    }
}

fn over() -> ScreenError {
    ScreenError::Failed("it is gone".to_owned())
}

fn unsupported(error: gst::glib::Error) -> ScreenError {
    ScreenError::Unsupported(error.to_string())
}

fn picture(sample: &gst::Sample) -> Result<Picture, ScreenError> {
    let broken = || ScreenError::Failed("a picture could not be read".to_owned());
    let (buffer, caps) = sample.buffer().zip(sample.caps()).ok_or_else(broken)?;
    let info = VideoInfo::from_caps(caps).map_err(|_| broken())?;
    let frame = VideoFrameRef::from_buffer_ref_readable(buffer, &info).map_err(|_| broken())?;
    let mut planes = Vec::with_capacity(frame.size());
    for component in 0..3 {
        let data = frame.comp_data(component).map_err(|_| broken())?;
        let row = frame.comp_width(component) as usize;
        let stride = frame.comp_stride(component).unsigned_abs() as usize;
        for line in 0..frame.comp_height(component) as usize {
            let start = line * stride;
            planes.extend_from_slice(data.get(start..start + row).ok_or_else(broken)?);
        }
    }
    Ok(Picture {
        width: frame.width(),
        height: frame.height(),
        planes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        width: 64,
        height: 48,
        frame_rate: 30,
    };

    #[tokio::test]
    async fn rows_of_any_length_come_without_gaps() {
        let white = "videotestsrc pattern=white num-buffers=1 ! video/x-raw,width=33,height=17";
        let picture = Pictures::of(white, BOUNDS).unwrap().next().await.unwrap();
        assert_eq!((picture.width, picture.height), (33, 17));
        let (luma, chroma) = picture.planes.split_at(33 * 17);
        assert_eq!(chroma.len(), 2 * 17 * 9);
        assert!(luma.iter().all(|&value| value == 235));
        assert!(chroma.iter().all(|&value| value == 128));
    }

    #[tokio::test]
    async fn a_screen_that_is_too_large_keeps_its_shape() {
        let wide = "videotestsrc num-buffers=1 ! video/x-raw,width=640,height=160";
        let picture = Pictures::of(wide, BOUNDS).unwrap().next().await.unwrap();
        assert_eq!((picture.width, picture.height), (64, 16));
    }

    #[tokio::test]
    async fn a_source_that_ends_is_told_of() {
        let short = "videotestsrc num-buffers=1 ! video/x-raw,width=16,height=16";
        let mut pictures = Pictures::of(short, BOUNDS).unwrap();
        while pictures.next().await.is_ok() {}
        let broken = "filesrc location=/nonexistent ! decodebin";
        assert!(matches!(
            Pictures::of(broken, BOUNDS),
            Err(ScreenError::Failed(_))
        ));
    }

    #[test]
    fn what_is_not_installed_is_said() {
        let Err(ScreenError::Unsupported(why)) = Pictures::of("nosuchsrc", BOUNDS) else {
            panic!("it is");
        };
        assert!(why.contains("nosuchsrc"), "{why}");
    }
}
