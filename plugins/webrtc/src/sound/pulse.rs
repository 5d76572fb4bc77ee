//! What PulseAudio's own library does before it connects, and cpal's client does not: without a cookie it sends an empty
//! one, and the server takes that for a breach of the protocol (PulseAudio 16, seen).

use std::{
    env, fs, io,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::PathBuf,
};

use cpal::Host;
use rand::Rng;

/// Bytes of a cookie (`PA_NATIVE_COOKIE_LENGTH`).
const LENGTH: usize = 256;

/// The system's sound server, or ALSA.
pub(super) fn host() -> Host {
    if let Err(error) = ensure_cookie() {
        tracing::debug!(%error, "no cookie for a sound server could be made");
    }
    cpal::default_host()
}

/// Makes one where libpulse does, if there is none: a server that wants to know it lets this program in by its user.
fn ensure_cookie() -> io::Result<()> {
    let Some(home) = env::home_dir() else {
        return Ok(());
    };
    let folder = home.join(".config/pulse");
    let known = [
        env::var_os("PULSE_COOKIE").map(PathBuf::from),
        Some(folder.join("cookie")),
        Some(home.join(".pulse-cookie")),
    ];
    if known.into_iter().flatten().any(|path| path.exists()) {
        return Ok(());
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)?;
    let mut cookie = [0; LENGTH];
    rand::rng().fill_bytes(&mut cookie);
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(folder.join("cookie"))?
        .write_all(&cookie)
}
