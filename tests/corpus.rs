//! Corpus scope, end to end: what a stream writes against the definition of a copy and the rule of gaps.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::collections::HashSet;
use std::io;
use std::num::{NonZeroU32, NonZeroUsize};

use proptest::prelude::*;
use tikrar::corpus::{Documents, Examiner, Finished, Gone, Keep, Options, Stream, StreamError, Threads};
use tikrar::cut::FileCuts;
use tikrar::fold::{Folder, Level};
use tikrar::format::text;
use tikrar::source::{Document, Opened, ReadOptions, Spooling};
use tikrar::unit::{Splitter, Unit, UnitKind};

fn opened(text: &[u8]) -> Documents {
    Documents::Text(Box::new(Opened { head: text.to_vec(), reader: Box::new(io::empty()), file: None, raw: None }))
}

/// A reader that has its bytes a few at a time.
struct Dripping(io::Cursor<Vec<u8>>);

impl io::Read for Dripping {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let few = buffer.len().min(3);
        self.0.read(&mut buffer[..few])
    }
}

fn dripping(text: &[u8]) -> Documents {
    let reader = Box::new(Dripping(io::Cursor::new(text.to_vec())));
    Documents::Text(Box::new(Opened { head: Vec::new(), reader, file: None, raw: None }))
}

/// Where something was left out: document and lines.
type Lines = (usize, u64, u64);

/// What the stream writes, where it says that something was left out, and the stretches of each document that it says go.
#[derive(PartialEq)]
struct Streamed {
    out: Vec<u8>,
    repeated: Vec<Lines>,
    cuts: Vec<FileCuts>,
    gone: Vec<Vec<Gone>>,
}

fn streamed(stream: &Stream<'_>, documents: Vec<Documents>) -> Streamed {
    let mut out = Vec::new();
    let (mut repeated, mut cuts) = (Vec::new(), vec![FileCuts::default(); documents.len()]);
    let mut all_gone = vec![Vec::new(); documents.len()];
    let mut documents = documents.into_iter();
    let mut finished = |event: Finished<io::Error>| match event {
        Finished::Repeated(found) => repeated.push((found.document.file, found.lines.0, found.lines.1)),
        Finished::Cut { file, cuts: more, gone } => {
            cuts[file].extend(more);
            all_gone[file].extend(gone);
        }
        _ => {}
    };
    stream.clean(|| documents.next().map(Ok), &mut out, &mut finished).unwrap();
    Streamed { out, repeated, cuts, gone: all_gone }
}

/// A unit of a document, with its folded text and whether it is kept whatever it repeats.
struct Folded {
    unit: Unit,
    text: Vec<u8>,
    words: u32,
    protected: bool,
}

fn folded(document: &[u8], options: &Options, keep: &str) -> Vec<Folded> {
    let mut folder = Folder::by_plain_rules(options.folds);
    let mut units = Vec::new();
    Splitter::new(options.unit).split(document, true, |unit, bytes| {
        let text = folder.fold(bytes);
        let words = tikrar::key::words(text);
        let protected = !keep.is_empty() && String::from_utf8_lossy(bytes).contains(keep);
        units.push(Folded { unit, text: text.text().to_vec(), words, protected });
    });
    units
}

/// "A unit is a copy when it lies in a run of at least min-words words which already began earlier in the corpus."
fn copies(documents: &[Vec<Folded>], min_words: u32) -> Vec<Vec<bool>> {
    let began_earlier = |of: usize, a: usize, b: usize| {
        let run = &documents[of][a..=b];
        documents[..=of].iter().enumerate().any(|(at, document)| {
            document
                .windows(run.len())
                .take(if at == of { a } else { usize::MAX })
                .any(|window| window.iter().zip(run).all(|(one, other)| one.text == other.text))
        })
    };
    let is_copy = |of: usize, unit: usize| {
        let document = &documents[of];
        let enough = |a: usize, b: usize| document[a..=b].iter().map(|unit| unit.words).sum::<u32>() >= min_words;
        !document[unit].protected
            && (0..=unit).any(|a| (unit..document.len()).any(|b| enough(a, b) && began_earlier(of, a, b)))
    };
    (0..documents.len()).map(|of| (0..documents[of].len()).map(|unit| is_copy(of, unit)).collect()).collect()
}

/// The documents without their copies, strung together.
fn remains(documents: &[Vec<u8>], units: &[Vec<Folded>], copies: &[Vec<bool>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut strung = tikrar::sink::Strung::new(&mut out);
    for ((document, units), copies) in documents.iter().zip(units).zip(copies) {
        let body = Document::of_bytes(document.clone()).body;
        let units: Vec<Unit> = units.iter().map(|folded| folded.unit.clone()).collect();
        let cuts = tikrar::cut::stretches(&body, &units, |at| copies[at]).unwrap();
        strung.begin().unwrap();
        text::write(&body, &cuts, &mut strung).unwrap();
    }
    strung.end().unwrap();
    out
}

/// Documents of few different lines, with line ends and gaps of every kind.
fn documents() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let line = prop::sample::select(vec![
        "قال الوزير إن العمل مستمر في كل المدن والقرى",
        "وغادر الوفد العاصمة مساء",
        "وغادر الوفدُ العاصمة مساء",
        "نعم",
        "لا . نعم",
        "قال نعم. وغادر الوفد العاصمة مساء؟  قال لا.وعاد",
        "وغادر الوفد العاصمة مساء؟ نعم. قال الوزير إن العمل مستمر في كل المدن والقرى. نعم.",
        "* * *",
        "***",
        "«نعم»",
        "\"نعم\"",
        "\u{FEFF}نعم",
        "\u{1}",
    ]);
    let end = prop::sample::select(vec![
        "\n",
        "\n",
        "\n",
        "\n\n",
        "\r\n",
        "\r\n\r\n",
        "\r",
        "\n \n",
        "\n\n\u{200F}\n",
        "\u{0C}",
        "\u{2029}",
        "",
    ]);
    let document = (prop::bool::weighted(0.2), prop::collection::vec((line, end), 0..9)).prop_map(|(mark, lines)| {
        let mark = if mark { "\u{FEFF}" } else { "" };
        let lines: String = lines.into_iter().map(|(line, end)| format!("{line}{end}")).collect();
        format!("{mark}{lines}").into_bytes()
    });
    prop::collection::vec(document, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_writes_what_the_definition_leaves(
        documents in documents(),
        min_words in 1..16_u32,
        kind in prop::sample::select(&UnitKind::ALL[..]),
        level in prop::sample::select(&Level::ALL[..]),
        keep in prop::sample::select(vec!["", "نعم"]),
        (piece, hold, threads) in (1..200_usize, 0..300_u64, 1..4_usize),
    ) {
        let patterns: Vec<String> = [keep].into_iter().filter(|keep| !keep.is_empty()).map(str::to_owned).collect();
        let options = Options {
            folds: level.folds(),
            unit: kind,
            min_words: NonZeroU32::new(min_words).unwrap(),
            keep: Keep::new(&patterns, Vec::new()).unwrap(),
            ..Options::default()
        };
        let units: Vec<Vec<Folded>> = documents.iter().map(|document| folded(document, &options, keep)).collect();
        let copies = copies(&units, min_words);
        let wanted = String::from_utf8_lossy(&remains(&documents, &units, &copies)).into_owned();

        let mut stream = Stream::new(&options);
        stream.threads = Threads::AtMost(NonZeroUsize::new(threads).unwrap());
        let Streamed { out: whole, .. } = streamed(&stream, documents.iter().map(|document| opened(document)).collect());
        prop_assert_eq!(String::from_utf8_lossy(&whole), wanted.as_str());
        (stream.piece, stream.spooling) = (piece, Spooling { hold, temp_dir: None });
        stream.tells = true;
        let Streamed { out: in_pieces, repeated, cuts, gone } = streamed(&stream, documents.iter().map(|document| dripping(document)).collect());
        prop_assert_eq!(String::from_utf8_lossy(&in_pieces), wanted.as_str());

        // What it says goes of each document is what the rule of gaps says.
        for (((document, units), copies), cuts) in documents.iter().zip(&units).zip(&copies).zip(&cuts) {
            let units: Vec<Unit> = units.iter().map(|folded| folded.unit.clone()).collect();
            let body = Document::of_bytes(document.clone()).body;
            prop_assert_eq!(cuts, &FileCuts::of(tikrar::cut::stretches(&body, &units, |at| copies[at]).unwrap()));
        }

        // Each unit that goes is told of, with its part of that.
        for (((units, copies), cuts), gone) in units.iter().zip(&copies).zip(&cuts).zip(&gone) {
            let went = units.iter().zip(copies).enumerate().filter(|(_, (_, is_copy))| **is_copy);
            let went: Vec<(u64, u64, u32)> =
                went.map(|(at, (folded, _))| (at as u64 + 1, folded.unit.first_line(), folded.words)).collect();
            let told: Vec<(u64, u64, u32)> = gone.iter().map(|gone| (gone.unit, gone.lines.0, gone.words)).collect();
            prop_assert_eq!(told, went);
            let mut joined: Vec<std::ops::Range<u64>> = Vec::new();
            for span in gone.iter().flat_map(|gone| gone.stretches.iter().map(|stretch| stretch.range.clone())) {
                match joined.last_mut() {
                    Some(last) if last.end == span.start => last.end = span.end,
                    _ => joined.push(span),
                }
            }
            prop_assert_eq!(&joined, &cuts.stretches);
        }

        // The notes name the lines of all that went, and no others.
        let lines = |unit: &Unit| unit.first_line()..=unit.last_line();
        for (of, (units, copies)) in units.iter().zip(&copies).enumerate() {
            let named = |line: u64| repeated.iter().any(|&(document, first, last)| document == of && (first..=last).contains(&line));
            for (folded, &is_copy) in units.iter().zip(copies) {
                prop_assert!(!is_copy || lines(&folded.unit).all(named));
                let shared = units.iter().any(|other| other.unit != folded.unit && lines(&other.unit).any(|line| lines(&folded.unit).contains(&line)));
                prop_assert!(is_copy || shared || !lines(&folded.unit).any(named));
            }
        }

        // Every text that was there is there.
        if kind == UnitKind::Line {
            let texts = |units: &[Vec<Folded>]| -> HashSet<Vec<u8>> {
                units.iter().flatten().map(|unit| unit.text.clone()).collect()
            };
            prop_assert_eq!(texts(&[folded(&whole, &options, keep)]), texts(&units));
        }
    }

    #[test]
    fn a_document_in_pieces_is_examined_as_a_whole(
        documents in documents(),
        kind in prop::sample::select(&UnitKind::ALL[..]),
        (piece, threads) in (1..200_u64, 1..4_usize),
    ) {
        let options = Options { unit: kind, min_words: NonZeroU32::new(3).unwrap(), ..Options::default() };
        let text = documents.concat();
        let whole = Examiner::new(&options).examine(&Document::of_bytes(text.clone())).unwrap();
        // Out of a temporary file, which all threads read.
        let spooling = Spooling { hold: 20, temp_dir: None };
        let read = ReadOptions { spooling, ..ReadOptions::default() };
        let document = Document::from_reader(&text[..], &read).unwrap();
        let threads = Threads::AtMost(NonZeroUsize::new(threads).unwrap());
        let in_pieces =
            Examiner::new(&options).with_threads(threads).with_pieces_of(piece).examine(&document).unwrap();
        prop_assert_eq!(whole.units, in_pieces.units);
        prop_assert_eq!(whole.plan, in_pieces.plan);
    }
}

/// Many lines, some of them there before, in several documents.
fn many_lines() -> Vec<Vec<u8>> {
    let mut number = 1_u64;
    let mut document = |lines: usize| {
        let mut text = String::new();
        for _ in 0..lines {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            match number >> 61 {
                0 => text.push('\n'),
                1 => text.push_str(&format!("نعم {}\n", (number >> 40) % 50)),
                kind => {
                    let of = if kind < 5 { number >> 34 } else { (number >> 40) % 3000 };
                    text.push_str(&format!("قال الوزير إن العمل مستمر في كل المدن والقرى رقم {of}\n"));
                }
            }
        }
        text.into_bytes()
    };
    // More of them than the places of documents that are kept in memory where there is little.
    let mut documents = vec![document(9000)];
    documents.extend((0..300).map(|_| document(30)));
    documents.push(document(3000));
    documents
}

#[test]
fn little_memory_and_much_write_and_say_the_same() {
    let documents = many_lines();
    let options = Options::default();
    let mut stream = Stream::new(&options);
    let opened_all = || documents.iter().map(|document| opened(document)).collect::<Vec<_>>();
    let much = streamed(&stream, opened_all());
    for (threads, temp_dir) in [(1, None), (3, Some(std::env::temp_dir()))] {
        stream.threads = Threads::AtMost(NonZeroUsize::new(threads).unwrap());
        stream.spooling.temp_dir = temp_dir;
        // Enough, and the least there is.
        for memory in [1 << 30, 0] {
            stream.memory = Some(memory);
            assert!(streamed(&stream, opened_all()) == much, "{memory} bytes, {threads} threads");
            let mut documents = opened_all().into_iter();
            let open = || documents.next().map(Ok::<_, io::Error>);
            let (totals, _) = stream.clean(open, &mut io::sink(), &mut |_| {}).unwrap();
            assert_eq!(totals.index_disk > 0, memory == 0);
        }
    }
}

#[test]
fn a_run_without_a_folder_for_its_index_does_not_begin() {
    let options = Options::default();
    let mut stream = Stream::new(&options);
    stream.memory = Some(1 << 30);
    stream.spooling.temp_dir = Some("/no such folder".into());
    let mut out = Vec::new();
    let error = stream
        .clean(|| None, &mut out, &mut |_: Finished<io::Error>| {})
        .map(drop)
        .expect_err("there is nowhere to write");
    assert!(matches!(error, StreamError::NoIndex(_)));
    assert!(error.to_string().starts_with("there can be no temporary file for the index in /no such folder"));
}
