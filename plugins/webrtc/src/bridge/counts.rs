//! What `stats` answers: counters since the start (Identifiers for WebRTC's Statistics API), to which the page adds what
//! it alone knows.

use serde::Serialize;

use super::messages::{DtlsState, IceState, Kind};

/// All that is counted of a connection.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Stats {
    /// Milliseconds since 1970.
    pub(crate) now: u64,
    pub(crate) transport: TransportStats,
    pub(crate) outbound: Vec<OutboundStats>,
    pub(crate) inbound: Vec<InboundStats>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TransportStats {
    pub(crate) bytes_sent: u64,
    pub(crate) bytes_received: u64,
    pub(crate) packets_sent: u64,
    pub(crate) packets_received: u64,
    pub(crate) ice_state: Option<IceState>,
    pub(crate) dtls_state: Option<DtlsState>,
    /// Of DTLS, as on the wire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<u16>,
    /// Whether our agent chooses the pair.
    pub(crate) controlling: bool,
    pub(crate) ufrag: String,
    /// How often another pair was chosen, the first included.
    pub(crate) pair_changes: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) local_candidate: Option<CandidateStats>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remote_candidate: Option<CandidateStats>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rtt_ms: Option<f64>,
    /// Sum of the times of all checks of the pair that were answered, and how many those are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) total_rtt_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) responses_received: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) available_outgoing_bps: Option<u64>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CandidateStats {
    pub(crate) address: String,
    pub(crate) port: u16,
    pub(crate) protocol: &'static str,
    pub(crate) candidate_type: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OutboundStats {
    pub(crate) slot: u16,
    pub(crate) mid: String,
    pub(crate) kind: Kind,
    pub(crate) ssrc: u32,
    pub(crate) packets_sent: u64,
    pub(crate) bytes_sent: u64,
    pub(crate) nacks: u64,
    pub(crate) plis: u64,
    pub(crate) firs: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remote_loss: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remote_packets_lost: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remote_jitter_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rtt_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sound: Option<SpokenStats>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InboundStats {
    pub(crate) slot: u16,
    pub(crate) mid: String,
    pub(crate) kind: Kind,
    pub(crate) ssrc: u32,
    pub(crate) packets_received: u64,
    pub(crate) bytes_received: u64,
    pub(crate) packets_lost: u64,
    pub(crate) jitter_ms: f64,
    pub(crate) nacks: u64,
    pub(crate) plis: u64,
    pub(crate) firs: u64,
    pub(crate) frames_dropped: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reported: Option<ReportedStats>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) latest: Option<LatestFrame>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sound: Option<HeardStats>,
}

/// What the sender says it has sent (RFC 3550, section 6.4.1).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReportedStats {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    /// When it said so, by its clock: milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<u64>,
}

/// The last frame that was given on, to page or loudspeaker.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LatestFrame {
    /// Milliseconds since then.
    pub(crate) age_ms: f64,
    pub(crate) rtp_timestamp: u32,
    /// −dBov, if it says (RFC 6464).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<u8>,
}

/// What was heard of a voice, from the beginning.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeardStats {
    pub(crate) packets: u64,
    pub(crate) samples: u64,
    pub(crate) concealed_samples: u64,
    pub(crate) concealment_events: u64,
    pub(crate) removed_samples: u64,
    pub(crate) inserted_samples: u64,
    /// Sum over all samples of the seconds that each waited in the jitter buffer.
    pub(crate) waited: f64,
    /// Sum of squares times seconds.
    pub(crate) energy: f64,
    /// 0 to 1, over the last 100 ms.
    pub(crate) level: f64,
}

/// What was captured, from the beginning.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SpokenStats {
    pub(crate) seconds: f64,
    /// Sum of squares times seconds.
    pub(crate) energy: f64,
    /// 0 to 1, of the last block.
    pub(crate) level: f64,
    /// Bits a second.
    pub(crate) target_bitrate: u32,
}
