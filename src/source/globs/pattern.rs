//! A pattern of paths as a regular expression of characters.
//!
//! On ASCII it means what the crate globset has it mean with literal separators; that works on bytes, of which a letter of
//! Arabic has two. Bytes that are not UTF-8 are no characters: `*` and `**` go over them, and nothing else does.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::path::{Path, is_separator};
use std::str::Chars;

/// How deep `{` may stand in `{`. The regular expression has a bound too, which is farther.
const DEEPEST: usize = 100;

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pattern '{}' {why}", crate::report::shown_name(Path::new(pattern)))]
pub struct PatternError {
    /// The text.
    pub pattern: String,
    /// What is wrong with it.
    pub why: String,
}

/// The regular expression of a pattern, for [`regex::bytes`].
///
/// # Errors
/// What is wrong with the pattern.
pub(super) fn regex(pattern: &str) -> Result<String, String> {
    let mut parser =
        Parser { chars: pattern.chars().peekable(), before: None, open: Vec::new(), branches: vec![Vec::new()] };
    parser.parse()?;
    let tokens = match (parser.open.is_empty(), parser.branches.pop()) {
        (true, Some(tokens)) => tokens,
        _ => return Err("has a '{' without a '}' (write '[{]' for the character)".to_owned()),
    };
    let mut regex = String::from(r"(?s)\A");
    match &*tokens {
        [Token::FoldersBefore] => regex.push_str("(?-u:.*)"),
        tokens => write(tokens, &mut regex),
    }
    regex.push_str(r"\z");
    Ok(regex)
}

/// A pattern that the text fits, and no other.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '*' | '?' | '[' | ']' | '{' | '}' | '\\' => escaped.extend(['[', c, ']']),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A part of a pattern.
#[derive(Clone, Debug)]
enum Token {
    Literal(char),
    /// `?`
    One,
    /// `*`
    Any,
    /// `**/` at the start.
    FoldersBefore,
    /// `/**/`
    FoldersBetween,
    /// `/**` at the end.
    AllIn,
    Class {
        is_not: bool,
        ranges: Vec<(char, char)>,
    },
    /// `{a,b}`
    OneOf(Vec<Vec<Token>>),
}

struct Parser<'a> {
    chars: Peekable<Chars<'a>>,
    /// The character that was taken last.
    before: Option<char>,
    /// Where among the branches each `{` begins that is not closed yet.
    open: Vec<usize>,
    /// The branches that are not done; tokens go to the last.
    branches: Vec<Vec<Token>>,
}

impl Parser<'_> {
    fn take(&mut self) -> Option<char> {
        let taken = self.chars.next();
        self.before = taken.or(self.before);
        taken
    }

    fn takes(&mut self, wanted: char) -> bool {
        let is_next = self.chars.peek() == Some(&wanted);
        if is_next {
            self.take();
        }
        is_next
    }

    fn push(&mut self, token: Token) {
        if let Some(branch) = self.branches.last_mut() {
            branch.push(token);
        }
    }

    fn parse(&mut self) -> Result<(), String> {
        loop {
            let before = self.before;
            let Some(c) = self.take() else { return Ok(()) };
            match c {
                '?' => self.push(Token::One),
                '*' => self.star(before),
                '[' => self.class()?,
                '{' if self.open.len() == DEEPEST => return Err(format!("has over {DEEPEST} '{{' one in the other")),
                '{' => {
                    self.open.push(self.branches.len());
                    self.branches.push(Vec::new());
                }
                '}' => {
                    let Some(from) = self.open.pop() else {
                        return Err("has a '}' without a '{' before it (write '[}]' for the character)".to_owned());
                    };
                    let branches = self.branches.split_off(from);
                    self.push(Token::OneOf(branches));
                }
                ',' if !self.open.is_empty() => self.branches.push(Vec::new()),
                '\\' if !is_separator('\\') => match self.take() {
                    Some(c) => self.push(Token::Literal(c)),
                    None => {
                        return Err("ends with a '\\' that escapes nothing (write '[\\]' for the character)".to_owned());
                    }
                },
                c if is_separator(c) => self.push(Token::Literal('/')),
                c => self.push(Token::Literal(c)),
            }
        }
    }

    /// One star, or two that are folders if they are a whole name.
    fn star(&mut self, before: Option<char>) {
        if !self.takes('*') {
            return self.push(Token::Any);
        }
        let is_first = self.branches.last().is_none_or(Vec::is_empty);
        let next = self.chars.peek().copied();
        let is_before_slash = next.is_some_and(is_separator);
        let is_last = next.is_none() || !self.open.is_empty() && matches!(next, Some(',' | '}'));
        if is_first && (next.is_none() || is_before_slash) {
            self.take();
            return self.push(Token::FoldersBefore);
        }
        if is_first || !before.is_some_and(is_separator) || !(is_last || is_before_slash) {
            return self.push(Token::Any);
        }
        if is_before_slash {
            self.take();
        }
        // In the place of the slash before, or of stars that say as much.
        let token = match self.branches.last_mut().and_then(Vec::pop) {
            Some(Token::FoldersBefore) => Token::FoldersBefore,
            Some(Token::AllIn) => Token::AllIn,
            _ if is_last => Token::AllIn,
            _ => Token::FoldersBetween,
        };
        self.push(token);
    }

    fn class(&mut self) -> Result<(), String> {
        let is_not = self.takes('!') || self.takes('^');
        let mut ranges: Vec<(char, char)> = Vec::new();
        let mut is_range = false;
        loop {
            let Some(c) = self.take() else {
                return Err("has a '[' without a ']' (write '[[]' for the character)".to_owned());
            };
            if let Some(last) = ranges.last_mut().filter(|_| is_range && (c != ']')) {
                if c < last.0 {
                    return Err(format!("has a range that ends before it begins: '{}-{c}'", last.0));
                }
                last.1 = c;
                is_range = false;
                continue;
            }
            match c {
                ']' if !ranges.is_empty() => break,
                '-' if !ranges.is_empty() => is_range = true,
                '[' if self.chars.peek() == Some(&':') => match self.named() {
                    Some(named) => ranges.extend(named),
                    None => ranges.push(('[', '[')),
                },
                c => ranges.push((c, c)),
            }
        }
        if is_range {
            ranges.push(('-', '-'));
        }
        self.push(Token::Class { is_not, ranges });
        Ok(())
    }

    /// The rest of `[:alpha:]`, behind the bracket, if it is such a name.
    fn named(&mut self) -> Option<&'static [(char, char)]> {
        let mut rest = self.chars.clone().skip(1);
        let name: String = rest.by_ref().take(8).take_while(|c| *c != ':').collect();
        let ranges: &[(char, char)] = match &*name {
            "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
            "alpha" => &[('A', 'Z'), ('a', 'z')],
            "blank" => &[('\t', '\t'), (' ', ' ')],
            "cntrl" => &[('\0', '\x1F'), ('\x7F', '\x7F')],
            "digit" => &[('0', '9')],
            "graph" => &[('!', '~')],
            "lower" => &[('a', 'z')],
            "print" => &[(' ', '~')],
            "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
            "space" => &[('\t', '\r'), (' ', ' ')],
            "upper" => &[('A', 'Z')],
            "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
            _ => return None,
        };
        let behind: Vec<char> = self.chars.clone().skip(1 + name.len()).take(2).collect();
        if behind != [':', ']'] {
            return None;
        }
        for _ in 0..name.len() + 3 {
            self.take();
        }
        Some(ranges)
    }
}

fn write(tokens: &[Token], regex: &mut String) {
    for token in tokens {
        match token {
            Token::Literal(c) => literal(*c, regex),
            Token::One => regex.push_str("[^/]"),
            Token::Any => regex.push_str("(?-u:[^/])*"),
            Token::FoldersBefore => regex.push_str("(?:/?|(?-u:.)*/)"),
            Token::FoldersBetween => regex.push_str("(?:/|/(?-u:.)*/)"),
            Token::AllIn => regex.push_str("/(?-u:.)*"),
            Token::Class { is_not, ranges } => class(*is_not, ranges, regex),
            Token::OneOf(branches) => {
                let written = branches.iter().map(|branch| {
                    let mut of_branch = String::new();
                    write(branch, &mut of_branch);
                    of_branch
                });
                // An empty branch is none.
                let written: Vec<String> = written.filter(|branch| !branch.is_empty()).collect();
                if !written.is_empty() {
                    let _ = write!(regex, "(?:{})", written.join("|"));
                }
            }
        }
    }
}

fn literal(c: char, regex: &mut String) {
    let _ = write!(regex, "\\x{{{:X}}}", u32::from(c));
}

/// A class, in which a slash is never.
fn class(is_not: bool, ranges: &[(char, char)], regex: &mut String) {
    regex.push_str(if is_not { "[^/" } else { "[" });
    let mut is_empty = !is_not;
    let mut add = |from: char, to: char| {
        is_empty = false;
        literal(from, regex);
        regex.push('-');
        literal(to, regex);
    };
    for &(from, to) in ranges {
        if is_not || to < '/' || from > '/' {
            add(from, to);
            continue;
        }
        // Around the slash.
        if from < '/' {
            add(from, '.');
        }
        if to > '/' {
            add('0', to);
        }
    }
    // What no character is.
    regex.push_str(if is_empty { r"^\s\S]" } else { "]" });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fits(pattern: &str, path: &[u8]) -> bool {
        regex::bytes::Regex::new(&regex(pattern).unwrap()).unwrap().is_match(path)
    }

    #[test]
    fn a_letter_is_one_character() {
        for (pattern, fitting, others) in [
            ("?.txt", &["ق.txt", "a.txt"][..], &["قص.txt", ".txt", "/.txt"][..]),
            ("[قص]*", &["قصيدة", "صباح"], &["مقال", "ك"]),
            ("قص[يا]دة.txt", &["قصيدة.txt", "قصادة.txt"], &["قصدة.txt", "قصويدة.txt"]),
            ("[٠-٩].txt", &["٣.txt"], &["3.txt", "٣٣.txt", "ق.txt"]),
            ("[!ق]*", &["مقال"], &["قال"]),
            ("*ل?", &["مقالة"], &["مقال"]),
            ("{مقال,خبر}/**", &["مقال/ا/ب", "خبر/ا"], &["خب/ا", "مقال"]),
            ("\\ق\\*", &["ق*"], &["قا"]),
        ] {
            for name in fitting {
                assert!(fits(pattern, name.as_bytes()), "{pattern} {name}");
            }
            for name in others {
                assert!(!fits(pattern, name.as_bytes()), "{pattern} {name}");
            }
        }
    }

    #[test]
    fn what_is_not_utf_8_fits_stars_alone() {
        let name = b"\xE3\xDE.txt";
        assert!(
            fits("*.txt", name) && fits("**", name) && fits("a/**", b"a/\xE3") && fits("**/*.txt", b"\xE3/\xDE.txt")
        );
        assert!(!fits("??.txt", name) && !fits("[!a]*", name));
    }

    #[test]
    fn errors_say_what_is_wrong() {
        for (pattern, why) in [
            ("[a", "a '[' without a ']'"),
            ("{a", "a '{' without a '}'"),
            ("a}", "a '}' without a '{'"),
            ("[ي-ا]", "ends before it begins: 'ي-ا'"),
            ("a\\", "escapes nothing"),
            (&"{".repeat(101), "over 100"),
        ] {
            let said = regex(pattern).unwrap_err();
            assert!(said.contains(why), "{pattern}: {said}");
        }
    }

    /// Patterns of what means something, and a little that does not.
    fn pattern() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            4 => "[a-c./]",
            6 => prop::sample::select(vec!["*", "**", "/**", "**/", "/**/", "?", "/"]).prop_map(str::to_owned),
            3 => "[{},]",
            2 => "\\[[!^]?[]a-c/+.-]{1,4}\\]",
            1 => prop::sample::select(vec!["[[:alpha:]]", "[![:punct:]b]", "[a[:digit:]-c]"]).prop_map(str::to_owned),
            2 => "[\\[\\]!^\\\\ -]",
            1 => "[ -9;-~\n]",
        ];
        prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn on_ascii_it_means_what_globset_does(pattern in pattern(), paths in prop::collection::vec("[a-c./,1{\n-]{0,8}|[ -~]{0,6}", 24)) {
            // There a comma or a bracket that is escaped counts as one that is not, before stars.
            prop_assume!(!pattern.contains("\\,**") && !pattern.contains("\\{**"));
            let theirs = globset::GlobBuilder::new(&pattern).literal_separator(true).backslash_escape(true).build();
            let ours = regex(&pattern);
            prop_assert_eq!(theirs.is_ok(), ours.is_ok(), "{:?} {:?}", theirs, ours);
            let (Ok(theirs), Ok(ours)) = (theirs, ours) else { return Ok(()) };
            let (theirs, ours) = (theirs.compile_matcher(), regex::bytes::Regex::new(&ours).unwrap());
            for path in paths {
                prop_assert_eq!(theirs.is_match(&path), ours.is_match(path.as_bytes()), "{:?} {:?}", pattern, path);
            }
        }

        #[test]
        fn what_is_escaped_fits_itself(text in any::<String>(), other in any::<String>()) {
            let pattern = escaped(&text);
            prop_assert!(fits(&pattern, text.as_bytes()));
            prop_assert_eq!(fits(&pattern, other.as_bytes()), text == other);
        }
    }
}
