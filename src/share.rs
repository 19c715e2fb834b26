//! A share of a whole, kept as it was given: of numbers in base two, 0.29 of 100 is less than 29.

use std::fmt;
use std::str::FromStr;

/// A share of a whole, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    parts: u64,
    of: u64,
}

/// What is no share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoShare {
    /// It is no decimal number, or one with more than 12 digits behind the point.
    #[error("it is a number from 0 to 1, as in 0.8, or a percentage, as in 80%; with up to 12 digits behind the point")]
    NoNumber,
    /// It is more than all.
    #[error("it is from 0 to 1, or from 0% to 100%")]
    TooMuch,
}

impl Share {
    /// Whether so many parts of so many are more than this.
    #[must_use]
    pub fn is_less_than(self, parts: u64, of: u64) -> bool {
        u128::from(parts) * u128::from(self.of) > u128::from(self.parts) * u128::from(of)
    }

    /// Whether so many parts of so many are fewer than this.
    #[must_use]
    pub fn is_more_than(self, parts: u64, of: u64) -> bool {
        u128::from(parts) * u128::from(self.of) < u128::from(self.parts) * u128::from(of)
    }

    /// The nearest number to it.
    #[must_use]
    pub fn number(self) -> f64 {
        self.parts as f64 / self.of as f64
    }

    /// In percent, as in `20.0%` and `24.99%`.
    #[must_use]
    pub fn percent(self) -> String {
        let percent = self.parts as f64 * 100.0 / self.of as f64;
        let rounded = format!("{percent:.1}");
        if rounded.parse() == Ok(percent) { format!("{rounded}%") } else { format!("{percent}%") }
    }
}

impl FromStr for Share {
    type Err = NoShare;

    fn from_str(given: &str) -> Result<Share, NoShare> {
        let (number, unit) = match given.strip_suffix('%') {
            Some(percent) => (percent.trim(), 100),
            None => (given, 1),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = format!("{whole}{fraction}");
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || fraction.len() > 12 {
            return Err(NoShare::NoNumber);
        }
        let of = unit * 10_u64.pow(fraction.len() as u32);
        match digits.parse() {
            Ok(parts) if parts <= of => Ok(Share { parts, of }),
            _ => Err(NoShare::TooMuch),
        }
    }
}

impl fmt::Display for Share {
    /// As in `0.29`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact() {
        for (given, parts) in
            [("0.29", 29), ("29%", 29), ("29.0%", 29), (".57", 57), ("0.580", 58), ("100%", 100), ("0", 0)]
        {
            let share: Share = given.parse().unwrap();
            assert!(!share.is_less_than(parts, 100), "{given}");
            assert!(share.is_less_than(parts + 1, 100), "{given}");
            assert!(!share.is_less_than(0, 0));
        }
        let percent = |given: &str| given.parse::<Share>().unwrap().percent();
        assert_eq!([percent("0.2"), percent("24.99%"), percent("0.29")], ["20.0%", "24.99%", "29.0%"]);
        assert_eq!("28.5%".parse::<Share>().unwrap().to_string(), "0.285");
        for given in ["", "%", ".", "x", "-1", "1e-2", "NaN", "0.1234567890123"] {
            assert_eq!(given.parse::<Share>(), Err(NoShare::NoNumber), "{given}");
        }
        for given in ["1.1", "101%", "99999999999999999999"] {
            assert_eq!(given.parse::<Share>(), Err(NoShare::TooMuch), "{given}");
        }
    }
}
