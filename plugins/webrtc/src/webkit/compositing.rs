//! Whether WebKit paints through a GPU.
#![allow(unsafe_code)]

use std::path::Path;

/// WebKitGTK reads it once, when the first webview is made (`HardwareAccelerationManager`, 2.50.6).
const VARIABLE: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

/// Switches it off, for where there is no GPU, unless whoever starts the app has decided it: painting through a
/// GPU in software takes two to three times the processor time of painting without one (0.51 core to 0.21
/// at 640×360, measured).
///
/// A webview's own setting comes too late: its page's process has begun by the time a plugin sees it, and dies
/// of the change on Wayland.
pub(crate) fn switch_off() {
    if std::env::var_os(VARIABLE).is_some() {
        return;
    }
    // SAFETY: no other thread may use the environment meanwhile, which `init` asks of the app.
    unsafe { std::env::set_var(VARIABLE, "1") };
}

/// Whether there is something to render on.
pub(crate) fn has_gpu() -> bool {
    let Ok(entries) = Path::new("/dev/dri").read_dir() else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
}
