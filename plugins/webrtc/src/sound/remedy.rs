//! What an Opus packet carries of the one before it (in-band FEC, RFC 6716, section 2.1.7).

/// Length of the frame before that can be made of this packet, samples at 48 kHz: nothing where it carries
/// none, or is of several frames (nobody sends those for calls).
pub(super) fn carried(packet: &[u8]) -> Option<usize> {
    let (toc, frame) = packet.split_first()?;
    // RFC 6716, section 3.1: five bits of configuration, one of stereo, two of how many frames.
    if toc & 0b11 != 0 {
        return None;
    }
    let length = match toc >> 3 {
        // SILK: 10, 20, 40 and 60 ms; hybrid: 10 and 20 ms. A longer one has two or three frames of 20 ms.
        silk @ 0..=11 => [480, 960, 1_920, 2_880][usize::from(silk & 0b11)],
        hybrid @ 12..=15 => [480, 960][usize::from(hybrid & 1)],
        // CELT has no such thing.
        _ => return None,
    };
    // Section 4.2.3: for each 20 ms a bit that tells whether somebody speaks, then the one that is asked for; a second channel
    // has its own after.
    let frames = (length / 960).max(1);
    let first = frame.first()?;
    let of = |channel: usize| first >> (7 - frames - channel * (frames + 1)) & 1 == 1;
    (of(0) || (toc & 0b100 != 0 && of(1))).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_tells_whether_it_carries_the_one_before() {
        // Configuration 9: SILK, wide-band, 20 ms, mono, one frame.
        let silk = 9 << 3;
        assert_eq!(carried(&[silk, 0b1100_0000]), Some(960));
        assert_eq!(carried(&[silk, 0b1000_0000]), None);
        // Configuration 10: 40 ms, so two bits of speech come first.
        assert_eq!(carried(&[10 << 3, 0b0010_0000]), Some(1_920));
        assert_eq!(carried(&[10 << 3, 0b0100_0000]), None);
        // Configuration 15: hybrid, full-band, 20 ms; in stereo the second channel may have it alone.
        assert_eq!(carried(&[15 << 3, 0b0100_0000]), Some(960));
        assert_eq!(carried(&[15 << 3 | 0b100, 0b0001_0000]), Some(960));
    }

    #[test]
    fn what_carries_nothing_and_what_is_no_packet() {
        assert_eq!(carried(&[]), None);
        assert_eq!(carried(&[9 << 3]), None);
        // CELT, and two frames in a packet.
        assert_eq!(carried(&[31 << 3, 0xff]), None);
        assert_eq!(carried(&[9 << 3 | 1, 0xff]), None);
        for toc in 0..=255 {
            for first in 0..=255 {
                let _ = carried(&[toc, first]);
            }
        }
    }
}
