//! The places in our own page that a browser can be sent to: what the page's address asks for after `#`.

use std::str::FromStr;

use lanline_signaling::protocol::{ErrorCode, PeerId};

/// A place in our own page. Only these can be opened: the page can't make the shell open anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The page itself.
    Home,
    /// `#true`: call this node's owner.
    CallOwner,
    /// `#call=PEER`: ask whether to call somebody; `#call=PEER&audio`: without a camera.
    Call {
        /// Whom.
        peer: PeerId,
        /// Whether it is a video call.
        video: bool,
    },
}

impl FromStr for Place {
    type Err = ErrorCode;

    fn from_str(text: &str) -> Result<Self, ErrorCode> {
        let text = text.strip_prefix('/').unwrap_or(text);
        let Some(hash) = text.strip_prefix('#') else {
            return if text.is_empty() {
                Ok(Self::Home)
            } else {
                Err(ErrorCode::InvalidMessage)
            };
        };
        if hash == "true" {
            return Ok(Self::CallOwner);
        }
        let peer = hash
            .strip_prefix("call=")
            .ok_or(ErrorCode::InvalidMessage)?;
        let audio = peer.strip_suffix("&audio");
        let video = audio.is_none();
        let peer = audio
            .unwrap_or(peer)
            .parse()
            .map_err(|_| ErrorCode::InvalidMessage)?;
        Ok(Self::Call { peer, video })
    }
}

impl Place {
    /// The URL of this place on a node whose page is at `local_url` (which ends in a slash).
    pub(crate) fn under(&self, local_url: &str) -> String {
        match self {
            Self::Home => local_url.to_owned(),
            Self::CallOwner => format!("{local_url}#true"),
            Self::Call { peer, video: true } => format!("{local_url}#call={peer}"),
            Self::Call { peer, video: false } => format!("{local_url}#call={peer}&audio"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-abcdefg2";
    const LOCAL: &str = "http://localhost:3000/";

    fn url(path: &str) -> Result<String, ErrorCode> {
        Ok(path.parse::<Place>()?.under(LOCAL))
    }

    #[test]
    fn our_own_places_can_be_opened() {
        assert_eq!(url(""), Ok(LOCAL.to_owned()));
        assert_eq!(url("/"), Ok(LOCAL.to_owned()));
        assert_eq!(url("/#true"), Ok(format!("{LOCAL}#true")));
        assert_eq!(url("#true"), Ok(format!("{LOCAL}#true")));
        assert_eq!(
            url(&format!("/#call={PEER}")),
            Ok(format!("{LOCAL}#call={PEER}"))
        );
        assert_eq!(
            url(&format!("/#call={PEER}&audio")),
            Ok(format!("{LOCAL}#call={PEER}&audio"))
        );
    }

    #[test]
    fn nothing_else_can() {
        for path in [
            "//evil.example/",
            "/../etc",
            "http://evil.example/",
            "@evil.example/",
            ".evil.example/",
            "javascript:alert(1)",
            "index.html",
            "?x",
            "##true",
            "#true ",
            "#false",
            "#call=",
            "#call=somebody",
            "#call=&audio",
            "#accept=aaaaaaaaaaaaaaaaaaaaaaaaaa",
            "#call=aaaa --utility-cmd-prefix=sh",
        ] {
            assert_eq!(url(path), Err(ErrorCode::InvalidMessage), "{path}");
        }
    }
}
