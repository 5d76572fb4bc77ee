//! Parameter sets of encoders, and what becomes of them.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

/// Sets that tell nothing of reordering, and what is to become of them. What these say was compared
/// with FFmpeg's reading (5.1, trace_headers), which differs in the restriction alone.
const UNTOLD: [(&str, &str); 8] = [
    // OpenH264 2.3's of 1280x720 and 640x360, without their VUI: just the restriction, in its words.
    ("6742c01f8c8d402802dc80", OPENH264_720),
    ("6742c01e8c8d405017fca8", "6742c01e8c8d405017fcb00f08846a"),
    // x264 164's of 640x360, baseline, without VUI and without restriction.
    ("6742c01ed900a02ff950", "6742c01ed900a02ff9601e1108c9"),
    (
        "6742c01ed900a02ff970110000030001000003003c04",
        "6742c01ed900a02ff970110000030001000003003c0f08846480",
    ),
    // x264's of 1280x720, high, with all of VUI but the restriction (nal-hrd=cbr, pic-struct, overscan,
    // colours, chromaloc, 9:8).
    (
        "6764001facb200a00b77fe001200116a0202034a00000300020000030078c48001e848003d09c5860140",
        "6764001facb200a00b77fe001200116a0202034a00000300020000030078c48001e848003d09c58601f0884648",
    ),
    // x264's of 1920x1080, high, interlaced, cropped, without restriction.
    (
        "6764003eace401e0113f78088000000300800000320a",
        "6764003eace401e0113f78088000000300800000320f84423240",
    ),
    // x264's of 1280x720, high, with scaling lists put in by hand: whole ones, one that ends at once, one
    // that ends early.
    (
        "6764001fad94747610e2315148464101d4264039fffe10492492492492492492492492492492492492492492492492c8\
         02802dd80880000003008000001e02",
        "6764001fad94747610e2315148464101d4264039fffe10492492492492492492492492492492492492492492492492c8\
         02802dd80880000003008000001e0784423240",
    ),
    // By hand: main, pic_order_cnt_type 1 with three offsets, fields, cropped, HRD of three buffers for
    // units and one for slices.
    (
        "474d00282150a8840000445c3603c0227efff00040003e7050605b700000030010000003032d818003a9900013882000\
         3a9880009bdd8000afc9000136f2bdef8c0c001d4c80009c415ef7c280",
        "474d00282150a8840000445c3603c0227efff00040003e7050605b700000030010000003032d818003a9900013882000\
         3a9880009bdd8000afc9000136f2bdef8c0c001d4c80009c415ef7c3e1108dc0",
    ),
];
const OPENH264_720: &str = "6742c01f8c8d402802dd00f08846a0";
/// As x264 wrote the fourth, fifth and sixth of them.
const X264: [&str; 3] = [
    "6742c01ed900a02ff970110000030001000003003c0f162e48",
    "6764001facb200a00b77fe001200116a0202034a00000300020000030078c48001e848003d09c58601f1832480",
    "6764003eace401e0113f78088000000300800000320f8f1f24",
];
/// A picture parameter set, a slice, and what looks like a parameter set to be told, behind it.
const REST: &[u8] = &[
    0, 0, 0, 1, 0x68, 0xce, 0x3c, 0x80, 0, 0, 1, 0x65, 0x88, 0, 0, 3, 1, 9, 0, 0, 1, 0x67, 66,
    0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x28, 2, 0xdc, 0x80,
];

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap())
        .collect()
}

fn with_start_code(unit: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, 1], unit].concat()
}

fn is_left_alone(picture: &[u8]) -> bool {
    matches!(without_reordering(picture), Cow::Borrowed(same) if same == picture)
}

/// All units without the zeros between them.
fn units(picture: &[u8]) -> Vec<&[u8]> {
    let starts: Vec<usize> = (0..picture.len())
        .filter(|&at| picture[at..].starts_with(&START_CODE))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([picture.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| {
            let unit = &picture[start + 3..end];
            &unit[..unit
                .iter()
                .rposition(|&byte| byte != 0)
                .map_or(0, |at| at + 1)]
        })
        .collect()
}

#[test]
fn sets_are_told() {
    for (untold, told) in UNTOLD {
        let picture = with_start_code(&bytes(untold));
        assert_eq!(
            *without_reordering(&picture),
            with_start_code(&bytes(told)),
            "{untold}"
        );
    }
}

#[test]
fn told_sets_stay() {
    for told in UNTOLD
        .map(|(_, told)| told)
        .into_iter()
        .chain(X264)
        .chain([OPENH264_720])
    {
        assert!(is_left_alone(&with_start_code(&bytes(told))), "{told}");
    }
}

#[test]
fn all_but_the_restriction_is_kept_bit_for_bit() {
    for (untold, told) in UNTOLD {
        let (untold, told) = (unescaped(&bytes(untold)), unescaped(&bytes(told)));
        let (mut before, mut after) = (Reader::new(&untold), Reader::new(&told));
        let frames = up_to_vui(&mut before).unwrap();
        assert_eq!(up_to_vui(&mut after), Some(frames));
        let mut kept = before.at;
        assert_eq!(after.at, kept);
        assert_eq!(after.flag(), Some(true)); // vui_parameters_present_flag
        up_to_restriction(&mut after).unwrap();
        if before.flag().unwrap() {
            up_to_restriction(&mut before).unwrap();
            kept = before.at;
            assert_eq!(after.at, kept);
        }
        let beginning = |set| {
            let mut bits = Writer::default();
            bits.copy(set, kept).unwrap();
            bits.bytes
        };
        assert_eq!(beginning(&told), beginning(&untold));

        assert_eq!(after.number(2), Some(0b11)); // bitstream_restriction_flag, over boundaries
        for expected in [0, 0, 16, 16, 0, frames] {
            assert_eq!(after.exp_golomb(), Some(expected));
        }
        assert!(after.is_at_end());
    }
}

#[test]
fn all_else_in_the_picture_stays() {
    let delimiter = [0, 0, 0, 1, 9, 0xf0];
    for code in [&[0, 0, 1][..], &[0, 0, 0, 1], &[0, 0, 0, 0, 0, 1]] {
        let around = |sets: [&str; 2]| {
            let [first, second] = sets.map(bytes);
            [&delimiter, code, &first, code, &second, code, REST].concat()
        };
        let [(untold, told), .., (another, another_told)] = UNTOLD;
        assert_eq!(
            *without_reordering(&around([untold, another])),
            around([told, another_told])
        );
        assert_eq!(
            *without_reordering(&around([told, another])),
            around([told, another_told])
        );
    }
    assert!(is_left_alone(REST));
}

#[test]
fn zeros_behind_a_set_stay() {
    let [(untold, told), ..] = UNTOLD;
    for zeros in 0..5 {
        let followed = |set| [with_start_code(&bytes(set)), vec![0; zeros]].concat();
        assert_eq!(*without_reordering(&followed(untold)), followed(told));
    }
}

#[test]
fn what_cannot_be_read_is_left_alone() {
    for (untold, _) in UNTOLD {
        let set = bytes(untold);
        for length in 0..set.len() {
            assert!(is_left_alone(&with_start_code(&set[..length])), "{length}");
        }
        // More than the set, its profile another, its header broken, no set at all.
        assert!(is_left_alone(&with_start_code(
            &[&set[..], &[0x80]].concat()
        )));
        for (at, byte) in [(1, 88), (1, 110), (1, 244), (0, 0xe7), (0, 0x6f)] {
            let mut set = set.clone();
            set[at] = byte;
            assert!(is_left_alone(&with_start_code(&set)));
        }
    }
    assert!(is_left_alone(&[]));
    assert!(is_left_alone(&[0, 0, 1]));
    assert!(is_left_alone(&[0, 0, 1, 0x67]));
    // Without a start code.
    assert!(is_left_alone(&bytes(UNTOLD[0].0)));
}

#[test]
fn sets_that_are_too_long_are_left_alone() {
    // As many offsets (pic_order_cnt_type 1) as there may be, each with as many zeros before it.
    let set = |zeros: u32| {
        let mut set = Writer::default();
        set.copy(&[0x67, 77, 0, 40], 32).unwrap();
        for value in [0, 0, 1] {
            set.exp_golomb(value);
        }
        set.flag(false);
        for value in [0, 0, 255].into_iter().chain([(2 << zeros) - 2; 255]) {
            set.exp_golomb(value);
        }
        set.exp_golomb(1);
        set.flag(false);
        for value in [79, 44] {
            set.exp_golomb(value);
        }
        for flag in [true, true, false, false, true] {
            set.flag(flag);
        }
        with_start_code(&escaped(&set.bytes))
    };
    let (short, long) = (set(15), set(17));
    assert!(short.len() < LONGEST && !is_left_alone(&short));
    assert!(long.len() > LONGEST && is_left_alone(&long));
}

#[test]
fn exp_golomb_is_bounded() {
    let mut most = Writer::default();
    most.exp_golomb(u32::MAX - 1);
    assert_eq!(Reader::new(&most.bytes).exp_golomb(), Some(u32::MAX - 1));
    let mut more = Writer::default();
    more.exp_golomb(u32::MAX);
    assert_eq!(Reader::new(&more.bytes).exp_golomb(), None);
    assert_eq!(Reader::new(&[0; LONGEST]).exp_golomb(), None);
    assert_eq!(Reader::new(&[]).exp_golomb(), None);
}

/// A piece of a picture: a start code, a set, the beginning of some unit, zeros, anything.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let sets = UNTOLD.map(|(untold, _)| with_start_code(&bytes(untold)));
    prop_oneof![
        select(sets.to_vec()),
        Just(vec![0, 0, 1]),
        (1_u8..).prop_map(|header| vec![0, 0, 1, header]),
        vec(0_u8..4, 1..8),
        vec(any::<u8>(), 0..40),
    ]
}

/// All that holds for any picture.
fn check(picture: &[u8]) -> Result<(), TestCaseError> {
    let told = without_reordering(picture);
    let (before, after) = (units(picture), units(&told));
    prop_assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(after) {
        let is_set = before.first().is_some_and(|header| header & 31 == 7);
        prop_assert!(*before == after || is_set && before.first() == after.first());
    }
    prop_assert!(is_left_alone(&told));
    Ok(())
}

proptest! {
    #[test]
    fn anything_keeps_its_units(picture: Vec<u8>) {
        check(&picture)?;
    }

    #[test]
    fn pieces_keep_their_units(pieces in vec(piece(), 0..12)) {
        check(&pieces.concat())?;
    }

    #[test]
    fn broken_sets_break_nothing(
        set in select(UNTOLD.map(|(untold, _)| bytes(untold)).to_vec()),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut set = set;
        for (at, byte) in changes {
            *at.get_mut(&mut set) = byte;
        }
        check(&[&with_start_code(&set), REST].concat())?;
    }

    #[test]
    fn escaping_hides_start_codes(bytes in vec(prop_oneof![0_u8..5, any::<u8>()], 0..64)) {
        let unit = escaped(&bytes);
        prop_assert!(unit.windows(3).all(|three| three[..2] != [0, 0] || three[2] > 2));
        prop_assert_eq!(unescaped(&unit), bytes);
    }
}
