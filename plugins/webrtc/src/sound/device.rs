//! What microphones and loudspeakers share as devices of the system.

use std::{
    sync::mpsc::{Receiver, sync_channel},
    time::Duration,
};

use cpal::{BufferSize, ErrorKind, StreamConfig};

use super::RATE;

/// How long the sound server may take to open a device.
pub(super) const OPENING: Duration = Duration::from_secs(5);

/// How a device is opened that gives or takes `period` samples at once.
pub(super) fn config(channels: u16, period: u32) -> StreamConfig {
    StreamConfig {
        channels,
        sample_rate: RATE,
        buffer_size: BufferSize::Fixed(period),
    }
}

/// What a device is to call when something is wrong with it, and where it is told once that broke it.
pub(super) fn trouble(
    what: &'static str,
) -> (
    impl FnMut(cpal::Error) + Send + 'static,
    Receiver<cpal::Error>,
) {
    let (breaking, broken) = sync_channel(1);
    // The enum is cpal's and grows; what isn't known to be harmless ends the stream.
    #[allow(clippy::wildcard_enum_match_arm)]
    let failed = move |error: cpal::Error| match error.kind() {
        // A hole that was heard, another device in its place, or no right to be faster: it goes on.
        ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {
            tracing::debug!(%error, "{what} stumbled");
        }
        _ => {
            let _ = breaking.try_send(error);
        }
    };
    (failed, broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_does_not_break_a_device_and_its_loss_does() {
        let (mut failed, broken) = trouble("a device");
        failed(ErrorKind::Xrun.into());
        assert!(broken.try_recv().is_err());
        failed(ErrorKind::DeviceNotAvailable.into());
        failed(ErrorKind::DeviceNotAvailable.into());
        let told = broken.try_iter().map(|error| error.kind());
        assert_eq!(told.collect::<Vec<_>>(), [ErrorKind::DeviceNotAvailable]);
    }
}
