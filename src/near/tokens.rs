//! What a folded text is made of, as far as near copies are told by it: words, numbers, and signs that mean something.

use std::ops::Range;

/// The tokens of a text. Its buffers are used again from text to text.
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens {
    /// All of them, with single spaces between them.
    text: String,
    tokens: Vec<Token>,
    /// Whether a bullet or a number stands before it, as before an entry of a list.
    has_bullet: bool,
}

/// A word, a number or a sign.
#[derive(Clone, Debug)]
struct Token {
    range: Range<u32>,
    kind: Kind,
    apart: Apart,
}

/// What stands between a token and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Apart {
    /// Nothing that sets it apart.
    No,
    /// A bracket or a slash.
    Bracket,
    Dash,
    Colon,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, with their marks.
    Word,
    /// Digits, with the signs that are part of the number, as in `-1.5` and `10:30`.
    Number,
    /// A sign that is neither, and that means something, as `%`.
    Sign,
}

/// What a code point can be in a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Letter,
    Digit,
    /// Between tokens, and means nothing.
    Gap,
    /// Between tokens, and sets apart what is before it.
    Break,
    Sign,
}

impl Tokens {
    /// Reads a text that was folded at the level `orthography`. The case of Latin letters does not count.
    pub(super) fn read(&mut self, folded: &str) {
        let Tokens { text, tokens, has_bullet } = self;
        text.clear();
        tokens.clear();
        *has_bullet = is_bullet(folded);
        let mut apart = Apart::No;
        let mut before = Role::Gap;
        let mut end = 0;
        while end < folded.len() {
            let at = end;
            // Nearly all there is.
            end = letters_end(folded.as_bytes(), at);
            if end > at {
                if before != Role::Letter {
                    begin(text, tokens, Kind::Word, &mut apart);
                }
                text.push_str(&folded[at..end]);
                grow(tokens, text);
                before = Role::Letter;
                continue;
            }
            let Some(c) = folded[at..].chars().next() else { break };
            end = at + c.len_utf8();
            let mut role = role(c);
            // Of a grade or a language it is a part: BBB-, C#.
            let is_behind_latin = || folded[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            if matches!(c, '-' | '#')
                && is_behind_latin()
                && !folded[end..].starts_with(|c: char| c.is_ascii_alphanumeric())
            {
                role = Role::Sign;
            }
            let next = || folded[end..].chars().next();
            let is_digit = |next: Option<char>| next.is_some_and(|next| self::role(next) == Role::Digit);
            let in_number = match (role, before) {
                (Role::Digit, Role::Digit) => true,
                // Between digits nearly every sign is part of the number.
                (Role::Gap | Role::Break | Role::Sign, Role::Digit) => is_inner(c) && is_digit(next()),
                _ => false,
            };
            if in_number || (role == Role::Letter && before == Role::Letter) {
                let is_decimal = in_number && c == ',' && digits(&folded[end..]) != 3;
                push(text, if is_decimal { '.' } else { c });
                grow(tokens, text);
                role = if in_number { Role::Digit } else { role };
            } else {
                // A sign before a number, which it is part of.
                let is_signed = matches!(c, '-' | '+') && before != Role::Digit && is_digit(next());
                let kind = match role {
                    _ if is_signed => Some(Kind::Number),
                    Role::Letter => Some(Kind::Word),
                    Role::Digit => Some(Kind::Number),
                    Role::Sign => Some(Kind::Sign),
                    Role::Gap | Role::Break => None,
                };
                apart = match role {
                    Role::Break if c == ':' => Apart::Colon,
                    Role::Break if !is_signed && c == '-' => apart.max(Apart::Dash),
                    Role::Break if !is_signed => apart.max(Apart::Bracket),
                    _ => apart,
                };
                if let Some(kind) = kind {
                    begin(text, tokens, kind, &mut apart);
                    push(text, c);
                    grow(tokens, text);
                }
                role = if is_signed { Role::Digit } else { role };
            }
            before = role;
        }
        self::end(text, tokens);
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn kind(&self, at: usize) -> Kind {
        self.tokens[at].kind
    }

    /// Whether a dash, a slash, a colon or a bracket stands before a token.
    pub(super) fn is_apart(&self, at: usize) -> bool {
        self.apart(at) != Apart::No
    }

    pub(super) fn apart(&self, at: usize) -> Apart {
        self.tokens[at].apart
    }

    /// Whether a bullet or a number stands before it, as before an entry of a list.
    pub(super) fn has_bullet(&self) -> bool {
        self.has_bullet
    }

    /// A token.
    pub(super) fn get(&self, at: usize) -> &str {
        let Range { start, end } = self.tokens[at].range;
        &self.text[start as usize..end as usize]
    }

    /// Some tokens, with single spaces between them, but for so many bytes at the start.
    pub(super) fn joined(&self, tokens: Range<usize>, without: usize) -> &str {
        let start = self.tokens[tokens.start].range.start as usize + without;
        &self.text[start..self.tokens[tokens.end - 1].range.end as usize]
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }
}

fn push(text: &mut String, c: char) {
    match c {
        'A'..='Z' => text.push(c.to_ascii_lowercase()),
        c if c < '\u{C0}' || matches!(c, '\u{600}'..='\u{6FF}') => text.push(c),
        c => text.extend(c.to_lowercase()),
    }
}

/// Ends the last token: behind the article a final heh is teh marbuta, for no pronoun can be there.
fn end(text: &mut String, tokens: &[Token]) {
    let Some(Token { range, kind: Kind::Word, .. }) = tokens.last() else { return };
    if text.ends_with('ه') && !text.ends_with("الله") && is_definite(&text[range.start as usize..]) {
        text.pop();
        text.push('ة');
    }
}

/// Whether a word has the article, behind و or ف, and ب, ل or ك, if these are there.
pub(super) fn is_definite(word: &str) -> bool {
    let word = word.strip_prefix(['و', 'ف']).unwrap_or(word);
    let rest = word.strip_prefix("لل").or_else(|| word.strip_prefix(['ب', 'ك']).unwrap_or(word).strip_prefix("ال"));
    rest.is_some_and(|stem| stem.len() >= 2 * 'ا'.len_utf8())
}

/// Begins a token.
fn begin(text: &mut String, tokens: &mut Vec<Token>, kind: Kind, apart: &mut Apart) {
    end(text, tokens);
    if !text.is_empty() {
        text.push(' ');
    }
    let start = text.len() as u32;
    tokens.push(Token { range: start..start, kind, apart: std::mem::replace(apart, Apart::No) });
}

fn grow(tokens: &mut [Token], text: &str) {
    if let Some(last) = tokens.last_mut() {
        last.range.end = text.len() as u32;
    }
}

/// Where a run of Arabic letters ends, which is at its start if there is none.
fn letters_end(text: &[u8], start: usize) -> usize {
    let mut end = start;
    while let [lead @ 0xD8..=0xDB, next, ..] = text[end..]
        && LETTERS[(lead as usize & 3) << 6 | next as usize & 0x3F]
    {
        end += 2;
    }
    end
}

/// Which code points from U+0600 on are letters.
static LETTERS: [bool; 0x100] = {
    let mut letters = [false; 0x100];
    let mut at = 0x21;
    while at <= 0xD3 {
        let is_letter = at <= 0x3A || (at >= 0x41 && at <= 0x4A) || at >= 0x71;
        letters[at] = is_letter;
        at += 1;
    }
    letters
};

/// The number of digits that a text begins with.
fn digits(text: &str) -> usize {
    text.chars().take_while(|&c| role(c) == Role::Digit).count()
}

/// Whether a text begins with a bullet, or with a number and what stands behind that in a list.
fn is_bullet(text: &str) -> bool {
    match text.chars().next() {
        Some('-' | '*' | '•' | '·' | '+' | '–') => true,
        Some(c) if role(c) == Role::Digit => {
            let mut rest = text.chars().skip(digits(text));
            matches!(rest.next(), Some('-' | '.' | ')' | ':' | '/'))
                && rest.next().is_none_or(|c| role(c) != Role::Digit)
        }
        _ => false,
    }
}

/// Whether a sign between two digits makes one number of them.
fn is_inner(c: char) -> bool {
    matches!(c, '.' | ',' | '،' | ':' | '/' | '-' | '٫' | '٬' | '×' | '+' | '*' | '\'' | '|' | '\\')
}

fn role(c: char) -> Role {
    match c {
        'ء'..='ي' | 'ٱ'..='ۓ' | 'a'..='z' | 'A'..='Z' | '\u{64B}'..='\u{65F}' | '\u{670}' => Role::Letter,
        '0'..='9' => Role::Digit,
        ' ' | '.' | ',' | '،' | ';' | '؛' | '!' | '"' | '\'' | '\\' | '*' | '…' | '•' | '_' | '`' | '۔' | '#' => {
            Role::Gap
        }
        '-' | ':' | '(' | ')' | '[' | ']' | '{' | '}' | '/' | '|' => Role::Break,
        c if c.is_numeric() => Role::Digit,
        c if c.is_alphabetic() || is_mark(c) => Role::Letter,
        c if c.is_whitespace() => Role::Gap,
        _ => Role::Sign,
    }
}

/// Whether a code point is a mark of the scripts that are written with Arabic ones, or of Latin.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{610}'..='\u{61A}' | '\u{6D6}'..='\u{6ED}' | '\u{8D3}'..='\u{8FF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut tokens = Tokens::default();
        tokens.read(text);
        let text: Vec<String> = tokens.iter().map(str::to_owned).collect();
        assert!(text.is_empty() || tokens.joined(0..tokens.len(), 0) == text.join(" "));
        text
    }

    #[test]
    fn numbers_are_whole_and_punctuation_is_left_out() {
        for (text, wanted) in [
            ("قال، إنه (سيعود).", "قال|إنه|سيعود"),
            ("بلغ 1,186.29 دولار", "بلغ|1,186.29|دولار"),
            ("عند 10:30 او 5-3", "عند|10:30|او|5-3"),
            ("الحراره -5 لا 5", "الحرارة|-5|لا|5"),
            ("نمو 5% او 5 %", "نمو|5|%|او|5|%"),
            ("جالكسي S8 و iPhone 5s", "جالكسي|s|8|و|iphone|5|s"),
            ("هل فاز؟", "هل|فاز|؟"),
            ("مدرسة المدينه وابنه", "مدرسة|المدينة|وابنه"),
            ("والدوليه بالقراءه للجنه", "والدولية|بالقراءة|للجنة"),
            ("حرارة-5 او BBB- او C# او A", "حرارة|-5|او|bbb|-|او|c|#|او|a"),
            ("$5 + 3€", "$|5|+|3|€"),
            ("#كاس_العالم", "كاس|العالم"),
            ("11,7 او 11,700", "11.7|او|11,700"),
            ("2018-2019، و2020.", "2018-2019|و|2020"),
            ("... - ()", ""),
        ] {
            assert_eq!(tokens(text).join("|"), wanted, "{text}");
        }
    }

    #[test]
    fn letters_that_are_copied_are_those_that_stay() {
        for at in 0..0x100_u32 {
            let c = char::from_u32(0x600 + at).unwrap();
            let stays = {
                let mut pushed = String::new();
                push(&mut pushed, c);
                pushed == c.to_string()
            };
            if LETTERS[at as usize] {
                assert!(role(c) == Role::Letter && stays, "{c}");
            }
            assert_eq!(letters_end(c.to_string().as_bytes(), 0) == 2, LETTERS[at as usize]);
        }
        assert_eq!(LETTERS.iter().filter(|&&is_letter| is_letter).count(), 135);
    }

    #[test]
    fn what_stands_behind_a_dash_is_set_apart() {
        let mut tokens = Tokens::default();
        tokens.read("القاهره (رويترز) - قال");
        let apart: Vec<bool> = (0..tokens.len()).map(|at| tokens.is_apart(at)).collect();
        assert_eq!(apart, [false, true, true]);
    }
}
