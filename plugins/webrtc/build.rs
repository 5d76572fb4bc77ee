//! Writes the permissions of the plugin's commands.

/// What the page may ask the plugin for.
const COMMANDS: &[&str] = &["open"];

fn main() {
    tauri_plugin::Builder::new(COMMANDS).build();
}
