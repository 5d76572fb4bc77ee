//! What lies between two sessions: delay, loss, a rate limit with a queue. No randomness but its own.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// A datagram under way.
pub(super) struct Datagram {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) bytes: Vec<u8>,
}

/// One direction.
pub(super) struct Link {
    pub(super) delay: Duration,
    /// Of a thousand datagrams so many are lost.
    pub(super) loss: u64,
    /// Nothing gets through.
    pub(super) cut: bool,
    /// Bits a second it carries.
    pub(super) rate: Option<u64>,
    /// Bytes that may wait where there is a rate; what is more is lost.
    pub(super) queue: u64,
    /// Datagrams and bytes given to it.
    pub(super) sent: (u64, u64),
    random: u64,
    /// Until when it is busy with what it took.
    busy: Option<Instant>,
    under_way: VecDeque<(Instant, Datagram)>,
}

impl Link {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            delay: Duration::from_millis(5),
            loss: 0,
            cut: false,
            rate: None,
            queue: 0,
            sent: (0, 0),
            random: seed,
            busy: None,
            under_way: VecDeque::new(),
        }
    }

    pub(super) fn send(&mut self, now: Instant, datagram: Datagram) {
        let size = datagram.bytes.len() as u64 + 28; // IP and UDP
        self.sent.0 += 1;
        self.sent.1 += size;
        if self.cut || self.dice() < self.loss {
            return;
        }
        let mut leaves = now;
        if let Some(rate) = self.rate {
            let busy = self.busy.unwrap_or(now).max(now);
            let waiting = (busy - now).as_micros() * u128::from(rate) / 8_000_000;
            if waiting + u128::from(size) > u128::from(self.queue) {
                return;
            }
            leaves = busy + Duration::from_micros(size * 8_000_000 / rate);
            self.busy = Some(leaves);
        }
        self.under_way.push_back((leaves + self.delay, datagram));
    }

    /// When the next one arrives.
    pub(super) fn next(&self) -> Option<Instant> {
        self.under_way.front().map(|(at, _)| *at)
    }

    /// What has arrived.
    pub(super) fn receive(&mut self, now: Instant) -> Option<Datagram> {
        self.next().filter(|at| *at <= now)?;
        self.under_way.pop_front().map(|(_, datagram)| datagram)
    }

    /// 0 to 999 (splitmix64).
    fn dice(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % 1000
    }
}
