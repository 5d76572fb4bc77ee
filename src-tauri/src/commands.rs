//! What the page can ask of the shell: an argument in, one call, an [`ErrorCode`] out. Which window may
//! call which is in `permissions/` and `capabilities/`.

use lanline_signaling::protocol::{
    ErrorCode,
    ui::{Attach, Command, FromNode},
    wire,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tauri::{Runtime, State, WebviewWindow, ipc::Channel};

use crate::{attachments::Attachments, embedded::Embedded, handoff, place::Place};

/// Attaches the page to the node, once that runs; its events go to the channel. A node that could not be
/// started is tried again.
///
/// # Errors
/// See [`wire::decode`]; why the node could not be started, or what it refuses with.
#[tauri::command]
pub(crate) async fn node_attach<R: Runtime>(
    window: WebviewWindow<R>,
    embedded: State<'_, Embedded>,
    attachments: State<'_, Attachments>,
    attach: Value,
    channel: Channel<FromNode>,
) -> Result<(), ErrorCode> {
    let attach: Attach = read(&attach)?;
    embedded.retry();
    let node = embedded.running().await?;
    attachments
        .attach(window, node.inbox, attach, channel)
        .await
}

/// Has something done by the node.
///
/// # Errors
/// See [`wire::decode`]; [`ErrorCode::NotAttached`], or what the node refuses with.
#[tauri::command]
pub(crate) async fn node_request<R: Runtime>(
    window: WebviewWindow<R>,
    attachments: State<'_, Attachments>,
    command: Value,
) -> Result<(), ErrorCode> {
    let command: Command = read(&command)?;
    attachments.request(window.label(), command).await
}

/// Opens this device's own page in the system's browser, at a path that [`Place`] knows.
///
/// # Errors
/// [`ErrorCode::InvalidMessage`]: not a path of ours. [`ErrorCode::NoBrowser`]: none could be
/// started. Why the node could not be started.
#[tauri::command]
pub(crate) async fn open_in_browser(
    embedded: State<'_, Embedded>,
    path: String,
) -> Result<(), ErrorCode> {
    let place: Place = path.parse()?;
    let node = embedded.running().await?;
    handoff::open(&place.under(&node.local_url)).await
}

/// Reads what the page sent, with the same bounds and codes as over a socket; Tauri's own reading would
/// refuse it with a sentence.
fn read<T: DeserializeOwned>(value: &Value) -> Result<T, ErrorCode> {
    wire::decode(value.to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use lanline_signaling::{node::Config, protocol::limits::MAX_MESSAGE_BYTES};
    use serde_json::json;
    use tauri::{
        App, Manager, WebviewWindowBuilder,
        ipc::{CallbackFn, InvokeBody},
        test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder},
        webview::InvokeRequest,
    };

    use super::*;

    const OURS: &str = if cfg!(any(windows, target_os = "android")) {
        "http://tauri.localhost/"
    } else {
        "tauri://localhost/"
    };

    /// The app with its real capabilities, and a node that can't start: its data directory is a file.
    fn app() -> App<MockRuntime> {
        let app = crate::builder(mock_builder())
            .build(tauri::generate_context!(test = true))
            .unwrap();
        let data_dir = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").into();
        app.manage(Embedded::start(Config {
            data_dir,
            port: 0,
            name: None,
        }));
        app
    }

    /// What a page in a window gets when it calls a command.
    fn call(
        app: &App<MockRuntime>,
        window: &str,
        page: &str,
        command: &str,
        arguments: Value,
    ) -> Value {
        let window = app.get_webview_window(window).unwrap_or_else(|| {
            WebviewWindowBuilder::new(app, window, tauri::WebviewUrl::default())
                .build()
                .unwrap()
        });
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: page.parse().unwrap(),
            body: InvokeBody::Json(arguments),
            headers: tauri::http::HeaderMap::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        match get_ipc_response(&window, request) {
            Ok(body) => body.deserialize().unwrap(),
            Err(error) => error,
        }
    }

    fn is_refused(answer: &Value) -> bool {
        answer
            .as_str()
            .is_some_and(|text| text.contains("not allowed"))
    }

    #[test]
    fn our_page_in_the_window_may_call_every_command_and_gets_codes() {
        let app = app();
        let attach = json!({ "role": "owner", "webrtc": false, "kind": "desktop" });
        let arguments = json!({ "attach": attach, "channel": "__CHANNEL__:1" });
        assert_eq!(
            call(&app, "main", OURS, "node_attach", arguments),
            json!("data_dir_unusable")
        );
        let arguments = json!({ "command": { "type": "history_seen" } });
        assert_eq!(
            call(&app, "main", OURS, "node_request", arguments),
            json!("not_attached")
        );
        let arguments = json!({ "path": "//evil.example/" });
        assert_eq!(
            call(&app, "main", OURS, "open_in_browser", arguments),
            json!("invalid_message")
        );
        let arguments = json!({ "path": "#true" });
        assert_eq!(
            call(&app, "main", OURS, "open_in_browser", arguments),
            json!("data_dir_unusable")
        );
        assert!(app.state::<Embedded>().failed());
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_a_code() {
        let app = app();
        for (command, code) in [
            (json!({ "type": "no_such" }), "unknown_message"),
            (json!({ "type": "decline", "call": "x" }), "invalid_message"),
            (
                json!({ "type": "set_name", "name": "n".repeat(MAX_MESSAGE_BYTES) }),
                "too_large",
            ),
            (json!(1), "invalid_message"),
        ] {
            let arguments = json!({ "command": command });
            assert_eq!(
                call(&app, "main", OURS, "node_request", arguments),
                json!(code)
            );
        }
        let arguments = json!({ "attach": { "role": "king" }, "channel": "__CHANNEL__:1" });
        let answer = call(&app, "main", OURS, "node_attach", arguments);
        assert!(
            [json!("unknown_message"), json!("invalid_message")].contains(&answer),
            "{answer}"
        );
    }

    #[test]
    fn no_other_page_may_call_any() {
        let app = app();
        for page in [
            "http://localhost:3000/",
            "https://evil.example/",
            "http://tauri.localhost.evil/",
        ] {
            for command in ["node_attach", "node_request", "open_in_browser"] {
                let answer = call(&app, "main", page, command, json!({}));
                assert!(is_refused(&answer), "{page} {command}: {answer}");
            }
        }
    }

    #[test]
    fn no_other_window_may_call_any() {
        let app = app();
        for command in ["node_attach", "node_request", "open_in_browser"] {
            let answer = call(&app, "other", OURS, command, json!({}));
            assert!(is_refused(&answer), "{command}: {answer}");
        }
    }

    #[test]
    fn the_page_has_none_of_the_commands_that_come_with_tauri() {
        let app = app();
        for command in [
            "plugin:window|close",
            "plugin:app|version",
            "plugin:event|listen",
            "plugin:webview|create_webview",
        ] {
            let answer = call(&app, "main", OURS, command, json!({}));
            assert!(is_refused(&answer), "{command}: {answer}");
        }
    }
}
