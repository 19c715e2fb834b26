//! Files that are replaced whole or not at all.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::NamedTempFile;

use super::ContentHash;
use crate::source::without_temporary_name;

/// What temporary files are called. Hidden files are not read from folders.
const PREFIX: &str = ".tikrar-";
const SUFFIX: &str = ".tmp";

/// The temporary files that exist, for the moment when the process is told to end.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes every unfinished file. After that the process has to end: what was being written is gone.
pub fn discard_unfinished() {
    // The lock is never given back, so no further file can be begun or appear.
    let unfinished = UNFINISHED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    for path in unfinished.iter() {
        // There is nobody left to tell, and nothing more to try.
        let _ = std::fs::remove_file(path);
    }
    std::mem::forget(unfinished);
}

/// An entry of [`UNFINISHED`].
#[derive(Debug)]
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let mut unfinished = UNFINISHED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        unfinished.retain(|path| *path != self.0);
    }
}

/// A file that is written beside its target and takes its place when it is whole.
#[derive(Debug)]
pub struct AtomicFile {
    file: NamedTempFile,
    /// Dropped after the file, so that the file is known as long as it exists.
    unfinished: Unfinished,
    target: PathBuf,
    /// What the target was, if it was.
    before: Option<Metadata>,
    /// Whether it is synced before it takes its place.
    syncs: bool,
}

impl AtomicFile {
    /// Begins a file that is to stand at `path`. A symbolic link there is followed.
    ///
    /// # Errors
    /// The folder can't be written, or the file there has other names too.
    pub fn beside(path: &Path) -> Result<AtomicFile, PlaceError> {
        let (target, before) = match std::fs::canonicalize(path) {
            Ok(target) => {
                let before = std::fs::metadata(&target)?;
                (target, Some(before))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => (followed(path)?, None),
            Err(error) => return Err(error.into()),
        };
        #[cfg(unix)]
        if let Some(before) = &before {
            use std::os::unix::fs::MetadataExt;
            if before.nlink() > 1 {
                return Err(PlaceError::HardLinks { links: before.nlink() });
            }
        }
        std::fs::metadata(folder_of(&target))?;
        // A target that exists gives its own mode in the end.
        let mode = if before.is_some() { 0o600 } else { mode(None) };
        AtomicFile::begin(target, before, mode)
    }

    /// Begins a file that is to stand at `target`, in a folder that is made if it is not there. It takes its place before
    /// it is known to be on the disk: after a power cut it may be there with other bytes. So this is for files that are made
    /// anew and whose bytes are checked. It has the mode of the file that it is made `of`, as far as the umask allows.
    ///
    /// # Errors
    /// The folder can't be made or written.
    pub fn anew(target: &Path, of: Option<&Metadata>) -> Result<AtomicFile, PlaceError> {
        let mode = mode(of);
        let begun = match AtomicFile::begin(target.to_owned(), None, mode) {
            Err(PlaceError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                target.parent().map_or(Ok(()), std::fs::create_dir_all)?;
                AtomicFile::begin(target.to_owned(), None, mode)
            }
            begun => begun,
        };
        begun.map(|file| AtomicFile { syncs: false, ..file })
    }

    /// Syncs the file before it takes its place, though it was begun anew.
    #[must_use]
    pub fn synced(self) -> AtomicFile {
        AtomicFile { syncs: true, ..self }
    }

    fn begin(target: PathBuf, before: Option<Metadata>, mode: u32) -> Result<AtomicFile, PlaceError> {
        let folder = folder_of(&target);
        let mut list = UNFINISHED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX);
        #[cfg(not(unix))]
        let _ = mode;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // The umask applies.
            builder.permissions(std::fs::Permissions::from_mode(mode));
        }
        let file = builder.tempfile_in(folder).map_err(without_temporary_name)?;
        list.push(file.path().to_owned());
        drop(list);
        let unfinished = Unfinished(file.path().to_owned());
        Ok(AtomicFile { file, unfinished, target, before, syncs: true })
    }

    /// Where it is written.
    #[cfg(feature = "index")]
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Lets the file appear, synced, where there is none: what came there meanwhile is not replaced.
    ///
    /// # Errors
    /// There is one now ([`io::ErrorKind::AlreadyExists`]), or the file can't be written.
    pub(crate) fn appear(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist_noclobber(&self.target).map_err(|error| error.error)?;
        drop(self.unfinished);
        sync_folder(&self.target)
    }

    /// Lets the file take its place: synced, with the mode and, where that is allowed, the owner of what it replaces.
    ///
    /// # Errors
    /// It can't be written; the target is as it was, or the new one is there and its folder can't be synced.
    pub fn finish(self) -> io::Result<()> {
        self.take_after()?;
        if self.syncs {
            self.file.as_file().sync_all()?;
        }
        self.file.persist(&self.target).map_err(|error| error.error)?;
        drop(self.unfinished);
        if self.syncs { sync_folder(&self.target) } else { Ok(()) }
    }

    /// Gives the file the mode and, where that is allowed, the owner of what was there before.
    fn take_after(&self) -> io::Result<()> {
        let Some(before) = &self.before else { return Ok(()) };
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let new = self.file.as_file().metadata()?;
            if (new.uid(), new.gid()) != (before.uid(), before.gid()) {
                // Only root may give files away. Elsewhere the file is the writer's, as with any editor.
                let _ = std::os::unix::fs::fchown(self.file.as_file(), Some(before.uid()), Some(before.gid()));
            }
        }
        self.file.as_file().set_permissions(before.permissions())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // An error is of the file that it is to be, and not of its temporary name.
        self.file.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}

/// The mode of a new file, before the umask is applied.
fn mode(of: Option<&Metadata>) -> u32 {
    #[cfg(unix)]
    if let Some(of) = of.filter(|of| of.is_file()) {
        use std::os::unix::fs::PermissionsExt;
        return of.permissions().mode() & 0o777;
    }
    let _ = of;
    0o666
}

/// Makes sure that what was done in the folder of the file is found after a power cut too.
fn sync_folder(target: &Path) -> io::Result<()> {
    let folder = folder_of(target);
    // A folder that may be written and not read can't be opened, and some file systems can't sync any. The file is in its
    // place all the same. A disk that fails is another matter.
    let can_not = |error: &io::Error, kinds: &[io::ErrorKind]| kinds.contains(&error.kind());
    let synced = match File::open(folder) {
        Err(error) if can_not(&error, &[io::ErrorKind::PermissionDenied]) => return Ok(()),
        opened => opened.and_then(|folder| folder.sync_all()),
    };
    match synced {
        Err(error) if can_not(&error, &[io::ErrorKind::InvalidInput, io::ErrorKind::Unsupported]) => Ok(()),
        synced => synced.map_err(|source| {
            let folder = folder.to_owned();
            io::Error::new(source.kind(), SyncError { folder, source })
        }),
    }
}

/// A file that is in its place, and may not be after a power cut.
#[derive(Debug, thiserror::Error)]
#[error(
    "it is written, but may be lost in a power cut: the folder {} can't be synced",
    crate::report::shown_name(folder)
)]
struct SyncError {
    folder: PathBuf,
    source: io::Error,
}

fn folder_of(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes the temporary files that a run left in a folder when it was killed. No other may be writing there; what this one
/// writes there stays.
///
/// # Errors
/// The folder can't be read, or a file can't be removed.
pub fn remove_left_behind(folder: &Path) -> io::Result<()> {
    let own: Vec<OsString> = {
        let unfinished = UNFINISHED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        unfinished.iter().filter_map(|path| Some(path.file_name()?.to_owned())).collect()
    };
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if own.contains(&name) {
            continue;
        }
        let name = name.as_encoded_bytes();
        if name.starts_with(PREFIX.as_bytes()) && name.ends_with(SUFFIX.as_bytes()) && entry.file_type()?.is_file() {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Where a link to a file that does not exist yet leads.
pub(super) fn followed(path: &Path) -> io::Result<PathBuf> {
    match std::fs::read_link(path) {
        Ok(link) => Ok(path.parent().unwrap_or(Path::new("")).join(link)),
        // Nothing is there, or no link.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput) => {
            Ok(path.to_owned())
        }
        Err(error) => Err(error),
    }
}

/// Why a file was not changed in place.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// It can't be written.
    #[error("cannot be written")]
    Io(#[from] io::Error),
    /// Somebody else wrote it meanwhile.
    #[error("changed while it was read; nothing was written: run tikrar again")]
    Changed,
    /// The name for the old text is taken.
    #[error("{name} is already there, and a backup replaces nothing: move it away, or give another suffix")]
    BackupExists {
        /// The name of the backup.
        name: String,
    },
    /// The old text can't be kept.
    #[error("its old text can't be kept as {name}")]
    Backup {
        /// The name of the backup.
        name: String,
        /// What went wrong.
        source: io::Error,
    },
    /// Other names lead to the same file.
    #[error(
        "has {links} hard links, and replacing it would leave the other names with the old text: remove the links, or write \
         elsewhere"
    )]
    HardLinks {
        /// The number of names.
        links: u64,
    },
}

/// Whether the file at `path` is still what it was when it was read.
///
/// # Errors
/// It is not, or can't be looked at.
pub fn unchanged(path: &Path, read: &Metadata) -> Result<(), PlaceError> {
    let now = std::fs::metadata(path)?;
    let same_file = {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            (now.dev(), now.ino(), now.ctime_nsec()) == (read.dev(), read.ino(), read.ctime_nsec())
        }
        #[cfg(not(unix))]
        true
    };
    if same_file && now.len() == read.len() && now.modified()? == read.modified()? {
        Ok(())
    } else {
        Err(PlaceError::Changed)
    }
}

/// Whether a backup has the bytes of the file already, because a run was stopped between the two.
fn is_copy(path: &Path, backup: &Path) -> io::Result<bool> {
    let is_alike = |one: &Metadata, other: &Metadata| other.is_file() && one.len() == other.len();
    Ok(is_alike(&std::fs::metadata(path)?, &std::fs::symlink_metadata(backup)?)
        && ContentHash::of_file(path)? == ContentHash::of_file(backup)?)
}

/// Where the old text of a file stays.
#[must_use]
pub fn backup(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Replaces the file at `path`, which was `read` before, by what `write` writes. With a `backup` suffix the old file
/// stays under its name with that behind it. What is `about_to_appear` is told before it does, and has to hold on a disk
/// first.
///
/// # Errors
/// The file can't be replaced, or is no longer what was read; it is as it was.
pub fn replace(
    path: &Path,
    read: &Metadata,
    backup: Option<&str>,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    about_to_appear: impl FnOnce() -> io::Result<()>,
) -> Result<(), PlaceError> {
    let backup = backup_of(path, backup)?;
    let mut file = AtomicFile::beside(path)?;
    {
        let mut out = io::BufWriter::with_capacity(64 << 10, &mut file);
        let written = write(&mut out).and_then(|()| out.flush());
        // Of a file that has become another, what goes may not be there any more. That is told, not what came of it.
        unchanged(path, read)?;
        written?;
    }
    keep_old(path, read, backup.as_deref())?;
    about_to_appear()?;
    file.finish()?;
    Ok(())
}

/// Removes the file at `path`, which was `read` before. With a `backup` suffix the old file stays under that name.
///
/// # Errors
/// The file can't be removed, or is no longer what was read; it is as it was.
pub fn remove(
    path: &Path,
    read: &Metadata,
    backup: Option<&str>,
    about_to_go: impl FnOnce() -> io::Result<()>,
) -> Result<(), PlaceError> {
    let backup = backup_of(path, backup)?;
    unchanged(path, read)?;
    keep_old(path, read, backup.as_deref())?;
    about_to_go()?;
    std::fs::remove_file(path)?;
    Ok(sync_folder(path)?)
}

/// The name of the backup, if that is not taken.
fn backup_of(path: &Path, suffix: Option<&str>) -> Result<Option<PathBuf>, PlaceError> {
    let Some(backup) = suffix.map(|suffix| backup(path, suffix)) else { return Ok(None) };
    let is_free = is_there(&backup).and_then(|is_there| Ok(!is_there || is_copy(path, &backup)?));
    match is_free {
        Ok(true) => Ok(Some(backup)),
        Ok(false) => Err(PlaceError::BackupExists { name: crate::report::shown_name(&backup) }),
        Err(error) => Err(not_kept(&backup, error.into())),
    }
}

/// An error about a backup names it.
fn not_kept(backup: &Path, error: PlaceError) -> PlaceError {
    match error {
        PlaceError::Io(source) => PlaceError::Backup { name: crate::report::shown_name(backup), source },
        error => error,
    }
}

/// Keeps the old text under the name of the backup, unless it is there already.
fn keep_old(path: &Path, read: &Metadata, backup: Option<&Path>) -> Result<(), PlaceError> {
    let Some(backup) = backup else { return Ok(()) };
    keep(path, read, backup).map_err(|error| not_kept(backup, error))
}

fn keep(path: &Path, read: &Metadata, backup: &Path) -> Result<(), PlaceError> {
    if is_there(backup)? {
        return Ok(());
    }
    // The modes are those of the file, and so is what is in it.
    let mut kept = AtomicFile { before: Some(read.clone()), ..AtomicFile::beside(backup)? };
    io::copy(&mut File::open(path)?, &mut kept)?;
    // Another run may have replaced the file before it was copied, and kept its old text there.
    unchanged(path, read)?;
    kept.take_after()?;
    match kept.appear() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(PlaceError::Changed),
        appeared => Ok(appeared?),
    }
}

/// Whether there is something at a path, if only a link to nowhere.
///
/// # Errors
/// That can't be told.
pub fn is_there(path: &Path) -> io::Result<bool> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        there => there.map(|_| true),
    }
}
