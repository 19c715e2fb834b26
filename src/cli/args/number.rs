//! Numbers of the command line, and what is wrong with one in words.

use std::num::{IntErrorKind, NonZeroU32, NonZeroU64, NonZeroUsize, ParseIntError};
use std::str::FromStr;

pub(super) fn at_least_1(number: &str) -> Result<NonZeroU32, String> {
    NonZeroU32::new(whole_number(number, 1)?).ok_or_else(|| "it is at least 1".to_owned())
}

pub(super) fn threads(number: &str) -> Result<NonZeroUsize, String> {
    NonZeroUsize::new(whole_number(number, 1)?).ok_or_else(|| "it is at least 1".to_owned())
}

pub(super) fn at_least_2(number: &str) -> Result<NonZeroU64, String> {
    NonZeroU64::new(whole_number(number, 2)?).ok_or_else(|| "it is at least 2".to_owned())
}

/// A number that is at least so many.
fn whole_number<N: FromStr<Err = ParseIntError> + PartialOrd + From<u8>>(given: &str, least: u8) -> Result<N, String> {
    let digits = given.strip_prefix('-').unwrap_or(given);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match given.parse::<N>() {
        Ok(number) if number >= N::from(least) => Ok(number),
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Err("it is too large a number".to_owned()),
        Err(_) if !is_number => Err("it is a whole number".to_owned()),
        _ => Err(format!("it is at least {least}")),
    }
}
