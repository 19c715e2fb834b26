//! Runs by vectors of 32 bytes, for x86-64 processors with AVX2.
//!
//! The only file with `unsafe` in it: vectors are loaded from and stored to memory by address, and instructions are used
//! that not every processor has. The first is guarded by the lengths checked right before, the second by [`Avx2`], of
//! which there is one only where the processor was asked.
//!
//! A byte is classified by its two halves and by the byte before it, three look-ups in tables of 16 bytes (the way that
//! Lemire and Keiser's validation of UTF-8 goes, "Validating UTF-8 In Less Than One Instruction Per Byte", 2021).

#![allow(unsafe_code, reason = "loads and stores by address, checked beside each; instructions by proof of Avx2")]

use std::arch::x86_64::{
    __m128i, __m256i, _mm_loadl_epi64, _mm_loadu_si128, _mm_shuffle_epi8, _mm_storel_epi64, _mm256_and_si256,
    _mm256_andnot_si256, _mm256_blendv_epi8, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8,
    _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_set1_epi32, _mm256_setr_epi8,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16, _mm256_storeu_si256,
};

use super::bridge::bridge;
use super::loose::is_gap;
use super::runs::{self, Runs, is_letter, is_plain_letter};

/// The proof that the processor has what is used here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Avx2(());

/// The bytes looked at in one step.
const STEP: usize = 32;

// The second byte of a letter or mark, by its halves; a bit is a range of one or two leads.
const AF: u8 = 0x01; // D8 A0-BF, DA A0-BF
const LOW: u8 = 0x02; // DA 80-9F
const FARSI: u8 = 0x04; // DB 8C
const D9_8: u8 = 0x08; // D9 81-8A
const D9_B: u8 = 0x10; // D9 B1-BF
const MARK_8: u8 = 0x20; // D9 8C-8F
const MARK_9: u8 = 0x40; // D9 90-92
const LETTER: u8 = AF | LOW | FARSI | D9_8 | D9_B;

const BY_LOW: [u8; 16] = {
    let mut table = [AF | LOW | D9_B; 16];
    table[0x0] = AF | LOW | MARK_9;
    table[0x1] |= MARK_9;
    table[0x2] |= MARK_9;
    table[0xC] |= FARSI;
    let mut low = 1;
    while low < 16 {
        table[low] |= if low <= 0xA { D9_8 } else { 0 };
        table[low] |= if low >= 0xC { MARK_8 } else { 0 };
        low += 1;
    }
    table
};
const BY_HIGH: [u8; 16] = {
    let mut table = [0; 16];
    table[0x8] = LOW | FARSI | D9_8 | MARK_8;
    table[0x9] = LOW | MARK_9;
    table[0xA] = AF;
    table[0xB] = AF | D9_B;
    table
};
/// By the lower half of the lead.
const BY_LEAD: [u8; 16] = {
    let mut table = [0; 16];
    table[0x8] = AF;
    table[0x9] = D9_8 | D9_B | MARK_8 | MARK_9;
    table[0xA] = AF | LOW;
    table[0xB] = FARSI;
    table
};

// ASCII letters and digits and the space.
const DIGIT: u8 = 0x01;
const FROM_A: u8 = 0x02; // 41-4F, 61-6F
const TO_Z: u8 = 0x04; // 50-5A, 70-7A
const SPACE: u8 = 0x08;
const ASCII_BY_LOW: [u8; 16] = {
    let mut table = [FROM_A; 16];
    table[0x0] = DIGIT | TO_Z | SPACE;
    let mut low = 1;
    while low <= 0xA {
        table[low] |= TO_Z | if low <= 9 { DIGIT } else { 0 };
        low += 1;
    }
    table
};
const ASCII_BY_HIGH: [u8; 16] = {
    let mut table = [0; 16];
    table[0x2] = SPACE;
    table[0x3] = DIGIT;
    table[0x4] = FROM_A;
    table[0x5] = TO_Z;
    table[0x6] = FROM_A;
    table[0x7] = TO_Z;
    table
};

impl Avx2 {
    /// Asks the processor.
    pub(super) fn detect() -> Option<Avx2> {
        let has = std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("popcnt");
        has.then_some(Avx2(()))
    }

    /// [`Runs::typography`], as far as whole vectors go.
    pub(super) fn typography(self, bytes: &[u8], at: usize, end: usize, text: &mut Vec<u8>) -> (usize, u32) {
        // SAFETY: `self` is the proof that the processor has these instructions.
        unsafe { typography(bytes, at, end, text) }
    }

    /// [`Runs::orthography`].
    pub(super) fn orthography(self, text: &[u8], at: usize, end: usize, out: &mut Vec<u8>) -> usize {
        // SAFETY: `self` is the proof that the processor has these instructions.
        unsafe { orthography(text, at, end, out) }
    }

    /// [`Runs::loose`].
    pub(super) fn loose(self, text: &[u8], at: usize, end: usize, out: &mut Vec<u8>) -> (usize, usize) {
        // SAFETY: `self` is the proof that the processor has these instructions.
        unsafe { loose(text, at, end, out) }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn table(table: &[u8; 16]) -> __m256i {
    // SAFETY: a table has the 16 bytes that are loaded; the load needs no alignment.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast::<__m128i>()) })
}

/// 32 bytes from `at` on.
#[inline]
#[target_feature(enable = "avx2")]
fn load(bytes: &[u8], at: usize) -> __m256i {
    let vector = &bytes[at..at + STEP];
    // SAFETY: `vector` has the 32 bytes that are loaded; the load needs no alignment.
    unsafe { _mm256_loadu_si256(vector.as_ptr().cast::<__m256i>()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn bits(vector: __m256i) -> u32 {
    _mm256_movemask_epi8(vector).cast_unsigned()
}

#[inline]
#[target_feature(enable = "avx2")]
fn splat(byte: u8) -> __m256i {
    _mm256_set1_epi8(byte.cast_signed())
}

/// All bits of the bytes that are 0.
#[inline]
#[target_feature(enable = "avx2")]
fn is_zero(vector: __m256i) -> __m256i {
    _mm256_cmpeq_epi8(vector, _mm256_setzero_si256())
}

/// All bits of the bytes whose bit is set in `bits`.
#[target_feature(enable = "avx2")]
fn bytes_of(bits: u32) -> __m256i {
    let part = _mm256_setr_epi8(
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3,
    );
    let bit = _mm256_setr_epi8(
        1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32,
        64, -128,
    );
    let parts = _mm256_shuffle_epi8(_mm256_set1_epi32(bits.cast_signed()), part);
    _mm256_cmpeq_epi8(_mm256_and_si256(parts, bit), bit)
}

#[target_feature(enable = "avx2,popcnt")]
fn typography(bytes: &[u8], mut at: usize, end: usize, text: &mut Vec<u8>) -> (usize, u32) {
    let (by_low, by_high, by_lead) = (table(&BY_LOW), table(&BY_HIGH), table(&BY_LEAD));
    let (ascii_by_low, ascii_by_high) = (table(&ASCII_BY_LOW), table(&ASCII_BY_HIGH));
    let half = splat(0x0F);
    let is_lead = |vector| _mm256_cmpeq_epi8(_mm256_and_si256(vector, splat(0xFC)), splat(0xD8));
    let is_other_lead = |vector| _mm256_cmpeq_epi8(_mm256_and_si256(vector, splat(0xFE)), splat(0xDA));

    text.reserve(end.saturating_sub(at) + Runs::SLACK);
    let mut words = 0_u32;
    // Of the two bytes before: whether they end a letter.
    let mut carry = u32::from(at >= 2 && is_letter(bytes[at - 2], bytes[at - 1])) << 1;
    while at > 0 && at < end && at + STEP < bytes.len() {
        let (now, before) = (load(bytes, at), load(bytes, at - 1));
        let low = _mm256_and_si256(now, half);
        let high = _mm256_and_si256(_mm256_srli_epi16::<4>(now), half);
        let behind_lead = is_lead(before);
        let lead_kind = _mm256_and_si256(_mm256_shuffle_epi8(by_lead, _mm256_and_si256(before, half)), behind_lead);
        let halves = _mm256_and_si256(_mm256_shuffle_epi8(by_low, low), _mm256_shuffle_epi8(by_high, high));
        let kind = _mm256_and_si256(halves, lead_kind);
        let letters = !bits(is_zero(_mm256_and_si256(kind, splat(LETTER))));
        let seconds = !bits(is_zero(kind));
        let ascii = _mm256_and_si256(_mm256_shuffle_epi8(ascii_by_low, low), _mm256_shuffle_epi8(ascii_by_high, high));
        let is_space = _mm256_cmpeq_epi8(now, splat(b' '));
        let again = _mm256_and_si256(is_space, _mm256_cmpeq_epi8(before, splat(b' ')));
        let not_ascii = _mm256_or_si256(is_zero(ascii), again);
        let starts = bits(_mm256_andnot_si256(behind_lead, _mm256_or_si256(is_lead(now), is_zero(not_ascii))));

        let marks = seconds & !letters;
        let mut stops = !(starts | seconds) | (marks & !(letters << 2 | carry));
        let mut folded = now;
        let mut undecided = 0;
        if bits(_mm256_or_si256(is_other_lead(now), is_other_lead(before))) != 0 {
            (folded, undecided) = by_other_keys(now, before, load(bytes, at + 1), letters);
            stops |= undecided;
        }
        let space_bits = bits(is_space);
        if stops == 0 && end - at >= STEP {
            // Where the next vector starts must not wait for this one.
            store(folded, STEP, text);
            words += space_bits.count_ones();
            carry = letters >> (STEP - 2);
            at += STEP;
            continue;
        }
        let len = (stops.trailing_zeros() as usize).min(end - at);
        // What follows a yeh may be in the next vector.
        let goes_on = len >= STEP - 2 && undecided >> (len % STEP) & 1 == 1;
        at = cut_lead(at, len, bytes, text, |len, text| {
            words += (space_bits & low_bits(len)).count_ones();
            store(folded, len, text);
        });
        carry = 0;
        if !goes_on {
            match bridge(&bytes[at..end], text) {
                Some((len, more)) => {
                    at += len;
                    words = words.wrapping_add_signed(more);
                }
                None => return (at, words),
            }
        }
    }
    // Too little is left for a vector.
    at = cut_lead(at, 0, bytes, text, |_, _| ());
    let (at, more) = runs::typography(&bytes[..end], at, text);
    (at, words.wrapping_add(more))
}

/// Keheh as kaf, and Farsi yeh as yeh or alef maksura by what follows it. Returns as bits the second bytes of those of
/// which that can't be told.
#[target_feature(enable = "avx2")]
fn by_other_keys(now: __m256i, before: __m256i, after: __m256i, letters: u32) -> (__m256i, u32) {
    let is = |vector, byte| _mm256_cmpeq_epi8(vector, splat(byte));
    let keheh = _mm256_and_si256(is(before, 0xDA), is(now, 0xA9));
    let yeh = _mm256_and_si256(is(before, 0xDB), is(now, 0x8C));
    let leads = _mm256_or_si256(
        _mm256_and_si256(is(now, 0xDA), is(after, 0xA9)),
        _mm256_and_si256(is(now, 0xDB), is(after, 0x8C)),
    );
    let yehs = bits(yeh);
    let joined = yehs & letters >> 2;
    let last = yehs & !bits(now) >> 1 & !(1 << 31);
    let mut folded = _mm256_blendv_epi8(now, splat(0xD9), leads);
    folded = _mm256_blendv_epi8(folded, splat(0x83), keheh);
    folded = _mm256_blendv_epi8(folded, splat(0x89), yeh);
    folded = _mm256_blendv_epi8(folded, splat(0x8A), bytes_of(joined));
    (folded, yehs & !(joined | last))
}

/// Stores a vector at the end of `text`, of which `len` bytes are text.
///
/// # Panics
/// There is no room for a whole vector.
#[inline]
#[target_feature(enable = "avx2")]
fn store(vector: __m256i, len: usize, text: &mut Vec<u8>) {
    assert!(text.capacity() - text.len() >= STEP && len <= STEP);
    // SAFETY: a vector fits behind the text, and of what has been written there `len` bytes become text.
    unsafe {
        _mm256_storeu_si256(text.as_mut_ptr().add(text.len()).cast::<__m256i>(), vector);
        text.set_len(text.len() + len);
    }
}

/// The lowest bits, so many.
#[inline]
fn low_bits(len: usize) -> u32 {
    (u64::MAX >> (64 - STEP) >> (STEP - len)) as u32
}

/// Ends a run `len` bytes from `at` on, before a lead whose second byte is not of it, which may have been written already.
/// Writes the bytes with `write`. Returns where the run ends.
#[inline]
fn cut_lead(at: usize, len: usize, text: &[u8], out: &mut Vec<u8>, write: impl FnOnce(usize, &mut Vec<u8>)) -> usize {
    let is_lead = |byte: &u8| matches!(byte, 0xD8..=0xDB);
    if len > 0 {
        let len = len - usize::from(is_lead(&text[at + len - 1]));
        write(len, out);
        return at + len;
    }
    let cut = usize::from(at > 0 && is_lead(&text[at - 1]) && out.last().is_some_and(is_lead));
    out.truncate(out.len() - cut);
    at - cut
}

/// What the later levels ask of 32 bytes, of text whose letters they leave alone or change one by one: those of D8 and
/// D9, without the rare alefs. A bit, or a byte with all bits, for each byte.
struct Bytes {
    now: __m256i,
    low: __m256i,
    high: __m256i,
    after_d8: __m256i,
    after_d9: __m256i,
    /// The second bytes of letters, and leads.
    seconds: u32,
    leads: u32,
    /// ASCII that is not behind a lead.
    is_ascii: __m256i,
    ascii: u32,
}

impl Bytes {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(text: &[u8], at: usize) -> Bytes {
        let (now, before) = (load(text, at), load(text, at - 1));
        let half = splat(0x0F);
        let low = _mm256_and_si256(now, half);
        let high = _mm256_and_si256(_mm256_srli_epi16::<4>(now), half);
        let halves = _mm256_and_si256(
            _mm256_shuffle_epi8(table(&LATER_BY_LOW), low),
            _mm256_shuffle_epi8(table(&BY_HIGH), high),
        );
        let after_d8 = _mm256_cmpeq_epi8(before, splat(0xD8));
        let after_d9 = _mm256_cmpeq_epi8(before, splat(0xD9));
        let kinds =
            _mm256_or_si256(_mm256_and_si256(after_d8, splat(AF)), _mm256_and_si256(after_d9, splat(D9_8 | D9_B)));
        let no_second = is_zero(_mm256_and_si256(halves, kinds));
        let behind_lead = _mm256_or_si256(after_d8, after_d9);
        let is_lead = _mm256_cmpeq_epi8(_mm256_and_si256(now, splat(0xFE)), splat(0xD8));
        let is_ascii = _mm256_andnot_si256(behind_lead, _mm256_cmpgt_epi8(now, splat(0xFF)));
        Bytes {
            now,
            low,
            high,
            after_d8,
            after_d9,
            seconds: !bits(no_second),
            leads: bits(_mm256_andnot_si256(behind_lead, is_lead)),
            is_ascii,
            ascii: bits(is_ascii),
        }
    }
}

/// [`BY_LOW`] without alef wasla and alef with wavy hamza, D9 B1-B3.
const LATER_BY_LOW: [u8; 16] = {
    let mut table = BY_LOW;
    let mut low = 1;
    while low <= 3 {
        table[low] &= !D9_B;
        low += 1;
    }
    table
};

/// D8 A0-AF at the level `orthography`, by the lower half: alef of any kind, and hamza on waw as on yeh.
const SEATS: [u8; 16] =
    [0xA0, 0xA1, 0xA7, 0xA7, 0xA6, 0xA7, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF];

#[target_feature(enable = "avx2,popcnt")]
fn orthography(text: &[u8], mut at: usize, end: usize, out: &mut Vec<u8>) -> usize {
    let is = |vector, byte| _mm256_cmpeq_epi8(vector, splat(byte));
    let and = |one, other| _mm256_and_si256(one, other);
    out.reserve(end.saturating_sub(at) + Runs::SLACK);
    if at < 2 {
        return at;
    }
    // Of the two bytes before: whether they end a letter, and whether that is a yeh or alef maksura.
    let mut letters_before = u32::from(is_plain_letter(text[at - 2], text[at - 1])) << 1;
    let mut yehs_before = u32::from(matches!(text[at - 2..at], [0xD9, 0x89 | 0x8A])) << 1;
    while at < end && at + STEP < text.len() {
        let bytes = Bytes::load(text, at);
        let Bytes { now, low, high, after_d8, after_d9, seconds, leads, ascii, .. } = bytes;
        let mut stops = !(seconds | leads | ascii) | bits(is(now, b'%'));

        // A waw that stands alone, before a space or marks, may belong to the next word.
        let waws = bits(and(is(now, 0x88), after_d9)) & !(seconds << 2 | letters_before);
        if waws != 0 {
            let spaces = bits(is(now, b' '));
            stops |= waws & (spaces >> 1 | stops >> 2 | 3 << 30);
        }
        // A hamza behind yeh or alef maksura may have it for a seat.
        let yehs = bits(and(_mm256_or_si256(is(now, 0x89), is(now, 0x8A)), after_d9));
        let hamzas = bits(and(is(_mm256_shuffle_epi8(table(&HAMZAS), low), 1), and(is(high, 0xA), after_d8)));
        stops |= hamzas & (yehs << 2 | yehs_before);

        let seats = _mm256_shuffle_epi8(table(&SEATS), low);
        let folded = _mm256_blendv_epi8(now, seats, and(is(high, 0xA), after_d8));
        let folded = _mm256_blendv_epi8(folded, splat(0x8A), and(is(now, 0x89), after_d9));
        if stops == 0 && end - at >= STEP {
            store(folded, STEP, out);
            at += STEP;
            (letters_before, yehs_before) = (seconds >> (STEP - 2), yehs >> (STEP - 2));
            continue;
        }
        let len = (stops.trailing_zeros() as usize).min(end - at);
        return cut_lead(at, len, text, out, |len, out| store(folded, len, out));
    }
    at
}

/// The lower halves of hamza by itself, on waw and on yeh.
const HAMZAS: [u8; 16] = [0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// For each set of bytes to keep, of eight, the places that these come from.
static KEPT: [[u8; 8]; 256] = {
    let mut places = [[0x80; 8]; 256];
    let mut set = 0;
    while set < 256 {
        let (mut from, mut to) = (0, 0);
        while from < 8 {
            if set >> from & 1 == 1 {
                places[set][to] = from;
                to += 1;
            }
            from += 1;
        }
        set += 1;
    }
    places
};

/// ASCII that the level `loose` leaves out: a bit for each of the upper halves 2 to 7, by the lower half.
const GAPS: [u8; 16] = {
    let mut gaps = [0; 16];
    let mut byte = 0x20;
    while byte < 0x80 {
        if is_gap(byte) {
            gaps[(byte & 0xF) as usize] |= 1 << (byte >> 4);
        }
        byte += 1;
    }
    gaps
};
const UPPER_HALVES: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0];

#[target_feature(enable = "avx2,popcnt")]
fn loose(text: &[u8], mut at: usize, end: usize, out: &mut Vec<u8>) -> (usize, usize) {
    let is = |vector, byte| _mm256_cmpeq_epi8(vector, splat(byte));
    let and = |one, other| _mm256_and_si256(one, other);
    let mut letters = 0;
    out.reserve(end.saturating_sub(at) + Runs::SLACK);
    // Whether the byte before is left out.
    let mut carry = 0;
    while at > 0 && at < end && at + STEP < text.len() {
        let Bytes { now, low, high, after_d8, seconds, leads, is_ascii, .. } = Bytes::load(text, at);
        let no_gap =
            is_zero(and(_mm256_shuffle_epi8(table(&GAPS), low), _mm256_shuffle_epi8(table(&UPPER_HALVES), high)));
        let no_alnum = is_zero(and(
            _mm256_shuffle_epi8(table(&ALNUM_BY_LOW), low),
            _mm256_shuffle_epi8(table(&ASCII_BY_HIGH), high),
        ));
        let alnum = _mm256_andnot_si256(no_alnum, is_ascii);
        let (gaps, alnums) = (bits(_mm256_andnot_si256(no_gap, is_ascii)), bits(alnum));
        let mut stops = !(seconds | leads | gaps | alnums);
        let mut folded = now;
        if alnums != 0 {
            stops |= bits(and(is(high, 3), alnum)) & (gaps << 1 | carry);
            // Bit 6 is that of a letter, and bit 5 that of one in lower case.
            let letter = _mm256_srli_epi16::<1>(and(and(now, splat(0x40)), alnum));
            folded = _mm256_or_si256(folded, letter);
        }
        // Teh marbuta.
        let teh = and(is(now, 0xA9), after_d8);
        let teh_lead = and(is(now, 0xD8), is(load(text, at + 1), 0xA9));
        folded = _mm256_blendv_epi8(folded, splat(0x87), teh);
        folded = _mm256_blendv_epi8(folded, splat(0xD9), teh_lead);

        if stops == 0 && end - at >= STEP {
            letters += (seconds | alnums).count_ones() as usize;
            keep(folded, !gaps, out);
            at += STEP;
            carry = gaps >> (STEP - 1);
            continue;
        }
        let len = (stops.trailing_zeros() as usize).min(end - at);
        letters += ((seconds | alnums) & low_bits(len)).count_ones() as usize;
        let at = cut_lead(at, len, text, out, |len, out| keep(folded, low_bits(len) & !gaps, out));
        return (at, letters);
    }
    (at, letters)
}

/// [`ASCII_BY_LOW`] without the space.
const ALNUM_BY_LOW: [u8; 16] = {
    let mut table = ASCII_BY_LOW;
    table[0] &= !SPACE;
    table
};

/// Appends the bytes of a vector whose bit is set.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn keep(vector: __m256i, kept: u32, out: &mut Vec<u8>) {
    let mut bytes = [0_u8; STEP];
    // SAFETY: `bytes` has the 32 bytes that are stored; the store needs no alignment.
    unsafe { _mm256_storeu_si256(bytes.as_mut_ptr().cast::<__m256i>(), vector) };
    let len = out.len();
    assert!(out.capacity() - len >= STEP);
    let mut end = len;
    for (part, kept) in bytes.chunks_exact(8).zip(kept.to_le_bytes()) {
        // SAFETY: 8 bytes are loaded from a part and from a row, which have 8. Of each part at most 8 bytes have been
        // kept so far, so that 8 bytes more are within the room for 32.
        unsafe {
            let part = _mm_loadl_epi64(part.as_ptr().cast::<__m128i>());
            let places = _mm_loadl_epi64(KEPT[usize::from(kept)].as_ptr().cast::<__m128i>());
            _mm_storel_epi64(out.as_mut_ptr().add(end).cast::<__m128i>(), _mm_shuffle_epi8(part, places));
        }
        end += kept.count_ones() as usize;
    }
    // SAFETY: the bytes up to `end` have been stored.
    unsafe { out.set_len(end) };
}
