//! Files for what reads them by their path. They are in memory, where there is such a folder.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The folder of this process.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let shared = Path::new("/dev/shm");
        let folder = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() };
        folder.expect("there is a place for a folder")
    });
    folder.path()
}

/// A file in it with these bytes.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder().join(name);
    fs::write(&path, bytes).expect("there is room for a file");
    path
}

/// A file in it with these bytes, open and without a name.
pub fn open(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile_in(folder()).expect("there is a place for a file");
    file.write_all(bytes).expect("there is room for a file");
    file
}

/// Lets panics pass that the library makes errors of; any other ends the process, which is how a finding is told.
pub fn let_guarded_panics_pass() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !tikrar::guard::is_guarded() {
            before(info);
        }
    }));
}
