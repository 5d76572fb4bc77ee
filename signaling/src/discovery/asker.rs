//! Asks again for the TXT records that an answer left out.
//!
//! What was multicast within the last second is left out of an answer (RFC 6762, section 6). Who comes
//! to the network right after somebody changed their name or status so may get an answer without the
//! TXT record, and would wait for it forever: the daemon takes such an instance for resolved, and names
//! it in its questions as a known answer (section 7.1), whereupon nobody tells it again. A second
//! daemon that knows of nobody asks without known answers. What is answered to it is multicast, and so
//! reaches the first one.

use std::{collections::BTreeSet, time::Duration};

use mdns_sd::{Receiver, ServiceDaemon, ServiceEvent};
use tokio::time::Instant;

use super::{SERVICE_TYPE, daemon};
use crate::protocol::{PeerId, limits::MAX_PEERS};

/// Before the first question: the second in which the record is left out has then passed.
const FIRST_PAUSE: Duration = Duration::from_millis(1100);
/// The daemon asks three times in this time, after 0, 1 and 3 s.
const ASKING: Duration = Duration::from_millis(3500);
/// An instance may have no TXT record at all, so it is asked for ever more rarely, up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// The second daemon, and when to have it.
#[derive(Debug)]
pub(super) struct Asker {
    incomplete: BTreeSet<PeerId>,
    state: State,
    pause: Duration,
}

#[derive(Debug)]
enum State {
    Idle,
    Waiting(Instant),
    Asking { until: Instant, _question: Question },
}

impl Asker {
    pub(super) fn new() -> Self {
        Self {
            incomplete: BTreeSet::new(),
            state: State::Idle,
            pause: FIRST_PAUSE,
        }
    }

    /// The TXT record of this peer was left out.
    pub(super) fn incomplete(&mut self, now: Instant, peer: PeerId) {
        if self.incomplete.len() < MAX_PEERS {
            self.incomplete.insert(peer);
        }
        if matches!(self.state, State::Idle) && !self.incomplete.is_empty() {
            self.state = State::Waiting(now + self.pause);
        }
    }

    /// It came, or the peer went.
    pub(super) fn settled(&mut self, peer: &PeerId) {
        if self.incomplete.remove(peer) && self.incomplete.is_empty() {
            self.state = State::Idle;
            self.pause = FIRST_PAUSE;
        }
    }

    /// When [`Self::handle_timeout`] is to be called next.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Idle => None,
            State::Waiting(until) | State::Asking { until, .. } => Some(until),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if self.poll_timeout().is_none_or(|at| now < at) {
            return;
        }
        self.state = match self.state {
            State::Waiting(_) => match Question::ask() {
                Ok(question) => State::Asking {
                    until: now + ASKING,
                    _question: question,
                },
                Err(error) => {
                    tracing::debug!(%error, "second mDNS daemon");
                    self.later(now)
                }
            },
            State::Idle | State::Asking { .. } => self.later(now),
        };
    }

    fn later(&mut self, now: Instant) -> State {
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        State::Waiting(now + self.pause)
    }
}

/// A daemon that asks until it is dropped.
struct Question {
    daemon: ServiceDaemon,
    /// It goes on asking for as long as somebody could listen.
    _answers: Receiver<ServiceEvent>,
}

impl Question {
    fn ask() -> mdns_sd::Result<Self> {
        let daemon = daemon::start()?;
        match daemon.browse(SERVICE_TYPE) {
            Ok(answers) => Ok(Self {
                daemon,
                _answers: answers,
            }),
            Err(error) => {
                daemon::stop(&daemon);
                Err(error)
            }
        }
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        daemon::stop(&self.daemon);
    }
}

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Question")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::NodeId;

    fn peer(number: u8) -> PeerId {
        PeerId::owner(NodeId::from_digest(&[number; 32]))
    }

    #[test]
    fn it_waits_for_as_long_as_a_record_may_be_left_out() {
        let now = Instant::now();
        let mut asker = Asker::new();
        assert_eq!(asker.poll_timeout(), None);
        asker.incomplete(now, peer(1));
        asker.incomplete(now + Duration::from_millis(500), peer(2));
        assert_eq!(asker.poll_timeout(), Some(now + FIRST_PAUSE));
        asker.settled(&peer(1));
        assert_eq!(asker.poll_timeout(), Some(now + FIRST_PAUSE));
        asker.settled(&peer(2));
        assert_eq!(asker.poll_timeout(), None);
    }

    #[test]
    fn one_who_never_says_it_is_asked_ever_more_rarely() {
        let mut now = Instant::now();
        let mut asker = Asker::new();
        asker.incomplete(now, peer(1));
        let mut pause = FIRST_PAUSE;
        for _ in 0..12 {
            assert_eq!(asker.poll_timeout(), Some(now + pause));
            now += pause;
            // In place of the daemon, which a unit test must not start.
            asker.state = asker.later(now);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        assert_eq!(pause, LONGEST_PAUSE);
        asker.settled(&peer(1));
        asker.incomplete(now, peer(1));
        assert_eq!(asker.poll_timeout(), Some(now + FIRST_PAUSE));
    }
}
