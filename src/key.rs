//! Keys: what a unit, or a run of units, is recognised by.
//!
//! The key of a unit is the XXH3 hash (128 bits, seed 0) of its folded text. A run of two units or more has a hash of
//! their keys in order, so that it can be rolled from run to run: with each 128-bit key split into its low and its high
//! 64-bit half, each half is a number of a polynomial modulo 2^61 - 1 (bases [`BASES`]), and the key of the run is the
//! XXH3 hash of the two sums and the number of units, each as 8 bytes, least significant first.
//!
//! Words are maximal runs of letters, marks and digits in the folded text; where the folds drop spaces, letters and
//! digits divided by five, rounded up.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3::xxh3_128;

use crate::fold::{self, Folded, Folds};
use crate::near::Near;
use crate::unit::UnitKind;

/// What a unit or a run of units is recognised by: equal keys, equal folded texts, but for a collision of hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u64; 2]);

impl Key {
    /// The key of a unit.
    #[must_use]
    pub fn of(unit: Folded<'_>) -> Key {
        Key::from(xxh3_128(unit.text()))
    }

    /// Another key for a text that collides with this key's: no other text has it, but for a further collision.
    pub(crate) fn numbered(self, number: u32) -> Key {
        let mut bytes = [0; 20];
        bytes[..8].copy_from_slice(&self.0[0].to_le_bytes());
        bytes[8..16].copy_from_slice(&self.0[1].to_le_bytes());
        bytes[16..].copy_from_slice(&number.to_le_bytes());
        Key::from(xxh3_128(&bytes))
    }

    /// Whether this is the other key, told without a branch.
    pub(crate) fn is(self, other: Key) -> bool {
        (self.0[0] ^ other.0[0]) | (self.0[1] ^ other.0[1]) == 0
    }

    /// The low and the high 64 bits.
    pub(crate) fn halves(self) -> [u64; 2] {
        self.0
    }

    /// The low 64 bits.
    pub(crate) fn low(self) -> u64 {
        self.0[0]
    }
}

impl From<u128> for Key {
    fn from(hash: u128) -> Key {
        Key([hash as u64, (hash >> 64) as u64])
    }
}

impl From<Key> for u128 {
    fn from(key: Key) -> u128 {
        let [low, high] = key.halves();
        u128::from(high) << 64 | u128::from(low)
    }
}

impl fmt::Display for Key {
    /// 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.0[1], self.0[0])
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key, D::Error> {
        let digits = String::deserialize(deserializer)?;
        u128::from_str_radix(&digits, 16).map(Key::from).map_err(serde::de::Error::custom)
    }
}

/// The number of words of a unit.
#[must_use]
pub fn words(unit: Folded<'_>) -> u32 {
    unit.words()
}

const PRIME: u64 = (1 << 61) - 1;

/// The bases of the two polynomials. Fixed numbers without a pattern, so that a run has one key everywhere.
pub const BASES: [u64; 2] = [0x0f3c_a1d6_92b4_e875, 0x15a7_3e0b_c84d_f629];

/// Their inverses modulo the prime.
const INVERSES: [u64; 2] = [inverse(BASES[0]), inverse(BASES[1])];

const fn product(a: u64, b: u64) -> u64 {
    let wide = a as u128 * b as u128;
    let sum = (wide as u64 & PRIME) + (wide >> 61) as u64;
    if sum >= PRIME { sum - PRIME } else { sum }
}

/// By Fermat: a to the power of the prime less two.
const fn inverse(a: u64) -> u64 {
    let (mut power, mut result, mut exponent) = (a, 1, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = product(result, power);
        }
        power = product(power, power);
        exponent >>= 1;
    }
    result
}

const fn reduced(half: u64) -> u64 {
    let sum = (half & PRIME) + (half >> 61);
    if sum >= PRIME { sum - PRIME } else { sum }
}

/// The key of a run that grows at its end and shrinks at its start, each step in constant time.
#[derive(Clone, Debug)]
pub(crate) struct RollingKey {
    lanes: [Lane; 2],
    units: u64,
}

/// One of the two polynomials.
#[derive(Clone, Debug)]
struct Lane {
    base: u64,
    inverse: u64,
    sum: u64,
    /// The base to the power of the run's length.
    power: u64,
}

impl Lane {
    const fn new(base: u64, inverse: u64) -> Lane {
        Lane { base, inverse, sum: 0, power: 1 }
    }

    fn push(&mut self, half: u64) {
        self.sum = reduced(product(self.sum, self.base) + reduced(half));
        self.power = product(self.power, self.base);
    }

    fn pop(&mut self, half: u64) {
        self.power = product(self.power, self.inverse);
        self.sum = reduced(self.sum + PRIME - product(reduced(half), self.power));
    }
}

impl RollingKey {
    pub(crate) fn new() -> RollingKey {
        RollingKey { lanes: [Lane::new(BASES[0], INVERSES[0]), Lane::new(BASES[1], INVERSES[1])], units: 0 }
    }

    /// Adds a unit at the end.
    pub(crate) fn push(&mut self, key: Key) {
        self.lanes.iter_mut().zip(key.0).for_each(|(lane, half)| lane.push(half));
        self.units += 1;
    }

    /// Takes the first unit away, which is `key`.
    pub(crate) fn pop(&mut self, key: Key) {
        self.lanes.iter_mut().zip(key.0).for_each(|(lane, half)| lane.pop(half));
        self.units -= 1;
    }

    /// The key of a run of two units or more.
    pub(crate) fn key(&self) -> Key {
        run_key([self.lanes[0].sum, self.lanes[1].sum], self.units)
    }
}

fn run_key(sums: [u64; 2], units: u64) -> Key {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&sums[0].to_le_bytes());
    bytes[8..16].copy_from_slice(&sums[1].to_le_bytes());
    bytes[16..].copy_from_slice(&units.to_le_bytes());
    Key::from(xxh3_128(&bytes))
}

/// All units up to some place, from any place before: what lies between two such is a run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Prefix([u64; 2]);

impl Prefix {
    /// With one unit more at the end.
    pub(crate) fn then(self, key: Key) -> Prefix {
        let lane = |at: usize| reduced(product(self.0[at], BASES[at]) + reduced(key.0[at]));
        Prefix([lane(0), lane(1)])
    }
}

/// The powers of the bases, as many as were needed so far, up to a bound.
#[derive(Clone, Debug)]
pub(crate) struct Powers(Vec<[u64; 2]>);

impl Powers {
    const MOST: usize = 1024;

    pub(crate) fn new() -> Powers {
        Powers(vec![[1, 1]])
    }

    /// The key of the run of `units` units, two or more, between two prefixes.
    pub(crate) fn key_between(&mut self, before: Prefix, end: Prefix, units: usize) -> Key {
        let powers = self.of(units);
        let lane = |at: usize| reduced(end.0[at] + PRIME - product(before.0[at], powers[at]));
        run_key([lane(0), lane(1)], units as u64)
    }

    fn of(&mut self, exponent: usize) -> [u64; 2] {
        let known = self.0.len();
        if exponent < known {
            return self.0[exponent];
        }
        if exponent >= Powers::MOST {
            let half = self.of(exponent / 2);
            let odd = self.of(exponent % 2);
            return [0, 1].map(|at| product(product(half[at], half[at]), odd[at]));
        }
        let mut last = self.0[known - 1];
        for _ in known..=exponent {
            last = [product(last[0], BASES[0]), product(last[1], BASES[1])];
            self.0.push(last);
        }
        last
    }
}

/// Everything that decides which key a unit gets and which windows there are. Keys of different versions mean
/// different things and are never compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyVersion {
    /// The number of the folding rules and tables: [`fold::RULES`].
    pub rules: u32,
    /// The folds in force.
    pub folds: Folds,
    /// What a unit is.
    pub unit: UnitKind,
    /// The fewest words of a run that can be a copy.
    pub min_words: u32,
    /// When a unit has the key of one that is nearly the same.
    pub near: Option<Near>,
}

impl KeyVersion {
    /// The version that this build makes under these options, where keys are of equal texts alone.
    #[must_use]
    pub fn new(folds: Folds, unit: UnitKind, min_words: u32) -> KeyVersion {
        KeyVersion { rules: fold::RULES, folds, unit, min_words, near: None }
    }
}

impl fmt::Display for KeyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rules {}, ", self.rules)?;
        match self.folds.level() {
            Some(level) => write!(f, "{level}")?,
            None => write!(f, "folds {}", self.folds)?,
        }
        write!(f, ", unit {}, min-words {}", self.unit, self.min_words)?;
        self.near.map_or(Ok(()), |near| write!(f, ", {near}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u64) -> Key {
        Key::from(xxh3_128(&n.to_le_bytes()))
    }

    #[test]
    fn a_rolled_key_is_that_of_the_same_run_made_anew() {
        let mut rolled = RollingKey::new();
        for n in 0..50 {
            rolled.push(key(n % 7));
            if n >= 5 {
                rolled.pop(key((n - 5) % 7));
            }
            let mut anew = RollingKey::new();
            for m in n.saturating_sub(4)..=n {
                anew.push(key(m % 7));
            }
            assert_eq!(rolled.key(), anew.key());
        }
    }

    #[test]
    fn a_run_between_prefixes_has_the_key_that_is_rolled() {
        let mut powers = Powers::new();
        for start in [0, 1, 7] {
            let (mut rolled, mut end) = (RollingKey::new(), Prefix::default());
            (0..start).for_each(|n| end = end.then(key(n)));
            let before = end;
            for units in 1..3000 {
                rolled.push(key(start + units));
                end = end.then(key(start + units));
                if units % 97 == 0 || units > 1000 && units < 1100 {
                    assert_eq!(powers.key_between(before, end, units as usize), rolled.key());
                }
            }
        }
    }

    #[test]
    fn order_and_length_count() {
        let run = |units: &[u64]| {
            let mut rolling = RollingKey::new();
            units.iter().for_each(|&n| rolling.push(key(n)));
            rolling.key()
        };
        assert_ne!(run(&[1, 2]), run(&[2, 1]));
        assert_ne!(run(&[1, 1]), run(&[1, 1, 1]));
    }
}
