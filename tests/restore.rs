//! What was taken out and put back again: texts, records, rows, all of it or some copies.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::io;
use std::ops::Range;

use proptest::prelude::*;
use tikrar::cut::{self, FileCuts, Portions};
use tikrar::format::text::{self, InsertError, Insertion};
use tikrar::format::{Chunk, Format, Portion, RecordOptions, RecordReader};
use tikrar::removed::{Piece, Places};
use tikrar::source::{Body, Opened};
use tikrar::unit::{Splitter, Unit, UnitKind};

fn units(kind: UnitKind, bytes: &[u8]) -> Vec<(Unit, Vec<u8>)> {
    let mut units = Vec::new();
    Splitter::new(kind).split(bytes, true, |unit, text| units.push((unit, text.to_vec())));
    units
}

fn without(bytes: &[u8], cuts: &[Range<u64>]) -> Vec<u8> {
    let mut out = Vec::new();
    text::copy(&mut &bytes[..], &FileCuts::of(cuts.to_vec()), &mut out).unwrap();
    out
}

fn with(bytes: &[u8], pieces: impl IntoIterator<Item = Piece>) -> Result<Vec<u8>, InsertError> {
    let mut out = Vec::new();
    let insertions =
        pieces.into_iter().map(|piece| Ok(Insertion { at: piece.at, over: piece.over, bytes: piece.bytes }));
    let read = text::insert(&mut &bytes[..], insertions, &mut out)?;
    assert_eq!(read, bytes.len() as u64);
    Ok(out)
}

/// The pieces that go with each copy.
fn pieces(bytes: &[u8], portions: &[Vec<Range<u64>>]) -> Vec<Vec<Piece>> {
    let mut places = Places::new();
    let mut piece = |range: &Range<u64>| places.piece(range.clone(), &bytes[range.start as usize..range.end as usize]);
    portions.iter().map(|ranges| ranges.iter().map(&mut piece).collect()).collect()
}

fn is_chosen(choice: u64, copy: usize) -> bool {
    choice >> (copy % 64) & 1 == 1
}

fn chosen<T: Clone>(of_copies: &[Vec<T>], choice: u64) -> Vec<T> {
    let copies = of_copies.iter().enumerate().filter(|(copy, _)| is_chosen(choice, *copy));
    copies.flat_map(|(_, of_copy)| of_copy.iter().cloned()).collect()
}

fn documents(ends: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let line = prop::sample::select(vec!["أ", "ب ج", " d ", "e\u{200F}"]);
    let end = prop::sample::select(ends.to_vec());
    let start = prop::sample::select(vec!["", "", "\u{FEFF}", "\n", "\u{FEFF}\r\n\n", " \r\n"]);
    (start, prop::collection::vec((line, end), 0..10), any::<bool>()).prop_map(|(start, lines, ended)| {
        let mut text = start.to_owned();
        for (line, end) in &lines {
            text.extend([*line, *end]);
        }
        if let (false, Some((_, end))) = (ended, lines.last()) {
            text.truncate(text.len() - end.len());
        }
        text.into_bytes()
    })
}

const ANY_ENDS: &[&str] = &[
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "\r\n\r\n",
    "\r\n\n",
    "\n\u{A0}\n",
    "\n\r",
    "\u{0C}",
    "\u{2029}",
    "\r\r\n\r",
    "\n \n\n",
    "\r \n",
];
const BLANK_LINES: &[&str] = &["\n", "\n", "\r\n", "\n\n", "\n\n", "\r\n\r\n", "\r\n\n", "\n\u{A0}\n", "\n \n\n"];

/// Takes the copies out and puts the chosen ones back, where one that is bound comes with the one before it: what there is then, and the
/// units that there should be; and whether any is bound.
fn some_put_back(
    kind: UnitKind,
    bytes: &[u8],
    is_value: bool,
    copies: u64,
    choice: u64,
) -> (Vec<Vec<u8>>, Vec<Vec<u8>>, bool) {
    let all = units(kind, bytes);
    let (places, texts): (Vec<Unit>, Vec<Vec<u8>>) = all.into_iter().unzip();
    let is_copy = |at: usize| is_chosen(copies, at);
    let body = Body::held(bytes.to_vec());
    let stretches = if is_value {
        cut::stretches_of_value
    } else {
        |body: &_, units: &_, is_copy: _| cut::stretches(body, units, is_copy)
    };
    let cuts = stretches(&body, &places, is_copy).unwrap();
    let Portions { ranges: portions, bound } = cut::portions(&places, is_copy, &cuts);
    // They are the cuts, in order, and each unit is in its own.
    let ranges: Vec<Range<u64>> = portions.iter().flatten().cloned().collect();
    assert!(ranges.iter().all(|range| cuts.iter().any(|cut| cut.start <= range.start && range.end <= cut.end)));
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in &ranges {
        assert!(!range.is_empty());
        match joined.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            last => {
                assert!(last.is_none_or(|last| last.end < range.start));
                joined.push(range.clone());
            }
        }
    }
    assert_eq!(joined, cuts);
    let of_copies: Vec<usize> = (0..places.len()).filter(|&at| is_copy(at)).collect();
    assert_eq!(portions.len(), of_copies.len());
    for (ranges, &copy) in portions.iter().zip(&of_copies) {
        let unit = places[copy].range();
        assert!(ranges.iter().any(|range| range.start <= unit.start && unit.end <= range.end));
    }
    let cleaned = without(bytes, &cuts);
    let pieces = pieces(bytes, &portions);
    assert_eq!(with(&cleaned, pieces.concat()).unwrap(), bytes);
    let with_before = |choice: u64, (copy, &bound): (usize, &bool)| {
        let is_chosen = is_chosen(choice, if bound { copy - 1 } else { copy });
        choice & !(1 << copy) | u64::from(is_chosen) << copy
    };
    let choice = bound.iter().enumerate().fold(choice, with_before);
    let restored = with(&cleaned, chosen(&pieces, choice)).unwrap();
    let stays = |at: &usize| of_copies.binary_search(at).map_or(true, |copy| is_chosen(choice, copy));
    let expected = (0..texts.len()).filter(stays).map(|at| texts[at].clone()).collect();
    (units(kind, &restored).into_iter().map(|(_, text)| text).collect(), expected, bound.contains(&true))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_taken_out_of_bytes_can_be_put_back_all_or_in_part(
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        marks in prop::collection::vec(0..60_u64, 0..12), choice in any::<u64>(),
    ) {
        let mut marks: Vec<u64> = marks.into_iter().map(|mark| mark.min(bytes.len() as u64)).collect();
        marks.sort_unstable();
        let cuts: Vec<Range<u64>> = marks.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect();
        let of_cuts: Vec<Vec<Range<u64>>> = cuts.iter().map(|cut| vec![cut.clone()]).collect();
        let pieces = pieces(&bytes, &of_cuts);
        let cleaned = without(&bytes, &cuts);
        prop_assert_eq!(with(&cleaned, pieces.concat()).unwrap(), bytes.clone());
        prop_assert_eq!(with(&cleaned, chosen(&pieces, choice)).unwrap(), without(&bytes, &chosen(&of_cuts, !choice)));
    }

    #[test]
    fn any_copies_that_are_put_back_leave_whole_lines(
        bytes in documents(ANY_ENDS), is_value in any::<bool>(), copies in any::<u64>(), choice in any::<u64>(),
    ) {
        let (found, expected, bound) = some_put_back(UnitKind::Line, &bytes, is_value, copies, choice);
        prop_assert_eq!(found, expected);
        prop_assert!(!bound);
    }

    #[test]
    fn paragraphs_between_blank_lines_stay_apart_too(
        bytes in documents(BLANK_LINES), is_value in any::<bool>(), copies in any::<u64>(), choice in any::<u64>(),
    ) {
        let (found, expected, bound) = some_put_back(UnitKind::Paragraph, &bytes, is_value, copies, choice);
        prop_assert_eq!(found, expected);
        prop_assert!(!bound);
    }

    #[test]
    fn whatever_sets_paragraphs_apart_all_of_them_come_back(
        bytes in documents(ANY_ENDS), is_value in any::<bool>(), copies in any::<u64>(),
    ) {
        let (found, expected, _) = some_put_back(UnitKind::Paragraph, &bytes, is_value, copies, u64::MAX);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn whatever_sets_paragraphs_apart_they_stay_so_if_those_that_are_bound_come_together(
        bytes in documents(ANY_ENDS), is_value in any::<bool>(), copies in any::<u64>(), choice in any::<u64>(),
    ) {
        let (found, expected, _) = some_put_back(UnitKind::Paragraph, &bytes, is_value, copies, choice);
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn some_paragraphs_can_not_come_back_alone() {
    let bound = |bytes: &str, copies: u64| {
        let (places, _): (Vec<Unit>, Vec<Vec<u8>>) = units(UnitKind::Paragraph, bytes.as_bytes()).into_iter().unzip();
        let is_copy = |at: usize| is_chosen(copies, at);
        let cuts = cut::stretches(&Body::held(bytes.as_bytes().to_vec()), &places, is_copy).unwrap();
        cut::portions(&places, is_copy, &cuts).bound
    };
    // The gap before what goes is one, and goes with the first of two that no gap sets apart.
    assert_eq!(bound("أ\n\nب\u{0C}ج\u{0C}", 0b110), [false, true]);
    assert_eq!(bound("أ\n\nب\nج\u{2029}د\n\nه\n", 0b1110), [false, true, false]);
    assert_eq!(bound("أ\u{0C}ب\u{0C}ج\u{0C}", 0b110), [false, false]);
    // A CR that stays and the LF that comes back are one line end.
    assert_eq!(bound("أ\r \nب\n\nج\n", 0b110), [false, true]);
}

#[test]
fn an_empty_field_makes_room_for_what_comes_back() {
    let (row, cleaned) = (b"text\nab\nc\n", b"text\n\"\"\n\n");
    let mut places = Places::new();
    let mut pieces = vec![places.piece(5..6, b"a"), places.piece(6..7, b"b")];
    places.fill(&mut pieces, 2);
    pieces.push(places.piece(8..9, b"c"));
    assert_eq!(with(cleaned, pieces.clone()).unwrap(), row);
    assert_eq!(with(cleaned, pieces[1..2].to_vec()).unwrap(), b"text\nb\n\n");
    assert_eq!(with(cleaned, pieces[2..].to_vec()).unwrap(), b"text\n\"\"\nc\n");
}

/// Lines of sentences: those with a stop before anything, others before a line end.
fn sentences() -> impl Strategy<Value = Vec<u8>> {
    let ended = (
        prop::sample::select(vec!["نعم.", "هل جاء؟", "”لا! “"]),
        prop::sample::select(vec![" ", " ", "  ", "\n", "\r\n", "\r", "\n\n", " \n \n "]),
    );
    let title = (Just("عنوان"), prop::sample::select(vec!["\n", "\r\n", "\n\n", " \r"]));
    let sentence = prop_oneof![4 => ended, 1 => title];
    (prop::sample::select(vec!["", "\u{FEFF}", "\n", "  "]), prop::collection::vec(sentence, 0..10), any::<bool>())
        .prop_map(|(start, sentences, is_ended)| {
            let text: String = sentences.iter().flat_map(|(text, gap)| [*text, *gap]).collect();
            let text = if is_ended { &text } else { text.trim_end() };
            format!("{start}{text}").into_bytes()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sentences_can_be_put_back(
        bytes in sentences(), is_value in any::<bool>(), copies in any::<u64>(), choice in any::<u64>(),
    ) {
        let (found, expected, _) = some_put_back(UnitKind::Sentence, &bytes, is_value, copies, choice);
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn what_does_not_fit_is_told() {
    let piece = |at, over, bytes: &str| Piece { at, over, bytes: bytes.into(), ..Piece::default() };
    assert_eq!(with(b"a,\"\"\n", [piece(2, 2, "x"), piece(2, 2, "y"), piece(5, 0, "z")]).unwrap(), b"a,xy\nz");
    let error = with(b"ab", [piece(3, 0, "x")]).unwrap_err();
    assert!(matches!(error, InsertError::BeyondEnd { at: 3, len: 2 }), "{error}");
    let error = with(b"ab", [piece(1, 2, "x")]).unwrap_err();
    assert!(matches!(error, InsertError::BeyondEnd { at: 3, len: 2 }), "{error}");
    let error = with(b"abc", [piece(2, 0, "x"), piece(1, 0, "y")]).unwrap_err();
    assert!(matches!(error, InsertError::Unordered { at: 1, before: 2 }), "{error}");
}

fn chunk(file: &[u8], format: Format, kind: UnitKind) -> Chunk {
    let opened = Opened { head: file.to_vec(), reader: Box::new(io::empty()), file: None, raw: None };
    let joint = if kind == UnitKind::Line { "\n" } else { "\n\n" };
    RecordReader::new(opened, format, &RecordOptions { joint, ..RecordOptions::default() })
        .next(Vec::new())
        .unwrap()
        .unwrap()
}

/// What goes of the only record of a chunk with each copy, and in all; the units of its text, and which are copies.
type OfRecord = (Vec<Portion>, Vec<Range<u64>>, Vec<Vec<u8>>, Vec<usize>);

fn of_record(chunk: &Chunk, kind: UnitKind, copies: u64) -> OfRecord {
    let value = chunk.text(0).unwrap();
    let (places, texts): (Vec<Unit>, Vec<Vec<u8>>) = units(kind, &value.text).into_iter().unzip();
    let is_copy = |at: usize| is_chosen(copies, at);
    let stretches = cut::stretches_of_value(&Body::held(value.text.clone()), &places, is_copy).unwrap();
    let portions = chunk.portions(&value, &value.text, &places, is_copy, &stretches);
    let written = value.written(&value.text, &chunk.bytes, &stretches);
    let copies = (0..places.len()).filter(|&at| is_copy(at)).collect();
    (portions, written, texts, copies)
}

fn texts() -> impl Strategy<Value = String> {
    documents(&["\n", "\n", "\r\n", "\n\n", "\n\n", "\n \n", "\\", "\"", "/", "\u{0C}", "\u{2029}"])
        .prop_map(|text| String::from_utf8(text).unwrap().trim_start_matches('\u{FEFF}').to_owned())
}

/// A choice in which what belongs together is chosen together.
fn whole_choice(portions: &[Portion], choice: u64) -> Vec<bool> {
    let first = |portion: &Portion| portions.iter().position(|other| other.together == portion.together);
    let chosen = |(at, portion): (usize, &Portion)| match portion.together {
        Some(_) => is_chosen(choice, first(portion).unwrap()),
        None => is_chosen(choice, at),
    };
    portions.iter().enumerate().map(chosen).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn copies_of_a_record_come_back_and_leave_a_record(
        texts in prop::collection::vec(texts(), 1..5), form in 0..4, space in prop::sample::select(vec!["", " "]),
        copies in any::<u64>(), choice in any::<u64>(), kind in prop::sample::select(UnitKind::ALL.to_vec()),
    ) {
        let strings: Vec<String> = texts.iter().map(|text| serde_json::to_string(text).unwrap()).collect();
        let (file, format) = match form {
            0 => (format!("{{\"text\":{}}}\n", strings[0]), Format::JsonLines),
            1 => (format!("text,n\n\"{}\",1\n", texts[0].replace('"', "\"\"")), Format::Csv),
            _ => (format!("{{\"text\":[{}]}}\n", strings.join(&format!("{space},{space}"))), Format::JsonLines),
        };
        let chunk = chunk(file.as_bytes(), format, kind);
        prop_assume!(chunk.len() == 1);
        let (portions, written, units, copies) = of_record(&chunk, kind, copies);
        let gone: Vec<Range<u64>> = portions.iter().flat_map(|portion| portion.gone.iter().map(|gone| gone.range.clone())).collect();
        let cleaned = without(&chunk.bytes, &gone);
        prop_assert_eq!(&cleaned, &without(&chunk.bytes, &written));
        let mut places = Places::new();
        let pieces: Vec<Vec<Piece>> = portions.iter().map(|portion| places.pieces(0, &chunk.bytes, portion)).collect();
        prop_assert_eq!(with(&cleaned, pieces.concat()).unwrap(), chunk.bytes.clone());

        let choice = whole_choice(&portions, choice);
        let some = pieces.iter().zip(&choice).filter(|(_, chosen)| **chosen).flat_map(|(pieces, _)| pieces.clone());
        let restored = with(&cleaned, some).unwrap();
        let stays = |at: &usize| copies.binary_search(at).map_or(true, |copy| choice[copy]);
        let expected: Vec<Vec<u8>> = (0..units.len()).filter(stays).map(|at| units[at].clone()).collect();
        let found = self::chunk(&restored, format, kind).text(0).unwrap();
        let found: Vec<Vec<u8>> = self::units(kind, &found.text).into_iter().map(|(_, text)| text).collect();
        prop_assert_eq!(found, expected, "{}", String::from_utf8_lossy(&restored));
    }
}

#[test]
fn strings_of_an_array_take_their_commas_along() {
    let gone = |copies: u64| -> Vec<(String, Option<u64>)> {
        let chunk = chunk("{\"text\":[\"أ\\nب\", \"ج\", \"د\"]}\n".as_bytes(), Format::JsonLines, UnitKind::Line);
        let text = |portion: &Portion| {
            let bytes = |range: &Range<u64>| &chunk.bytes[range.start as usize..range.end as usize];
            portion.gone.iter().map(|gone| String::from_utf8(bytes(&gone.range).to_vec()).unwrap()).collect()
        };
        let (portions, ..) = of_record(&chunk, UnitKind::Line, copies);
        portions.iter().map(|portion| (text(portion), portion.together)).collect()
    };
    let of = |pieces: &[(&str, Option<u64>)]| -> Vec<_> {
        pieces.iter().map(|(text, together)| ((*text).to_owned(), *together)).collect()
    };
    assert_eq!(gone(0b1100), of(&[(", \"ج\"", None), (", \"د\"", None)]));
    assert_eq!(gone(0b0100), of(&[(", \"ج\"", None)]));
    assert_eq!(gone(0b0111), of(&[("\"أ\\n", Some(0)), ("ب\", ", Some(0)), ("\"ج\", ", None)]));
    assert_eq!(gone(0b0010), of(&[("\\nب", None)]));
    assert_eq!(gone(0b1111), of(&[("\"أ\\n", Some(0)), ("ب\", ", Some(0)), ("\"ج\", ", Some(0)), ("\"د\"", Some(0))]));
}

#[cfg(feature = "parquet")]
mod rows {
    use std::io::Read as _;
    use std::path::Path;

    use tikrar::format::parquet::{self, Rewriter, RowInsertion, RowText, Table};

    use super::*;

    fn file(bytes: &[u8]) -> std::fs::File {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, bytes).unwrap();
        file
    }

    fn table(name: &str, rows: &[RowText]) -> std::fs::File {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats").join(name);
        let table = Table::open(std::fs::File::open(path).unwrap()).unwrap();
        let column = ["text", "body", "content"].into_iter().find_map(|name| table.column(name)).unwrap();
        let mut out = tempfile::tempfile().unwrap();
        let mut rewriter = Rewriter::new(&table, out.try_clone().unwrap()).unwrap();
        for group in 0..table.row_groups() {
            let rows: Vec<RowText> = (0..table.rows(group)).map(|row| rows[row % rows.len()].clone()).collect();
            rewriter.rewrite(&table, group, column, &rows).unwrap();
        }
        rewriter.finish().unwrap();
        io::Seek::rewind(&mut out).unwrap();
        out
    }

    fn texts_of(bytes: &[u8]) -> Vec<RowText> {
        let table = Table::open(file(bytes)).unwrap();
        let column = ["text", "body", "content"].into_iter().find_map(|name| table.column(name)).unwrap();
        (0..table.row_groups()).flat_map(|group| table.read(group, column).unwrap()).collect()
    }

    fn row(is_list: bool) -> BoxedStrategy<RowText> {
        // A mark is one only where a text starts, so in the middle of a list it is a part of a line.
        let text = documents(&["\n", "\n", "\r\n", "\r", "\n\n", "\n \n"])
            .prop_map(|text| text.strip_prefix("\u{FEFF}".as_bytes()).map(<[u8]>::to_vec).unwrap_or(text));
        if is_list {
            prop::collection::vec(prop::option::weighted(0.8, text), 0..6).prop_map(RowText::Many).boxed()
        } else {
            prop_oneof![4 => text.prop_map(RowText::One), 1 => Just(RowText::Null)].boxed()
        }
    }

    fn lines_of(row: &RowText) -> Vec<Vec<u8>> {
        match row {
            RowText::Null => Vec::new(),
            RowText::One(text) => units(UnitKind::Line, text).into_iter().map(|(_, text)| text).collect(),
            RowText::Many(texts) => {
                let texts = texts.iter().flatten().flat_map(|text| units(UnitKind::Line, text));
                texts.map(|(_, text)| text).collect()
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn rows_get_back_what_went(
            (is_list, rows) in any::<bool>().prop_flat_map(|is_list| (Just(is_list), prop::collection::vec(row(is_list), 1..6))),
            copies in any::<u64>(), choice in any::<u64>(),
        ) {
            let mut before = Vec::new();
            table(if is_list { "lists.parquet" } else { "articles.parquet" }, &rows).read_to_end(&mut before).unwrap();
            let options = RecordOptions::default();
            let mut reader = RecordReader::of_parquet(file(&before), &options).unwrap();
            let (mut cuts, mut from, mut row, mut places) = (Vec::new(), 0, 0_u64, Places::new());
            let (mut insertions, mut some, mut expected) = (Vec::new(), Vec::new(), Vec::new());
            while let Some(chunk) = reader.next(Vec::new()).unwrap() {
                for record in 0..chunk.len() {
                    let copies = copies.rotate_left(row as u32 * 5);
                    if let Ok(value) = chunk.text(record) {
                        let (places_of, texts): (Vec<Unit>, Vec<Vec<u8>>) =
                            units(UnitKind::Line, &value.text).into_iter().unzip();
                        let is_copy = |at: usize| is_chosen(copies, at);
                        let body = Body::held(value.text.clone());
                        let stretches = cut::stretches_of_value(&body, &places_of, is_copy).unwrap();
                        let portions = chunk.portions(&value, &value.text, &places_of, is_copy, &stretches);
                        let written = value.written(&value.text, &chunk.bytes, &stretches);
                        cuts.extend(written.into_iter().map(|cut| cut.start + from..cut.end + from));
                        for (at, portion) in portions.iter().enumerate() {
                            prop_assert_eq!(portion.together, None);
                            for piece in places.pieces(from, &chunk.bytes, portion) {
                                let place = tikrar::format::InRow { at: piece.at, element: piece.element, whole: piece.whole };
                                let insertion = RowInsertion { row, place, bytes: piece.bytes };
                                if is_chosen(choice, at) {
                                    some.push(Ok(insertion.clone()));
                                }
                                insertions.push(Ok(insertion));
                            }
                        }
                        let mut copy = 0;
                        let stays = |at: &usize| {
                            copy += usize::from(is_copy(*at));
                            !is_copy(*at) || is_chosen(choice, copy - 1)
                        };
                        let stay: Vec<Vec<u8>> = (0..texts.len()).filter(stays).map(|at| texts[at].clone()).collect();
                        expected.push(stay);
                    } else {
                        expected.push(Vec::new());
                    }
                    row += 1;
                }
                from += chunk.bytes.len() as u64;
            }
            let (mut cleaned, mut after, mut partly) = (Vec::new(), Vec::new(), Vec::new());
            parquet::write(file(&before), &options, &FileCuts::of(cuts), &mut cleaned).unwrap();
            parquet::insert(file(&cleaned), &options, insertions, &mut after).unwrap();
            prop_assert_eq!(texts_of(&after), texts_of(&before));
            parquet::insert(file(&cleaned), &options, some, &mut partly).unwrap();
            let found: Vec<Vec<Vec<u8>>> = texts_of(&partly).iter().map(lines_of).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_row_that_has_no_such_place_is_told() {
        let mut bytes = Vec::new();
        let rows = [RowText::Many(vec![Some(b"abc".to_vec()), None])];
        table("lists.parquet", &rows).read_to_end(&mut bytes).unwrap();
        let insert = |places: &[(u64, u64, Option<u64>, Option<u64>)]| {
            let insertions = places.iter().map(|&(row, at, element, whole)| {
                Ok(RowInsertion { row, place: tikrar::format::InRow { at, element, whole }, bytes: b"x".to_vec() })
            });
            let mut out = Vec::new();
            let inserted = parquet::insert(file(&bytes), &RecordOptions::default(), insertions, &mut out);
            inserted.map_err(|error| error.to_string()).map(|()| texts_of(&out)[0].clone())
        };
        let texts = |texts: &[Option<&str>]| {
            Ok(RowText::Many(texts.iter().map(|text| text.map(|text| text.as_bytes().to_vec())).collect()))
        };
        let all = [
            (0, 0, Some(0), Some(1)),
            (0, 0, Some(0), Some(1)),
            (0, 0, Some(0), Some(2)),
            (0, 1, Some(0), None),
            (0, 0, Some(2), Some(5)),
        ];
        assert_eq!(insert(&all), texts(&[Some("xx"), Some("x"), Some("axbc"), None, Some("x")]));
        let wrong = |places: &[_]| insert(places).unwrap_err();
        assert_eq!(wrong(&[(0, 4, Some(0), None)]), "it does not fit row 1: its text is too short");
        assert_eq!(wrong(&[(0, 0, Some(1), None)]), "it does not fit row 1: it has no text there");
        assert_eq!(wrong(&[(0, 0, Some(3), Some(1))]), "it does not fit row 1: its list is too short");
        assert_eq!(wrong(&[(0, 0, None, None)]), "it does not fit row 1: its text is a list of paragraphs");
        assert!(wrong(&[(0, 2, Some(0), None), (0, 1, Some(0), None)]).contains("belongs behind it"));
        assert!(wrong(&[(1 << 40, 0, Some(0), None)]).contains("and the table has"));
    }
}
