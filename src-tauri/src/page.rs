//! Which page is ours.

use tauri::Url;

/// Where `tauri dev` serves the UI: `build.devUrl` of `tauri.conf.json`.
const DEV_ORIGIN: &str = "http://localhost:1420";

/// Whether a URL is of the UI in this app, wherever in it.
pub(crate) fn is_ours(url: &Url) -> bool {
    is_ours_when(url, tauri::is_dev())
}

fn is_ours_when(url: &Url, dev: bool) -> bool {
    // The host is compared whole and the scheme is fixed: `tauri://localhost.evil` and
    // `http://tauri.localhost.evil` are somebody else. Custom schemes have an opaque origin, so
    // `Url::origin` can't be used for the first.
    let bundled = match url.scheme() {
        // Linux, macOS, iOS.
        "tauri" => url.host_str() == Some("localhost") && url.port().is_none(),
        // Windows and Android, where a webview can't be given a scheme of its own.
        "http" => {
            url.host_str() == Some("tauri.localhost") && url.port_or_known_default() == Some(80)
        }
        _ => false,
    };
    bundled || (dev && url.origin().ascii_serialization() == DEV_ORIGIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(url: &str, dev: bool) -> bool {
        is_ours_when(&url.parse().unwrap(), dev)
    }

    #[test]
    fn our_own_page_is_ours() {
        for url in [
            "tauri://localhost",
            "tauri://localhost/index.html#call=x",
            "http://tauri.localhost/",
            "http://tauri.localhost/index.html?x=1",
        ] {
            assert!(ours(url, false), "{url}");
            assert!(ours(url, true), "{url}");
        }
    }

    #[test]
    fn the_development_server_is_ours_in_development_only() {
        assert!(ours("http://localhost:1420/index.html", true));
        assert!(!ours("http://localhost:1420/index.html", false));
    }

    #[test]
    fn nothing_else_is_ours() {
        for url in [
            "tauri://localhost.evil/",
            "tauri://localhost:81/",
            "tauri://evil/",
            "http://tauri.localhost.evil/",
            "http://tauri.localhost:8080/",
            "http://tauri.localhost@evil/",
            "https://tauri.localhost/",
            "http://localhost/",
            "http://localhost:3000/",
            "http://localhost:14200/",
            "https://localhost:1420/",
            "http://127.0.0.1:1420/",
            "about:blank",
            "data:text/html,x",
            "file:///tauri/localhost",
            "ipc://localhost/",
            "blob:tauri://localhost/1",
        ] {
            assert!(!ours(url, false), "{url}");
            assert!(!ours(url, true), "{url}");
        }
    }
}
