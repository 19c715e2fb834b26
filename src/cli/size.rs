//! Amounts of bytes, as they are given and shown: in units of 1024.

use std::fmt;

const UNITS: [char; 4] = ['K', 'M', 'G', 'T'];

/// Bytes, as in `1.2 GiB`.
pub(super) struct Size(pub(super) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut amount, mut unit) = (self.0 as f64, None);
        for name in UNITS {
            if amount < 1023.5 {
                break;
            }
            (amount, unit) = (amount / 1024.0, Some(name));
        }
        match unit {
            None => write!(f, "{} bytes", self.0),
            Some(unit) if amount < 9.95 => write!(f, "{amount:.1} {unit}iB"),
            Some(unit) => write!(f, "{amount:.0} {unit}iB"),
        }
    }
}

/// The bytes of an amount as it is given: a number, or a number with a unit as in `512M`, `512MiB` or `1.5g`.
pub(super) fn bytes(given: &str) -> Result<u64, String> {
    const WANTED: &str = "it is a number and K, M, G or T, as in 512M or 1.5G";
    let split = given.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(given.len());
    let (number, unit) = given.split_at(split);
    let unit = unit.trim_start().to_ascii_uppercase();
    let power = match (unit.strip_suffix("IB").unwrap_or(&unit), unit.as_str()) {
        ("", "") => 0,
        (one, _) => 1 + UNITS.iter().position(|name| one.chars().eq([*name])).ok_or(WANTED)?,
    };
    if number.is_empty() || number.starts_with('.') || number.ends_with('.') {
        return Err(WANTED.to_owned());
    }
    let number: f64 = number.parse().map_err(|_| WANTED)?;
    let bytes = number * 1024_f64.powi(power as i32);
    // Beyond that not every number of bytes is one of these.
    if bytes <= (1_u64 << 53) as f64 { Ok(bytes as u64) } else { Err("it is at most 8192T".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read() {
        for (given, wanted) in [
            ("512", 512),
            ("512K", 512 << 10),
            ("512M", 512 << 20),
            ("512MiB", 512 << 20),
            ("512 mib", 512 << 20),
            ("2g", 2 << 30),
            ("1.5G", 3 << 29),
            ("1T", 1 << 40),
        ] {
            assert_eq!(bytes(given), Ok(wanted), "{given}");
        }
        for given in ["", "M", "iB", "12MB", "12X", "-5M", "1.", ".5G", "1..5G", "5MM", "1e3", "99999T", "٥M"] {
            assert!(bytes(given).is_err(), "{given}");
        }
    }

    #[test]
    fn amounts_are_shown() {
        let shown = [0, 1023, 1024, 1300, 11 << 10, 1023 << 10, (1 << 20) - 1, 512 << 20, 1_288_490_189, 3 << 40]
            .map(|bytes| Size(bytes).to_string());
        let wanted = [
            "0 bytes",
            "1023 bytes",
            "1.0 KiB",
            "1.3 KiB",
            "11 KiB",
            "1023 KiB",
            "1.0 MiB",
            "512 MiB",
            "1.2 GiB",
            "3.0 TiB",
        ];
        assert_eq!(shown, wanted);
    }
}
