//! Documents and files of records, cleaned and repaired: what is written is what is written without repair, unit by unit repaired.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod patched;

use std::io;
use std::path::Path;

use patched::patched;
use proptest::prelude::*;
use serde_json::Value;
use tikrar::corpus::{Documents, Examined, Examiner, Finished, Options, Repairs, Stream, Threads};
use tikrar::cut::FileCuts;
use tikrar::format::{Format, RecordOptions, RecordReader, text};
use tikrar::repair::{QuoteStyle, Repair, Repairer, repaired};
use tikrar::report::unified;
use tikrar::source::{Document, Opened, ReadOptions, Spooling};
use tikrar::unit::{Splitter, UnitKind};

/// A text with each of its units repaired.
fn by_units(text: &[u8], kind: UnitKind, repair: Repair) -> Vec<u8> {
    let mut repairer = Repairer::new(repair);
    let (mut out, mut at) = (Vec::new(), 0);
    Splitter::new(kind).split(text, true, |unit, bytes| {
        let range = unit.range();
        out.extend_from_slice(&text[at..range.start as usize]);
        out.extend(repaired(bytes, repairer.repair(bytes).edits));
        at = range.end as usize;
    });
    out.extend_from_slice(&text[at..]);
    out
}

/// What goes of a document and changes in it.
fn cuts(document: &Document, options: &Options, repair: Option<Repair>) -> FileCuts {
    let examined = Examined::new(document, options).unwrap();
    let mut repairs = Repairs::default();
    if let Some(repair) = repair {
        repairs = examined.repairs(&document.body, &mut Repairer::new(repair), None).unwrap();
    }
    FileCuts::with_edits(examined.cuts(&document.body).unwrap(), repairs.edits)
}

fn cleaned(document: &Document, options: &Options, repair: Option<Repair>) -> Vec<u8> {
    let mut out = Vec::new();
    text::write_changed(&document.body, &cuts(document, options, repair), &mut out).unwrap();
    out
}

/// Documents as one corpus: what is written, and what was told of each, done with it.
fn corpus(
    documents: &[Vec<u8>],
    options: &Options,
    repair: Option<Repair>,
    piece: usize,
    open: impl Fn(&[u8]) -> Documents + Sync,
) -> (Vec<u8>, Vec<Vec<u8>>) {
    let mut stream = Stream::new(options);
    (stream.repair, stream.piece) = (repair, piece);
    // What waits for a decision is held, or put aside.
    stream.spooling.hold = if piece.is_multiple_of(3) { 1 } else { 1 << 20 };
    stream.threads = if piece.is_multiple_of(2) { Threads::ONE } else { Threads::All };
    let (mut out, mut told) = (Vec::new(), vec![FileCuts::default(); documents.len()]);
    let mut next = documents.iter().map(|document| Ok::<_, ()>(open(document)));
    let mut finished = |event: Finished<()>| {
        if let Finished::Cut { file, cuts, .. } = event {
            told[file].extend(cuts);
        }
    };
    stream.clean(|| next.next(), &mut out, &mut finished).unwrap();
    let carried_out = documents.iter().zip(told).map(|(document, cuts)| {
        let mut out = Vec::new();
        text::copy(&mut &document[..], &cuts, &mut out).unwrap();
        out
    });
    (out, carried_out.collect())
}

fn text_of(document: &[u8]) -> Documents {
    Documents::Text(Box::new(Opened { head: document.to_vec(), reader: Box::new(io::empty()), file: None, raw: None }))
}

fn records_of(file: &[u8], format: Format, chunk: usize) -> Documents {
    let opened = Opened { head: file.to_vec(), reader: Box::new(io::empty()), file: None, raw: None };
    Documents::Records(Box::new(RecordReader::new(opened, format, &RecordOptions::default()).with_chunks_of(chunk)))
}

/// Lines badly set, some of which repeat, with line ends of every kind.
fn documents() -> impl Strategy<Value = Vec<u8>> {
    let line = prop::sample::select(vec![
        "قال الوزير إن \" النتائج \" جيدة جدا ، وإن العمل مستمر في كل المدن .",
        "قال الوزير إن “النتائج” جيدة جدا، وإن العمل مستمر في كل المدن.",
        "قال الوزير إن «النتائج» جيدة جدا، وإن العمل مستمر في كل المدن.",
        "المصدر : وكالات",
        "\u{200F}محمـــد  قال:\"نعم\"",
        "“نعم”",
        "قال \"نص بلا نهاية",
        "a \"b\" , c",
        "  ",
        "",
        "* * *",
    ]);
    let end = prop::sample::select(vec!["\n", "\n", "\r\n", "\r", "\n\n", "\u{2029}", "\u{C}"]);
    (prop::collection::vec((line, end), 0..8), any::<bool>(), any::<bool>()).prop_map(|(lines, mark, ends)| {
        let mut text = String::from(if mark { "\u{FEFF}" } else { "" });
        lines.iter().for_each(|(line, end)| text.extend([*line, *end]));
        if ends { text.into_bytes() } else { text.trim_end().as_bytes().to_vec() }
    })
}

fn any_repair() -> impl Strategy<Value = Repair> {
    prop::sample::select(QuoteStyle::ALL.to_vec()).prop_map(|quotes| Repair { quotes, ..Repair::default() })
}

fn options() -> impl Strategy<Value = Options> {
    prop::sample::select(vec![UnitKind::Line, UnitKind::Paragraph])
        .prop_map(|unit| Options { unit, ..Options::default() })
}

proptest! {
    #[test]
    fn a_document_is_cleaned_as_without_and_each_unit_that_stays_is_repaired(
        bytes in documents(), options in options(), repair in any_repair()
    ) {
        let document = Document::of_bytes(bytes.clone());
        let plain = cleaned(&document, &options, None);
        let mended = cleaned(&document, &options, Some(repair));
        prop_assert_eq!(&by_units(&plain, options.unit, repair), &mended);
        // And then there is nothing left to do.
        let again = Document::of_bytes(mended);
        prop_assert!(cuts(&again, &options, Some(repair)).is_empty());

        let read = ReadOptions { spooling: Spooling { hold: 1, temp_dir: None }, ..ReadOptions::default() };
        let spooled = Document::from_reader(&bytes[..], &read).unwrap();
        prop_assert_eq!(cuts(&spooled, &options, Some(repair)), cuts(&document, &options, Some(repair)));
    }

    #[test]
    fn the_diff_makes_of_a_document_what_is_written(bytes in documents(), options in options(), repair in any_repair()) {
        let document = Document::of_bytes(bytes.clone());
        let mut diff = Vec::new();
        let cuts = cuts(&document, &options, Some(repair));
        unified::write_cuts(Path::new("a.txt"), &document.body, &cuts, std::iter::empty(), &mut diff).unwrap();
        prop_assert_eq!(diff.is_empty(), cuts.is_empty());
        prop_assert_eq!(patched(&bytes, &diff), cleaned(&document, &options, Some(repair)));
    }

    #[test]
    fn a_corpus_is_cleaned_as_without_and_each_unit_that_stays_is_repaired(
        documents in prop::collection::vec(documents(), 0..4), options in options(), repair in any_repair(), piece in 1_usize..300
    ) {
        let (out, told) = corpus(&documents, &options, Some(repair), piece, text_of);
        let (whole, told_whole) = corpus(&documents, &options, Some(repair), 1 << 20, text_of);
        prop_assert_eq!(&out, &whole);
        prop_assert_eq!(&told, &told_whole);
        let (_, plain) = corpus(&documents, &options, None, piece, text_of);
        for (plain, told) in plain.iter().zip(&told) {
            prop_assert_eq!(&by_units(plain, options.unit, repair), told);
        }
    }

    #[test]
    fn json_is_repaired_as_its_texts_are_in_its_own_escapes(
        texts in prop::collection::vec(documents(), 0..5), repair in any_repair(), chunk in 1_usize..400, escaped in any::<bool>()
    ) {
        let texts: Vec<String> = texts.into_iter().map(|text| String::from_utf8(text).unwrap()).collect();
        let string = |text: &String| {
            let json = serde_json::to_string(text).unwrap();
            let in_ascii = |char: char| if char.is_ascii() { char.to_string() } else { format!("\\u{:04x}", char as u32) };
            if escaped { json.chars().map(in_ascii).collect() } else { json }
        };
        let lines: String = texts.iter().map(|text| format!("{{\"n\": 1.0, \"text\":{} }}\n", string(text))).collect();
        let objects: Vec<String> = texts.iter().map(|text| {
            let paragraphs: Vec<String> = text.split('\n').map(|part| string(&part.to_owned())).collect();
            format!("{{\"text\": [{}]}}", paragraphs.join(" ,"))
        }).collect();
        for (file, format) in [(lines, Format::JsonLines), (format!("[{}]", objects.join(",\n")), Format::Json)] {
            let files = [file.into_bytes()];
            let options = Options::default();
            let open = |file: &[u8]| records_of(file, format, chunk);
            let (out, told) = corpus(&files, &options, Some(repair), chunk, open);
            prop_assert_eq!(&out, &told[0]);
            let (plain, _) = corpus(&files, &options, None, chunk, open);
            let values = |file: &[u8]| -> Vec<Value> {
                serde_json::Deserializer::from_slice(file).into_iter().map(Result::unwrap).collect()
            };
            let (plain, mended) = (values(&plain), values(&out));
            prop_assert_eq!(mended_in(&plain, repair), mended);
        }
    }

    #[test]
    fn rows_are_repaired_as_their_texts_are_and_stay_rows(
        texts in prop::collection::vec((documents(), any::<bool>()), 0..5), repair in any_repair(), chunk in 1_usize..400,
        delimiter in prop::sample::select(vec![',', ';', '\t', ' '])
    ) {
        // A field with what parts fields in it has to be in quotation marks, others may be.
        let field = |(text, quoted): &(Vec<u8>, bool)| {
            let text = String::from_utf8(text.clone()).unwrap();
            let needs = text.contains(['"', '\n', '\r', delimiter]) || text.is_empty() || *quoted;
            if needs { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
        };
        let rows: String = texts.iter().map(|text| format!("7{delimiter}{}\n", field(text))).collect();
        let files = [format!("id{delimiter}text\n{rows}").into_bytes()];
        let options = Options::default();
        let open = |file: &[u8]| {
            let opened = Opened { head: file.to_vec(), reader: Box::new(io::empty()), file: None, raw: None };
            let options = RecordOptions { delimiter: Some(delimiter as u8), ..RecordOptions::default() };
            Documents::Records(Box::new(RecordReader::new(opened, Format::Csv, &options).with_chunks_of(chunk)))
        };
        let (out, told) = corpus(&files, &options, Some(repair), chunk, open);
        prop_assert_eq!(&out, &told[0]);
        let (plain, _) = corpus(&files, &options, None, chunk, open);
        let rows = |file: &[u8]| -> Vec<Vec<String>> {
            let mut reader = csv::ReaderBuilder::new().delimiter(delimiter as u8).from_reader(file);
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
        };
        let (plain, mended) = (rows(&plain), rows(&out));
        prop_assert_eq!(plain.len(), mended.len());
        for (plain, mended) in plain.iter().zip(&mended) {
            prop_assert_eq!(mended.len(), 2);
            // Some can't be written in a field without quotation marks, and stay.
            let whole = String::from_utf8(by_units(plain[1].as_bytes(), UnitKind::Line, repair)).unwrap();
            prop_assert!(mended[1] == whole || plain[1] == mended[1], "{:?} {:?}", plain, mended);
        }
    }
}

/// Values with the texts in them repaired.
fn mended_in(values: &[Value], repair: Repair) -> Vec<Value> {
    let text = |text: &str| String::from_utf8(by_units(text.as_bytes(), UnitKind::Line, repair)).unwrap().into();
    let mended = |value: &Value| match value {
        Value::String(value) => text(value),
        Value::Array(values) => values.iter().map(|value| text(value.as_str().unwrap())).collect(),
        value => value.clone(),
    };
    let of_object = |object: &Value| {
        let mut object = object.clone();
        object["text"] = mended(&object["text"]);
        object
    };
    let all = values.iter().map(|value| match value {
        Value::Array(objects) => objects.iter().map(of_object).collect(),
        object => of_object(object),
    });
    all.collect()
}

#[test]
fn by_itself_a_record_is_looked_at_as_in_a_corpus() {
    let options = Options::default();
    let mut examiner = Examiner::new(&options);
    let mut reader = match records_of(
        b"{\"text\":\"\\u0642\\u0627\\u0644 \\\"\\u0646\\u0635\\\" , x\"}\n",
        Format::JsonLines,
        1 << 16,
    ) {
        Documents::Records(reader) => reader,
        Documents::Text(_) => unreachable!("they are records"),
    };
    let chunk = reader.next(Vec::new()).unwrap().unwrap();
    let value = chunk.text(0).unwrap();
    let document = Document::of_bytes(value.text.clone());
    let examined = examiner.examine(&document).unwrap();
    let mut repairer = Repairer::new(Repair::default());
    let repairs = examined.repairs(&document.body, &mut repairer, Some((&chunk, &value))).unwrap();
    assert_eq!((repairs.repaired, repairs.unpaired, repairs.refused), (1, 0, 0));
    let written = value.written_edits(&chunk.bytes, &repairs.edits);
    // The escaped marks are two bytes each, and the space before the comma goes.
    assert_eq!(written, [(28..30, "«"), (42..44, "»"), (44..45, "")]);
}
