//! A stream writes the same for pieces of any length and any number of threads, and no byte that was not there.

#![no_main]

use std::io;
use std::num::NonZeroUsize;

use libfuzzer_sys::fuzz_target;
use tikrar::corpus::{Documents, Finished, Options, Stream, Threads};
use tikrar::source::Opened;

fn streamed(stream: &Stream<'_>, documents: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut documents = documents.iter();
    let open = || {
        let reader = Box::new(io::Cursor::new(documents.next()?.to_vec()));
        Some(Ok(Documents::Text(Box::new(Opened { head: Vec::new(), reader, file: None, raw: None }))))
    };
    let mut finished = |_: Finished<io::Error>| {};
    if let Err(error) = stream.clean(open, &mut out, &mut finished) {
        panic!("{error}");
    }
    out
}

fuzz_target!(|bytes: &[u8]| {
    let [words, piece, bytes @ ..] = bytes else { return };
    let mut options = Options::default();
    options.min_words = options.min_words.min((u32::from(words % 12) + 1).try_into().unwrap_or(options.min_words));
    let documents: Vec<&[u8]> = bytes.split(|&byte| byte == 0).collect();
    let mut stream = Stream::new(&options);
    stream.threads = Threads::ONE;
    let whole = streamed(&stream, &documents);
    stream.piece = usize::from(*piece) + 1;
    stream.spooling.hold = u64::from(*piece);
    stream.threads = Threads::AtMost(NonZeroUsize::MIN.saturating_add(2));
    assert_eq!(whole, streamed(&stream, &documents));
    assert!(whole.len() <= bytes.len() + 2 * documents.len());
});
