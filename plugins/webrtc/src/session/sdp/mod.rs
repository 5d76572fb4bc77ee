//! Session descriptions as text: what the page must know of them, and the few lines we change.
//! Everything else in them is str0m's business.

mod section;

pub(crate) use self::section::Section;
use crate::{
    error::RequestError,
    limits::{MAX_SDP, MAX_SECTIONS},
};

/// A description in lines: those of the session, then those of each media section.
#[derive(Debug, Clone)]
pub(crate) struct Description {
    session: Vec<String>,
    sections: Vec<Section>,
}

impl Description {
    /// Reads a description. Only its lines and its `m=` lines are checked here.
    ///
    /// # Errors
    /// It is too large, has too many sections, or a line that is none.
    pub(crate) fn parse(text: &str) -> Result<Self, RequestError> {
        if text.len() > MAX_SDP {
            return Err(RequestError::DescriptionTooLarge);
        }
        let mut description = Self {
            session: Vec::new(),
            sections: Vec::new(),
        };
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                continue;
            }
            if line.as_bytes().get(1) != Some(&b'=') {
                return Err(RequestError::SdpSyntax { line: index + 1 });
            }
            if line.starts_with("m=") {
                if line.split(' ').count() < 4 {
                    return Err(RequestError::SdpSyntax { line: index + 1 });
                }
                if description.sections.len() == MAX_SECTIONS {
                    return Err(RequestError::TooManySections);
                }
                description.sections.push(Section { lines: Vec::new() });
            }
            match description.sections.last_mut() {
                Some(section) => section.lines.push(line.to_owned()),
                None => description.session.push(line.to_owned()),
            }
        }
        if !text.starts_with("v=0") {
            return Err(RequestError::SdpSyntax { line: 1 });
        }
        for section in &description.sections {
            let mid = section.mid().ok_or(RequestError::Mid)?;
            // str0m keeps 16 letters and digits of it, and would answer with another.
            if mid.len() > 16 || !mid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(RequestError::Mid);
            }
        }
        Ok(description)
    }

    /// Reads a description of the peer, and checks that a connection can be made of it.
    ///
    /// # Errors
    /// As of [`Self::parse`]; a malformed name or password, no fingerprint, RTCP on a port of its own.
    pub(crate) fn parse_remote(text: &str) -> Result<Self, RequestError> {
        let mut description = Self::parse(text)?;
        description.check_transport()?;
        for section in &mut description.sections {
            if section.rejected() {
                section.name_formats();
            } else {
                section.leave_out_unnamed();
            }
        }
        Ok(description)
    }

    /// In a bundle the first section speaks for all (RFC 8843, section 7.1.3): something is there if one has it.
    fn check_transport(&self) -> Result<(), RequestError> {
        let malformed = |line: &String| {
            let name = line.strip_prefix("a=ice-ufrag:");
            let password = line.strip_prefix("a=ice-pwd:");
            name.is_some_and(|name| !is_ice(name, 4))
                || password.is_some_and(|password| !is_ice(password, 22))
        };
        if self.lines().any(malformed) {
            return Err(RequestError::IceCredentials);
        }
        let used = || self.sections.iter().filter(|section| !section.rejected());
        let has = |prefix: &str| self.lines().any(|line| line.starts_with(prefix));
        if used().next().is_some() && !has("a=fingerprint:") {
            return Err(RequestError::Fingerprint);
        }
        if used().any(|section| section.kind().is_some()) && !has("a=rtcp-mux") {
            return Err(RequestError::RtcpMux);
        }
        Ok(())
    }

    fn lines(&self) -> impl Iterator<Item = &String> {
        let sections = self.sections.iter().flat_map(|section| &section.lines);
        self.session.iter().chain(sections)
    }

    pub(crate) fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The section of that identification.
    pub(crate) fn section(&self, mid: &str) -> Option<&Section> {
        self.sections
            .iter()
            .find(|section| section.mid() == Some(mid))
    }

    /// The same, to be changed.
    pub(crate) fn section_mut(&mut self, mid: &str) -> Option<&mut Section> {
        self.sections
            .iter_mut()
            .find(|section| section.mid() == Some(mid))
    }

    /// Takes all candidates out: ours is to resolve names and to bound them. The last is "" if there will be no more.
    pub(crate) fn take_candidates(&mut self) -> Vec<String> {
        let mut candidates = Vec::new();
        let mut ended = false;
        let sections = self.sections.iter_mut().map(|section| &mut section.lines);
        for lines in std::iter::once(&mut self.session).chain(sections) {
            lines.retain(|line| {
                let candidate = line.strip_prefix("a=candidate:");
                if let Some(rest) = candidate {
                    candidates.push(format!("candidate:{rest}"));
                }
                ended |= line == "a=end-of-candidates";
                candidate.is_none() && line != "a=end-of-candidates"
            });
        }
        if ended {
            candidates.push(String::new());
        }
        candidates
    }

    /// Names a format in each section that rejects one of the offer: a section names at least one (RFC 8866, section
    /// 5.14), and str0m none.
    pub(crate) fn name_rejected(&mut self, offer: &Self) {
        for section in &mut self.sections {
            let offered = section.mid().and_then(|mid| offer.section(mid));
            if let Some(offered) = offered.filter(|_| section.rejected()) {
                section.name_format_of(offered);
            }
        }
    }

    /// The first section that has a port: those of the bundle are reached through it (RFC 8843, section 7.2.1).
    pub(crate) fn first_used(&self) -> Option<usize> {
        self.sections.iter().position(|section| !section.rejected())
    }

    /// Puts candidates that str0m wrote into the first section where they are read, if that one is rejected.
    pub(crate) fn place_candidates(&mut self) {
        let Some(at) = self.first_used().filter(|at| *at > 0) else {
            return;
        };
        let candidates = self.take_candidates();
        if let Some(section) = self.sections.get_mut(at) {
            let line = |text: String| match text.as_str() {
                "" => "a=end-of-candidates".to_owned(),
                candidate => format!("a={candidate}"),
            };
            section.lines.extend(candidates.into_iter().map(line));
        }
    }

    /// Takes out what would bring several sizes of one picture: we show one, and a peer whose simulcast is not
    /// answered sends one (RFC 8853, section 5.3.3).
    pub(crate) fn refuse_simulcast(&mut self) {
        const SIMULCAST: [&str; 3] = ["a=simulcast:", "a=rid:", "a=ssrc-group:SIM"];
        const STREAM_ID: &str = "urn:ietf:params:rtp-hdrext:sdes:";
        for section in &mut self.sections {
            section.lines.retain(|line| {
                let of_streams = line.starts_with("a=extmap:")
                    && line.contains(STREAM_ID)
                    && line.contains("rtp-stream-id");
                !of_streams && !SIMULCAST.iter().any(|prefix| line.starts_with(prefix))
            });
        }
    }

    /// The name of its ICE generation; all sections are bundled, so it is one.
    pub(crate) fn generation(&self) -> Option<&str> {
        self.lines()
            .find_map(|line| line.strip_prefix("a=ice-ufrag:"))
    }

    /// Where the page wants the bandwidth estimate to start (`x-google-start-bitrate`), bit/s.
    pub(crate) fn start_bitrate(&self) -> Option<u64> {
        let kilobits = self.sections.iter().find_map(|section| {
            section.lines.iter().find_map(|line| {
                let (_, rest) = line.split_once("x-google-start-bitrate=")?;
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                digits.parse::<u64>().ok()
            })
        })?;
        Some(kilobits.clamp(30, 100_000) * 1000)
    }

    /// As text.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        for line in self.lines() {
            text.push_str(line);
            text.push_str("\r\n");
        }
        text
    }
}

/// Whether it is a name or password of ICE, of so many characters at least (RFC 8839, section 5.4).
fn is_ice(text: &str, least: usize) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+/".contains(&byte);
    (least..=256).contains(&text.len()) && text.bytes().all(allowed)
}
