//! The program `git`, run so that it changes nothing, asks nobody and fetches nothing.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::revision::RevisionError;

/// A repository that has a working folder.
#[derive(Clone, Debug)]
pub(super) struct Repository {
    /// The top folder.
    pub(super) top: PathBuf,
    /// What git is told of where it is, if it is told at all.
    variables: Vec<(&'static str, OsString)>,
}

impl Repository {
    /// The one that the folder lies in that the program runs in, or that variables name.
    pub(super) fn here() -> Result<Repository, RevisionError> {
        let found = output(git(&["rev-parse", "--show-toplevel"]))?;
        if !found.status.success() {
            return Err(RevisionError::NoRepository(said(&found.stderr)));
        }
        let top = std::fs::canonicalize(line(&found.stdout)?)?;
        let mut variables = Vec::new();
        if ["GIT_DIR", "GIT_WORK_TREE"].iter().any(|name| std::env::var_os(name).is_some()) {
            // They may be relative to this folder, and git is run in another.
            let folder = line(&checked(git(&["rev-parse", "--absolute-git-dir"]), "rev-parse")?)?;
            variables.push(("GIT_DIR", folder.into_os_string()));
            variables.push(("GIT_WORK_TREE", top.clone().into_os_string()));
        }
        Ok(Repository { top, variables })
    }

    /// Git, run in the top folder.
    pub(super) fn git(&self, arguments: &[&str]) -> Command {
        let mut command = git(arguments);
        command.current_dir(&self.top).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// A comparison of a commit with the working folder that is the same under any configuration.
    pub(super) fn diff(&self, wanted: &[&str], base: &str) -> Command {
        let mut command = self.git(&["diff"]);
        command.args(wanted).args([
            "--no-color",
            "--no-color-moved",
            "--no-ext-diff",
            "--no-textconv",
            "--no-relative",
            "--find-renames",
            // However many were renamed.
            "-l0",
            "--diff-algorithm=myers",
            "--inter-hunk-context=0",
            "--ignore-submodules=none",
            "--submodule=short",
            "--src-prefix=a/",
            "--dst-prefix=b/",
            "--end-of-options",
            base,
            "--",
        ]);
        command
    }

    /// Whether it is a clone without contents that git would fetch when it needs them.
    pub(super) fn is_partial(&self) -> bool {
        let promised = output(self.git(&["config", "--get-regexp", r"^remote\..*\.(promisor|partialclonefilter)$"]));
        promised.is_ok_and(|promised| promised.status.success())
    }
}

fn git(arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    // Names beyond ASCII are quoted, so that a name is one line of a patch whatever is in it.
    command.args(["-c", "core.quotePath=true"]).args(arguments);
    command.env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
    // What a partial clone lacks is not fetched. Versions before 2.44 know the second only: no protocol is allowed.
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "");
    command.env_remove("GIT_DIFF_OPTS").env_remove("GIT_EXTERNAL_DIFF");
    command.stdin(Stdio::null());
    command
}

pub(super) fn output(mut command: Command) -> Result<Output, RevisionError> {
    command.output().map_err(RevisionError::NoGit)
}

/// What git writes, if it does not fail.
pub(super) fn checked(command: Command, name: &str) -> Result<Vec<u8>, RevisionError> {
    let Output { status, stdout, stderr } = output(command)?;
    match status.success() {
        true => Ok(stdout),
        false => Err(RevisionError::Failed { command: name.to_owned(), said: said(&stderr) }),
    }
}

/// What git complains of, on one line.
pub(super) fn said(stderr: &[u8]) -> String {
    let complaint = String::from_utf8_lossy(stderr);
    let lines: Vec<String> = complaint.lines().map(|line| crate::report::shown_name(Path::new(line.trim()))).collect();
    lines.join(" ")
}

/// The path that is all that git writes.
fn line(written: &[u8]) -> Result<PathBuf, RevisionError> {
    path_of(written.strip_suffix(b"\n").unwrap_or(written))
}

#[cfg(unix)]
pub(super) fn path_of(bytes: &[u8]) -> Result<PathBuf, RevisionError> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok(PathBuf::from(OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
pub(super) fn path_of(bytes: &[u8]) -> Result<PathBuf, RevisionError> {
    let name = std::str::from_utf8(bytes).map_err(|_| RevisionError::NotUnderstood("diff"))?;
    Ok(PathBuf::from(OsStr::new(name)))
}
