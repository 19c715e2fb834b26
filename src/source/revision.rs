//! What was added to files since a revision of git, asked of the program `git`.
//!
//! The revision that counts is where the one that is named and HEAD have parted: what was added there since is not new here.
//! It is compared with the files as they lie in the working folder, so that it does not matter whether they are committed.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufRead, BufReader, Read, Seek as _, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::git::{Repository, checked, output, path_of, said};

/// What was added since a revision to the files of its repository.
#[derive(Clone, Debug)]
pub struct Added {
    repository: Repository,
    /// By the path from its top folder.
    files: HashMap<PathBuf, AddedLines>,
    /// Folders that are new as wholes: what a submodule that was moved holds, and other repositories that are not known to this one.
    folders: HashSet<PathBuf>,
}

/// Which lines of a file were added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddedLines {
    /// All of them, or it can't be told which.
    All,
    /// These, from 1, in order. For git a line ends at LF only.
    Some(Vec<Range<u64>>),
}

/// Why it can't be told what was added.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// The program can't be run.
    #[error("git can't be run: install it, or put it on the PATH")]
    NoGit(#[source] io::Error),
    /// There is no repository.
    #[error("there is no git repository with a working folder here: {0}")]
    NoRepository(String),
    /// It is empty, as a variable is that is not set.
    #[error("the revision is empty: name a branch, a tag or a commit")]
    Empty,
    /// It would be an option.
    #[error("no revision begins with a hyphen: name a branch, a tag or a commit")]
    Hyphen,
    /// The repository does not have it.
    #[error("there is no such revision: {}", hint(*is_shallow))]
    Unknown {
        /// Whether the repository has a part of the history only.
        is_shallow: bool,
    },
    /// Nothing was committed yet.
    #[error("nothing is committed here yet, so nothing was added since a revision: leave that out to look at all")]
    NoHead,
    /// The revision and HEAD have no history in common.
    #[error("it has no commit in common with HEAD: {}", hint(*is_shallow))]
    NoMergeBase {
        /// Whether the repository has a part of the history only.
        is_shallow: bool,
    },
    /// Git has failed.
    #[error("git {command} has failed: {said}")]
    Failed {
        /// What it was to do.
        command: String,
        /// What it said.
        said: String,
    },
    /// The repository is a clone without contents that are needed, and nothing is fetched.
    #[error(
        "this clone lacks contents that have to be compared, because it was made with --filter, and tikrar lets git fetch \
         nothing: git fetch --refetch --no-filter gets them all ({said})"
    )]
    Partial {
        /// What git said.
        said: String,
    },
    /// Git has written something else than it does.
    #[error("git {0} has written what can't be understood; git 2.31 and later are known to work")]
    NotUnderstood(&'static str),
    /// What git writes can't be read.
    #[error("what git writes can't be read")]
    Io(#[from] io::Error),
}

/// A file of which git can't tell what was added to it.
#[derive(Debug, thiserror::Error)]
#[error(
    "lies outside of the git repository {}, so it can't be told what was added to it: leave it out",
    crate::report::shown_name(top)
)]
pub struct OutsideRepository {
    top: PathBuf,
}

fn hint(is_shallow: bool) -> &'static str {
    if is_shallow {
        "this clone has a part of the history only; git fetch --unshallow gets the rest (fetch-depth: 0 for actions/checkout, \
         GIT_DEPTH: 0 in GitLab)"
    } else {
        "git fetch may get it, and git log shows what there is"
    }
}

impl Added {
    /// What was added since `revision`, in the repository that the working folder lies in.
    ///
    /// # Errors
    /// There is no repository, or no such revision in it, or git fails.
    pub fn since(revision: &str) -> Result<Added, RevisionError> {
        match revision.as_bytes().first() {
            None => return Err(RevisionError::Empty),
            Some(b'-') => return Err(RevisionError::Hyphen),
            Some(_) => {}
        }
        let mut added = Added { repository: Repository::here()?, files: HashMap::new(), folders: HashSet::new() };
        match added.find(revision) {
            Err(RevisionError::Failed { said, .. }) if added.repository.is_partial() => {
                Err(RevisionError::Partial { said })
            }
            found => found.map(|()| added),
        }
    }

    fn find(&mut self, revision: &str) -> Result<(), RevisionError> {
        let base = base(&self.repository, revision)?;
        self.find_changed(&base)?;
        self.find_lines(&base)?;
        self.find_filtered()?;
        self.find_untracked()?;
        self.files.retain(|_, lines| !matches!(lines, AddedLines::Some(lines) if lines.is_empty()));
        Ok(())
    }

    /// What was added to a file; none where nothing was. What is behind a symbolic link counts, and so does a link that is new.
    ///
    /// # Errors
    /// It lies outside of the repository.
    pub fn to(&self, path: &Path) -> Result<Option<&AddedLines>, OutsideRepository> {
        let outside = || OutsideRepository { top: self.repository.top.clone() };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let link = std::fs::canonicalize(folder).ok().zip(path.file_name()).map(|(folder, name)| folder.join(name));
        let below = |path: &Path| path.strip_prefix(&self.repository.top).ok().map(Path::to_owned);
        let target = std::fs::canonicalize(path).ok().and_then(|path| below(&path)).ok_or_else(outside)?;
        let link = link.and_then(|link| below(&link));
        if target.ancestors().any(|folder| self.folders.contains(folder)) {
            return Ok(Some(&AddedLines::All));
        }
        let of_link = link.filter(|link| *link != target).and_then(|link| self.files.get(&link));
        Ok(of_link.or_else(|| self.files.get(&target)))
    }

    /// Whether nothing was added to any file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.folders.is_empty()
    }

    /// Finds the files that differ, with those of which git does not compare the lines.
    fn find_changed(&mut self, base: &str) -> Result<(), RevisionError> {
        const NOT_UNDERSTOOD: RevisionError = RevisionError::NotUnderstood("diff --raw --numstat");
        let written = checked(self.repository.diff(&["--raw", "--numstat", "-z"], base), "diff")?;
        let mut fields = written.split(|&byte| byte == 0).filter(|field| !field.is_empty());
        // A file that was only renamed is binary to git, and nothing was added to it.
        let mut is_same = HashSet::new();
        while let Some(field) = fields.next() {
            if let Some(raw) = field.strip_prefix(b":") {
                let mut parts = raw.split(|&byte| byte == b' ').skip(1);
                let (mode, status) = parts.next().zip(parts.nth(2)).ok_or(NOT_UNDERSTOOD)?;
                let mut path = fields.next().ok_or(NOT_UNDERSTOOD)?;
                if matches!(status.first(), Some(b'R' | b'C')) {
                    path = fields.next().ok_or(NOT_UNDERSTOOD)?;
                }
                let path = path_of(path)?;
                match (mode, status) {
                    (_, b"D") => {}
                    (b"160000", _) => drop(self.folders.insert(path)),
                    (b"120000", _) | (_, b"T" | b"U" | b"X") => drop(self.files.insert(path, AddedLines::All)),
                    (_, b"R100" | b"C100") => drop(is_same.insert(path)),
                    _ => {}
                }
            } else {
                let mut parts = field.splitn(3, |&byte| byte == b'\t');
                let (lines, _, path) = (parts.next(), parts.next(), parts.next().ok_or(NOT_UNDERSTOOD)?);
                let path = match path {
                    b"" => fields.nth(1).ok_or(NOT_UNDERSTOOD)?,
                    path => path,
                };
                let path = path_of(path)?;
                if lines == Some(b"-") && !is_same.contains(&path) {
                    self.files.insert(path, AddedLines::All);
                }
            }
        }
        Ok(())
    }

    /// Finds the lines that were added to files of text.
    fn find_lines(&mut self, base: &str) -> Result<(), RevisionError> {
        // What it complains of goes to a file: a pipe that is not read while the other is can wait forever.
        let mut complaints = tempfile::tempfile()?;
        let mut command = self.repository.diff(&["--patch", "--unified=0"], base);
        command.stdout(Stdio::piped()).stderr(complaints.try_clone()?);
        let mut git = command.spawn().map_err(RevisionError::NoGit)?;
        let read = git.stdout.take().map_or(Ok(()), |out| self.read_patch(BufReader::new(out)));
        let is_done = git.wait()?.success();
        if is_done {
            return read;
        }
        let mut complaint = Vec::new();
        complaints.rewind()?;
        complaints.read_to_end(&mut complaint)?;
        Err(RevisionError::Failed { command: "diff".to_owned(), said: said(&complaint) })
    }

    fn read_patch(&mut self, mut out: impl BufRead) -> Result<(), RevisionError> {
        let (mut hunk, mut line) = (Hunk::default(), Vec::new());
        let mut file: Option<PathBuf> = None;
        while read_line(&mut out, &mut line)? {
            if hunk.takes(&line) {
                if let (Some(added), Some(path)) = (hunk.added(&line), &file) {
                    self.add_line(path, added);
                }
            } else if line.starts_with(b"diff --git ") {
                file = None;
            } else if let Some(name) = line.strip_prefix(b"+++ ") {
                file = named(name)?;
            } else if line.starts_with(b"@@ ") {
                hunk = Hunk::of(&line).ok_or(RevisionError::NotUnderstood("diff"))?;
            }
        }
        Ok(())
    }

    fn add_line(&mut self, path: &Path, line: u64) {
        let lines = match self.files.get_mut(path) {
            Some(lines) => lines,
            None => self.files.entry(path.to_owned()).or_insert(AddedLines::Some(Vec::new())),
        };
        if let AddedLines::Some(ranges) = lines {
            match ranges.last_mut() {
                Some(last) if last.end == line => last.end += 1,
                _ => ranges.push(line..line + 1),
            }
        }
    }

    /// Files that git keeps in another form than they lie in the working folder: the lines of that are none of theirs.
    fn find_filtered(&mut self) -> Result<(), RevisionError> {
        let with_lines = |(path, lines): (&PathBuf, &AddedLines)| {
            matches!(lines, AddedLines::Some(_)).then(|| path.as_os_str().as_encoded_bytes().to_vec())
        };
        let mut paths: Vec<Vec<u8>> = self.files.iter().filter_map(with_lines).collect();
        if paths.is_empty() {
            return Ok(());
        }
        paths.sort();
        // From a file, because a pipe that is not read while another is written can wait forever.
        let mut list = tempfile::tempfile()?;
        paths.iter().try_for_each(|path| list.write_all(path).and_then(|()| list.write_all(b"\0")))?;
        list.rewind()?;
        let mut command = self.repository.git(&["check-attr", "-z", "--stdin", "filter"]);
        command.stdin(list);
        let written = checked(command, "check-attr")?;
        let fields: Vec<&[u8]> = written.split(|&byte| byte == 0).collect();
        for of_file in fields.chunks_exact(3) {
            if !matches!(of_file[2], b"unspecified" | b"unset") {
                self.files.insert(path_of(of_file[0])?, AddedLines::All);
            }
        }
        Ok(())
    }

    /// Finds the files that git does not know and does not ignore.
    fn find_untracked(&mut self) -> Result<(), RevisionError> {
        let written = checked(self.repository.git(&["ls-files", "-z", "--others", "--exclude-standard"]), "ls-files")?;
        for path in written.split(|&byte| byte == 0).filter(|path| !path.is_empty()) {
            match path.strip_suffix(b"/") {
                Some(folder) => drop(self.folders.insert(path_of(folder)?)),
                None => drop(self.files.insert(path_of(path)?, AddedLines::All)),
            }
        }
        Ok(())
    }
}

/// Where a revision and HEAD have parted.
fn base(repository: &Repository, revision: &str) -> Result<String, RevisionError> {
    let commit = |revision: &str| -> Result<Option<String>, RevisionError> {
        let revision = format!("{revision}^{{commit}}");
        let found = output(repository.git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &revision]))?;
        Ok(Some(found).filter(|found| found.status.success()).and_then(|found| hash(&found.stdout)))
    };
    let is_shallow = || -> Result<bool, RevisionError> {
        let found = output(repository.git(&["rev-parse", "--is-shallow-repository"]))?;
        Ok(found.stdout.trim_ascii() == b"true")
    };
    let Some(head) = commit("HEAD")? else {
        // That there is none is one thing; another is that the repository has lost it, of which git can say more.
        let named = output(repository.git(&["rev-parse", "--verify", "--quiet", "HEAD"]))?;
        if !named.status.success() {
            return Err(RevisionError::NoHead);
        }
        let asked = output(repository.git(&["rev-list", "--max-count=1", "HEAD", "--"]))?;
        return Err(RevisionError::Failed { command: "rev-list HEAD".to_owned(), said: said(&asked.stderr) });
    };
    let Some(commit) = commit(revision)? else {
        return Err(RevisionError::Unknown { is_shallow: is_shallow()? });
    };
    let found = output(repository.git(&["merge-base", &commit, &head]))?;
    match (found.status.code(), hash(&found.stdout)) {
        (Some(0), Some(base)) => Ok(base),
        (Some(1), _) => Err(RevisionError::NoMergeBase { is_shallow: is_shallow()? }),
        _ => Err(RevisionError::Failed { command: "merge-base".to_owned(), said: said(&found.stderr) }),
    }
}

/// The hash of a commit, on the first line.
fn hash(written: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(written).ok()?.lines().next()?;
    let is_hash = line.len() >= 40 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| line.to_owned())
}

/// What of a hunk is still to come.
#[derive(Clone, Copy, Debug, Default)]
struct Hunk {
    old: u64,
    new: u64,
    /// The number of the next line in the file as it is.
    line: u64,
}

impl Hunk {
    /// Of its first line: `@@ -1,2 +3 @@`.
    fn of(line: &[u8]) -> Option<Hunk> {
        let mut parts = std::str::from_utf8(line.split(|&byte| byte == b'@').nth(2)?).ok()?.split_ascii_whitespace();
        let numbers = |part: &str, sign: char| -> Option<(u64, u64)> {
            let part = part.strip_prefix(sign)?;
            let (line, count) = part.split_once(',').unwrap_or((part, "1"));
            Some((line.parse().ok()?, count.parse().ok()?))
        };
        let ((_, old), (line, new)) = (numbers(parts.next()?, '-')?, numbers(parts.next()?, '+')?);
        Some(Hunk { old, new, line })
    }

    /// Whether a line is one of it: it is by its place, whatever is on it.
    fn takes(&self, line: &[u8]) -> bool {
        self.old + self.new > 0 || line.starts_with(b"\\")
    }

    /// Goes on behind a line of it, and returns its number if it was added.
    fn added(&mut self, line: &[u8]) -> Option<u64> {
        let number = self.line;
        match line.first() {
            Some(b'+') => {
                self.new = self.new.saturating_sub(1);
                self.line += 1;
                return Some(number);
            }
            Some(b'-') => self.old = self.old.saturating_sub(1),
            Some(b'\\') => {}
            _ => {
                (self.old, self.new) = (self.old.saturating_sub(1), self.new.saturating_sub(1));
                self.line += 1;
            }
        }
        None
    }
}

/// The file that the header of a patch names, if it is one.
fn named(name: &[u8]) -> Result<Option<PathBuf>, RevisionError> {
    // Behind a name with spaces stands a tab.
    let name = name.strip_suffix(b"\t").unwrap_or(name);
    if name == b"/dev/null" {
        return Ok(None);
    }
    let name = match name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")) {
        None => name.to_vec(),
        Some(quoted) => unquoted(quoted).ok_or(RevisionError::NotUnderstood("diff"))?,
    };
    let name = name.strip_prefix(b"b/").ok_or(RevisionError::NotUnderstood("diff"))?;
    path_of(name).map(Some)
}

/// A name as git quotes it: as strings are in C, with octal numbers for bytes.
fn unquoted(quoted: &[u8]) -> Option<Vec<u8>> {
    let mut name = Vec::new();
    let mut rest = quoted.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            name.push(byte);
            continue;
        }
        name.push(match rest.next()? {
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            sign @ (b'"' | b'\\') => sign,
            first @ b'0'..=b'3' => {
                let digits = [first, rest.next()?, rest.next()?].map(|digit| digit.wrapping_sub(b'0'));
                if digits.iter().any(|digit| *digit > 7) {
                    return None;
                }
                digits[0] << 6 | digits[1] << 3 | digits[2]
            }
            _ => return None,
        });
    }
    Some(name)
}

/// A line without its end; none where there is no more.
fn read_line(out: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let read = out.read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(read > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_git_quotes_them() {
        let name = |header: &[u8]| named(header).unwrap();
        assert_eq!(name(b"b/a.txt"), Some(PathBuf::from("a.txt")));
        assert_eq!(name(b"b/a b.txt\t"), Some(PathBuf::from("a b.txt")));
        assert_eq!(name(b"/dev/null"), None);
        assert_eq!(name(br#""b/\331\205\n\"\\.txt""#), Some(PathBuf::from("م\n\"\\.txt")));
        for wrong in [&b"c/a.txt"[..], br#""b/\9""#, br#""b/\38x""#, br#""b/\3""#] {
            assert!(named(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn lines_of_a_hunk_are_told_by_their_place() {
        let mut hunk = Hunk::of(b"@@ -3,2 +4,2 @@ @@ +9 @@").unwrap();
        let lines: [&[u8]; 5] =
            [b"--- a/x", b"-+++ b/x", b"+diff --git a/x b/x", b"+@@ -1 +1 @@", b"\\ No newline at end"];
        let added: Vec<Option<u64>> = lines
            .iter()
            .map(|line| {
                assert!(hunk.takes(line));
                hunk.added(line)
            })
            .collect();
        assert_eq!(added, [None, None, Some(4), Some(5), None]);
        assert!(!hunk.takes(b"diff --git a/y b/y"));
        assert!(Hunk::of(b"@@ -1 +x @@").is_none() && Hunk::of(b"@@").is_none());
    }
}
