//! Files of records: what is written back, against what their texts come to by themselves.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::io;

use proptest::prelude::*;
use serde_json::Value;
use tikrar::corpus::records::look_at;
use tikrar::corpus::{Documents, Empty, Examiner, Finished, Options, Stream};
use tikrar::format::{Format, NoText, RecordOptions, RecordReader, Removed, record, text};
use tikrar::source::{Document, Opened};

fn reader(file: &[u8], format: Format, chunk: usize) -> RecordReader {
    let opened = Opened { head: file.to_vec(), reader: Box::new(io::empty()), file: None, raw: None };
    RecordReader::new(opened, format, &RecordOptions::default()).with_chunks_of(chunk)
}

/// The file, each record cleaned by itself.
fn cleaned(file: &[u8], format: Format, chunk: usize) -> String {
    let options = Options::default();
    let mut examiner = Examiner::new(&options);
    let mut reader = reader(file, format, chunk);
    let (mut out, mut any_kept) = (Vec::new(), false);
    while let Some(chunk) = reader.next(Vec::new()).unwrap() {
        let looked = look_at(&chunk, |document, value| -> io::Result<_> {
            let examined = examiner.examine(document).unwrap();
            Ok(Removed::Stretches(value.written(
                &document.body.bytes(0..u64::MAX)?,
                &chunk.bytes,
                &examined.cuts_of_value(&document.body)?,
            )))
        });
        let removed = looked.unwrap().records.into_iter().map(|of| (of.record, of.result));
        let cuts = chunk.cuts(removed, &mut any_kept);
        record::write(&chunk.bytes, &cuts, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

/// A text, cleaned as a value.
fn cleaned_text(value: &str) -> String {
    let document = Document::of_bytes(value.as_bytes().to_vec());
    let examined = Examiner::new(&Options::default()).examine(&document).unwrap();
    let mut out = Vec::new();
    text::write(&document.body, &examined.cuts_of_value(&document.body).unwrap(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Lines with all that formats escape.
fn texts() -> impl Strategy<Value = Vec<String>> {
    let line = prop::sample::select(vec![
        "قال الوزير إن \"النتائج\" جيدة جدا, وإن العمل مستمر في كل المدن",
        "وأضاف \\ أن / الأرقام 🌙 الجديدة\tتعلن يوم الأحد القادم؛ بعد الظهر من كل أسبوع",
        "نعم",
        "\"",
        "a,b;c",
        "",
    ]);
    let text = (prop::collection::vec(line, 0..6), any::<bool>())
        .prop_map(|(lines, ends)| lines.join("\n") + if ends { "\n" } else { "" });
    prop::collection::vec(text, 0..7)
}

/// A JSON string, each letter written in one of the ways that there are.
fn json_string(text: &str, style: u64) -> String {
    let mut out = String::from("\"");
    for (at, letter) in text.chars().enumerate() {
        let dice = style.rotate_left(at as u32 * 7) % 5;
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '/' if dice < 2 => out.push_str("\\/"),
            '\n' if dice < 4 => out.push_str("\\n"),
            '\t' if dice < 4 => out.push_str("\\t"),
            _ if dice == 0 || letter < ' ' => {
                out.extend(letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
            }
            _ => out.push(letter),
        }
    }
    out + "\""
}

/// What a record has before and after its text.
const AROUND: [(&str, &str); 4] = [
    ("{\"text\":", "}"),
    ("{\"n\": 1.50e3, \"text\" : ", " , \"text2\": \"\\ud83d\"}"),
    ("{\"meta\":{\"text\":[1,\"}\"]},\"meta\":\"\\\"{\",\"text\":", ",\"x\":null}"),
    ("{ \"te\\u0078t\"\t:", "\r\n}"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_lines_lose_text_and_nothing_else(
        texts in texts(), style in any::<u64>(), crlf in any::<bool>(), last in any::<bool>(), mark in any::<bool>(),
        chunk in prop::sample::select(vec![3_usize, 40, 1000, 1 << 20]),
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let around = |at: usize| AROUND[..3][(style as usize + at) % 3];
        let lines: Vec<String> = texts.iter().enumerate().map(|(at, text)| {
            let (before, after) = around(at);
            format!("{before}{}{after}", json_string(text, style))
        }).collect();
        let mark = if mark { "\u{FEFF}" } else { "" };
        let file = mark.to_owned() + &lines.join(end) + if last && !lines.is_empty() { end } else { "" };
        let cleaned = cleaned(file.as_bytes(), Format::JsonLines, chunk);
        let found: Vec<&str> = cleaned.strip_prefix(mark).unwrap().split_terminator('\n').collect();
        prop_assert_eq!(found.len(), lines.len());
        for (at, ((found, line), text)) in found.into_iter().zip(&lines).zip(&texts).enumerate() {
            let found = found.trim_end_matches('\r');
            let expected = cleaned_text(text);
            if expected == *text {
                prop_assert_eq!(found, line);
            }
            let (before, after) = around(at);
            let written = found.strip_prefix(before).unwrap().strip_suffix(after).unwrap();
            prop_assert_eq!(serde_json::from_str::<String>(written).unwrap(), expected);
        }
    }

    #[test]
    fn json_arrays_lose_text_and_nothing_else(
        texts in texts(), style in any::<u64>(), in_array in any::<bool>(),
        space in prop::sample::select(vec!["", " ", "\n  "]),
        chunk in prop::sample::select(vec![3_usize, 40, 1000, 1 << 20]),
    ) {
        let around = |at: usize| AROUND[(style as usize + at) % 4];
        let records: Vec<String> = texts.iter().enumerate().map(|(at, text)| {
            let (before, after) = around(at);
            format!("{before}{}{after}", json_string(text, style))
        }).collect();
        let file = if in_array {
            format!("{space}[{space}{}{space}]{space}", records.join(&format!("{space},{space}")))
        } else {
            records.join(space) + space
        };
        let cleaned = cleaned(file.as_bytes(), Format::Json, chunk);
        let mut rest = &cleaned[..];
        for (at, (record, text)) in records.iter().zip(&texts).enumerate() {
            let expected = cleaned_text(text);
            let (before, after) = around(at);
            rest = &rest[rest.find(before).unwrap() + before.len()..];
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            prop_assert_eq!(values.next().unwrap().unwrap(), &expected[..]);
            if expected == *text {
                let written = record.strip_prefix(before).unwrap().strip_suffix(after).unwrap();
                prop_assert!(rest.starts_with(written));
            }
            rest = rest[values.byte_offset()..].strip_prefix(after).unwrap();
        }
        if texts.iter().all(|text| cleaned_text(text) == *text) {
            prop_assert_eq!(cleaned, file);
        }
    }

    #[test]
    fn arrays_of_strings_lose_paragraphs(
        texts in texts(), style in any::<u64>(), space in prop::sample::select(vec!["", " ", "\n "]),
    ) {
        let strings: Vec<String> = texts.iter().map(|text| json_string(text, style)).collect();
        let file = format!("{{\"text\": [{space}{}{space}]}}\n", strings.join(&format!("{space},{space}")));
        let written = cleaned(file.as_bytes(), Format::Json, 1 << 20);
        let found: Value = serde_json::from_str(&written).unwrap();
        let found: Vec<&str> = found["text"].as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect();
        // Together they are what the text is that they make; of each all goes, and then the string, or a part.
        let whole = cleaned_text(&texts.join("\n"));
        let lines = |text: &str| -> Vec<String> {
            text.split('\n').filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
        };
        prop_assert_eq!(lines(&found.join("\n")), lines(&whole));
        if whole == texts.join("\n") {
            prop_assert_eq!(written, file);
        }
    }

    #[test]
    fn rows_lose_text_and_nothing_else(
        texts in texts(), delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']), style in any::<u64>(),
        crlf in any::<bool>(), mark in any::<bool>(), chunk in prop::sample::select(vec![3_usize, 40, 1000, 1 << 20]),
    ) {
        let styles = [csv::QuoteStyle::Necessary, csv::QuoteStyle::Always, csv::QuoteStyle::NonNumeric];
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .quote_style(styles[style as usize % 3])
            .terminator(terminator)
            .from_writer(Vec::new());
        writer.write_record(["id", "text", "a \"name\""]).unwrap();
        for (at, text) in texts.iter().enumerate() {
            writer.write_record([&at.to_string(), text, "x,\n;\"y\""]).unwrap();
        }
        let mut file = if mark { "\u{FEFF}".as_bytes().to_vec() } else { Vec::new() };
        file.extend(writer.into_inner().unwrap());
        let cleaned = cleaned(&file, Format::Csv, chunk);
        let mut rows = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(cleaned.as_bytes());
        let found: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
        prop_assert_eq!(found.len(), texts.len());
        for (at, (found, text)) in found.iter().zip(&texts).enumerate() {
            let expected = cleaned_text(text);
            prop_assert_eq!(found.iter().collect::<Vec<_>>(), [&at.to_string()[..], &expected, "x,\n;\"y\""]);
        }
        if texts.iter().all(|text| cleaned_text(text) == *text) {
            prop_assert_eq!(cleaned.as_bytes(), file);
        }
    }

    #[test]
    fn records_that_lose_all_their_text_can_go_and_what_is_left_is_whole(
        texts in texts(), space in prop::sample::select(vec!["", " ", "\n  "]),
        form in prop::sample::select(vec![Format::Json, Format::JsonLines]),
        chunk in prop::sample::select(vec![3_usize, 60, 1 << 20]),
    ) {
        let records: Vec<String> = texts.iter().enumerate()
            .map(|(at, text)| format!("{{\"at\": {at}, \"text\": {}}}", serde_json::to_string(text).unwrap()))
            .collect();
        let file = match form {
            Format::Json => format!("[{space}{}{space}]\n", records.join(&format!(",{space}"))),
            _ => records.iter().map(|record| record.clone() + "\n").collect(),
        };
        let options = Options::default();
        let run = |empty: Empty| -> Vec<Value> {
            let mut stream = Stream::new(&options);
            stream.empty = empty;
            let mut out = Vec::new();
            let mut open = Some(Ok(Documents::Records(Box::new(reader(file.as_bytes(), form, chunk)))));
            let mut finished = |_: Finished<io::Error>| {};
            let (totals, _) = stream.clean(|| open.take(), &mut out, &mut finished).unwrap();
            assert_eq!(totals.documents, texts.len() as u64);
            match form {
                Format::Json => serde_json::from_slice(&out).unwrap(),
                _ => serde_json::Deserializer::from_slice(&out).into_iter().map(Result::unwrap).collect(),
            }
        };
        let (kept, dropped) = (run(Empty::Keep), run(Empty::Drop));
        prop_assert_eq!(kept.len(), texts.len());
        let is_emptied = |record: &Value| {
            let before = &texts[record["at"].as_u64().unwrap() as usize];
            !before.trim().is_empty() && record["text"].as_str().unwrap().trim().is_empty()
        };
        let left: Vec<Value> = kept.into_iter().filter(|record| !is_emptied(record)).collect();
        prop_assert_eq!(left, dropped);
    }
}

/// What was read of a file, and whether that is all of it.
type Read = (Vec<u8>, Vec<Result<Vec<u8>, NoText>>, bool);

/// All bytes that were read, and the texts of the records; what was read before an error, if there is one.
fn read(file: &[u8], format: Format, chunk: usize) -> Read {
    let mut reader = reader(file, format, chunk);
    let (mut bytes, mut texts) = (Vec::new(), Vec::new());
    loop {
        match reader.next(Vec::new()) {
            Ok(Some(chunk)) => {
                texts.extend((0..chunk.len()).map(|record| chunk.text(record).map(|value| value.text)));
                bytes.extend(chunk.bytes);
            }
            Ok(None) => return (bytes, texts, true),
            Err(_) => return (bytes, texts, false),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_file_holds_all_of_it_is_read_and_in_any_pieces_the_same(
        parts in prop::collection::vec(prop::sample::select(vec![
            &b"{\"text\":\""[..], b"\"}", b"{", b"}", b"[", b"]", b",", b"\"", b"\\", b"\\u06", b"27", b"\n", b"\r\n", b"\r", b"\t",
            b"text,id\n", b"\"text\"", b"\xEF\xBB\xBF", b"\xD9\x86", b"\xD9", b"1", b"null", b" ",
        ]), 0..24),
        format in prop::sample::select(vec![Format::JsonLines, Format::Json, Format::Csv, Format::Tsv]),
        chunk in 3_usize..20,
    ) {
        let file = parts.concat();
        let (bytes, texts, is_whole) = read(&file, format, 1 << 20);
        let in_pieces = read(&file, format, chunk);
        prop_assert_eq!(is_whole, in_pieces.2);
        if is_whole {
            prop_assert_eq!(&bytes, &file);
            prop_assert_eq!(in_pieces.0, bytes);
            // Which field has the text is told by the records so far, so in pieces the first may be without.
            let known: Vec<_> = texts.iter().filter(|text| **text != Err(NoText::Missing)).collect();
            let found: Vec<_> = in_pieces.1.iter().filter(|text| **text != Err(NoText::Missing)).collect();
            prop_assert_eq!(found, known);
        }
    }
}

#[test]
fn records_without_text_say_why() {
    let lines =
        "{\"text\":null}\n{}\n[1]\n{\"text\":4}\n{\"text\":\"\\ud83d x\"}\n{\"text\":\"x\"\n{\"text\":[\"a\",1]}\n";
    let chunk = reader(lines.as_bytes(), Format::JsonLines, 1 << 20).next(Vec::new()).unwrap().unwrap();
    let why: Vec<NoText> = (0..chunk.len()).map(|record| chunk.text(record).unwrap_err()).collect();
    assert_eq!(
        why,
        [
            NoText::Null,
            NoText::Missing,
            NoText::Missing,
            NoText::NotText,
            NoText::LoneSurrogate,
            NoText::Malformed { at: 12, reason: "EOF while parsing an object".to_owned() },
            NoText::NotText,
        ]
    );
}

#[test]
fn the_field_is_the_first_that_a_record_has_and_a_path_leads_into_records() {
    let field = |lines: &str, wanted: Option<&str>| {
        let opened = Opened { head: lines.into(), reader: Box::new(io::empty()), file: None, raw: None };
        let options = RecordOptions { text_field: wanted.map(str::to_owned), ..RecordOptions::default() };
        let chunk = RecordReader::new(opened, Format::JsonLines, &options).next(Vec::new()).unwrap().unwrap();
        let text = chunk.text(chunk.len() - 1).ok().map(|value| String::from_utf8(value.text).unwrap());
        (chunk.layout().text_field.clone(), text)
    };
    let of = |name: &str, text: &str| (Some(name.to_owned()), Some(text.to_owned()));
    assert_eq!(field("{\"id\":1}\n{\"body\":\"b\",\"content\":\"c\"}\n", None), of("content", "c"));
    assert_eq!(field("{\"a\":{\"b\":{\"c\":\"x\"}}}\n", Some("a.b.c")), of("a.b.c", "x"));
    assert_eq!(field("{\"a.b\":\"y\",\"a\":{\"b\":\"x\"}}\n", Some("a.b")), of("a.b", "y"));
    assert_eq!(field("{\"text\":\"1\",\"text\":\"2\"}\n", None), of("text", "2"));
}
