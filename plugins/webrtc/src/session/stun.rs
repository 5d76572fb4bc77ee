//! What has to be known of a datagram that is STUN (RFC 8489), which str0m reads.

/// A binding request, the only thing that asks for a pair to be used (RFC 8489, section 18.1).
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
/// Bytes before the attributes.
const HEADER: usize = 20;
/// `USE-CANDIDATE` (RFC 8445, section 16.1).
const USE_CANDIDATE: u16 = 0x0025;

/// Whether a datagram that is STUN, DTLS, RTP or RTCP is STUN (RFC 7983, section 7).
pub(crate) fn is_stun(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| *first < 4)
}

/// Whether it is a check that nominates the pair it goes over (RFC 8445, section 8.1.1).
pub(super) fn nominates(bytes: &[u8]) -> bool {
    if !bytes.starts_with(&BINDING_REQUEST) {
        return false;
    }
    let mut rest = bytes.get(HEADER..).unwrap_or_default();
    while let [kind_high, kind_low, length_high, length_low, after @ ..] = rest {
        if u16::from_be_bytes([*kind_high, *kind_low]) == USE_CANDIDATE {
            return true;
        }
        let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
        rest = after.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::nominates;

    /// A message with attributes of these types and lengths.
    fn message(kind: u16, attributes: &[(u16, u16)]) -> Vec<u8> {
        let mut bytes = kind.to_be_bytes().to_vec();
        bytes.resize(20, 0);
        for (kind, length) in attributes {
            bytes.extend(kind.to_be_bytes());
            bytes.extend(length.to_be_bytes());
            bytes.resize(bytes.len() + usize::from(*length).next_multiple_of(4), 0x25);
        }
        bytes
    }

    #[test]
    fn a_request_nominates_where_it_says_so() {
        assert!(nominates(&message(1, &[(0x0025, 0)])));
        assert!(nominates(&message(
            1,
            &[(0x0006, 5), (0x0025, 0), (0x0008, 20)]
        )));
        assert!(!nominates(&message(1, &[(0x0006, 5), (0x0008, 20)])));
    }

    #[test]
    fn an_answer_nominates_nothing() {
        assert!(!nominates(&message(0x0101, &[(0x0025, 0)])));
    }

    #[test]
    fn what_ends_too_early_nominates_nothing() {
        assert!(!nominates(&[]));
        assert!(!nominates(&[0, 1, 0, 0]));
        let mut cut = message(1, &[(0x0006, 60), (0x0025, 0)]);
        cut.truncate(40);
        assert!(!nominates(&cut));
    }
}
