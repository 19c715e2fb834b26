//! Pages that are known to be as they were written.
//!
//! The database does not look at what it reads: of a damaged page it takes what makes no sense for a key or a place, panics, or ends
//! the process. So each of its pages lies in the file with a checksum behind it, and to read one that does not agree is an error.
//!
//! | at | what |
//! | --- | --- |
//! | 0 | [`MAGIC`] |
//! | 16 | page 0 |
//! | 16 + 4112 | page 0 once more |
//! | 16 + (N + 1) · 4112 | page N |
//!
//! Of a page 4096 bytes are the database's, and 16 the XXH3 of these (128 bits, least significant byte first; the seed is N, so that
//! a page that belongs elsewhere is none here). Between runs every byte that is read lies under a checksum.
//!
//! **Page 0** is where a commit takes hold. It is written in place, and the database lives with half of such a write by a checksum
//! for each half; behind a checksum for all of it a write that was cut short would leave no page 0 at all. So there are two. A write
//! goes to the first; when it is on the disk, the second is written too and brought to the disk, before the database, and with it the
//! run, learns that it is done. Thus one of them is always whole, the first if it is, and the second is older than it by no more than a write
//! that nobody was told of. Where they differ when the file is opened to be written, the first that is whole is written over the other
//! before anything else. A store that was closed, or whose run was told that it is added, has the same in both: damage to
//! one of them changes nothing, and never brings back an older state. Only where a run was killed between the two writes and the
//! first is damaged thereafter is the store as before that run; and that run did not end well.
//!
//! **All other pages** are written where nothing is that is committed, and are on the disk before the commit is. What was cut short of them is
//! read by nobody: recovery starts from the committed page 0 and, as each run commits in two steps and with the list of free pages, goes through nothing else.

use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use redb::StorageBackend;

/// What a file begins with. The last number is that of the way in which stores are kept.
pub(super) const MAGIC: [u8; 16] = *b"tikrar index\r\n\0\x02";

const PAGE: usize = 4096;
const SUM: usize = 16;
/// A page with its checksum.
const STORED: usize = PAGE + SUM;

/// A database within a file that has checksums.
#[derive(Debug)]
pub(super) struct Checked<B> {
    file: B,
    /// Whether it is being made: then it is zeros where nothing was written, and the database reads those.
    is_new: bool,
    /// The first page as it was written last, while the second copy does not have it yet.
    ahead: Mutex<Option<Vec<u8>>>,
    outcome: Outcome,
}

/// Whether all could be done that a file was asked for. The database tells nobody of what fails while it is closed.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome(Arc<Mutex<Option<io::Error>>>);

impl Outcome {
    /// After the database was closed.
    ///
    /// # Errors
    /// The first thing that could not be done.
    pub(super) fn into_result(self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }

    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result {
            let alike = || error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
            self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(alike);
        }
        result
    }
}

fn damaged(page: u64) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("page {page} is not what was written there"))
}

fn missing() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

/// Where the page with this number is stored, counted with the copy of the first.
fn place(stored: u64) -> io::Result<u64> {
    let at = stored.checked_mul(STORED as u64).and_then(|at| at.checked_add(MAGIC.len() as u64));
    at.ok_or_else(missing)
}

/// The pages that a stretch lies on.
fn pages(offset: u64, len: usize) -> io::Result<Range<u64>> {
    let end = offset.checked_add(len as u64).ok_or_else(missing)?;
    Ok(offset / PAGE as u64..end.div_ceil(PAGE as u64))
}

fn sum(page: u64, bytes: &[u8]) -> [u8; SUM] {
    xxhash_rust::xxh3::xxh3_128_with_seed(bytes, page).to_le_bytes()
}

/// Whole pages as they are stored.
fn sealed(first: u64, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(content.len() / PAGE * STORED);
    for (number, page) in (first..).zip(content.chunks_exact(PAGE)) {
        bytes.extend_from_slice(page);
        bytes.extend_from_slice(&sum(number, page));
    }
    bytes
}

impl<B: StorageBackend> Checked<B> {
    /// The database in this file, which begins with [`MAGIC`] or is empty.
    ///
    /// # Errors
    /// The file can't be read, ends within a page, or has no first page.
    pub(super) fn new(file: B) -> io::Result<Checked<B>> {
        let is_new = file.len()? == 0;
        let checked = Checked { file, is_new, ahead: Mutex::new(None), outcome: Outcome::default() };
        if !is_new {
            checked.len()?;
            checked.level()?;
        }
        Ok(checked)
    }

    /// What will have come of it.
    pub(super) fn outcome(&self) -> Outcome {
        self.outcome.clone()
    }

    /// Makes both copies of the first page one.
    fn level(&self) -> io::Result<()> {
        let copies = [self.copy(0)?, self.copy(1)?];
        let [first, second] = &copies;
        let (whole, to) = match (self.is_whole(0, first), self.is_whole(0, second)) {
            (true, _) if first == second => return Ok(()),
            (true, _) => (first, 1),
            (false, true) => (second, 0),
            (false, false) => return Err(damaged(0)),
        };
        self.file.write(place(to)?, whole)?;
        self.file.sync_data(false)
    }

    fn copy(&self, stored: u64) -> io::Result<Vec<u8>> {
        self.file.read(place(stored)?, STORED)
    }

    fn first(&self) -> io::Result<Vec<u8>> {
        for stored in [0, 1] {
            let mut bytes = self.copy(stored)?;
            if self.is_whole(0, &bytes) {
                bytes.truncate(PAGE);
                return Ok(bytes);
            }
        }
        Err(damaged(0))
    }

    fn is_whole(&self, page: u64, stored: &[u8]) -> bool {
        let (content, told) = stored.split_at(PAGE);
        told == sum(page, content) || self.is_new && stored.iter().all(|&byte| byte == 0)
    }

    /// Pages behind the first.
    fn read_pages(&self, pages: Range<u64>) -> io::Result<Vec<u8>> {
        let count = usize::try_from(pages.end.saturating_sub(pages.start)).ok();
        let len = count.and_then(|count| count.checked_mul(STORED)).ok_or_else(missing)?;
        if len == 0 {
            return Ok(Vec::new());
        }
        let mut bytes = self.file.read(place(pages.start + 1)?, len)?;
        for (at, page) in pages.enumerate() {
            let start = at * STORED;
            if !self.is_whole(page, &bytes[start..start + STORED]) {
                return Err(damaged(page));
            }
            // To the front, where the checksums before it have made room.
            bytes.copy_within(start..start + PAGE, at * PAGE);
        }
        bytes.truncate(len / STORED * PAGE);
        Ok(bytes)
    }

    fn whole_pages(&self, pages: Range<u64>) -> io::Result<Vec<u8>> {
        if pages.start > 0 {
            return self.read_pages(pages);
        }
        let mut bytes = self.first()?;
        bytes.append(&mut self.read_pages(1..pages.end)?);
        Ok(bytes)
    }

    fn ahead(&self) -> std::sync::MutexGuard<'_, Option<Vec<u8>>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B: StorageBackend> Checked<B> {
    fn read_checked(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        if len == 0 {
            return Ok(Vec::new());
        }
        let mut bytes = self.whole_pages(pages(offset, len)?)?;
        let start = (offset % PAGE as u64) as usize;
        bytes.truncate(start + len);
        bytes.drain(..start);
        Ok(bytes)
    }

    fn set_len_behind(&self, len: u64) -> io::Result<()> {
        let before = self.file.len()?;
        let after = place(len.div_ceil(PAGE as u64).saturating_add(1))?;
        self.file.set_len(after)?;
        if before == 0 {
            self.file.write(0, &MAGIC)?;
        }
        // A first page that tells of more than there is would be refused, and could be on the disk earlier than the length.
        if after > before { self.file.sync_data(false) } else { Ok(()) }
    }

    fn sync_both(&self, eventual: bool) -> io::Result<()> {
        self.file.sync_data(eventual)?;
        let mut ahead = self.ahead();
        if let Some(first) = &*ahead {
            self.file.write(place(1)?, first)?;
            self.file.sync_data(eventual)?;
        }
        *ahead = None;
        Ok(())
    }

    fn write_sealed(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let pages = pages(offset, data.len())?;
        let start = (offset % PAGE as u64) as usize;
        let mut stored = if start == 0 && data.len().is_multiple_of(PAGE) {
            sealed(pages.start, data)
        } else {
            // Of the first page the database writes the beginning only.
            let mut content = self.whole_pages(pages.clone())?;
            content[start..start + data.len()].copy_from_slice(data);
            sealed(pages.start, &content)
        };
        if pages.start > 0 {
            return self.file.write(place(pages.start + 1)?, &stored);
        }
        let others = stored.split_off(stored.len().min(STORED));
        let mut ahead = self.ahead();
        self.file.write(place(0)?, &stored)?;
        *ahead = Some(stored);
        if others.is_empty() { Ok(()) } else { self.file.write(place(2)?, &others) }
    }
}

impl<B: StorageBackend> StorageBackend for Checked<B> {
    fn len(&self) -> io::Result<u64> {
        let len = self.file.len()?;
        if len == 0 {
            return Ok(0);
        }
        let stored = len.checked_sub(MAGIC.len() as u64).ok_or_else(missing)?;
        let pages = (stored / STORED as u64).checked_sub(1).filter(|&pages| pages > 0).ok_or_else(missing)?;
        if stored % STORED as u64 == 0 { Ok(pages * PAGE as u64) } else { Err(missing()) }
    }

    fn read(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        self.outcome.note(self.read_checked(offset, len))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.outcome.note(self.set_len_behind(len))
    }

    fn sync_data(&self, eventual: bool) -> io::Result<()> {
        self.outcome.note(self.sync_both(eventual))
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.outcome.note(self.write_sealed(offset, data))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

    use std::convert::Infallible;
    use std::fs;
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::fold::Level;
    use crate::index::store::{Access, Layout, Store, builder, verify};
    use crate::index::{KnownDocument, Recognised};
    use crate::key::{Key, KeyVersion};
    use crate::unit::UnitKind;

    const CACHE: usize = 1 << 20;
    const WINDOWS: u64 = 500;

    #[derive(Clone, Debug)]
    enum Done {
        Write(u64, Vec<u8>),
        Len(u64),
        Sync,
    }

    impl Done {
        /// Done to a file, or a part of it: what is written lands where the bits are, first half and second half.
        fn on(&self, file: &mut Vec<u8>, halves: u8) {
            match self {
                Done::Write(offset, data) => {
                    let half = data.len() / 2;
                    for (bit, part) in [(1, 0..half), (2, half..data.len())] {
                        if halves & bit != 0 {
                            let at = *offset as usize;
                            file[at + part.start..at + part.end].copy_from_slice(&data[part]);
                        }
                    }
                }
                Done::Len(len) => file.resize(*len as usize, 0),
                Done::Sync => {}
            }
        }
    }

    /// A file in memory, and all that was done to it.
    #[derive(Clone, Debug, Default)]
    struct Recorded(Arc<Mutex<(Vec<u8>, Vec<Done>)>>);

    impl Recorded {
        fn of(bytes: Vec<u8>) -> Recorded {
            Recorded(Arc::new(Mutex::new((bytes, Vec::new()))))
        }

        fn do_it(&self, done: Done) {
            let (file, all) = &mut *self.0.lock().unwrap();
            done.on(file, 3);
            all.push(done);
        }

        fn done(&self) -> Vec<Done> {
            self.0.lock().unwrap().1.clone()
        }
    }

    impl StorageBackend for Recorded {
        fn len(&self) -> io::Result<u64> {
            Ok(self.0.lock().unwrap().0.len() as u64)
        }

        fn read(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
            let file = &self.0.lock().unwrap().0;
            file.get(offset as usize..offset as usize + len).map(<[u8]>::to_vec).ok_or_else(missing)
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            self.do_it(Done::Len(len));
            Ok(())
        }

        fn sync_data(&self, _: bool) -> io::Result<()> {
            self.do_it(Done::Sync);
            Ok(())
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.do_it(Done::Write(offset, data.to_vec()));
            Ok(())
        }
    }

    fn key(n: u64) -> Key {
        Key::from(xxhash_rust::xxh3::xxh3_128(&n.to_le_bytes()))
    }

    fn version() -> KeyVersion {
        KeyVersion::new(Level::Typography.folds(), UnitKind::Line, 10)
    }

    /// Adds the run with this number, of as many windows of its own.
    fn add(store: &Store, run: u64) {
        let first = run * WINDOWS;
        let windows = (first..first + WINDOWS).map(|n| Ok::<_, Infallible>((key(n), n + 1)));
        let document = KnownDocument { first, lines: WINDOWS, name: run.to_string(), as_read: 1, as_left: 1 };
        store.add(windows, [Ok(document)], first + WINDOWS, Recognised::ByText).unwrap();
    }

    /// How many runs it has, all of which must be there.
    #[track_caller]
    fn runs(path: &Path) -> u64 {
        let (contents, faults) = verify(path, CACHE).unwrap();
        assert_eq!(faults, []);
        assert_eq!(contents.windows, contents.runs * WINDOWS);
        let view = Store::look(path, CACHE).unwrap().view().unwrap();
        for n in (0..contents.windows + 40).step_by(97) {
            assert_eq!(view.first(key(n)).unwrap(), (n < contents.windows).then_some(n + 1));
        }
        contents.runs
    }

    #[test]
    fn whatever_is_cut_short_the_store_is_as_before_a_run_or_as_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("news.index");
        for run in 0..2 {
            add(&Store::open(&path, &version(), CACHE).unwrap(), run);
        }
        let before = fs::read(&path).unwrap();
        let recorded = Recorded::of(before.clone());
        let store = Store::of(&path, Access::Write, CACHE, || {
            Ok(Some((builder(CACHE).create_with_backend(Checked::new(recorded.clone())?)?, Layout::Checked)))
        });
        let store = store.unwrap();
        // How many runs there are at least, when so much is done.
        let mut told = vec![(0, 2)];
        for run in 2..5 {
            add(&store, run);
            told.push((recorded.done().len(), run + 1));
        }
        drop(store);
        let done = recorded.done();
        let at_least = |done| told.iter().rfind(|(at, _)| *at <= done).unwrap().1;

        let cut_short = folder.path().join("cut.index");
        let (mut synced, mut killed) = (before.clone(), before);
        let mut waiting: Vec<&Done> = Vec::new();
        let mut state = 11_u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for (at, one) in done.iter().enumerate() {
            for halves in [1, 2] {
                // The process ends, and all that it did before is there; or the machine does, and any part of what was not synced is.
                let mut file = killed.clone();
                if halves == 2 {
                    file.clone_from(&synced);
                    waiting.iter().for_each(|done| done.on(&mut file, random() % 4));
                }
                one.on(&mut file, halves);
                fs::write(&cut_short, &file).unwrap();
                let found = runs(&cut_short);
                assert!((at_least(at)..=at_least(at) + 1).contains(&found), "{found} runs, at {at}: {one:?}");
                if at % 9 == 0 {
                    (found..6).for_each(|run| add(&Store::open(&cut_short, &version(), CACHE).unwrap(), run));
                    assert_eq!(runs(&cut_short), 6);
                }
            }
            one.on(&mut killed, 3);
            waiting.push(one);
            if !matches!(one, Done::Write(..)) {
                synced.clone_from(&killed);
                waiting.clear();
            }
        }
        assert_eq!(runs(&path), 2, "the file itself was not touched");
    }

    #[test]
    fn pages_are_read_and_written_in_any_parts() {
        let recorded = Recorded::default();
        let checked = Checked::new(recorded.clone()).unwrap();
        checked.set_len(4 * 4096).unwrap();
        assert_eq!(checked.len().unwrap(), 4 * 4096);
        assert_eq!(recorded.len().unwrap(), 16 + 5 * 4112);
        let mut wanted = vec![0; 4 * 4096];
        assert_eq!(checked.read(0, 4 * 4096).unwrap(), wanted);
        for (at, len) in
            [(0, 320), (4096, 4096), (0, 4096), (8192, 8192), (4000, 200), (5, 0), (0, 3 * 4096), (64, 128)]
        {
            let bytes: Vec<u8> = (0..len).map(|n| (n * 7 + at + 1) as u8).collect();
            checked.write(at as u64, &bytes).unwrap();
            wanted[at..at + len].copy_from_slice(&bytes);
            assert_eq!(checked.read(0, 4 * 4096).unwrap(), wanted);
            assert_eq!(checked.read(at as u64, len).unwrap(), bytes);
        }
        checked.sync_data(false).unwrap();
        assert!(checked.read(4 * 4096 - 1, 2).is_err());
        assert!(checked.read(u64::MAX - 10, 5).is_err());
        assert!(checked.read(4096, usize::MAX - 8192).is_err());

        let sound = recorded.0.lock().unwrap().0.clone();
        assert_eq!(sound[16..16 + 4112], sound[16 + 4112..16 + 2 * 4112]);
        let opened = |bytes: &[u8]| Checked::new(Recorded::of(bytes.to_vec()));
        let all = |bytes: &[u8]| opened(bytes)?.read(0, 4 * 4096);
        assert_eq!(all(&sound).unwrap(), wanted);
        for at in (16..sound.len()).step_by(61) {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x10;
            match all(&bytes) {
                Ok(read) => assert!(at < 16 + 2 * 4112 && read == wanted),
                Err(_) => assert!(at >= 16 + 2 * 4112),
            }
        }
        for len in (1..sound.len()).step_by(61) {
            assert!(opened(&sound[..len]).is_err());
        }
        // Pages that are whole, but at each other's place; and one that was made anew of zeros.
        let (one, other) = (16 + 3 * 4112, 16 + 4 * 4112);
        let exchanged = [&sound[..one], &sound[other..], &sound[one..other]].concat();
        assert!(all(&exchanged).is_err());
        assert!(all(&[&sound[..other], &[0; 4112]].concat()).is_err());
    }
}
