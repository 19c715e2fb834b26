//! Writes synthetic text to standard output, to measure runs over more units than there is memory for:
//!
//! ```text
//! cargo bench --bench synthetic --no-run          builds it, and says where it is
//! synthetic 60000000 | tikrar clean --scope corpus -q > /dev/null
//! ```
//!
//! Units are lines of 12 to 40 made-up Arabic words, one in five of them the same as an earlier line at any distance. Nothing
//! is kept: a line is made of its number, and a repeat of the number of the line that it repeats. The same seed makes the
//! same text.

#![allow(missing_docs, clippy::expect_used, reason = "a bench that can't go on has failed")]

use std::io::{self, Write};

const WORDS: usize = 1 << 12;
/// As long as the longest word with its space, so that each is copied at once.
const WIDTH: usize = 32;

/// The words, each with a space behind it, and their lengths.
struct Words {
    bytes: Vec<[u8; WIDTH]>,
    lengths: Vec<usize>,
}

/// Numbers without a pattern: splitmix64.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

impl Words {
    fn new(seed: u64) -> Words {
        let letters: Vec<char> = "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىأإآءئؤ".chars().collect();
        let mut words = Words { bytes: Vec::new(), lengths: Vec::new() };
        for number in 0..WORDS as u64 {
            let mut random = mixed(seed ^ (number << 32));
            let mut word = String::new();
            for _ in 0..2 + random % 9 {
                random = mixed(random);
                word.push(letters[random as usize % letters.len()]);
            }
            word.push(' ');
            let mut bytes = [0; WIDTH];
            bytes[..word.len()].copy_from_slice(word.as_bytes());
            words.bytes.push(bytes);
            words.lengths.push(word.len());
        }
        words
    }

    /// Adds the line that is made of a number.
    fn add_line(&self, number: u64, text: &mut Vec<u8>) {
        let mut random = mixed(number);
        let words = 12 + (random >> 32) % 29;
        let start = text.len();
        text.resize(start + 41 * WIDTH, 0);
        let mut end = start;
        for word in 0..words {
            // Five words of a number.
            if word % 5 == 0 {
                random = mixed(random ^ number);
            }
            let at = random as usize % WORDS;
            random >>= 12;
            text[end..end + WIDTH].copy_from_slice(&self.bytes[at]);
            end += self.lengths[at];
        }
        text[end - 1] = b'\n';
        text.truncate(end);
    }
}

/// The number that line `line` is made of: its own, or for one line in five that of an earlier one.
fn origin(mut line: u64, seed: u64) -> u64 {
    loop {
        let random = mixed(line ^ seed.rotate_left(17));
        if line == 0 || !random.is_multiple_of(5) {
            return line;
        }
        line = mixed(random) % line;
    }
}

fn main() {
    // Cargo hands a bench an option of its own.
    let numbers: Vec<u64> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let (units, seed) = (numbers.first().copied().unwrap_or(0), numbers.get(1).copied().unwrap_or(1));
    let words = Words::new(seed);
    let mut out = io::stdout().lock();
    let mut text = Vec::with_capacity(1 << 20);
    for line in 0..units {
        words.add_line(origin(line, seed).wrapping_add(seed << 48), &mut text);
        if text.len() > 128 << 10 || line + 1 == units {
            if out.write_all(&text).is_err() {
                // Whoever read it has enough.
                return;
            }
            text.clear();
        }
    }
}
