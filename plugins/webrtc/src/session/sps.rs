//! What H.264's sequence parameter sets tell of reordering. FFmpeg's decoder, which WebKitGTK uses
//! (avdec_h264), holds back 5 to 8 pictures where they tell nothing, as one with an earlier time might
//! follow. WebRTC has no such pictures, but not every encoder says so. Sections are ITU-T H.264's.

use std::{
    borrow::Cow,
    iter,
    ops::{Range, RangeInclusive},
};

const START_CODE: [u8; 3] = [0, 0, 1];
/// A unit's type, in its first byte (7.3.1), and the types (table 7-1).
const UNIT_TYPE: u8 = 0x1f;
const SLICES: RangeInclusive<u8> = 1..=5;
const PARAMETER_SET: u8 = 7;
/// The longest parameter set looked into, bytes: encoders' have 10 to 50.
const LONGEST: usize = 1024;

/// Profiles that WebRTC negotiates (A.2): the others' sets are left alone.
const BASELINE: u32 = 66;
const MAIN: u32 = 77;
const HIGH: u32 = 100;
/// `aspect_ratio_idc` of a ratio in numbers (table E-1).
const EXTENDED_RATIO: u32 = 255;
/// The VUI parameters' flags before `bitstream_restriction_flag`, if all of them are 0 (E.1.1).
const VUI_FLAGS: usize = 8;
/// Motion vectors are as long as the level lets them be.
const LOG2_LONGEST_VECTOR: u32 = 16;

/// The picture, its sequence parameter sets told to be without reordering if they tell nothing of it.
pub(crate) fn without_reordering(picture: &[u8]) -> Cow<'_, [u8]> {
    let mut rewritten = Vec::new();
    let mut kept = 0;
    for unit in parameter_sets(picture) {
        let Some(told) = picture.get(unit.clone()).and_then(told) else {
            continue;
        };
        rewritten.extend_from_slice(picture.get(kept..unit.start).unwrap_or_default());
        rewritten.extend_from_slice(&told);
        kept = unit.end;
    }
    if kept == 0 {
        return Cow::Borrowed(picture);
    }
    rewritten.extend_from_slice(picture.get(kept..).unwrap_or_default());
    Cow::Owned(rewritten)
}

/// Where the parameter sets stand. It is before the first slice (7.4.1.2.3), so that most pictures
/// are not searched through.
fn parameter_sets(picture: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut next = unit_after(picture, 0);
    iter::from_fn(move || {
        loop {
            let start = next?;
            let unit_type = picture.get(start)? & UNIT_TYPE;
            if SLICES.contains(&unit_type) {
                return None;
            }
            next = unit_after(picture, start);
            if unit_type == PARAMETER_SET {
                let end = next.map_or(picture.len(), |next| next - START_CODE.len());
                // Zeros may follow any unit, none of which ends in one (B.1.2, 7.4.1).
                let unit = picture.get(start..end)?;
                let length = unit.iter().rposition(|&byte| byte != 0)? + 1;
                return Some(start..start + length);
            }
        }
    })
}

/// Where the unit behind the next start code begins.
fn unit_after(picture: &[u8], at: usize) -> Option<usize> {
    let code = picture
        .get(at..)?
        .windows(START_CODE.len())
        .position(|bytes| bytes == START_CODE)?;
    Some(at + code + START_CODE.len())
}

/// The parameter set with word that nothing is reordered; nothing if it has word of it, or has a form
/// that is not known.
fn told(unit: &[u8]) -> Option<Vec<u8>> {
    if unit.len() > LONGEST {
        return None;
    }
    let bytes = unescaped(unit);
    // Not so for a unit that has what none may have: a start code, or an escape of nothing.
    if escaped(&bytes) != unit {
        return None;
    }

    let mut set = Reader::new(&bytes);
    let reference_frames = up_to_vui(&mut set)?;
    let mut told = Writer::default();
    if set.flag()? {
        up_to_restriction(&mut set)?;
        told.copy(&bytes, set.at)?;
        if set.flag()? {
            return None;
        }
    } else {
        told.copy(&bytes, set.at - 1)?;
        told.flag(true); // vui_parameters_present_flag
        (0..VUI_FLAGS).for_each(|_| told.flag(false));
    }
    // What was read as something that it is not hardly ends where it should.
    if !set.is_at_end() {
        return None;
    }
    restriction(&mut told, reference_frames);
    told.flag(true); // rbsp_stop_one_bit (7.3.2.11); the last byte's other bits are zeros
    Some(escaped(&told.bytes))
}

/// `bitstream_restriction_flag` and what comes with it (E.1.1): nothing is restricted but reordering.
fn restriction(told: &mut Writer, reference_frames: u32) {
    told.flag(true); // bitstream_restriction_flag
    told.flag(true); // motion_vectors_over_pic_boundaries_flag
    told.exp_golomb(0); // max_bytes_per_pic_denom
    told.exp_golomb(0); // max_bits_per_mb_denom
    told.exp_golomb(LOG2_LONGEST_VECTOR); // log2_max_mv_length_horizontal
    told.exp_golomb(LOG2_LONGEST_VECTOR); // log2_max_mv_length_vertical
    told.exp_golomb(0); // max_num_reorder_frames
    told.exp_golomb(reference_frames.max(1)); // max_dec_frame_buffering
}

/// Reads a set up to `vui_parameters_present_flag` (7.3.2.1.1); gives its `max_num_ref_frames`.
fn up_to_vui(set: &mut Reader<'_>) -> Option<u32> {
    let forbidden = set.flag()?; // forbidden_zero_bit (7.3.1)
    if forbidden {
        return None;
    }
    set.skip(2 + 5)?; // nal_ref_idc, nal_unit_type
    let profile = set.number(8)?;
    set.skip(8 + 8)?; // constraint_set flags, level_idc
    set.up_to(31)?; // seq_parameter_set_id
    match profile {
        BASELINE | MAIN => {}
        HIGH => {
            // High is of 8 bits, grey or 4:2:0 (A.2.4).
            set.up_to(1)?; // chroma_format_idc
            set.up_to(0)?; // bit_depth_luma_minus8
            set.up_to(0)?; // bit_depth_chroma_minus8
            set.skip(1)?; // qpprime_y_zero_transform_bypass_flag
            if set.flag()? {
                scaling_lists(set)?;
            }
        }
        _ => return None,
    }
    set.up_to(12)?; // log2_max_frame_num_minus4
    match set.up_to(2)? {
        0 => {
            set.up_to(12)?; // log2_max_pic_order_cnt_lsb_minus4
        }
        1 => {
            set.skip(1)?; // delta_pic_order_always_zero_flag
            set.exp_golomb()?; // offset_for_non_ref_pic
            set.exp_golomb()?; // offset_for_top_to_bottom_field
            for _ in 0..set.up_to(255)? {
                set.exp_golomb()?; // offset_for_ref_frame
            }
        }
        _ => {}
    }
    let reference_frames = set.up_to(16)?;
    set.skip(1)?; // gaps_in_frame_num_value_allowed_flag
    set.exp_golomb()?; // pic_width_in_mbs_minus1
    set.exp_golomb()?; // pic_height_in_map_units_minus1
    let frames_only = set.flag()?;
    if !frames_only {
        set.skip(1)?; // mb_adaptive_frame_field_flag
    }
    set.skip(1)?; // direct_8x8_inference_flag
    let cropped = set.flag()?;
    if cropped {
        for _ in 0..4 {
            set.exp_golomb()?;
        }
    }
    Some(reference_frames)
}

/// Six lists of 4x4 and, other than in 4:4:4, two of 8x8 (7.3.2.1.1, 7.3.2.1.1.1).
fn scaling_lists(set: &mut Reader<'_>) -> Option<()> {
    for size in [16, 16, 16, 16, 16, 16, 64, 64] {
        let present = set.flag()?;
        let mut scale = 8;
        let mut left = if present { size } else { 0 };
        // A list that comes to 0 has no more: its last scale goes on to the end.
        while left > 0 && scale != 0 {
            scale = (scale + set.scale_change()?).rem_euclid(256);
            left -= 1;
        }
    }
    Some(())
}

/// Reads the VUI parameters up to `bitstream_restriction_flag` (E.1.1).
fn up_to_restriction(set: &mut Reader<'_>) -> Option<()> {
    let has_aspect_ratio = set.flag()?;
    if has_aspect_ratio && set.number(8)? == EXTENDED_RATIO {
        set.skip(16 + 16)?; // sar_width, sar_height
    }
    let has_overscan = set.flag()?;
    if has_overscan {
        set.skip(1)?; // overscan_appropriate_flag
    }
    let has_signal_type = set.flag()?;
    if has_signal_type {
        set.skip(3 + 1)?; // video_format, video_full_range_flag
        let has_colours = set.flag()?;
        if has_colours {
            set.skip(8 + 8 + 8)?; // colour_primaries, transfer_characteristics, matrix_coefficients
        }
    }
    let has_chroma_location = set.flag()?;
    if has_chroma_location {
        set.up_to(5)?; // chroma_sample_loc_type_top_field
        set.up_to(5)?; // chroma_sample_loc_type_bottom_field
    }
    let has_timing = set.flag()?;
    if has_timing {
        set.skip(32 + 32 + 1)?; // num_units_in_tick, time_scale, fixed_frame_rate_flag
    }
    let has_unit_buffers = set.flag()?; // nal_hrd_parameters_present_flag
    if has_unit_buffers {
        buffers(set)?;
    }
    let has_slice_buffers = set.flag()?; // vcl_hrd_parameters_present_flag
    if has_slice_buffers {
        buffers(set)?;
    }
    if has_unit_buffers || has_slice_buffers {
        set.skip(1)?; // low_delay_hrd_flag
    }
    set.skip(1) // pic_struct_present_flag
}

/// HRD parameters (E.1.2).
fn buffers(set: &mut Reader<'_>) -> Option<()> {
    let last = set.up_to(31)?; // cpb_cnt_minus1
    set.skip(4 + 4)?; // bit_rate_scale, cpb_size_scale
    for _ in 0..=last {
        set.exp_golomb()?; // bit_rate_value_minus1
        set.exp_golomb()?; // cpb_size_value_minus1
        set.skip(1)?; // cbr_flag
    }
    set.skip(4 * 5) // lengths of the delays and of time_offset
}

/// The bytes without `emulation_prevention_three_byte` (7.4.1.1).
fn unescaped(unit: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(unit.len());
    let mut zeros = 0;
    for &byte in unit {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
        } else {
            bytes.push(byte);
            zeros = if byte == 0 { zeros + 1 } else { 0 };
        }
    }
    bytes
}

/// The bytes with `emulation_prevention_three_byte` where one is due (7.4.1.1).
fn escaped(bytes: &[u8]) -> Vec<u8> {
    let mut unit = Vec::with_capacity(bytes.len());
    let mut zeros = 0;
    for &byte in bytes {
        if zeros == 2 && byte <= 3 {
            unit.push(3);
            zeros = 0;
        }
        unit.push(byte);
        zeros = if byte == 0 { zeros + 1 } else { 0 };
    }
    unit
}

/// Bits of an unescaped unit, first to last. All that it reads is `None` past the end.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// u(n), of 32 bits at most (7.2).
    fn number(&mut self, bits: u32) -> Option<u32> {
        (0..bits).try_fold(0, |number, _| Some(number << 1 | u32::from(self.flag()?)))
    }

    fn skip(&mut self, bits: usize) -> Option<()> {
        self.at += bits;
        (self.at <= self.bytes.len() * 8).then_some(())
    }

    /// ue(v) (9.1), and what takes the same bits.
    fn exp_golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        // With 31 zeros it is 2^32 - 2 at most.
        Some((1_u32 << zeros) - 1 + self.number(zeros)?)
    }

    /// ue(v) of a value that the standard bounds.
    fn up_to(&mut self, most: u32) -> Option<u32> {
        self.exp_golomb().filter(|&value| value <= most)
    }

    /// se(v) (9.1.1) of -128 to 127: `delta_scale` (7.4.2.1.1.1).
    fn scale_change(&mut self) -> Option<i32> {
        let code = i32::try_from(self.up_to(256)?).ok()?;
        let change = if code % 2 == 1 {
            (code + 1) / 2
        } else {
            -code / 2
        };
        (change < 128).then_some(change)
    }

    /// Whether what is left is `rbsp_trailing_bits` (7.3.2.11): a one, and zeros to the end of the byte.
    fn is_at_end(&mut self) -> bool {
        let mut left = iter::from_fn(|| self.flag());
        left.next() == Some(true) && left.by_ref().take(7).all(|bit| !bit) && left.next().is_none()
    }
}

/// Bits of a unit that is to be escaped.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    /// Bits.
    length: usize,
}

impl Writer {
    fn flag(&mut self, bit: bool) {
        if self.length.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit) << (7 - self.length % 8);
        }
        self.length += 1;
    }

    /// ue(v) (9.1).
    fn exp_golomb(&mut self, value: u32) {
        let code = u64::from(value) + 1;
        let zeros = code.ilog2();
        (0..zeros).for_each(|_| self.flag(false));
        for bit in (0..=zeros).rev() {
            self.flag(code >> bit & 1 == 1);
        }
    }

    /// The first `bits` of `bytes`.
    fn copy(&mut self, bytes: &[u8], bits: usize) -> Option<()> {
        let mut from = Reader::new(bytes);
        for _ in 0..bits {
            self.flag(from.flag()?);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests;
