//! One section of a description: sound, pictures or data.

use crate::bridge::messages::{Direction, Kind};

/// A codec that nobody has.
const NAMELESS: &str = "nameless/8000";

/// One `m=` line and what follows it.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(super) lines: Vec<String>,
}

impl Section {
    /// Sound or pictures; nothing for data and what we do not know.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match self.field(0) {
            "m=audio" => Some(Kind::Audio),
            "m=video" => Some(Kind::Video),
            _ => None,
        }
    }

    pub(crate) fn is_data(&self) -> bool {
        self.field(0) == "m=application"
    }

    /// Whether its port is 0 and it is not bundled with one that has a port.
    pub(crate) fn rejected(&self) -> bool {
        self.field(1) == "0" && self.attribute("bundle-only").is_none()
    }

    pub(crate) fn mid(&self) -> Option<&str> {
        self.attribute("mid")
    }

    /// The direction as written; `sendrecv` if none is (RFC 8866, section 6.7).
    pub(crate) fn direction(&self) -> Direction {
        self.lines
            .iter()
            .find_map(|line| direction_of(line))
            .unwrap_or(Direction::Sendrecv)
    }

    pub(crate) fn set_direction(&mut self, direction: Direction) {
        self.lines.retain(|line| direction_of(line).is_none());
        self.lines.push(
            match direction {
                Direction::Sendrecv => "a=sendrecv",
                Direction::Sendonly => "a=sendonly",
                Direction::Recvonly => "a=recvonly",
                Direction::Inactive => "a=inactive",
            }
            .to_owned(),
        );
    }

    /// The sources it names, and which of them repairs which (`a=ssrc`, RFC 5576; `FID`, RFC 4588, section 8.8).
    pub(crate) fn sources(&self) -> (Vec<u32>, Vec<(u32, u32)>) {
        let mut sources = Vec::new();
        let mut repairs = Vec::new();
        for line in &self.lines {
            if let Some(value) = line.strip_prefix("a=ssrc:") {
                let ssrc = value.split(' ').next().and_then(|ssrc| ssrc.parse().ok());
                sources.extend(ssrc.filter(|ssrc| !sources.contains(ssrc)));
            } else if let Some(value) = line.strip_prefix("a=ssrc-group:FID ") {
                let mut group = value.split(' ').map_while(|ssrc| ssrc.parse().ok());
                repairs.extend(group.next().zip(group.next()));
            }
        }
        (sources, repairs)
    }

    /// The MediaStreams its track is in, and the track's id (`a=msid`, RFC 8830).
    pub(crate) fn streams(&self) -> (Vec<String>, Option<String>) {
        let mut streams = Vec::new();
        let mut track = None;
        for value in self
            .lines
            .iter()
            .filter_map(|line| line.strip_prefix("a=msid:"))
        {
            let mut words = value.split(' ');
            let stream = words.next().unwrap_or_default();
            if stream != "-" && !stream.is_empty() && !streams.iter().any(|known| known == stream) {
                streams.push(stream.to_owned());
            }
            track = track.or_else(|| words.next().map(str::to_owned));
        }
        (streams, track)
    }

    /// Replaces the streams and the track's id.
    pub(crate) fn set_streams(&mut self, streams: &[String], track: Option<&str>) {
        let token = |text: &str| -> String {
            text.chars()
                .filter(|letter| letter.is_ascii_graphic())
                .take(64)
                .collect()
        };
        let Some(at) = self
            .lines
            .iter()
            .position(|line| line.starts_with("a=msid:"))
        else {
            return;
        };
        let old_track = self.streams().1;
        let track = track.map(token).or(old_track).unwrap_or_default();
        let stale = |line: &String| {
            line.starts_with("a=msid:") || (line.starts_with("a=ssrc:") && line.contains(" msid:"))
        };
        self.lines.retain(|line| !stale(line));
        let at = at.min(self.lines.len());
        if streams.is_empty() {
            self.lines.insert(at, format!("a=msid:- {track}"));
        }
        for stream in streams.iter().rev().take(8) {
            self.lines
                .insert(at, format!("a=msid:{} {track}", token(stream)));
        }
    }

    /// Its payload types in order, and the name of the codec of each.
    pub(crate) fn payloads(&self) -> Vec<(u8, String)> {
        self.formats()
            .filter_map(|pt| {
                let name = self.rtpmap(pt)?.split('/').next()?.to_owned();
                Some((pt, name))
            })
            .collect()
    }

    /// Names a format of what it rejects, if it names none.
    pub(super) fn name_format_of(&mut self, rejected: &Self) {
        if self.formats().next().is_some() {
            return;
        }
        let (Some(line), Some(pt)) = (self.lines.first_mut(), rejected.formats().next()) else {
            return;
        };
        let head: Vec<_> = line.split(' ').take(3).collect();
        *line = format!("{} {pt}", head.join(" "));
        let map = rejected.rtpmap(pt).unwrap_or(NAMELESS);
        self.lines.push(format!("a=rtpmap:{pt} {map}"));
    }

    /// Names the formats that have no name; str0m wants one, though they be of what is rejected.
    pub(super) fn name_formats(&mut self) {
        let nameless: Vec<_> = self
            .formats()
            .filter(|pt| self.rtpmap(*pt).is_none())
            .collect();
        for pt in nameless {
            self.lines.push(format!("a=rtpmap:{pt} {NAMELESS}"));
        }
    }

    /// Its payload types in order, named or not.
    fn formats(&self) -> impl Iterator<Item = u8> {
        self.lines
            .first()
            .into_iter()
            .flat_map(|line| line.split(' ').skip(3))
            .filter_map(|word| word.parse().ok())
    }

    fn rtpmap(&self, pt: u8) -> Option<&str> {
        let prefix = format!("a=rtpmap:{pt} ");
        self.lines
            .iter()
            .find_map(|line| line.strip_prefix(&prefix))
    }

    /// Puts the named codecs first, in that order. Retransmission stays with its codec.
    pub(crate) fn prefer(&mut self, codecs: &[String]) {
        let rank = |name: &str| {
            codecs
                .iter()
                .position(|codec| codec.eq_ignore_ascii_case(name))
                .unwrap_or(codecs.len())
        };
        let payloads = self.payloads();
        let mut ranked: Vec<(usize, usize, u8)> = payloads
            .iter()
            .enumerate()
            .map(|(index, (pt, name))| {
                let of = self.repaired(&payloads, *pt).unwrap_or(name);
                (rank(of), index, *pt)
            })
            .collect();
        ranked.sort_unstable();
        let Some(line) = self.lines.first_mut() else {
            return;
        };
        let head: Vec<&str> = line.split(' ').take(3).collect();
        let mut rewritten = head.join(" ");
        for (_, _, pt) in ranked {
            rewritten.push_str(&format!(" {pt}"));
        }
        *line = rewritten;
    }

    /// Leaves the named codecs only, in that order, as `setCodecPreferences` wants it; all, if it has
    /// none of them: a section without a format is no section.
    pub(crate) fn restrict(&mut self, codecs: &[String]) {
        self.prefer(codecs);
        let payloads = self.payloads();
        let wanted = |name: &str| codecs.iter().any(|codec| codec.eq_ignore_ascii_case(name));
        if !payloads.iter().any(|(_, name)| wanted(name)) {
            return;
        }
        let out: Vec<u8> = payloads
            .iter()
            .filter(|(pt, name)| !wanted(self.repaired(&payloads, *pt).unwrap_or(name)))
            .map(|(pt, _)| *pt)
            .collect();
        self.leave_out(&out);
    }

    /// Leaves out what has a number but no name: those that are fixed (RFC 3551) need none, and none of them is ours.
    /// A section that has no other stays as it is.
    pub(super) fn leave_out_unnamed(&mut self) {
        let (named, unnamed): (Vec<u8>, Vec<u8>) =
            self.formats().partition(|pt| self.rtpmap(*pt).is_some());
        if self.kind().is_some() && !named.is_empty() {
            self.leave_out(&unnamed);
        }
    }

    fn leave_out(&mut self, out: &[u8]) {
        let of_one_out = |line: &str| {
            ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"]
                .iter()
                .filter_map(|prefix| line.strip_prefix(prefix)?.split(' ').next()?.parse().ok())
                .any(|pt: u8| out.contains(&pt))
        };
        self.lines.retain(|line| !of_one_out(line));
        if let Some(line) = self.lines.first_mut() {
            let words = line.split(' ').enumerate().filter(|(index, word)| {
                *index < 3 || !word.parse().is_ok_and(|pt: u8| out.contains(&pt))
            });
            *line = words.map(|(_, word)| word).collect::<Vec<_>>().join(" ");
        }
    }

    /// The codec that a payload type sends again (RFC 4588), if that is what it does.
    fn repaired<'a>(&self, payloads: &'a [(u8, String)], pt: u8) -> Option<&'a String> {
        let prefix = format!("a=fmtp:{pt} apt=");
        let main: u8 = self
            .lines
            .iter()
            .find_map(|line| line.strip_prefix(&prefix)?.parse().ok())?;
        payloads
            .iter()
            .find(|(other, _)| *other == main)
            .map(|(_, name)| name)
    }

    fn field(&self, index: usize) -> &str {
        self.lines
            .first()
            .and_then(|line| line.split(' ').nth(index))
            .unwrap_or_default()
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| {
            let rest = line.strip_prefix("a=")?.strip_prefix(name)?;
            if rest.is_empty() {
                return Some(rest);
            }
            rest.strip_prefix(':').map(str::trim)
        })
    }
}

impl Direction {
    /// The same, seen from the other side.
    pub(crate) fn inverted(self) -> Self {
        match self {
            Self::Sendrecv => Self::Sendrecv,
            Self::Sendonly => Self::Recvonly,
            Self::Recvonly => Self::Sendonly,
            Self::Inactive => Self::Inactive,
        }
    }

    /// What both want.
    pub(crate) fn intersect(self, other: Self) -> Self {
        match (
            self.sends() && other.sends(),
            self.receives() && other.receives(),
        ) {
            (true, true) => Self::Sendrecv,
            (true, false) => Self::Sendonly,
            (false, true) => Self::Recvonly,
            (false, false) => Self::Inactive,
        }
    }

    fn sends(self) -> bool {
        matches!(self, Self::Sendrecv | Self::Sendonly)
    }

    fn receives(self) -> bool {
        matches!(self, Self::Sendrecv | Self::Recvonly)
    }
}

fn direction_of(line: &str) -> Option<Direction> {
    match line {
        "a=sendrecv" => Some(Direction::Sendrecv),
        "a=sendonly" => Some(Direction::Sendonly),
        "a=recvonly" => Some(Direction::Recvonly),
        "a=inactive" => Some(Direction::Inactive),
        _ => None,
    }
}
