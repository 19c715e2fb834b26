//! Whether a unit can have anything to mend: most have not, and one pass over their bytes tells.

/// Whether a rule may find something in these bytes. If not, none does.
pub(super) fn may_need(unit: &[u8]) -> bool {
    let at = |place: Option<usize>| place.and_then(|place| unit.get(place)).copied().unwrap_or(0);
    unit.iter().enumerate().any(|(here, &byte)| {
        if !NOTED[byte as usize] {
            return false;
        }
        let (before, next) = (at(here.checked_sub(1)), at(Some(here + 1)));
        match byte {
            b' ' => matches!(before, b' ' | b'(' | b'['),
            b'.' | b':' | b'!' | b',' | b';' | b'?' => before == b' ' || !next.is_ascii(),
            b')' | b']' => before == b' ',
            b'\'' | b'<' | b'>' => before == byte,
            // Tatweel, the Arabic letter mark, and `،` `؛` `؟`.
            0x80 => before == 0xD9,
            0x9C => before == 0xD8,
            0x8C | 0x9B | 0x9F => before == 0xD8 && (at(here.checked_sub(2)) == b' ' || !next.is_ascii()),
            0xE1 => next == 0x9A,
            0xE2 => matches!(next, 0x80 | 0x81 | 0x9D),
            0xE3 => next == 0x80,
            // Quotation marks, and U+0080 to U+00BF, U+F000 to U+FFFF.
            _ => true,
        }
    })
}

/// The bytes that are looked at twice.
const NOTED: [bool; 256] = {
    let noted = *b" .:!,;?)]'<>\"\x80\x9C\x8C\x9B\x9F\xC2\xE1\xE2\xE3\xEF";
    let mut table = [false; 256];
    let mut at = 0;
    while at < noted.len() {
        table[noted[at] as usize] = true;
        at += 1;
    }
    table
};
