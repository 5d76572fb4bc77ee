//! What is counted, for `getStats`.

use std::{net::SocketAddr, time::Instant};

use str0m::{
    media::{Media, Mid},
    net::Transmit,
    stats::{MediaEgressStats, MediaIngressStats, PeerStats},
};

use super::{
    Live, candidates, clock,
    stun::{is_stun, nominates},
};
use crate::{
    bridge::{
        counts::{
            CandidateStats, InboundStats, LatestFrame, OutboundStats, ReportedStats, Stats,
            TransportStats,
        },
        messages::{Certificate, Event, Kind},
    },
    hexadecimal::hexadecimal,
};

/// Counters, and str0m's last word (see `STATS_INTERVAL`).
#[derive(Debug, Default)]
pub(crate) struct Counters {
    packets_sent: u64,
    packets_received: u64,
    /// From where to where things go.
    path: Option<(SocketAddr, SocketAddr)>,
    /// More than checks went that way.
    travelled: bool,
    path_changes: u32,
    pub(crate) peer: Option<PeerStats>,
    egress: Vec<MediaEgressStats>,
    ingress: Vec<MediaIngressStats>,
}

impl Counters {
    /// From which of our addresses to which of the peer's things go: the pair that ICE has chosen, as far as it can be
    /// seen from what is sent.
    pub(crate) fn path(&self) -> Option<(SocketAddr, SocketAddr)> {
        self.path
    }

    /// True: it goes another way than what went before.
    pub(crate) fn packet_sent(&mut self, packet: &Transmit) -> bool {
        self.packets_sent += 1;
        let path = (packet.source, packet.destination);
        if is_stun(&packet.contents) {
            return self.checked(path, &packet.contents);
        }
        self.travelled = true;
        self.follow(path)
    }

    /// `path` begins at our address. True: things go another way from now on.
    pub(crate) fn packet_received(
        &mut self,
        path: (SocketAddr, SocketAddr),
        contents: &[u8],
    ) -> bool {
        self.packets_received += 1;
        is_stun(contents) && self.checked(path, contents)
    }

    /// Before anything is sent, the pair is the one that was nominated last.
    fn checked(&mut self, path: (SocketAddr, SocketAddr), contents: &[u8]) -> bool {
        !self.travelled && nominates(contents) && self.follow(path)
    }

    fn follow(&mut self, path: (SocketAddr, SocketAddr)) -> bool {
        let changed = self.path.replace(path) != Some(path);
        self.path_changes += u32::from(changed);
        changed
    }

    pub(crate) fn handle_egress(&mut self, stats: MediaEgressStats) {
        match self.egress.iter_mut().find(|known| known.mid == stats.mid) {
            Some(known) => *known = stats,
            None => self.egress.push(stats),
        }
    }

    pub(crate) fn handle_ingress(&mut self, stats: MediaIngressStats) {
        match self.ingress.iter_mut().find(|known| known.mid == stats.mid) {
            Some(known) => *known = stats,
            None => self.ingress.push(stats),
        }
    }

    fn egress_of(&self, mid: Mid) -> Option<&MediaEgressStats> {
        self.egress.iter().find(|known| known.mid == mid)
    }

    fn ingress_of(&self, mid: Mid) -> Option<&MediaIngressStats> {
        self.ingress.iter().find(|known| known.mid == mid)
    }
}

impl Live {
    /// All of it but sound's own, now.
    pub(crate) fn stats(&mut self, now: Instant) -> Stats {
        let mut stats = Stats {
            now: clock::unix_millis(),
            transport: self.transport_stats(),
            ..Stats::default()
        };
        for line in self.lines.iter() {
            let known = self.counters.egress_of(line.mid);
            let sends = |media: &Media| media.direction().is_sending();
            if known.is_none() && !self.rtc.media(line.mid).is_some_and(sends) {
                continue;
            }
            let mut api = self.rtc.direct_api();
            let Some(stream) = api.stream_tx_by_mid(line.mid, None) else {
                continue;
            };
            let rate = if line.kind == Kind::Audio { 48.0 } else { 90.0 };
            let remote = known.and_then(|known| known.remote.as_ref());
            stats.outbound.push(OutboundStats {
                slot: line.slot,
                mid: line.mid.to_string(),
                kind: line.kind,
                ssrc: *stream.ssrc(),
                packets_sent: known.map_or(0, |known| known.packets),
                bytes_sent: known.map_or(0, |known| known.bytes),
                nacks: known.map_or(0, |known| known.nacks),
                plis: known.map_or(0, |known| known.plis),
                firs: known.map_or(0, |known| known.firs),
                remote_loss: known.and_then(|known| known.loss),
                remote_packets_lost: remote.map(|remote| remote.packets_lost),
                remote_jitter_ms: remote.map(|remote| f64::from(remote.jitter) / rate),
                rtt_ms: known
                    .and_then(|known| known.rtt)
                    .map(|rtt| rtt.as_secs_f64() * 1000.0),
                sound: None,
            });
        }
        for line in self.lines.iter() {
            // str0m counts now and then (`STATS_INTERVAL`); until then what came is known of what it gave.
            let known = self.counters.ingress_of(line.mid);
            if known.is_none() && line.packets == 0 {
                continue;
            }
            let rate = if line.kind == Kind::Audio { 48.0 } else { 90.0 };
            let packets = known.map_or(0, |known| known.packets);
            stats.inbound.push(InboundStats {
                slot: line.slot,
                mid: line.mid.to_string(),
                kind: line.kind,
                ssrc: self
                    .rtc
                    .direct_api()
                    .stream_rx_by_mid(line.mid, None)
                    .map_or(0, |stream| *stream.ssrc()),
                packets_received: packets.max(line.packets),
                bytes_received: known.map_or(0, |known| known.bytes).max(line.bytes),
                packets_lost: line.lost,
                jitter_ms: known.map_or(0.0, |known| f64::from(known.jitter) / rate),
                nacks: known.map_or(0, |known| known.nacks),
                plis: known.map_or(0, |known| known.plis),
                firs: known.map_or(0, |known| known.firs),
                frames_dropped: line.withheld,
                reported: known.and_then(|known| known.remote.as_ref()).map(|remote| {
                    ReportedStats {
                        packets: remote.packets,
                        bytes: remote.bytes,
                        at: line.sender_clock.reported(),
                    }
                }),
                latest: line.latest.map(|latest| LatestFrame {
                    age_ms: now.saturating_duration_since(latest.at).as_secs_f64() * 1000.0,
                    rtp_timestamp: latest.rtp_timestamp,
                    level: latest.level,
                }),
                sound: None,
            });
        }
        stats
    }

    /// Of both ends, once they have shown them.
    pub(super) fn certificates(&mut self) -> Event {
        let api = self.rtc.direct_api();
        let own = api.local_dtls_fingerprint().to_string();
        let peer = api.remote_dtls_fingerprint().map(ToString::to_string);
        let seen = self.seen.lock();
        Event::Certificates {
            own: Certificate {
                fingerprint: own,
                der: hexadecimal(&seen.own_certificate),
            },
            peer: Certificate {
                fingerprint: peer.unwrap_or_default(),
                der: hexadecimal(&seen.peer_certificate),
            },
        }
    }

    fn transport_stats(&mut self) -> TransportStats {
        let api = self.rtc.direct_api();
        let version = api.dtls_protocol_version();
        let ufrag = api.local_ice_credentials().ufrag;
        let peer = self.counters.peer.as_ref();
        let pair = peer.and_then(|peer| peer.selected_candidate_pair.as_ref());
        let path = self.counters.path();
        let candidate = |address: SocketAddr, candidate_type| CandidateStats {
            address: address.ip().to_string(),
            port: address.port(),
            protocol: "udp",
            candidate_type,
        };
        TransportStats {
            bytes_sent: peer.map_or(0, |peer| peer.peer_bytes_tx),
            bytes_received: peer.map_or(0, |peer| peer.peer_bytes_rx),
            packets_sent: self.counters.packets_sent,
            packets_received: self.counters.packets_received,
            ice_state: Some(self.ice),
            dtls_state: Some(self.dtls),
            version: version.map(|version| version.as_u16()),
            controlling: !self.negotiation.controlled(),
            ufrag,
            pair_changes: self.counters.path_changes,
            local_candidate: path.map(|(local, _)| candidate(local, "host")),
            remote_candidate: path.map(|(_, remote)| {
                let text = self.candidates.text_of(remote);
                candidate(remote, candidates::type_of(&text))
            }),
            rtt_ms: pair
                .and_then(|pair| pair.current_round_trip_time)
                .or_else(|| peer.and_then(|peer| peer.rtt))
                .map(|rtt| rtt.as_secs_f64() * 1000.0),
            total_rtt_ms: pair.map(|pair| pair.total_round_trip_time.as_secs_f64() * 1000.0),
            responses_received: pair.map(|pair| pair.responses_received),
            available_outgoing_bps: peer
                .and_then(|peer| peer.bwe_tx)
                .map(|estimate| estimate.as_u64()),
        }
    }
}
