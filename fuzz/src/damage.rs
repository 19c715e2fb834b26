//! Files that are damaged.

use crate::choices::Choices;

/// Damages a file as it is chosen: bytes that are something else, a stretch of them, an end that is missing, something behind it.
pub fn damage(choices: &mut Choices<'_>, file: &mut Vec<u8>) {
    for _ in 0..choices.byte() % 6 {
        let at = choices.number() % file.len().max(1);
        let (kind, value) = (choices.byte(), choices.byte());
        match kind % 8 {
            0..=3 => file[at..].iter_mut().take(1).for_each(|byte| *byte = value),
            4 => file[at..].iter_mut().take(1).for_each(|byte| *byte ^= 1 << (value % 8)),
            5 => {
                let len = choices.number() % 5000;
                let mut state = u32::from(value);
                for byte in file[at..].iter_mut().take(len) {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    *byte = if value % 4 == 0 { 0 } else { (state >> 24) as u8 };
                }
            }
            6 => file.truncate(at),
            _ => file.extend(std::iter::repeat_n(value, at % 1000)),
        }
        if file.is_empty() {
            return;
        }
    }
}
