//! Hands the person over to the system's browser, where the webview has no WebRTC: the same page, from
//! the same node, so a call that rings here rings there too.

use std::{
    ffi::{OsStr, OsString},
    io,
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use lanline_signaling::protocol::ErrorCode;
use tokio::sync::oneshot;

/// How long a browser is watched for an early end, which means that it did not come up. One that is
/// still there after that is taken to be up.
const WATCHED: Duration = Duration::from_secs(2);

/// Browsers of the Chromium family: they have WebRTC, and open a page as a window of its own.
const CHROMIUM_FAMILY: [&str; 10] = [
    "google-chrome-stable",
    "google-chrome",
    "chromium",
    "chromium-browser",
    "microsoft-edge-stable",
    "microsoft-edge",
    "brave-browser",
    "brave",
    "vivaldi-stable",
    "vivaldi",
];

/// Browsers that have WebRTC, and open the page in a window like any other.
const FIREFOX_FAMILY: [&str; 2] = ["firefox", "firefox-esr"];

/// Opens a URL in the best browser there is.
///
/// # Errors
/// [`ErrorCode::NoBrowser`]: none is installed, or none came up.
pub(crate) async fn open(url: &str) -> Result<(), ErrorCode> {
    for launch in launches(url) {
        match start(&launch).await {
            Ok(()) => {
                tracing::info!(browser = %launch.program.display(), "handed over");
                return Ok(());
            }
            Err(error) => {
                tracing::warn!(browser = %launch.program.display(), %error, "did not come up, trying the next");
            }
        }
    }
    Err(ErrorCode::NoBrowser)
}

/// A program and what to tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Launch {
    program: PathBuf,
    arguments: Vec<OsString>,
}

#[cfg(target_os = "linux")]
fn launches(url: &str) -> Vec<Launch> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    launches_from(url, &path, is_root())
}

#[cfg(target_os = "macos")]
fn launches(url: &str) -> Vec<Launch> {
    vec![Launch {
        program: "/usr/bin/open".into(),
        arguments: vec![url.into()],
    }]
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn launches(url: &str) -> Vec<Launch> {
    // Not through a shell: to `cmd /c start`, `&` in a URL is the next command.
    vec![Launch {
        program: "rundll32".into(),
        arguments: vec!["url.dll,FileProtocolHandler".into(), url.into()],
    }]
}

/// Everything that could open a URL, best first.
#[cfg_attr(
    not(any(target_os = "linux", test)),
    expect(dead_code, reason = "Linux only")
)]
fn launches_from(url: &str, path: &OsStr, root: bool) -> Vec<Launch> {
    let installed = |name: &str| {
        std::env::split_paths(path)
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    };
    let chromium = CHROMIUM_FAMILY
        .iter()
        .filter_map(|name| installed(name))
        .map(|program| {
            let mut arguments: Vec<OsString> = vec![
                format!("--app={url}").into(),
                "--no-first-run".into(),
                "--no-default-browser-check".into(),
            ];
            if root {
                // Chromium refuses to start as root otherwise.
                arguments.push("--no-sandbox".into());
            }
            Launch { program, arguments }
        });
    let firefox = FIREFOX_FAMILY
        .iter()
        .filter_map(|name| installed(name))
        .map(|program| Launch {
            program,
            arguments: vec!["--new-window".into(), url.into()],
        });
    let desktop = installed("xdg-open").map(|program| Launch {
        program,
        arguments: vec![url.into()],
    });
    chromium.chain(firefox).chain(desktop).collect()
}

#[cfg(target_os = "linux")]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Why a browser did not come up.
#[derive(Debug, thiserror::Error)]
enum LaunchError {
    #[error(transparent)]
    NotStarted(#[from] io::Error),
    #[error("it ended at once: {0}")]
    Ended(ExitStatus),
}

/// Starts a program, and watches that it comes up: it still runs after a while, or it has ended well
/// (it told a browser that ran already, or it is xdg-open).
async fn start(launch: &Launch) -> Result<(), LaunchError> {
    let mut child = Command::new(&launch.program)
        .args(&launch.arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let (tell, ended) = oneshot::channel();
    // Somebody has to wait for the browser's end, however late, or it stays as a zombie.
    std::thread::Builder::new()
        .name("browser".to_owned())
        .spawn(move || {
            // Nobody listens any more once the browser is taken to be up.
            let _ = tell.send(child.wait());
        })?;
    match tokio::time::timeout(WATCHED, ended).await {
        Ok(Ok(Ok(status))) if !status.success() => Err(LaunchError::Ended(status)),
        Ok(Ok(Err(error))) => Err(error.into()),
        Ok(Ok(Ok(_)) | Err(_)) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: &str = "http://localhost:3000/";

    /// A folder with these programs in it.
    struct Folder(PathBuf);

    impl Folder {
        fn with(name: &str, programs: &[&str]) -> Self {
            let folder =
                std::env::temp_dir().join(format!("lanline-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            for program in programs {
                std::fs::write(folder.join(program), "").unwrap();
            }
            Self(folder)
        }

        fn launches(&self, root: bool) -> Vec<Launch> {
            launches_from(LOCAL, self.0.as_os_str(), root)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn chromium_comes_first_then_firefox_then_whatever_the_desktop_knows() {
        let folder = Folder::with("browsers", &["xdg-open", "firefox-esr", "chromium", "ls"]);
        let launches = folder.launches(false);
        let names: Vec<_> = launches
            .iter()
            .map(|launch| launch.program.file_name().unwrap().to_str().unwrap())
            .collect();
        assert_eq!(names, ["chromium", "firefox-esr", "xdg-open"]);
        let app = OsString::from(format!("--app={LOCAL}"));
        assert_eq!(launches[0].arguments[0], app);
        assert!(!launches[0].arguments.contains(&"--no-sandbox".into()));
        assert!(
            folder.launches(true)[0]
                .arguments
                .contains(&"--no-sandbox".into())
        );
    }

    #[test]
    fn without_a_browser_there_is_nothing_to_launch() {
        assert_eq!(Folder::with("none", &["ls"]).launches(false), []);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_browser_that_ends_badly_did_not_come_up() {
        let launch = |program: &str| Launch {
            program: program.into(),
            arguments: Vec::new(),
        };
        assert!(start(&launch("true")).await.is_ok());
        assert!(matches!(
            start(&launch("false")).await,
            Err(LaunchError::Ended(_))
        ));
        assert!(matches!(
            start(&launch("/nowhere")).await,
            Err(LaunchError::NotStarted(_))
        ));
    }
}
