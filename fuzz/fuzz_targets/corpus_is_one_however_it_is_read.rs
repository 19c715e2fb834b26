//! What is left of a corpus is the same for pieces of any length, any number of threads and any memory; it is units that were
//! there, in order; and every folded text of the corpus is still there.

#![no_main]

use std::io;
use std::num::NonZeroUsize;

use libfuzzer_sys::fuzz_target;
use tikrar::corpus::{Documents, Finished, Stream, Threads};
use tikrar::source::Opened;
use tikrar_fuzz::choices::Choices;
use tikrar_fuzz::cleaned::without;
use tikrar_fuzz::plainly::{folded, is_part, units};

/// What is written, and what is left of each document.
fn streamed(stream: &Stream<'_>, documents: &[Vec<u8>]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (mut out, mut cuts) = (Vec::new(), vec![Vec::new(); documents.len()]);
    let mut files = documents.iter();
    let open = || {
        let reader = Box::new(io::Cursor::new(files.next()?.clone()));
        Some(Ok(Documents::Text(Box::new(Opened { head: Vec::new(), reader, file: None, raw: None }))))
    };
    let mut finished = |event: Finished<io::Error>| {
        if let Finished::Cut { file, cuts: more, .. } = event {
            cuts[file].extend(more.stretches);
        }
    };
    if let Err(error) = stream.clean(open, &mut out, &mut finished) {
        panic!("{error}");
    }
    let left = documents.iter().zip(&cuts).map(|(document, cuts)| without(document, cuts)).collect();
    (out, left)
}

/// Lines enough that an index in little memory is put down on disk.
fn many_lines() -> Vec<u8> {
    (0..3500).flat_map(|n| format!("ك{n}\n").into_bytes()).collect()
}

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices::of(bytes);
    let options = choices.options();
    let (piece, choice) = (choices.byte(), choices.byte());
    let text = choices.text();
    let mut documents: Vec<Vec<u8>> = text.split(|&byte| byte == 0).map(<[u8]>::to_vec).collect();
    let is_spilled = choice % 64 == 1;
    if is_spilled {
        documents.insert(documents.len() / 2, many_lines());
    }
    let mut stream = Stream::new(&options);
    stream.threads = Threads::ONE;
    let (whole, left) = streamed(&stream, &documents);
    stream.piece = if is_spilled { 1 << 15 } else { usize::from(piece) + 1 };
    stream.spooling.hold = u64::from(piece);
    stream.memory = (choice % 2 == 1).then_some(0);
    stream.threads = Threads::AtMost(NonZeroUsize::MIN.saturating_add(usize::from(choice / 2 % 3)));
    assert!((&whole, &left) == (&streamed(&stream, &documents).0, &left), "the same is written");

    let all = |documents: &[Vec<u8>]| -> Vec<Vec<Vec<u8>>> {
        documents.iter().map(|document| units(options.unit, document)).collect()
    };
    let (before, after) = (all(&documents), all(&left));
    for (before, after) in before.iter().zip(&after) {
        assert!(is_part(after, before), "what is left are units that were there");
    }
    assert_eq!(folded(options.folds, &after.concat()), folded(options.folds, &before.concat()));
    let written: usize = left.iter().map(Vec::len).sum();
    assert!(whole.len() <= written + 2 * documents.len());
});
