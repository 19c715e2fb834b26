//! What makes a text doubtful: it was damaged before it came here, in a way that nothing here undoes.

use std::fmt;

use memchr::memmem;

/// How much of a text is looked at, in bytes from its start.
pub(crate) const LOOKED_AT: usize = 64 << 10;

/// Fewer letters, or words, tell nothing.
const FEWEST: usize = 20;

/// Fewer words that start so may be slips of a typist.
const FEWEST_BACKWARDS: usize = 3;

/// A reason to look at a text before anything else is done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It was in one encoding and was read as another.
    Misread {
        /// The encoding it was in.
        was: &'static str,
        /// The encoding it was read as.
        read_as: &'static str,
    },
    /// Letters stand in the order in which they are seen, not in the order in which they are read.
    Visual,
    /// Bytes were lost, and U+FFFD stands for them.
    Lost,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Doubt::Misread { was, read_as } => {
                write!(f, "looks like {was} that was read as {read_as}: copies are found among such texts only")
            }
            Doubt::Visual => {
                f.write_str("looks reversed, as text from PDF files can be: copies are found among such texts only")
            }
            Doubt::Lost => f.write_str("has U+FFFD where bytes were lost: such places are equal to each other"),
        }
    }
}

/// What is doubtful about a text, by how it starts.
pub(crate) fn doubts(text: &[u8]) -> Vec<Doubt> {
    let start = &text[..text.len().min(LOOKED_AT)];
    let misread = may_be_misread(start).then(|| {
        let text: String = start.utf8_chunks().map(|chunk| chunk.valid()).collect();
        misread(&text).map(|(was, read_as)| Doubt::Misread { was, read_as })
    });
    let visual = is_visual(start).then_some(Doubt::Visual);
    let lost = memmem::find(start, "\u{FFFD}".as_bytes()).map(|_| Doubt::Lost);
    misread.flatten().into_iter().chain(visual).chain(lost).collect()
}

/// Whether there are enough of the bytes that misread text is full of: the lead of À to ÿ, the ends of ط and ظ. Letters
/// take two bytes or three with what stands between them.
fn may_be_misread(text: &[u8]) -> bool {
    let of = |wanted: fn(&u8) -> bool| text.iter().filter(|byte| wanted(byte)).count() * 12 > text.len();
    of(|byte| *byte == 0xC3) || of(|byte| matches!(byte, 0xB7 | 0xB8))
}

/// The encoding that the text was in and the one it was read as.
fn misread(text: &str) -> Option<(&'static str, &'static str)> {
    let is_high = |c: char| !c.is_ascii();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let share = |part: usize, of: usize| part * 100 / of.max(1);
    if letters < FEWEST {
        return None;
    }
    // Arabic letters in UTF-8 are D8 to DB and one byte more.
    let pairs = text.chars().zip(text.chars().skip(1));
    let led = |leads: &[char]| pairs.clone().filter(|(lead, next)| leads.contains(lead) && is_high(*next)).count();
    if share(led(&['Ø', 'Ù', 'Ú', 'Û']), letters) >= 25 {
        return Some(("UTF-8", "windows-1252"));
    }
    if share(led(&['ط', 'ظ']), letters) >= 40 {
        return Some(("UTF-8", "windows-1256"));
    }
    let latin = text.chars().filter(|c| matches!(c, 'À'..='ÿ')).count();
    let arabic = text.chars().any(|c| matches!(c, '\u{600}'..='\u{6FF}'));
    (share(latin, letters) >= 60 && !arabic).then_some(("windows-1256", "windows-1252"))
}

/// No word starts with teh marbuta or alef maksura, unless it is written backwards. In whichever form the letters are.
fn is_visual(text: &[u8]) -> bool {
    let is_space = |byte: u8| matches!(byte, b' ' | b'\n');
    let words = 1 + text.iter().filter(|byte| is_space(**byte)).count();
    let backwards = text
        .windows(4)
        .filter(|bytes| is_space(bytes[0]))
        .filter(|bytes| {
            let more_follows = !is_space(bytes[3]);
            matches!(bytes[1..], [0xD8, 0xA9, _] | [0xD9, 0x89, _]) && more_follows
                || matches!(bytes[1..], [0xEF, 0xBA, 0x93 | 0x94] | [0xEF, 0xBB, 0xAF | 0xB0])
        })
        .count();
    words >= FEWEST && backwards >= FEWEST_BACKWARDS && backwards * 50 > words
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "أعلنت وزارة الصحة في مدينة القاهرة عن خطة جديدة على مستوى المحافظات كلها لمواجهة الأزمة الحالية في \
        المستشفيات العامة بعد شكوى المواطنين من نقص الأدوية الضرورية";

    fn misread_as(bytes: &[u8], encoding: &'static encoding_rs::Encoding) -> Vec<Doubt> {
        doubts(encoding.decode_without_bom_handling(bytes).0.as_bytes())
    }

    #[test]
    fn text_that_was_read_as_another_encoding_is_told() {
        let windows = encoding_rs::WINDOWS_1256.encode(TEXT).0;
        let misread = |was, read_as| vec![Doubt::Misread { was, read_as }];
        assert_eq!(misread_as(TEXT.as_bytes(), encoding_rs::WINDOWS_1252), misread("UTF-8", "windows-1252"));
        assert_eq!(misread_as(TEXT.as_bytes(), encoding_rs::WINDOWS_1256), misread("UTF-8", "windows-1256"));
        assert_eq!(misread_as(&windows, encoding_rs::WINDOWS_1252), misread("windows-1256", "windows-1252"));
    }

    #[test]
    fn reversed_and_lost_text_is_told() {
        let reversed: Vec<String> = TEXT.split(' ').map(|word| word.chars().rev().collect()).collect();
        assert_eq!(doubts(reversed.join(" ").as_bytes()), [Doubt::Visual]);
        assert_eq!(doubts(format!("{TEXT} \u{FFFD}").as_bytes()), [Doubt::Lost]);
    }

    #[test]
    fn sound_text_is_beyond_doubt() {
        for text in [TEXT, "", "Déjà vu à l'été, où l'élève a été reçu", "ÀÉÈÊ", "ط ظ", "طلاب وظائف ظروف"]
        {
            assert_eq!(doubts(text.as_bytes()), [], "{text}");
        }
    }
}
