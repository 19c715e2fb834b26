//! Which call of the system it is that a process makes, and on which files.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use nix::libc::{self, user_regs_struct};

/// What a call does to a file. Calls of a kind fail for the same reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Open,
    Read,
    Write,
    Copy,
    Sync,
    Rename,
    Link,
    Unlink,
    Truncate,
    Seek,
    Stat,
    MakeFolder,
    List,
    Mode,
    Lock,
}

/// A call on a file of the test.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) kind: Kind,
    /// The files that it is about, from the folder of the test.
    pub(crate) paths: Vec<PathBuf>,
    /// The number of the call.
    pub(crate) number: u64,
    /// Which argument says how much is written, where one does.
    pub(crate) len: Option<Len>,
}

/// The argument that says how much is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Len {
    Third,
    Fourth,
    Fifth,
}

impl Len {
    pub(crate) fn of(self, registers: &mut user_regs_struct) -> &mut u64 {
        match self {
            Len::Third => &mut registers.rdx,
            Len::Fourth => &mut registers.r10,
            Len::Fifth => &mut registers.r8,
        }
    }
}

/// Where a call says which file it is about.
enum Place {
    /// An open file.
    File(u64),
    /// A path, by its address, from the working folder.
    Path(u64),
    /// A path, from an open folder.
    At(u64, u64),
}

/// The folder of the test, and what counts as a file of it.
pub(crate) struct Watched {
    pub(crate) folder: PathBuf,
    /// Where standard output goes, if that counts.
    pub(crate) output: PathBuf,
}

impl Watched {
    /// The call that a thread is about to make, if it is on a file of the test.
    pub(crate) fn call(&self, thread: i32, registers: &user_regs_struct) -> Option<Call> {
        let (kind, places, len) = kind(registers)?;
        let paths: Vec<PathBuf> = places.iter().filter_map(|place| self.path(thread, place)).collect();
        let number = registers.orig_rax;
        (!paths.is_empty()).then_some(Call { kind, paths, number, len })
    }

    fn path(&self, thread: i32, place: &Place) -> Option<PathBuf> {
        let of = |file: u64| fs::read_link(format!("/proc/{thread}/fd/{}", file as u32)).ok();
        let path = match *place {
            Place::File(file) => of(file)?,
            Place::Path(address) => self.folder.join(text(thread, address)?),
            Place::At(folder, address) => {
                let from = if folder as i32 == libc::AT_FDCWD { Some(self.folder.clone()) } else { of(folder) };
                let text = text(thread, address)?;
                if text.as_os_str().is_empty() { from? } else { from?.join(text) }
            }
        };
        if path == self.output {
            return Some(PathBuf::from("standard output"));
        }
        path.strip_prefix(&self.folder).ok().map(Path::to_owned)
    }
}

fn kind(registers: &user_regs_struct) -> Option<(Kind, Vec<Place>, Option<Len>)> {
    let &user_regs_struct { rdi, rsi, rdx, r10, .. } = registers;
    let file = || vec![Place::File(rdi)];
    let path = || vec![Place::Path(rdi)];
    let at = || vec![Place::At(rdi, rsi)];
    Some(match registers.orig_rax as i64 {
        libc::SYS_open | libc::SYS_creat => (Kind::Open, path(), None),
        libc::SYS_openat | libc::SYS_openat2 => (Kind::Open, at(), None),
        libc::SYS_read | libc::SYS_pread64 | libc::SYS_readv | libc::SYS_preadv => (Kind::Read, file(), None),
        libc::SYS_write | libc::SYS_pwrite64 => (Kind::Write, file(), Some(Len::Third)),
        // Of several pieces, half are as good as half of the bytes.
        libc::SYS_writev | libc::SYS_pwritev => (Kind::Write, file(), Some(Len::Third)),
        libc::SYS_copy_file_range => (Kind::Copy, vec![Place::File(rdi), Place::File(rdx)], Some(Len::Fifth)),
        libc::SYS_sendfile => (Kind::Copy, vec![Place::File(rdi), Place::File(rsi)], Some(Len::Fourth)),
        libc::SYS_splice => (Kind::Copy, vec![Place::File(rdi), Place::File(rdx)], Some(Len::Fifth)),
        libc::SYS_fsync | libc::SYS_fdatasync => (Kind::Sync, file(), None),
        libc::SYS_rename => (Kind::Rename, vec![Place::Path(rdi), Place::Path(rsi)], None),
        libc::SYS_renameat | libc::SYS_renameat2 => {
            (Kind::Rename, vec![Place::At(rdi, rsi), Place::At(rdx, r10)], None)
        }
        libc::SYS_link => (Kind::Link, vec![Place::Path(rdi), Place::Path(rsi)], None),
        libc::SYS_linkat => (Kind::Link, vec![Place::At(rdi, rsi), Place::At(rdx, r10)], None),
        libc::SYS_unlink | libc::SYS_rmdir => (Kind::Unlink, path(), None),
        libc::SYS_unlinkat => (Kind::Unlink, at(), None),
        libc::SYS_ftruncate | libc::SYS_fallocate => (Kind::Truncate, file(), None),
        libc::SYS_lseek => (Kind::Seek, file(), None),
        libc::SYS_fstat => (Kind::Stat, file(), None),
        libc::SYS_stat | libc::SYS_lstat | libc::SYS_access | libc::SYS_readlink => (Kind::Stat, path(), None),
        libc::SYS_newfstatat | libc::SYS_statx | libc::SYS_faccessat | libc::SYS_faccessat2 | libc::SYS_readlinkat => {
            (Kind::Stat, at(), None)
        }
        libc::SYS_mkdir => (Kind::MakeFolder, path(), None),
        libc::SYS_mkdirat => (Kind::MakeFolder, at(), None),
        libc::SYS_getdents64 => (Kind::List, file(), None),
        libc::SYS_fchmod | libc::SYS_fchown => (Kind::Mode, file(), None),
        libc::SYS_flock => (Kind::Lock, file(), None),
        libc::SYS_fcntl if is_lock(rsi) => (Kind::Lock, file(), None),
        _ => return None,
    })
}

fn is_lock(command: u64) -> bool {
    [libc::F_SETLK, libc::F_SETLKW, libc::F_OFD_SETLK, libc::F_OFD_SETLKW].contains(&(command as i32))
}

/// A text in the memory of a thread, which ends with a zero.
fn text(thread: i32, address: u64) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;

    let memory = File::open(format!("/proc/{thread}/mem")).ok()?;
    let mut text = Vec::new();
    let mut piece = [0; 64];
    loop {
        // Short where a page ends behind which there is nothing.
        let read = memory.read_at(&mut piece, address + text.len() as u64).ok().filter(|&read| read > 0)?;
        let end = piece[..read].iter().position(|&byte| byte == 0);
        text.extend_from_slice(&piece[..end.unwrap_or(read)]);
        if end.is_some() {
            return Some(PathBuf::from(std::ffi::OsString::from_vec(text)));
        }
    }
}
