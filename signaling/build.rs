//! Prepares what the relay embeds: the built UI.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    // A fresh clone has no built UI, and embedding needs its directory: put a page there that says
    // what to do. `src-tauri/build.rs` does the same for the app.
    let dist = Path::new("../ui/dist");
    if !dist.join("index.html").exists() {
        fs::create_dir_all(dist)?;
        fs::write(
            dist.join("index.html"),
            "<!doctype html><title>Lanline</title><p>The UI is not built yet: run <code>cargo xtask run</code>.",
        )?;
    }
    // Never name a path that does not exist: Cargo would run this at every build.
    println!("cargo:rerun-if-changed=../ui/dist");
    println!("cargo:rerun-if-changed=build.rs");
    Ok(())
}
