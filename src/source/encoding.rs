//! Which encoding a document is in, and its text as UTF-8.
//!
//! Valid UTF-8 is worked on as it is; damaged UTF-8 too, its bad bytes untouched. UTF-16 is known by its byte order
//! mark. Every other encoding has to be named: a guess is offered, never acted on. Nothing is decoded lossily.

use std::fmt;
use std::io::{self, Write as _};
use std::ops::Range;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, ISO_8859_6, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1256};
use memchr::memchr;

use super::body::{Body, BodyWriter, PIECE, Spooling};

/// From the first byte that is not ASCII on, this many bytes decide whether damaged text is UTF-8 at all.
const WINDOW: u64 = 64 << 10;

/// The encodings to try, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encodings(Vec<&'static Encoding>);

/// A label that names no encoding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no encoding '{label}'; known are utf-8, utf-16le, windows-1256, iso-8859-6 and the other labels of the WHATWG Encoding Standard"
)]
pub struct UnknownEncoding {
    label: String,
}

impl std::str::FromStr for Encodings {
    type Err = UnknownEncoding;

    /// Reads labels separated by commas.
    fn from_str(labels: &str) -> Result<Encodings, UnknownEncoding> {
        labels
            .split(',')
            .map(|label| {
                Encoding::for_label_no_replacement(label.trim().as_bytes())
                    .ok_or_else(|| UnknownEncoding { label: label.trim().to_owned() })
            })
            .collect::<Result<_, _>>()
            .map(Encodings)
    }
}

impl fmt::Display for Encodings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|encoding| encoding.name()).collect();
        f.write_str(&names.join(","))
    }
}

/// A document's text, and how it came by it.
#[derive(Debug)]
pub struct Decoded {
    /// The text: UTF-8, possibly with damaged bytes.
    pub body: Body,
    /// The bytes as they were read, where they were in another encoding.
    pub raw: Option<Raw>,
    /// What is not UTF-8 in a body that is.
    pub damage: Option<Damage>,
}

/// The bytes of a document in another encoding than UTF-8.
#[derive(Debug)]
pub struct Raw {
    /// The bytes as they were read.
    pub body: Body,
    encoding: &'static Encoding,
    /// The length of the byte order mark.
    mark: u64,
    /// Another encoding that the bytes look more like.
    likelier: Option<&'static str>,
}

impl Raw {
    /// The encoding's name.
    #[must_use]
    pub fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// The name of the other Arabic encoding, if the bytes look more like that.
    #[must_use]
    pub fn likelier(&self) -> Option<&'static str> {
        self.likelier
    }

    /// Where stretches of the text, in order, stand in the raw bytes. None where the encoding has no such places.
    ///
    /// # Errors
    /// The text can't be read.
    pub fn ranges(&self, text: &Body, stretches: &[Range<u64>]) -> io::Result<Option<Vec<Range<u64>>>> {
        let utf_16 = self.encoding == UTF_16LE || self.encoding == UTF_16BE;
        if !utf_16 && !self.encoding.is_single_byte() {
            return Ok(None);
        }
        let units = |bytes: &[u8]| -> u64 {
            let chars = bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
            let pairs = bytes.iter().filter(|&&byte| byte >= 0xF0).count();
            (if utf_16 { 2 * (chars + pairs) } else { chars }) as u64
        };
        let (mut at, mut raw_at) = (0, self.mark);
        let mut place = |to: u64| -> io::Result<u64> {
            while at < to {
                let end = to.min(at + PIECE as u64);
                raw_at += units(&text.bytes(at..end)?);
                at = end;
            }
            Ok(raw_at)
        };
        stretches
            .iter()
            .map(|stretch| Ok(place(stretch.start)?..place(stretch.end)?))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// A text in the encoding; none where it has no such letters.
    #[must_use]
    pub fn encode(&self, text: &str) -> Option<Vec<u8>> {
        let in_units = |bytes: fn(u16) -> [u8; 2]| Some(text.encode_utf16().flat_map(bytes).collect());
        if self.encoding == UTF_16LE {
            return in_units(u16::to_le_bytes);
        }
        if self.encoding == UTF_16BE {
            return in_units(u16::to_be_bytes);
        }
        let (bytes, _, has_others) = self.encoding.encode(text);
        (!has_others).then(|| bytes.into_owned())
    }
}

/// Bytes that are no UTF-8 in text that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// How many bytes.
    pub bytes: u64,
    /// Where the first is, in bytes from the start.
    pub first: u64,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes {
            1 => write!(f, "1 byte is not UTF-8, at byte {}", self.first),
            n => write!(f, "{n} bytes are not UTF-8, the first at byte {}", self.first),
        }
    }
}

/// Why a document has no text.
#[derive(Debug, thiserror::Error)]
pub enum EncodingError {
    /// The bytes can't be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Too much of it is no UTF-8.
    #[error(
        "not UTF-8: byte {at} is 0x{byte:02X}; it may be {guess}: give --encoding {guess}, or a list to try as in \
         --encoding utf-8,{guess}"
    )]
    NotUtf8 {
        /// Where the first bad byte is.
        at: u64,
        /// The first bad byte.
        byte: u8,
        /// The encoding it looks like.
        guess: &'static str,
    },
    /// Some of it is no UTF-8, and that was not to be.
    #[error("{0}, and --strict allows none")]
    Damaged(Damage),
    /// Too much of it is no UTF-8, and yet it is no other encoding.
    #[error(
        "damaged UTF-8: {bad} of its {high} bytes beyond ASCII are not UTF-8, the first at byte {at}, and only one in a \
         hundred is let pass: repair the file first"
    )]
    TooDamaged {
        /// Where the first bad byte is.
        at: u64,
        /// How many bytes are bad.
        bad: u64,
        /// How many are not ASCII.
        high: u64,
    },
    /// The encoding asked for, or marked, does not fit.
    #[error("byte {at} is not {encoding}{}", if *marked { ", which its byte order mark says it is" } else { "" })]
    NotThat {
        /// Where the first bad byte is.
        at: u64,
        /// The last encoding tried.
        encoding: &'static str,
        /// Whether a byte order mark says so.
        marked: bool,
    },
    /// The encoding asked for would turn Arabic text into gibberish.
    #[error(
        "this is UTF-8 with Arabic letters, so reading it as {encoding} would garble it: leave --encoding out, or give a \
         list, --encoding utf-8,{encoding}"
    )]
    IsUtf8 {
        /// The encoding asked for.
        encoding: &'static str,
    },
    /// UTF-16 without its mark.
    #[error("looks like {encoding} without a byte order mark: give --encoding {encoding}")]
    Utf16 {
        /// The encoding it looks like.
        encoding: &'static str,
    },
    /// Not text in any encoding whose characters are single bytes.
    #[error("byte {at} is NUL, which no text in {encoding} has")]
    Nul {
        /// Where the first NUL is.
        at: u64,
        /// The encoding it was to be read in.
        encoding: &'static str,
    },
    /// Not text at all.
    #[error("{what}, not text: {advice}")]
    NotText {
        /// What it looks like.
        what: &'static str,
        /// What to do.
        advice: &'static str,
    },
}

/// Whether a document can be read as it comes, by how it starts: it is UTF-8 so far, and no other encoding was asked for.
///
/// # Errors
/// It is no text at all.
pub(super) fn is_plain(head: &[u8], wanted: &Encodings) -> Result<bool, EncodingError> {
    not_text(&head[..head.len().min(8)])?;
    let marked = Encoding::for_bom(head).is_some_and(|(encoding, _)| encoding != UTF_8);
    let window = &head[..head.len().min(WINDOW as usize)];
    let whole = &head[..head.len() - cut_sequence(head)];
    let is_utf8 = || simdutf8::basic::from_utf8(whole).is_ok();
    Ok(wanted.0.is_empty() && !marked && unmarked_utf_16(window).is_none() && is_utf8())
}

/// Finds the text of a document that was read as `raw`.
///
/// # Errors
/// The text can't be told, or can't be told without loss.
pub fn decode(raw: Body, wanted: &Encodings, strict: bool, spooling: &Spooling) -> Result<Decoded, EncodingError> {
    let head = raw.bytes(0..8)?.into_owned();
    not_text(&head)?;
    // A mark says more than any list.
    let marked = Encoding::for_bom(&head);
    if let Some((encoding, mark)) = marked
        && encoding != UTF_8
    {
        return transcode(raw, encoding, mark as u64, spooling).map_err(|(_, error)| error);
    }
    let survey = Survey::of(&raw)?;
    if wanted.0.is_empty() || marked.is_some() {
        let damage = survey.verdict(&raw, strict)?;
        return Ok(Decoded { body: raw, raw: None, damage });
    }
    in_order(raw, &survey, wanted, strict, spooling)
}

/// Takes the first of the encodings wanted that fits.
fn in_order(
    mut raw: Body,
    survey: &Survey,
    wanted: &Encodings,
    strict: bool,
    spooling: &Spooling,
) -> Result<Decoded, EncodingError> {
    let mut refused = None;
    for &encoding in &wanted.0 {
        let error = if encoding == UTF_8 {
            match survey.verdict(&raw, strict) {
                Ok(damage) => return Ok(Decoded { body: raw, raw: None, damage }),
                // Damaged UTF-8 read as another encoding would be garbled from end to end.
                Err(error @ (EncodingError::TooDamaged { .. } | EncodingError::Damaged(_))) => return Err(error),
                Err(error) => error,
            }
        } else if survey.is_mostly_utf8() && has_arabic(&raw)? {
            EncodingError::IsUtf8 { encoding: encoding.name() }
        } else if let Some(error) = no_single_bytes(&raw, encoding)? {
            return Err(error);
        } else {
            match transcode(raw, encoding, 0, spooling) {
                Ok(decoded) => return Ok(decoded),
                Err((given_back, error)) => {
                    raw = given_back;
                    error
                }
            }
        };
        refused = Some(error);
    }
    refused.map_or_else(|| Ok(Decoded { body: raw, raw: None, damage: None }), Err)
}

/// Refuses what is plainly no text, by the bytes it starts with.
fn not_text(head: &[u8]) -> Result<(), EncodingError> {
    const UNPACK: &str = "unpack it first";
    const SIGNATURES: [(&[u8], &str, &str); 9] = [
        (b"PAR1", "Parquet", "give the path of a file that is called .parquet, or --format parquet"),
        (b"\x1F\x8B", "compressed with gzip", UNPACK),
        (b"\x28\xB5\x2F\xFD", "compressed with zstd", UNPACK),
        (b"BZh", "compressed with bzip2", UNPACK),
        (b"\xFD7zXZ\0", "compressed with xz", UNPACK),
        (b"PK\x03\x04", "a zip archive or an office document", UNPACK),
        (b"%PDF-", "a PDF file", "extract its text first"),
        (b"\xFF\xFE\0\0", "UTF-32", "convert it to UTF-8 first"),
        (b"\0\0\xFE\xFF", "UTF-32", "convert it to UTF-8 first"),
    ];
    // Text may well start with these three letters; bzip2 goes on with the first digits of pi.
    let is_bzip2 = |signature: &[u8]| signature != b"BZh" || head.get(4..8) == Some(b"1AY&");
    match SIGNATURES.into_iter().find(|(signature, ..)| head.starts_with(signature) && is_bzip2(signature)) {
        Some((_, what, advice)) => Err(EncodingError::NotText { what, advice }),
        None => Ok(()),
    }
}

/// Arabic UTF-16 read as bytes is ASCII, control bytes among it: every second byte is 06 or 00 far more often than text
/// has it.
fn unmarked_utf_16(window: &[u8]) -> Option<&'static Encoding> {
    let pairs = window.len() / 2;
    let high = |column: usize| window.chunks_exact(2).filter(|pair| matches!(pair[column], 0 | 6)).count();
    let (first, second) = (high(0), high(1));
    let (many, few) = (pairs * 3 / 10, pairs / 20);
    match pairs {
        0..8 => None,
        _ if second > many && first <= few => Some(UTF_16LE),
        _ if first > many && second <= few => Some(UTF_16BE),
        _ => None,
    }
}

/// What of a document is UTF-8.
struct Survey {
    whole: Tally,
    window: Tally,
    /// Where the first byte is that is not ASCII.
    first_high: u64,
}

/// How much of a text is UTF-8.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Bytes of valid sequences, ASCII left out.
    valid: u64,
    bad_bytes: u64,
    bad_sequences: u64,
    first_bad: Option<u64>,
}

impl Tally {
    pub(crate) fn is_damaged(self) -> bool {
        self.first_bad.is_some()
    }

    pub(crate) fn damage(self) -> Option<Damage> {
        self.first_bad.map(|first| Damage { bytes: self.bad_bytes, first })
    }

    /// Whether it is UTF-8 with some damage rather than another encoding.
    pub(crate) fn is_utf8(self) -> bool {
        self.bad_sequences <= 1 || self.valid >= 99 * self.bad_bytes
    }

    /// Counts `bytes`, which are `at` bytes from the start.
    pub(crate) fn add(&mut self, at: u64, bytes: &[u8]) {
        let mut at = at;
        for chunk in bytes.utf8_chunks() {
            self.valid += chunk.valid().bytes().filter(|byte| !byte.is_ascii()).count() as u64;
            at += chunk.valid().len() as u64;
            if !chunk.invalid().is_empty() {
                self.first_bad.get_or_insert(at);
                self.bad_sequences += 1;
                self.bad_bytes += chunk.invalid().len() as u64;
                at += chunk.invalid().len() as u64;
            }
        }
    }
}

impl Survey {
    fn of(body: &Body) -> io::Result<Survey> {
        let mut survey = Survey { whole: Tally::default(), window: Tally::default(), first_high: 0 };
        let (mut at, mut high) = (0, None);
        body.pieces::<io::Error>(|piece, last| {
            let done = if last { piece.len() } else { piece.len() - cut_sequence(piece) };
            let piece = &piece[..done];
            if high.is_none() {
                high = piece.iter().position(|byte| !byte.is_ascii()).map(|first| at + first as u64);
            }
            if simdutf8::basic::from_utf8(piece).is_err() {
                survey.whole.add(at, piece);
            } else if survey.whole.bad_sequences > 0 || !last {
                survey.whole.valid += piece.iter().filter(|byte| !byte.is_ascii()).count() as u64;
            }
            at += done as u64;
            Ok(done)
        })?;
        survey.first_high = high.unwrap_or(at);
        if survey.whole.bad_sequences > 0 {
            let window = body.bytes(survey.first_high..survey.first_high + WINDOW)?;
            let cut = if survey.first_high + WINDOW < body.len() { cut_sequence(&window) } else { 0 };
            survey.window.add(survey.first_high, &window[..window.len() - cut]);
        }
        Ok(survey)
    }

    /// Whether it is UTF-8, be it with some damage.
    fn is_utf8(&self) -> bool {
        self.window.is_utf8() && self.whole.is_utf8()
    }

    /// Whether it is no other encoding: there bytes make up a letter of UTF-8 only now and then.
    fn is_mostly_utf8(&self) -> bool {
        self.whole.bad_bytes == 0 || self.whole.valid > self.whole.bad_bytes
    }

    fn verdict(&self, body: &Body, strict: bool) -> Result<Option<Damage>, EncodingError> {
        if let Some(encoding) = unmarked_utf_16(&body.bytes(0..WINDOW)?) {
            return Err(EncodingError::Utf16 { encoding: encoding.name() });
        }
        let Some(first) = self.whole.first_bad else {
            return Ok(None);
        };
        if self.is_utf8() {
            let damage = Damage { bytes: self.whole.bad_bytes, first };
            return if strict { Err(EncodingError::Damaged(damage)) } else { Ok(Some(damage)) };
        }
        if self.is_mostly_utf8() {
            let (bad, high) = (self.whole.bad_bytes, self.whole.valid + self.whole.bad_bytes);
            return Err(EncodingError::TooDamaged { at: first, bad, high });
        }
        let guess = guess(&body.bytes(self.first_high..self.first_high + WINDOW)?).name();
        let byte = body.bytes(first..first + 1)?.first().copied().unwrap_or_default();
        Err(EncodingError::NotUtf8 { at: first, byte, guess })
    }
}

/// Why text can't be in an encoding whose characters are single bytes, if it is one and the text can't.
fn no_single_bytes(raw: &Body, encoding: &'static Encoding) -> io::Result<Option<EncodingError>> {
    if !encoding.is_single_byte() {
        return Ok(None);
    }
    if let Some(utf_16) = unmarked_utf_16(&raw.bytes(0..WINDOW)?) {
        return Ok(Some(EncodingError::Utf16 { encoding: utf_16.name() }));
    }
    let (mut at, mut found) = (0, None);
    raw.pieces::<io::Error>(|piece, _| {
        found = found.or(memchr(0, piece).map(|nul| at + nul as u64));
        at += piece.len() as u64;
        Ok(piece.len())
    })?;
    Ok(found.map(|at| EncodingError::Nul { at, encoding: encoding.name() }))
}

/// Whether UTF-8 text has a letter of the Arabic block.
fn has_arabic(body: &Body) -> io::Result<bool> {
    let mut found = false;
    body.pieces::<io::Error>(|piece, _| {
        found |= piece.windows(2).any(|pair| matches!(pair, [0xD8..=0xDB, 0x80..=0xBF]));
        Ok(piece.len())
    })?;
    Ok(found)
}

/// The length of a UTF-8 sequence that the end of `bytes` cuts.
fn cut_sequence(bytes: &[u8]) -> usize {
    let from = bytes.len().saturating_sub(3);
    match bytes[from..].utf8_chunks().last() {
        Some(chunk) => match std::str::from_utf8(chunk.invalid()) {
            Err(error) if error.error_len().is_none() && bytes.ends_with(chunk.invalid()) => chunk.invalid().len(),
            _ => 0,
        },
        None => 0,
    }
}

/// Decodes without loss, or gives the raw bytes back.
fn transcode(
    raw: Body,
    encoding: &'static Encoding,
    mark: u64,
    spooling: &Spooling,
) -> Result<Decoded, (Body, EncodingError)> {
    let decoded = transcoded(&raw, encoding, mark, spooling);
    match decoded.and_then(|body| Ok((body, likelier(&raw, encoding)?))) {
        Ok((body, likelier)) => {
            Ok(Decoded { body, raw: Some(Raw { body: raw, encoding, mark, likelier }), damage: None })
        }
        Err(error) => Err((raw, error)),
    }
}

/// Windows-1256 and ISO-8859-6 take each other's text for text of their own. A guess tells them apart.
fn likelier(raw: &Body, encoding: &'static Encoding) -> io::Result<Option<&'static str>> {
    const ARABIC: [&Encoding; 2] = [WINDOWS_1256, ISO_8859_6];
    if !ARABIC.contains(&encoding) {
        return Ok(None);
    }
    let guess = guess(&raw.bytes(0..WINDOW)?);
    Ok((guess != encoding && ARABIC.contains(&guess)).then(|| guess.name()))
}

/// The encoding that text which is no UTF-8 looks like.
fn guess(text: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(text, true);
    detector.guess(None, Utf8Detection::Deny)
}

fn transcoded(raw: &Body, encoding: &'static Encoding, mark: u64, spooling: &Spooling) -> Result<Body, EncodingError> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = BodyWriter::new(spooling);
    // Room for all that a piece decodes to, so that none is read twice.
    let mut buffer = vec![0; 3 * PIECE + 16];
    let mut at = mark;
    let len = raw.len();
    loop {
        let piece = raw.bytes(at..at + PIECE as u64)?;
        let last = at + piece.len() as u64 == len;
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(&piece, &mut buffer, last);
        text.write_all(&buffer[..written])?;
        at += read as u64;
        match result {
            DecoderResult::InputEmpty if last => return Ok(text.finish()?),
            DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
            DecoderResult::Malformed(bad, after) => {
                let at = at.saturating_sub(u64::from(bad) + u64::from(after));
                return Err(EncodingError::NotThat { at, encoding: encoding.name(), marked: mark > 0 });
            }
        }
    }
}
