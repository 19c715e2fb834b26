//! Records with a field of what is a copy in them, against what is removed of the same records.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::io;

use proptest::prelude::*;
use serde_json::Value;
use tikrar::corpus::records::look_at;
use tikrar::corpus::{Documents, Examiner, Finished, Names, Options, Stream, Threads, spans};
use tikrar::cut::FileCuts;
use tikrar::format::{Format, RecordOptions, RecordReader, record};
use tikrar::sink::FileName;
use tikrar::source::Opened;

fn reader(file: &[u8], format: Format, chunk: usize, annotate: bool) -> RecordReader {
    let opened = Opened { head: file.to_vec(), reader: Box::new(io::empty()), file: None, raw: None };
    let options = RecordOptions { annotate: annotate.then(|| "repeats".to_owned()), ..RecordOptions::default() };
    RecordReader::new(opened, format, &options).with_chunks_of(chunk)
}

/// The file, cleaned or annotated as a corpus.
fn corpus(file: &[u8], format: Format, chunk: usize, annotate: bool) -> Vec<u8> {
    let options = Options::default();
    let name = |file: usize| Some(FileName::Text(format!("{file}.x")));
    let mut stream = Stream::new(&options);
    stream.names = Some(Names(&name));
    stream.threads = if chunk.is_multiple_of(2) { Threads::ONE } else { Threads::All };
    let mut open = Some(Ok(Documents::Records(Box::new(reader(file, format, 1 << 20, annotate)))));
    stream.piece = chunk;
    let (mut out, mut balanced) = (Vec::new(), true);
    let mut finished = |event: Finished<io::Error>| {
        if let Finished::Records { account, .. } = event {
            balanced &= account.check().is_ok() && (!annotate || account.kept == account.units);
        }
    };
    stream.clean(|| open.take(), &mut out, &mut finished).unwrap();
    assert!(balanced);
    out
}

/// The file, each record cleaned or annotated by itself.
fn documents(file: &[u8], format: Format, chunk: usize, annotate: bool) -> Vec<u8> {
    let options = Options::default();
    let (mut examiner, mut reader, mut out) =
        (Examiner::new(&options), reader(file, format, chunk, annotate), Vec::new());
    while let Some(chunk) = reader.next(Vec::new()).unwrap() {
        let looked = look_at(&chunk, |document, value| -> io::Result<_> {
            let examined = examiner.examine(document).unwrap();
            let text = document.body.bytes(0..u64::MAX)?;
            let cuts = value.written(&text, &chunk.bytes, &examined.cuts_of_value(&document.body)?);
            Ok((cuts, chunk.slot(value).unwrap(), spans::of_document(&examined, &text)))
        });
        let (mut cuts, mut lists) = (Vec::new(), Vec::new());
        for of_record in looked.unwrap().records {
            let (of_cuts, slot, spans) = of_record.result;
            cuts.extend(of_cuts);
            lists.extend(slot.map(|slot| (slot, spans)));
        }
        if annotate {
            let insertions = chunk.insertions(lists).unwrap();
            record::write_changed(&chunk.bytes, &FileCuts { insertions, ..FileCuts::default() }, &mut out).unwrap();
        } else {
            record::write(&chunk.bytes, &cuts, &mut out).unwrap();
        }
    }
    out
}

fn lines(text: &str) -> Vec<&str> {
    lines_of(text.lines())
}

fn lines_of<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    lines.filter(|line| !line.trim().is_empty()).collect()
}

/// The text without its spans.
fn without(text: &str, list: &Value) -> String {
    let letters: Vec<char> = text.chars().collect();
    let (mut left, mut at) = (String::new(), 0);
    for span in list.as_array().unwrap() {
        let [start, end] = [0, 1].map(|edge| span["span"][edge].as_u64().unwrap() as usize);
        assert!(at <= start && start < end);
        left.extend(&letters[at..start]);
        at = end;
    }
    left.extend(&letters[at..]);
    left
}

/// What the spans of a text say of lines: their own, and those of the originals, of which the texts are these.
fn check_lines(text: &str, list: &Value, original: impl Fn(&Value) -> String) {
    let stretch = |text: &str, of: &Value| -> Vec<String> {
        let [first, last] = [0, 1].map(|edge| of["lines"][edge].as_u64().unwrap() as usize);
        let text = text.lines().skip(first - 1).take(last - first + 1).collect::<Vec<_>>().join("\n");
        lines(&text).into_iter().map(str::to_owned).collect()
    };
    let letters: Vec<char> = text.chars().collect();
    for span in list.as_array().unwrap() {
        let [start, end] = [0, 1].map(|edge| span["span"][edge].as_u64().unwrap() as usize);
        let inside: String = letters[start..end].iter().collect();
        assert!(!inside.ends_with('\n') && !inside.starts_with('\n'), "{inside:?}");
        assert_eq!(lines(&inside), stretch(text, span));
        let of = &span["original"];
        let original = original(of);
        // Where the copies have blank lines between them, the originals may have something else there.
        let are_in = |here: &[&str], there: &[&str]| {
            assert!(!here.is_empty() && here.first() == there.first(), "{here:?}, {there:?}");
            let mut there = there.iter();
            assert!(here.iter().all(|line| there.any(|other| other == line)), "{here:?}, {there:?}");
        };
        if of["lines"].is_array() {
            let there = stretch(&original, of);
            assert_eq!(lines(&inside).last().copied(), there.last().map(String::as_str));
            are_in(&lines(&inside), &there.iter().map(String::as_str).collect::<Vec<_>>());
        } else {
            let [here, there] = [0, 1].map(|edge| of["run"][edge].as_u64().unwrap() as usize);
            let until = span["lines"][1].as_u64().unwrap() as usize;
            are_in(&lines_of(text.lines().take(until).skip(here - 1)), &lines_of(original.lines().skip(there - 1)));
        }
    }
}

/// Texts with lines that repeat in them, and in each other.
fn texts() -> impl Strategy<Value = Vec<String>> {
    let line = prop::sample::select(vec![
        "قال الوزير إن \"النتائج\" جيدة جدا, وإن العمل مستمر في كل المدن",
        "وأضاف \\ أن / الأرقام 🌙 الجديدة\tتعلن يوم الأحد القادم؛ بعد الظهر من كل أسبوع",
        "نعم يا سيدي",
        "\"",
        "a,b;c",
        "",
    ]);
    let text = (prop::collection::vec(line, 0..8), any::<bool>())
        .prop_map(|(lines, ends)| lines.join("\n") + if ends { "\n" } else { "" });
    prop::collection::vec(text, 1..7)
}

/// Whether bytes are others with some put in, each time just before something that can follow a value.
fn is_with_more(with: &[u8], without: &[u8], list: &[u8]) -> bool {
    let Some(at) = with.windows(list.len()).rposition(|window| window == list) else { return false };
    [&with[..at], &with[at + list.len()..]].concat() == without
}

#[test]
fn a_blank_line_in_the_original_does_not_join_two_copies_of_one_unit() {
    let long = "قال الوزير إن النتائج جيدة جدا وإن العمل مستمر في كل المدن";
    let texts = [format!("{long}\n\nنعم\n{long}"), format!("{long}\nنعم\nنعم\n{long}")];
    let file = texts.iter().map(|text| serde_json::json!({ "text": text }).to_string()).collect::<Vec<_>>().join("\n");
    let annotated = String::from_utf8(corpus(file.as_bytes(), Format::JsonLines, 3, true)).unwrap();
    let second: Value = serde_json::from_str(annotated.lines().nth(1).unwrap()).unwrap();
    let of = |span: &Value| (span["lines"].clone(), span["original"]["run"].clone());
    let spans: Vec<_> = second["repeats"].as_array().unwrap().iter().map(of).collect();
    let pair = |one: u64, other: u64| serde_json::json!([one, other]);
    assert_eq!(spans[0], (pair(1, 2), pair(1, 1)));
    assert_eq!(spans[1].0[0], 3);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_has_the_record_and_the_spans_of_what_would_go(
        texts in texts(), in_corpus in any::<bool>(), lines_of_json in any::<bool>(), as_array in any::<bool>(),
        before in prop::sample::select(vec!["{\"text\": ", "{ \"n\":1.50e3,\"te\\u0078t\":", "{\"repeat\":{\"repeats\":[\"}\"]},\"text\":"]),
        after in prop::sample::select(vec!["}", " \t}", ",\"x\":\"\\ud83d }\"}"]),
        chunk in prop::sample::select(vec![3_usize, 40, 1001, 1 << 20]),
    ) {
        let text = |text: &String| match as_array {
            true => serde_json::to_string(&text.split('\n').collect::<Vec<_>>()).unwrap(),
            false => serde_json::to_string(text).unwrap(),
        };
        let records: Vec<String> = texts.iter().map(|of| format!("{before}{}{after}", text(of))).collect();
        let (format, file) = match lines_of_json {
            true => (Format::JsonLines, records.join("\r\n")),
            false => (Format::Json, format!("[{}\n]\n", records.join(" , "))),
        };
        let run = if in_corpus { corpus } else { documents };
        let annotated = String::from_utf8(run(file.as_bytes(), format, chunk, true)).unwrap();
        let cleaned = String::from_utf8(run(file.as_bytes(), format, chunk, false)).unwrap();
        let split = |file: &str| -> Vec<String> {
            match lines_of_json {
                true => file.split("\r\n").map(str::to_owned).collect(),
                false => serde_json::from_str::<Vec<&serde_json::value::RawValue>>(file).unwrap().iter().map(|of| of.get().to_owned()).collect(),
            }
        };
        // Half of a pair in another field is no reason to change it, and serde_json can't read it.
        let readable = |record: &str| serde_json::from_str::<Value>(&record.replace("\\ud83d", "x")).unwrap();
        let joined = |value: &Value| match value {
            Value::Array(strings) => strings.iter().map(|of| of.as_str().unwrap()).collect::<Vec<_>>().join("\n"),
            text => text.as_str().unwrap().to_owned(),
        };
        let (annotated, cleaned) = (split(&annotated), split(&cleaned));
        prop_assert_eq!(annotated.len(), records.len());
        for (at, (annotated, record)) in annotated.iter().zip(&records).enumerate() {
            let mut value = readable(annotated);
            let list = value.as_object_mut().unwrap().remove("repeats").unwrap();
            prop_assert_eq!(&value, &readable(record));
            let start = annotated.rfind(",\"repeats\":[").unwrap();
            let len = serde_json::Deserializer::from_str(&annotated[start + 11..]).into_iter::<Value>();
            let mut len = len;
            len.next().unwrap().unwrap();
            let added = annotated[start..start + 11 + len.byte_offset()].to_owned();
            prop_assert!(is_with_more(annotated.as_bytes(), record.as_bytes(), added.as_bytes()));
            let (left, went) = (without(&texts[at], &list), joined(&readable(&cleaned[at])["text"]));
            prop_assert_eq!(lines(&left), lines(&went));
            check_lines(&texts[at], &list, |original| match original["record"].as_u64() {
                Some(record) => texts[record as usize - 1].clone(),
                None => texts[at].clone(),
            });
            if in_corpus {
                for span in list.as_array().unwrap() {
                    prop_assert_eq!(&span["original"]["file"], "0.x");
                }
            }
        }
    }

    #[test]
    fn rows_have_their_fields_and_the_spans_of_what_would_go(
        texts in texts(), in_corpus in any::<bool>(), crlf in any::<bool>(), ends in any::<bool>(),
        delimiter in prop::sample::select(vec![b',', b';', b'\t']), more in prop::collection::vec(0_usize..3, 7),
        chunk in prop::sample::select(vec![3_usize, 40, 1001, 1 << 20]),
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let writer = || csv::WriterBuilder::new().delimiter(delimiter).terminator(terminator).flexible(true).from_writer(Vec::new());
        let mut table = writer();
        table.write_record(["text", "id", "by"]).unwrap();
        for (at, text) in texts.iter().enumerate() {
            // Rows with fewer fields than the header, as many, and more.
            table.write_record([text, "x,\n;\"y\"", "z", "more"].iter().take(2 + more[at])).unwrap();
        }
        let mut file = table.into_inner().unwrap();
        if !ends {
            file.truncate(file.len() - if crlf { 2 } else { 1 });
        }
        let run = if in_corpus { corpus } else { documents };
        let read = |file: &[u8]| -> Vec<Vec<String>> {
            let mut rows = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(file);
            rows.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
        };
        let annotated = run(&file, Format::Csv, chunk, true);
        prop_assert_eq!(annotated.ends_with(b"\n"), ends);
        let (annotated, before, cleaned) = (read(&annotated), read(&file), read(&run(&file, Format::Csv, chunk, false)));
        prop_assert_eq!(&annotated[0], &["text", "id", "by", "repeats"]);
        for (at, text) in texts.iter().enumerate() {
            let mut row = annotated[at + 1].clone();
            let list: Value = serde_json::from_str(&row.remove(3)).unwrap();
            let mut expected = before[at + 1].clone();
            if expected.len() < 3 {
                expected.push(String::new());
            }
            prop_assert_eq!(row, expected);
            let left = without(text, &list);
            prop_assert_eq!(lines(&left), lines(&cleaned[at + 1][0]));
            check_lines(text, &list, |original| match original["record"].as_u64() {
                Some(record) => texts[record as usize - 1].clone(),
                None => text.clone(),
            });
        }
    }
}

/// Pieces of files, from which whatever comes is put together.
const PARTS: [&[u8]; 24] = [
    b"{\"text\":\"",
    b"\"}",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"\"",
    b"\\",
    b"\\u06",
    b"27",
    b"\n",
    b"\r\n",
    b"\r",
    b"\t",
    b"text,id\n",
    b"\"text\"",
    b"\xEF\xBB\xBF",
    b"\xD9\x86",
    b"\xD9",
    b":1",
    b"null",
    b" ",
    b"\"repeat\"",
];

/// A file that was annotated, and what was written into it, each with its place.
type Annotated = (Vec<u8>, Vec<(u64, String)>);

/// What is read of a file and annotated; none if it can't be.
fn annotated(file: &[u8], chunk: usize, format: Format) -> Option<Annotated> {
    let mut reader = reader(file, format, chunk, true);
    let (mut out, mut all, mut before) = (Vec::new(), Vec::new(), 0);
    while let Some(chunk) = reader.next(Vec::new()).ok()? {
        let of_record = |record: usize| Some((chunk.slot(&chunk.text(record).ok()?).ok()??, vec![[record, 1]]));
        let insertions = chunk.insertions((0..chunk.len()).filter_map(of_record)).unwrap();
        let all_of = insertions.clone();
        record::write_changed(&chunk.bytes, &FileCuts { insertions: all_of, ..FileCuts::default() }, &mut out).unwrap();
        all.extend(insertions.iter().map(|(at, text)| (before + at, text.to_owned())));
        before += chunk.bytes.len() as u64;
    }
    Some((out, all))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_file_holds_all_of_it_is_left_around_the_fields(
        parts in prop::collection::vec(prop::sample::select(&PARTS[..]), 0..24), chunk in 3_usize..20,
        format in prop::sample::select(vec![Format::JsonLines, Format::Json, Format::Csv, Format::Tsv]),
    ) {
        let file = parts.concat();
        let Some((out, insertions)) = annotated(&file, chunk, format) else { return Ok(()) };
        let (mut left, mut rest, mut at) = (Vec::new(), &out[..], 0);
        for (place, text) in insertions {
            let (before, with) = rest.split_at((place - at) as usize);
            left.extend_from_slice(before);
            rest = with.strip_prefix(text.as_bytes()).unwrap();
            at = place;
        }
        left.extend_from_slice(rest);
        prop_assert_eq!(left, file);
    }

    #[test]
    fn whatever_a_table_holds_its_rows_have_one_field_more(
        rows in "[ab,\"\n\r]{0,24}", header in prop::sample::select(vec!["text", "text,id", "\"id\",text,"]), chunk in 3_usize..20,
    ) {
        let file = format!("{header}\n{rows}");
        let columns = header.split(',').count();
        let Some((out, _)) = annotated(file.as_bytes(), chunk, Format::Csv) else { return Ok(()) };
        let read = |file: &[u8]| -> Vec<Vec<Vec<u8>>> {
            let mut reader = csv::ReaderBuilder::new().delimiter(b',').flexible(true).has_headers(false).from_reader(file);
            reader.byte_records().map(|row| row.unwrap().iter().map(<[u8]>::to_vec).collect()).collect()
        };
        let (before, mut after) = (read(file.as_bytes()), read(&out));
        prop_assert_eq!(before.len(), after.len());
        for (at, (before, after)) in before.into_iter().zip(&mut after).enumerate() {
            let list = after.remove(columns);
            prop_assert!(at > 0 && (list.is_empty() || serde_json::from_slice::<Value>(&list).is_ok()) || list == b"repeats");
            let mut expected = before;
            expected.resize(expected.len().max(columns), Vec::new());
            prop_assert_eq!(&*after, &expected);
        }
    }
}
