//! Prepares what `tauri::generate_context!` embeds.

use std::{fs, path::Path};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Cargo runs this in the package's root, which is the repository's. A fresh clone has no built UI,
    // and `generate_context!` fails without one: put a page there that says what to do.
    let dist = Path::new("ui/dist");
    if !dist.join("index.html").exists() {
        fs::create_dir_all(dist)?;
        fs::write(
            dist.join("index.html"),
            "<!doctype html><title>Lanline</title><p>The UI is not built yet: run <code>cargo xtask run</code>.",
        )?;
    }
    // Never name a path that does not exist: Cargo would run this at every build.
    for path in [
        "ui/dist",
        "src-tauri/build.rs",
        "src-tauri/capabilities",
        "src-tauri/permissions",
    ] {
        println!("cargo:rerun-if-changed={path}");
    }
    // With permissions of its own, the app's commands are refused unless a capability allows them. They
    // are written by hand: Tauri would generate them into a folder at the repository's root.
    let permissions = tauri_build::AppManifest::new()
        .permissions_path_pattern("./src-tauri/permissions/**/*.toml");
    tauri_build::try_build(
        tauri_build::Attributes::new()
            .capabilities_path_pattern("./src-tauri/capabilities/**/*")
            .app_manifest(permissions),
    )?;
    Ok(())
}
