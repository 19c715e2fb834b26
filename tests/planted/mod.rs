//! What is planted in the database of an index, behind checksums that are right.

use std::fs;
use std::path::Path;

use redb::{Database, WriteTransaction};
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// What an index begins with.
const HEAD: usize = 16;
const PAGE: usize = 4096;
/// A page and its checksum.
const STORED: usize = PAGE + 16;

/// The database of an index without checksums, which is an index of format 1.
pub(crate) fn bare(index: &[u8]) -> Vec<u8> {
    let stored = index[HEAD..].chunks_exact(STORED);
    assert!(stored.remainder().is_empty());
    // The first page is there twice.
    stored.skip(1).flat_map(|page| &page[..PAGE]).copied().collect()
}

/// The index of a database.
fn index(head: &[u8], bare: &[u8]) -> Vec<u8> {
    let stored = |(number, page): (u64, &[u8])| {
        let sum = xxh3_128_with_seed(page, number).to_le_bytes();
        [page, &sum].concat()
    };
    let mut bytes = head.to_vec();
    bytes.extend(stored((0, &bare[..PAGE])));
    bytes.extend((0..).zip(bare.chunks_exact(PAGE)).flat_map(stored));
    bytes
}

/// Changes something in the tables of an index.
pub(crate) fn plant(path: &Path, plant: impl FnOnce(&WriteTransaction)) {
    let before = fs::read(path).unwrap();
    let at = path.with_extension("bare");
    fs::write(&at, bare(&before)).unwrap();
    let database = Database::open(&at).unwrap();
    let transaction = database.begin_write().unwrap();
    plant(&transaction);
    transaction.commit().unwrap();
    drop(database);
    fs::write(path, index(&before[..HEAD], &fs::read(&at).unwrap())).unwrap();
    fs::remove_file(&at).unwrap();
}
