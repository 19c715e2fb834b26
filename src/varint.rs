//! Numbers of as many bytes as they need: seven bits a byte, the lowest first, and a high bit where more follow.

/// Adds a number.
pub(crate) fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes the next number; none at the end, and where it goes on for longer than 64 bits.
pub(crate) fn take(bytes: &mut &[u8]) -> Option<u64> {
    let (mut number, mut bits) = (0, 0);
    loop {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7F) << bits;
        bits += 7;
        if byte < 0x80 {
            return Some(number);
        }
        if bits > 63 {
            return None;
        }
    }
}
