//! The desktop app.

// No console window beside the app's on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    lanline_lib::run()
}
