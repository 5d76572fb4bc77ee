//! Writes the permissions of the plugin's commands.

/// What the page may ask the plugin for.
const COMMANDS: &[&str] = &["open", "generate_certificate", "capture_screen"];

fn main() {
    tauri_plugin::Builder::new(COMMANDS).build();
}
