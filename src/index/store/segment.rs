//! Windows as they lie in a store.
//!
//! What a run adds becomes a segment: a table of blocks, each with as many windows as fit on a page, by the key of its
//! first. No key is in two segments. When a segment is not much smaller than the one before, both become one, as do those before
//! that. So there are few, a page is full, and a small run writes little however large the store is. Single windows in one
//! B-tree would take two to four times the room, because keys are hashes and fall on every page.

use std::collections::BTreeMap;

use redb::{ReadOnlyTable, ReadableTable, Table, TableDefinition, WriteTransaction};

use super::closing::Closing;
use super::error::Fault;
use super::sorted::{BYTES, Entry, Sorted, bytes, entry};

type Key = [u8; 16];

/// How many windows there are in a block: as many as a page of 4096 bytes holds beside the block's key.
const BLOCK: usize = 169;
/// Segments of at most so many are put together in any case.
const SMALL: u64 = 1 << 16;

/// What a segment's table is called.
pub(super) fn name(number: u32) -> String {
    format!("windows {number}")
}

/// First key of a block → its windows, each a key (16 bytes, most significant first) and its place (8 bytes, likewise).
pub(super) fn definition(name: &str) -> TableDefinition<'_, &'static [u8; 16], &'static [u8]> {
    TableDefinition::new(name)
}

pub(super) fn key_bytes(entry: &Entry) -> Key {
    let mut key = [0; 16];
    key.copy_from_slice(&bytes(*entry)[..16]);
    key
}

fn windows(block: &[u8]) -> Result<&[[u8; BYTES]], Fault> {
    match block.as_chunks() {
        (windows, []) if !windows.is_empty() => Ok(windows),
        _ => Err(Fault::Wrong("a block of windows is cut off".to_owned())),
    }
}

fn find(windows: &[[u8; BYTES]], key: &Key) -> Option<u64> {
    let at = windows.binary_search_by(|window| window[..16].cmp(key)).ok()?;
    windows.get(at).map(|window| entry(window)[2])
}

/// The place of a window in one segment.
pub(super) fn first(
    segment: &ReadOnlyTable<&'static [u8; 16], &'static [u8]>,
    key: &Key,
) -> Result<Option<u64>, Fault> {
    match segment.range::<&[u8; 16]>(..=key)?.next_back() {
        Some(block) => Ok(find(windows(block?.1.value())?, key)),
        None => Ok(None),
    }
}

/// Looks up keys that come in order, so that most lie in the block of the one before.
pub(super) struct Cursor<T> {
    segment: Closing<T>,
    block: Vec<[u8; BYTES]>,
}

impl<T: ReadableTable<&'static [u8; 16], &'static [u8]>> Cursor<T> {
    pub(super) fn new(segment: Closing<T>) -> Cursor<T> {
        Cursor { segment, block: Vec::new() }
    }

    pub(super) fn has(&mut self, key: &Key) -> Result<bool, Fault> {
        let is_within = |block: &[[u8; BYTES]]| {
            block.first().zip(block.last()).is_some_and(|(first, last)| first[..16] <= key[..] && last[..16] >= key[..])
        };
        if !is_within(&self.block) {
            let Some(block) = self.segment.range::<&[u8; 16]>(..=key)?.next_back() else { return Ok(false) };
            self.block.clear();
            self.block.extend_from_slice(windows(block?.1.value())?);
        }
        Ok(find(&self.block, key).is_some())
    }
}

/// All windows of a segment, in order.
pub(super) fn all<'a>(
    segment: &'a impl ReadableTable<&'static [u8; 16], &'static [u8]>,
) -> Result<impl Iterator<Item = Result<Entry, Fault>> + 'a, Fault> {
    let blocks = segment.iter()?;
    Ok(blocks.flat_map(|block| {
        let block = block.map_err(Fault::from).and_then(|block| Ok(windows(block.1.value())?.to_vec()));
        let (windows, fault) = match block {
            Ok(windows) => (windows, None),
            Err(fault) => (Vec::new(), Some(Err(fault))),
        };
        windows.into_iter().map(|window| Ok(entry(&window))).chain(fault)
    }))
}

/// Segments in order of their keys. Of one key the first segment's window comes first.
pub(super) fn merged<'a>(
    segments: Vec<Box<dyn Iterator<Item = Result<Entry, Fault>> + 'a>>,
) -> impl Iterator<Item = Result<Entry, Fault>> + 'a {
    let mut segments: Vec<_> = segments.into_iter().map(Iterator::peekable).collect();
    std::iter::from_fn(move || {
        // There are few.
        let mut least: Option<(usize, Entry)> = None;
        for (at, segment) in segments.iter_mut().enumerate() {
            match segment.peek() {
                Some(Ok(entry)) if least.is_none_or(|(_, least)| entry[..2] < least[..2]) => least = Some((at, *entry)),
                Some(Ok(_)) | None => {}
                Some(Err(_)) => return segment.next(),
            }
        }
        segments[least?.0].next()
    })
}

/// Writes a segment, of windows that come in order.
struct Writer<'t> {
    table: Closing<Table<'t, &'static [u8; 16], &'static [u8]>>,
    block: Vec<u8>,
    written: u64,
}

impl<'t> Writer<'t> {
    fn new(transaction: &'t WriteTransaction, number: u32) -> Result<Writer<'t>, Fault> {
        let table = Closing::new(transaction.open_table(definition(&name(number)))?);
        Ok(Writer { table, block: Vec::with_capacity(BLOCK * BYTES), written: 0 })
    }

    fn write(&mut self, entry: Entry) -> Result<(), Fault> {
        self.block.extend_from_slice(&bytes(entry));
        self.written += 1;
        if self.block.len() == BLOCK * BYTES { self.end_block() } else { Ok(()) }
    }

    fn end_block(&mut self) -> Result<(), Fault> {
        if let Some(key) = self.block.first_chunk::<16>() {
            self.table.insert(key, &*self.block)?;
        }
        self.block.clear();
        Ok(())
    }

    /// How many were written.
    fn finish(mut self) -> Result<u64, Fault> {
        self.end_block()?;
        Ok(self.written)
    }
}

/// The number after that of a segment. There are enough for any number of runs.
fn following(number: u32) -> Result<u32, Fault> {
    number.checked_add(1).ok_or_else(|| Fault::Wrong("there are too many segments".to_owned()))
}

/// Adds windows whose keys are in no segment, which come in order. The segments that are not much larger than what comes after
/// them are put together with it. `segments` has the number of windows of each.
pub(super) fn add(
    transaction: &WriteTransaction,
    segments: &mut BTreeMap<u32, u64>,
    windows: &Sorted,
) -> Result<(), Fault> {
    let mut total = windows.len();
    if total == 0 {
        return Ok(());
    }
    let number = segments.last_key_value().map_or(Ok(0), |(&last, _)| following(last))?;
    let mut together = Vec::new();
    for (&number, &windows) in segments.iter().rev() {
        if windows > (4 * total).max(SMALL) {
            break;
        }
        together.push(number);
        total += windows;
    }
    let mut writer = Writer::new(transaction, number)?;
    let names: Vec<String> = together.iter().map(|&number| name(number)).collect();
    {
        let tables = names.iter().map(|name| transaction.open_table(definition(name)).map(Closing::new));
        let tables = tables.collect::<Result<Vec<_>, _>>()?;
        let mut sources: Vec<Box<dyn Iterator<Item = Result<Entry, Fault>> + '_>> = Vec::new();
        for table in &tables {
            sources.push(Box::new(all(&**table)?));
        }
        sources.push(Box::new(windows.iter()?.map(|entry| Ok(entry?))));
        for entry in merged(sources) {
            writer.write(entry?)?;
        }
    }
    segments.retain(|number, _| !together.contains(number));
    segments.insert(number, writer.finish()?);
    for name in &names {
        transaction.delete_table(definition(name))?;
    }
    Ok(())
}
