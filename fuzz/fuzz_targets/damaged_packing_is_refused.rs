//! A packed file that is damaged is an error, or unpacked it is all that was packed; only a file that ends where one of its members
//! does is what was packed up to there. Any bytes as a packed file come to an end.

#![no_main]

use std::io::{Read as _, Write as _};

use libfuzzer_sys::fuzz_target;
use tikrar::sink::Packer;
use tikrar::source::{Codec, Input, ReadOptions, Source};
use tikrar_fuzz::choices::Choices;
use tikrar_fuzz::damage::damage;
use tikrar_fuzz::on_disk;

const CODECS: [Codec; 4] = [Codec::Gzip, Codec::Zstd, Codec::Bzip2, Codec::Xz];

fn packed(codec: Codec, bytes: &[u8]) -> Vec<u8> {
    let mut packer = Packer::new(Some(codec), Vec::new()).expect("it can be packed");
    packer.write_all(bytes).expect("a vector can be written");
    packer.finish().expect("a vector can be written")
}

/// At most so much of what is in a file, and whether it was packed.
fn unpacked(name: &str, file: &[u8], most: u64) -> Result<(Vec<u8>, bool), ()> {
    let path = on_disk::file(name, file);
    let source = Source::open(&Input::File(path), &ReadOptions::default()).map_err(drop)?;
    let is_packed = source.codec.is_some();
    let mut bytes = Vec::new();
    source.into_reader().take(most).read_to_end(&mut bytes).map_err(drop)?;
    Ok((bytes, is_packed))
}

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices::of(bytes);
    let choice = choices.byte();
    let codec = CODECS[usize::from(choice) % CODECS.len()];
    let name = ["a.txt.gz", "a.txt.zst", "a.txt.bz2", "a.txt.xz"][usize::from(choice) % CODECS.len()];
    if choice / 4 % 2 == 1 {
        let _ = unpacked(name, choices.rest(), 1 << 20);
        return;
    }
    // Two members, the first of them with some of the text.
    let mut of_damage = choices.several(24);
    let text = choices.rest();
    let split = text.len() * usize::from(choice / 8) / 31;
    let members = [&text[..split], &text[split..]].map(|text| packed(codec, text));
    let whole = members.concat();
    let mut damaged = whole.clone();
    damage(&mut of_damage, &mut damaged);
    let Ok((found, is_packed)) = unpacked(name, &damaged, u64::MAX) else {
        assert_ne!(damaged, whole, "what is whole can be read");
        return;
    };
    if !is_packed {
        assert_eq!(found, damaged, "it does not begin as what is packed");
    } else if found != text {
        assert_eq!(found, text[..split], "all that is there, or up to the end of a member");
        assert!(damaged.len() >= members[0].len());
    }
});
