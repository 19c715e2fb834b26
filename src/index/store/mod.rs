//! The index in a file, which is kept between runs.
//!
//! The lines of all documents that were ever cleaned with it are numbered through, from 1: a place is such a number. A run
//! goes on where the last one ended. The file is a [redb](https://docs.rs/redb) database with these tables:
//!
//! | table | what it has |
//! | --- | --- |
//! | `meta` | by name: `format`, of which kind the keys are (`rules`, `folds`, `unit`, `min-words`), `lines` and `runs` so far, the `tikrar` that made it |
//! | `segments` | number → how many windows |
//! | `windows N` | the windows of segment N, in blocks (see `segment`) |
//! | `documents` | the lines before the document → its lines, its name, the hashes of its text as it was read and as it was left |
//! | `identities` | ([identity](super::identity), the lines before a document that has it) → nothing |
//!
//! A run is one transaction, so a store is as before it or as after it. A window takes 24 bytes and a document some 300; with
//! what is free for later runs that came to 42 bytes a window on the disk, where documents had 20. The file is longer than
//! that, because it grows by doubling.
//!
//! The pages of the database lie in the file with a checksum behind each (see `checked`), so a file that is damaged gives errors, or
//! what it would give whole. It is not gone through when it is opened, so what is damaged may come up only later, or not at all but
//! by [`verify`].

mod add;
mod bounded;
mod checked;
mod closing;
mod error;
mod kind;
mod merge;
mod meta;
mod segment;
mod sorted;
mod untouched;
mod verify;
mod view;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use redb::{Builder, Database, ReadableTable, ReadableTableMetadata, TableDefinition};

pub use error::{AddError, StoreError};
pub use kind::KeptVersion;
pub use merge::{MergeError, merge};
pub use verify::{Fault as WhatIsWrong, verify};
pub use view::View;

use super::{KnownDocument, Recognised};
use crate::guard::guarded;
use crate::key::{Key, KeyVersion};
use crate::sink::{AtomicFile, PlaceError};
use add::{Adding, Links, link, sorted};
use bounded::Bounded;
use checked::Checked;
use closing::Closing;
use error::{AddFault, Fault};
use meta::Meta;
use sorted::Sorter;
use untouched::Untouched;
use view::Tables;

/// The number of the way in which stores are kept.
pub const FORMAT: u32 = 2;

const META: TableDefinition<'static, &'static str, &'static str> = TableDefinition::new("meta");
const SEGMENTS: TableDefinition<'static, u32, u64> = TableDefinition::new("segments");
const DOCUMENTS: TableDefinition<'static, u64, DocumentRow> = TableDefinition::new("documents");
const IDENTITIES: TableDefinition<'static, (u128, u64), ()> = TableDefinition::new("identities");

/// Lines, name, hashes of the text as it was read and as it was left.
type DocumentRow = (u64, &'static str, u128, u128);

/// What a redb database begins with, and so a store of format 1.
const BARE: [u8; 9] = *b"redb\x1a\x0a\xa9\x0d\x0a";

/// Number of a segment → how many windows it has. The older ones have the lower numbers.
type Segments = BTreeMap<u32, u64>;

/// How many bytes of a store are held in memory where nothing else is said.
pub const CACHE: usize = 256 << 20;

/// What a store holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Of which kind its keys are.
    pub version: KeptVersion,
    /// The number of documents that have lines.
    pub documents: u64,
    /// The number of distinct windows.
    pub windows: u64,
    /// The number of lines.
    pub lines: u64,
    /// How many runs added to it.
    pub runs: u64,
    /// The version of the tikrar that made it.
    pub made_by: String,
    /// How long the file is.
    pub bytes: u64,
}

/// An open store. No other run can have the file meanwhile, except that several may read it.
#[derive(Debug)]
pub struct Store {
    path: Arc<Path>,
    /// How many bytes of it are held in memory.
    cache: usize,
    /// None where there is no file, which is as if nothing was in it.
    database: Option<Database>,
    meta: Meta,
    lines: AtomicU64,
    is_new: bool,
    is_read_only: bool,
    /// Whether a transaction was left without an end.
    is_broken: AtomicBool,
}

/// How a store is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Write,
    Read,
}

/// How the database lies in a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Checked,
    /// Without checksums.
    Bare,
}

impl Layout {
    /// None of a file that is something else.
    fn of(path: &Path, metadata: &std::fs::Metadata) -> io::Result<Option<Layout>> {
        if !metadata.is_file() {
            return Ok(None);
        }
        let mut head = Vec::new();
        File::open(path)?.take(checked::MAGIC.len() as u64).read_to_end(&mut head)?;
        Ok(match &*head {
            head if head == checked::MAGIC => Some(Layout::Checked),
            head if head.starts_with(&BARE) => Some(Layout::Bare),
            _ => None,
        })
    }
}

impl Store {
    /// Opens the store at `path`, and makes one if there is none, for keys of this version. `cache` is how many bytes of it are
    /// held in memory ([`CACHE`]).
    ///
    /// # Errors
    /// The file holds keys of another version, is of another format or no store at all, is damaged, in use by another process,
    /// or can't be read or written.
    pub fn open(path: &Path, version: &KeyVersion, cache: usize) -> Result<Store, StoreError> {
        let kept = KeptVersion::from(version);
        let is_new = !is_there(path)?;
        if is_new {
            create(path, Meta::new(kept.clone()), cache)?;
        }
        let mut store = Store::open_any(path, Access::Write, cache)?.refuse_others(&kept)?;
        store.is_new = is_new;
        Ok(store)
    }

    /// Opens the store at `path` to read it. The file is not written, not even to note that it was opened, so it may lie where
    /// nothing can be written. Where there is no file, none is made and the store is empty ([`Store::is_new`]): what a first
    /// run would do can be looked at before it.
    ///
    /// # Errors
    /// As those of [`Store::open`].
    pub fn open_read_only(path: &Path, version: &KeyVersion, cache: usize) -> Result<Store, StoreError> {
        let kept = KeptVersion::from(version);
        if is_there(path)? {
            return Store::open_any(path, Access::Read, cache)?.refuse_others(&kept);
        }
        Ok(Store {
            path: path.into(),
            cache,
            database: None,
            meta: Meta::new(kept),
            lines: AtomicU64::new(0),
            is_new: true,
            is_read_only: true,
            is_broken: AtomicBool::new(false),
        })
    }

    /// Opens a store that is there to read it, whatever its keys.
    ///
    /// # Errors
    /// As those of [`Store::open`], or it is not there.
    pub fn look(path: &Path, cache: usize) -> Result<Store, StoreError> {
        Store::open_any(path, Access::Read, cache)
    }

    fn open_any(path: &Path, access: Access, cache: usize) -> Result<Store, StoreError> {
        Store::of(path, access, cache, || {
            let metadata = std::fs::metadata(path)?;
            let is_folder = metadata.is_dir().then(|| io::Error::from(io::ErrorKind::IsADirectory));
            is_folder.map_or(Ok(()), Err)?;
            let Some(layout) = Layout::of(path, &metadata)? else { return Ok(None) };
            let builder = builder(cache);
            let database = match (layout, access) {
                // To see of which format it is.
                (Layout::Bare, _) => builder.create_with_backend(Untouched::new(File::open(path)?)?)?,
                (Layout::Checked, Access::Write) => {
                    let file = File::options().read(true).write(true).open(path)?;
                    builder.create_with_backend(Checked::new(Bounded::new(file)?)?)?
                }
                (Layout::Checked, Access::Read) => {
                    builder.create_with_backend(Checked::new(Untouched::new(File::open(path)?)?)?)?
                }
            };
            Ok(Some((database, layout)))
        })
    }

    /// The store in a database, which is the one at `path`.
    fn of(
        path: &Path,
        access: Access,
        cache: usize,
        open: impl FnOnce() -> Result<Option<(Database, Layout)>, Fault>,
    ) -> Result<Store, StoreError> {
        let open = || {
            let Some((database, layout)) = open()? else { return Ok(None) };
            let transaction = database.begin_read()?;
            // Each in its turn: what else is there depends on the format.
            let table = match transaction.open_table(META) {
                Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
                table => table?,
            };
            let format = table.get("format")?.map(|format| format.value().to_owned());
            let meta = match &format {
                Some(format) if layout == Layout::Checked && *format == FORMAT.to_string() => Some(Meta::read(&table)?),
                _ => None,
            };
            Ok(Some((database, meta, format.unwrap_or_default())))
        };
        let opened = guard(path, open)?;
        let file = || crate::report::shown_name(path);
        let Some((database, meta, format)) = opened else { return Err(StoreError::NotAStore { file: file() }) };
        let Some(meta) = meta else { return Err(StoreError::OtherFormat { file: file(), found: format }) };
        Ok(Store {
            path: path.into(),
            cache,
            database: Some(database),
            lines: AtomicU64::new(meta.lines),
            meta,
            is_new: false,
            is_read_only: access == Access::Read,
            is_broken: AtomicBool::new(false),
        })
    }

    fn refuse_others(self, version: &KeptVersion) -> Result<Store, StoreError> {
        match self.meta.version.differences(version) {
            Some((theirs, ours)) => Err(StoreError::OtherKeys { file: self.name(), theirs, ours }),
            None => Ok(self),
        }
    }

    fn name(&self) -> String {
        crate::report::shown_name(&self.path)
    }

    /// Whether there was no file when it was opened.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// How many lines there are. The places of a run go on behind them.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines.load(Ordering::Relaxed)
    }

    /// Of which kind its keys are.
    #[must_use]
    pub fn version(&self) -> &KeptVersion {
        &self.meta.version
    }

    /// What there is now. What is added later is not seen in it.
    ///
    /// # Errors
    /// The file is damaged, or can't be read.
    pub fn view(&self) -> Result<View, StoreError> {
        let open = || {
            let Some(database) = &self.database else { return Ok(None) };
            let transaction = database.begin_read()?;
            Tables::open(&transaction).map(Some)
        };
        Ok(View { path: Arc::clone(&self.path), lines: self.lines(), tables: self.guarded(open)? })
    }

    /// What it holds, counted.
    ///
    /// # Errors
    /// The file is damaged, or can't be read.
    pub fn contents(&self) -> Result<Contents, StoreError> {
        let count = || {
            let (mut documents, mut windows, mut meta) = (0, 0, self.meta.clone());
            let mut bytes = 0;
            if let Some(database) = &self.database {
                let transaction = database.begin_read()?;
                let tables = Tables::open(&transaction)?;
                documents = tables.documents.len()?;
                windows = tables.windows;
                meta = Meta::read(&transaction.open_table(META)?)?;
                bytes = std::fs::metadata(&self.path)?.len();
            }
            let Meta { version, lines, runs, made_by } = meta;
            Ok(Contents { version, documents, windows, lines, runs, made_by, bytes })
        };
        self.guarded(count)
    }

    /// Adds what a run has found: windows, each with the place where it first began, in any order (those that are known keep
    /// the place that they have); the documents of the run in order, behind [`Store::lines`]; and the number of lines that there
    /// are then. Nothing is added unless all is; when this returns, it is on the disk.
    ///
    /// A document that an earlier run had too, `recognised` by its [identities](super::identity), stands in the store once more only if a window first began
    /// in it; all its identities lead to all its places. A document without lines is left out.
    ///
    /// Windows are sorted 4 million at a time, in memory, or as many as a fifth of the cache holds; where there are more, they wait
    /// in a file without a name beside the store.
    ///
    /// # Errors
    /// What is given is an error, or does not fit on what is there: lines that are taken, a window in no document. Or the file is
    /// damaged or can't be written.
    pub fn add<E>(
        &self,
        windows: impl IntoIterator<Item = Result<(Key, u64), E>>,
        documents: impl IntoIterator<Item = Result<KnownDocument, E>>,
        lines: u64,
        recognised: Recognised,
    ) -> Result<(), AddError<E>> {
        let sort = || {
            let mut sorter = self.sorter();
            for window in windows {
                let (key, place) = window.map_err(AddFault::Given)?;
                let [low, high] = key.halves();
                sorter.push([high, low, place])?;
            }
            Ok(sorter.finish()?)
        };
        let windows = sort().map_err(|fault| AddError::of(&self.path, fault))?;
        self.change(lines, 1, |adding| {
            let mut links = self.sorter();
            let mut recognised = Links::new(self, recognised);
            for document in documents {
                let document = document.map_err(AddFault::Given)?;
                adding.document(&document)?;
                let mut identities = document.identities().map(|identity| link(identity, document.first));
                identities.try_for_each(|link| links.push(link))?;
                recognised.push(&document)?;
            }
            let links = links.finish()?;
            let files = recognised.recognise(adding)?;
            adding.windows(windows.iter()?.map(sorted), self.sorter())?;
            adding.identities(links.iter()?.map(sorted))?;
            adding.files(files.iter()?.map(sorted))
        })
    }

    fn sorter(&self) -> Sorter {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Sorter::new(folder.unwrap_or(Path::new(".")), self.cache)
    }

    /// Changes the store in one transaction.
    fn change<E>(
        &self,
        lines: u64,
        runs: u64,
        add: impl FnOnce(&mut Adding<'_>) -> Result<(), AddFault<E>>,
    ) -> Result<(), AddError<E>> {
        let Some(database) = self.database.as_ref().filter(|_| !self.is_read_only) else {
            return Err(StoreError::ReadOnly { file: self.name() }.into());
        };
        if self.is_broken.load(Ordering::Relaxed) {
            return Err(
                StoreError::of(&self.path, Fault::Wrong("something was wrong with it before".to_owned())).into()
            );
        }
        let change = || {
            let mut transaction = Closing::new(database.begin_write()?);
            // So that a store is not gone through from end to end when it is opened after a run was killed.
            transaction.set_quick_repair(true);
            {
                let mut meta = Closing::new(transaction.open_table(META)?);
                let before = Meta::read(&*meta)?;
                add(&mut Adding::new(&transaction, before.lines, lines)?)?;
                Meta { lines, runs: before.runs.saturating_add(runs), ..before }.write(&mut meta)?;
            }
            Ok(transaction.commit()?)
        };
        let changed = guarded(change).unwrap_or_else(|panicked| {
            self.is_broken.store(true, Ordering::Relaxed);
            Err(AddFault::from(Fault::from(panicked)))
        });
        changed.map_err(|fault| AddError::of(&self.path, fault))?;
        self.lines.store(lines, Ordering::Relaxed);
        Ok(())
    }

    fn guarded<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, StoreError> {
        guard(&self.path, work)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let Some(database) = self.database.take() else { return };
        let is_left_as_it_is = self.is_read_only || self.is_broken.load(Ordering::Relaxed);
        // What it writes now is for a quicker start, and can be done without.
        let _ = guarded(|| if is_left_as_it_is { leave(database) } else { drop(database) });
    }
}

/// Closes a database without a last look at it, for which it might wait for ever where a transaction was never ended.
fn leave(database: Database) {
    // While a thread unwinds, a database is closed and nothing else.
    let _ = guarded(move || {
        let _database = database;
        std::panic::resume_unwind(Box::new(()))
    });
}

fn guard<T>(path: &Path, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, StoreError> {
    guarded(work).unwrap_or_else(|panicked| Err(panicked.into())).map_err(|fault| StoreError::of(path, fault))
}

fn is_there(path: &Path) -> Result<bool, StoreError> {
    path.try_exists().map_err(|error| StoreError::of(path, error.into()))
}

fn builder(cache: usize) -> Builder {
    let mut builder = Builder::new();
    // The format that later versions of the crate read as well.
    builder.create_with_file_format_v3(true).set_cache_size(cache);
    builder
}

/// Makes an empty store that appears when it is whole, unless another process was faster.
fn create(path: &Path, meta: Meta, cache: usize) -> Result<(), StoreError> {
    let make = || {
        let file = AtomicFile::beside(path).map_err(|error| match error {
            PlaceError::Io(error) => error,
            error => io::Error::other(error),
        })?;
        fill(&file, &meta, cache)?;
        match file.appear() {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            result => Ok(result?),
        }
    };
    guard(path, make)
}

/// Makes a store of a file that is empty.
fn fill(file: &AtomicFile, meta: &Meta, cache: usize) -> Result<(), Fault> {
    let file = File::options().read(true).write(true).open(file.path())?;
    let file = Checked::new(Bounded::new(file)?)?;
    let outcome = file.outcome();
    let database = builder(cache).create_with_backend(file)?;
    let transaction = database.begin_write()?;
    meta.write(&mut transaction.open_table(META)?)?;
    transaction.open_table(SEGMENTS)?;
    transaction.open_table(DOCUMENTS)?;
    transaction.open_table(IDENTITIES)?;
    transaction.commit()?;
    drop(database);
    Ok(outcome.into_result()?)
}

fn read_segments(table: &impl ReadableTable<u32, u64>) -> Result<Segments, Fault> {
    let mut segments = BTreeMap::new();
    for segment in table.iter()? {
        let (number, windows) = segment?;
        segments.insert(number.value(), windows.value());
    }
    Ok(segments)
}
