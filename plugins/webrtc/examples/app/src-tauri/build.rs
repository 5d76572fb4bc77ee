//! Prepares what `tauri::generate_context!` embeds.

use std::{fs, path::Path};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A fresh clone has no built pages, and `generate_context!` fails without one.
    let dist = Path::new("../dist");
    if !dist.join("index.html").exists() {
        fs::create_dir_all(dist)?;
        fs::write(
            dist.join("index.html"),
            "<!doctype html><title>Example</title><p>The pages are not built yet: run <code>npm ci && npm run build</code>.",
        )?;
    }
    println!("cargo:rerun-if-changed=../dist");
    tauri_build::try_build(tauri_build::Attributes::new())?;
    Ok(())
}
