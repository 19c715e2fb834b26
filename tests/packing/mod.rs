//! Files that are packed.

use std::io::{Read as _, Write as _};
use std::path::Path;

use tikrar::sink::Packer;
use tikrar::source::{Codec, Input, ReadOptions, Source};

pub(crate) fn packed(codec: Codec, bytes: &[u8]) -> Vec<u8> {
    let mut packer = Packer::new(Some(codec), Vec::new()).unwrap();
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

pub(crate) fn unpacked(path: &Path) -> Vec<u8> {
    let source = Source::open(&Input::File(path.to_owned()), &ReadOptions::default()).unwrap();
    assert!(source.codec.is_some());
    let mut bytes = Vec::new();
    source.into_reader().read_to_end(&mut bytes).unwrap();
    bytes
}
