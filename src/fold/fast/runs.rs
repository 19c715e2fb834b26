//! Runs: stretches of a text that a level leaves as they are, or changes letter by letter.
//!
//! A run may stop anywhere; what stops it is taken sign by sign. So how far one goes is a matter of speed alone.

#[cfg(target_arch = "x86_64")]
use super::avx2::Avx2;
use super::bridge::bridge;

/// How runs are copied.
#[derive(Clone, Copy, Debug)]
pub(in crate::fold) struct Runs {
    #[cfg(target_arch = "x86_64")]
    avx2: Option<Avx2>,
}

const FARSI_YEH: [u8; 2] = [0xDB, 0x8C];
const KEHEH: [u8; 2] = [0xDA, 0xA9];

impl Runs {
    /// How many bytes more than a run is long may be written behind the text, and read by the later levels.
    pub(super) const SLACK: usize = 34;

    /// The best way that this processor has.
    pub(in crate::fold) fn best() -> Runs {
        Runs {
            #[cfg(target_arch = "x86_64")]
            avx2: Avx2::detect(),
        }
    }

    /// The way that every processor has.
    pub(in crate::fold) fn portable() -> Runs {
        Runs {
            #[cfg(target_arch = "x86_64")]
            avx2: None,
        }
    }

    /// Appends words and what stands between them to `text`, folded to the level `typography`, from `at` on. There, before
    /// `end`, a unit begins or a letter, mark or digit has been written. Returns where the run stops, and how many words
    /// begin in it, one for each space.
    pub(super) fn typography(self, bytes: &[u8], at: usize, end: usize, text: &mut Vec<u8>) -> (usize, u32) {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = self.avx2 {
            return avx2.typography(bytes, at, end, text);
        }
        typography(&bytes[..end], at, text)
    }

    /// Appends what stays itself at the level `orthography`, or turns into a letter of the same length, to `out`, from `at`
    /// on. Right before that a sign has been written. Returns where the run stops. Reads up to [`Runs::SLACK`] bytes behind
    /// `end`.
    pub(super) fn orthography(self, text: &[u8], at: usize, end: usize, out: &mut Vec<u8>) -> usize {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = self.avx2 {
            return avx2.orthography(text, at, end, out);
        }
        orthography(text, at, end, out)
    }

    /// Appends letters and digits to `out`, folded to the level `loose`, and leaves out white space and ASCII punctuation,
    /// from `at` on. Right before that a sign has been written that is no such gap. Stops at a digit behind a gap. Returns
    /// where, and how many letters and digits were in the run. Reads up to [`Runs::SLACK`] bytes behind `end`.
    pub(super) fn loose(self, text: &[u8], at: usize, end: usize, out: &mut Vec<u8>) -> (usize, usize) {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = self.avx2 {
            return avx2.loose(text, at, end, out);
        }
        loose(text, at, end, out)
    }
}

/// [`Runs::typography`], byte by byte.
pub(super) fn typography(bytes: &[u8], mut at: usize, text: &mut Vec<u8>) -> (usize, u32) {
    let mut start = at;
    let mut words = 0_u32;
    loop {
        match bytes[at..] {
            [byte @ (b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z'), ..] => {
                text.push(byte);
                at += 1;
            }
            [b' ', ..] if text.last() != Some(&b' ') => {
                text.push(b' ');
                words += 1;
                at += 1;
            }
            [lead @ 0xD8..=0xDA, last, ..] if is_letter(lead, last) => {
                text.extend_from_slice(&if [lead, last] == KEHEH { [0xD9, 0x83] } else { [lead, last] });
                at += 2;
            }
            [0xD9, mark @ 0x8C..=0x92, ..] if at >= start + 2 && is_letter(bytes[at - 2], bytes[at - 1]) => {
                text.extend_from_slice(&[0xD9, mark]);
                at += 2;
            }
            [0xDB, 0x8C, ..0x80, ..] => {
                text.extend_from_slice("ى".as_bytes());
                at += 2;
            }
            [0xDB, 0x8C, lead, last, ..] if is_letter(lead, last) => {
                text.extend_from_slice("ي".as_bytes());
                at += 2;
            }
            _ => match bridge(&bytes[at..], text) {
                Some((len, more)) => {
                    at += len;
                    start = at;
                    words = words.wrapping_add_signed(more);
                }
                None => return (at, words),
            },
        }
    }
}

/// [`Runs::orthography`], byte by byte: letters that nothing before them can change.
fn orthography(text: &[u8], mut at: usize, end: usize, out: &mut Vec<u8>) -> usize {
    while at < end {
        match text[at..end] {
            [b'%', ..] => break,
            [byte @ ..0x80, ..] => {
                out.push(byte);
                at += 1;
            }
            // Hamza on a seat, and waw, are a matter of what stands beside them.
            [0xD8, 0xA1 | 0xA4 | 0xA6, ..] | [0xD9, 0x88, ..] => break,
            [0xD8, 0xA2 | 0xA3 | 0xA5, ..] | [0xD9, 0xB1..=0xB3, ..] => {
                out.extend_from_slice("ا".as_bytes());
                at += 2;
            }
            [0xD9, 0x89, ..] => {
                out.extend_from_slice("ي".as_bytes());
                at += 2;
            }
            [lead @ (0xD8 | 0xD9), last, ..] if is_plain_letter(lead, last) => {
                out.extend_from_slice(&[lead, last]);
                at += 2;
            }
            _ => break,
        }
    }
    at
}

/// [`Runs::loose`], byte by byte: letters, and spaces between them.
fn loose(text: &[u8], mut at: usize, end: usize, out: &mut Vec<u8>) -> (usize, usize) {
    let mut letters = 0;
    while at < end {
        match text[at..end] {
            [byte, ..] if byte.is_ascii_alphabetic() => {
                out.push(byte.to_ascii_lowercase());
                at += 1;
            }
            [0xD8, 0xA9, ..] => {
                out.extend_from_slice("ه".as_bytes());
                at += 2;
            }
            [lead @ (0xD8 | 0xD9), last, ..] if is_plain_letter(lead, last) => {
                out.extend_from_slice(&[lead, last]);
                at += 2;
            }
            [b' ', lead @ (0xD8 | 0xD9), last, ..] if is_plain_letter(lead, last) => {
                at += 1;
                continue;
            }
            _ => break,
        }
        letters += 1;
    }
    (at, letters)
}

/// Whether two bytes are an Arabic letter that stays itself, or the one letter of another keyboard that always turns
/// into the same.
pub(super) fn is_letter(lead: u8, last: u8) -> bool {
    is_plain_letter(lead, last) || [lead, last] == FARSI_YEH
}

/// [`is_letter`], but for Farsi yeh, which turns into what its place demands.
#[inline]
pub(super) fn is_plain_letter(lead: u8, last: u8) -> bool {
    // A bit for each second byte, by the lead: D8 A0-BF, D9 81-8A B1-BF, DA 80-BF.
    const SECONDS: [u64; 4] = [0xFFFF_FFFF_0000_0000, 0xFFFE_0000_0000_07FE, u64::MAX, 0];
    lead & 0xFC == 0xD8 && last & 0xC0 == 0x80 && SECONDS[usize::from(lead & 3)] >> (last & 0x3F) & 1 == 1
}
