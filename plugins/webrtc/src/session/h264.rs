//! The form of an H.264 picture (ITU-T H.264, Annex B). WebKitGTK's encoder (2.50) puts a length before each unit (ISO/IEC
//! 14496-15) though it is asked for start codes (Annex B), which the RTP packetizer looks for.

use std::borrow::Cow;

const PREFIX: usize = 4;
const START_CODE: [u8; PREFIX] = [0, 0, 0, 1];

/// The picture with start codes, whichever form it had.
pub(crate) fn to_annex_b(picture: &[u8]) -> Cow<'_, [u8]> {
    // Lengths are looked for first: one of 256 to 511 bytes looks like a start code, but start codes
    // do not happen to add up to the picture's length.
    let Some(starts) = length_prefixes(picture) else {
        return Cow::Borrowed(picture);
    };
    let mut rewritten = picture.to_vec();
    for start in starts {
        if let Some(prefix) = rewritten.get_mut(start..start + PREFIX) {
            prefix.copy_from_slice(&START_CODE);
        }
    }
    Cow::Owned(rewritten)
}

/// Whether a picture with start codes has its beginning: its first slice begins at its first macroblock
/// (`first_mb_in_slice`, section 7.3.3, is 0 where the first bit is 1). False where there is no slice at all.
pub(crate) fn is_whole(picture: &[u8]) -> bool {
    /// Slices of pictures that others are predicted from, or not, and of IDR pictures (section 7.4.1).
    const SLICES: [u8; 2] = [1, 5];
    picture
        .windows(START_CODE.len())
        .position(|window| {
            let [zero, null, one, unit] = window else {
                return false;
            };
            [*zero, *null, *one] == [0, 0, 1] && SLICES.contains(&(unit & 0x1f))
        })
        .and_then(|at| picture.get(at + START_CODE.len()))
        .is_some_and(|first| first & 0x80 != 0)
}

/// Where the lengths stand, if the picture is made of units behind their lengths and of nothing else.
fn length_prefixes(picture: &[u8]) -> Option<Vec<usize>> {
    let mut starts = Vec::new();
    let mut at = 0;
    while at < picture.len() {
        let prefix = picture.get(at..at + PREFIX)?;
        let length = usize::try_from(u32::from_be_bytes(prefix.try_into().ok()?)).ok()?;
        if length == 0 || length > picture.len() {
            return None;
        }
        starts.push(at);
        at += PREFIX + length;
    }
    (at == picture.len() && !starts.is_empty()).then_some(starts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_become_start_codes() {
        let picture = [
            0, 0, 0, 2, 0x67, 9, 0, 0, 0, 1, 0x68, 0, 0, 0, 3, 0x65, 1, 2,
        ];
        let annex_b = [
            0, 0, 0, 1, 0x67, 9, 0, 0, 0, 1, 0x68, 0, 0, 0, 1, 0x65, 1, 2,
        ];
        assert_eq!(*to_annex_b(&picture), annex_b);
    }

    #[test]
    fn start_codes_stay() {
        for picture in [
            &[0, 0, 0, 1, 0x67, 9, 8, 0, 0, 0, 1, 0x65, 1][..],
            &[0, 0, 1, 0x65, 1, 2, 3],
            &[],
        ] {
            assert!(matches!(to_annex_b(picture), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn a_picture_is_whole_if_it_begins_with_its_first_macroblock() {
        let parameters = [0, 0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x68, 0xce];
        for (slice, whole) in [
            (&[0, 0, 0, 1, 0x65, 0x88, 4][..], true),
            (&[0, 0, 1, 0x41, 0x9a], true),
            (&[0, 0, 0, 1, 0x65, 0x02, 0x88], false),
            (&[0, 0, 0, 1, 0x41, 0x02], false),
            (&[0, 0, 0, 1, 0x65], false),
            (&[0, 0, 0, 1, 0x06, 0x88], false),
            (&[], false),
        ] {
            assert_eq!(is_whole(slice), whole, "{slice:?}");
            let picture = [&parameters[..], slice].concat();
            assert_eq!(is_whole(&picture), whole, "{picture:?}");
        }
    }

    #[test]
    fn a_length_that_looks_like_a_start_code_is_a_length() {
        let mut picture = vec![0, 0, 1, 0x04];
        picture.extend_from_slice(&[0x61; 0x104]);
        assert_eq!(to_annex_b(&picture)[..5], [0, 0, 0, 1, 0x61]);
    }

    proptest! {
        #[test]
        fn anything_keeps_its_length(picture: Vec<u8>) {
            prop_assert_eq!(to_annex_b(&picture).len(), picture.len());
        }
    }
}
