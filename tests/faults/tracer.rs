//! A process of which one call of the system is made to fail.
//!
//! The process is traced: before each call and after it, it stands still. To fail, a call is made one that there is not,
//! and what that has returned is made the error.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::call::{Call, Kind, Len, Watched};

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails.
    Error(Errno),
    /// Half of it is written, and the next call of the kind on the file fails as on a full disk.
    Short,
    /// It fails as on a full disk, and so does whatever is written after it.
    Full,
    /// The process is killed before it.
    Kill,
    /// Half of it is written, and the process is killed.
    Torn,
    /// It waits until something else is done.
    Wait,
}

/// The call of a process that fails, of all its calls on files of the test, and how.
pub(crate) type At = (usize, Fault);

/// What came of a process.
#[derive(Debug)]
pub(crate) struct Ran {
    /// None where a signal ended it.
    pub(crate) status: Option<i32>,
    /// The calls that it made on files of the test.
    pub(crate) calls: Vec<Call>,
    /// The call that failed, if it came to that.
    pub(crate) failed: Option<Call>,
    pub(crate) said: String,
}

/// What is to be done after a call.
#[derive(Clone, Copy)]
enum After {
    Nothing,
    Return(Errno),
    /// The length that was asked for, and whether the process ends now.
    Shortened(Len, u64, bool),
}

struct Tracing<'a> {
    watched: &'a Watched,
    at: Option<At>,
    calls: Vec<Call>,
    failed: Option<Call>,
    /// Of each thread that is in a call: what comes after it.
    inside: HashMap<Pid, After>,
    meanwhile: &'a mut dyn FnMut(),
}

/// Runs the program with these arguments in the folder of the test, and makes a call fail.
pub(crate) fn run(watched: &Watched, arguments: &[&str], said: &Path, at: Option<At>) -> Ran {
    run_with(watched, arguments, said, at, &mut || {})
}

/// Runs the program with these arguments, and does something before one of its calls.
pub(crate) fn run_beside(
    watched: &Watched,
    arguments: &[&str],
    said: &Path,
    at: usize,
    meanwhile: &mut dyn FnMut(),
) -> Ran {
    run_with(watched, arguments, said, Some((at, Fault::Wait)), meanwhile)
}

fn run_with(watched: &Watched, arguments: &[&str], said: &Path, at: Option<At>, meanwhile: &mut dyn FnMut()) -> Ran {
    let output = File::create(&watched.output).unwrap();
    // So that it can be traced from its start, without anything being done between fork and exec.
    #[allow(clippy::zombie_processes, reason = "it is waited for as one that is traced")]
    let child = Command::new("sh")
        .args(["-c", r#"kill -STOP $$; exec "$0" "$@""#, env!("CARGO_BIN_EXE_tikrar")])
        .args(arguments)
        .current_dir(&watched.folder)
        .env("TMPDIR", watched.folder.join("tmp"))
        .env_remove("GITHUB_STEP_SUMMARY")
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(File::create(said).unwrap())
        .spawn()
        .unwrap();
    let child = Pid::from_raw(child.id() as i32);
    assert!(matches!(waitpid(child, Some(WaitPidFlag::WUNTRACED)), Ok(WaitStatus::Stopped(..))));
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    if let Err(error) = ptrace::seize(child, options) {
        let _ = kill(child, Signal::SIGKILL);
        panic!("no process can be traced here ({error}): TIKRAR_FAULTS=none leaves these tests out");
    }
    kill(child, Signal::SIGCONT).unwrap();
    let mut tracing = Tracing { watched, at, calls: Vec::new(), failed: None, inside: HashMap::new(), meanwhile };
    let status = tracing.until_end(child);
    let Tracing { calls, failed, .. } = tracing;
    Ran { status, calls, failed, said: String::from_utf8_lossy(&fs::read(said).unwrap()).into_owned() }
}

impl Tracing<'_> {
    fn until_end(&mut self, child: Pid) -> Option<i32> {
        // Of the threads of this program, others trace processes of their own.
        let flags = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
        let mut has_begun = false;
        loop {
            let (thread, signal) = match waitpid(None, Some(flags)).unwrap() {
                WaitStatus::Exited(thread, status) if thread == child => return Some(status),
                WaitStatus::Signaled(thread, ..) if thread == child => return None,
                WaitStatus::Exited(thread, _) | WaitStatus::Signaled(thread, ..) => {
                    self.inside.remove(&thread);
                    continue;
                }
                WaitStatus::PtraceEvent(thread, _, event) => {
                    if event == libc::PTRACE_EVENT_EXEC {
                        has_begun = true;
                        self.inside.insert(thread, After::Nothing);
                    }
                    (thread, None)
                }
                WaitStatus::PtraceSyscall(thread) => {
                    // One that is killed is gone.
                    let _ = self.stopped(thread, child);
                    (thread, None)
                }
                WaitStatus::Stopped(thread, signal) => (thread, Some(signal)),
                other => panic!("{other:?}"),
            };
            let _ = if has_begun { ptrace::syscall(thread, signal) } else { ptrace::cont(thread, signal) };
        }
    }

    /// A thread stands before a call or after it.
    fn stopped(&mut self, thread: Pid, child: Pid) -> nix::Result<()> {
        match self.inside.remove(&thread) {
            None => {
                let after = self.before(thread, child)?;
                self.inside.insert(thread, after);
                Ok(())
            }
            Some(After::Nothing) => Ok(()),
            Some(After::Return(errno)) => {
                let mut registers = ptrace::getregs(thread)?;
                registers.rax = -i64::from(errno as i32) as u64;
                ptrace::setregs(thread, registers)
            }
            Some(After::Shortened(len, was, is_torn)) => {
                let mut registers = ptrace::getregs(thread)?;
                *len.of(&mut registers) = was;
                ptrace::setregs(thread, registers)?;
                if is_torn { kill(child, Signal::SIGKILL) } else { Ok(()) }
            }
        }
    }

    fn before(&mut self, thread: Pid, child: Pid) -> nix::Result<After> {
        let mut registers = ptrace::getregs(thread)?;
        let Some(call) = self.watched.call(thread.as_raw(), &registers) else { return Ok(After::Nothing) };
        let number = self.calls.len();
        self.calls.push(call.clone());
        let Some((at, fault)) = self.at else { return Ok(After::Nothing) };
        let of_failed =
            self.failed.as_ref().is_some_and(|failed| (failed.kind, &failed.paths) == (call.kind, &call.paths));
        let grows = matches!(call.kind, Kind::Write | Kind::Copy | Kind::MakeFolder | Kind::Truncate);
        let mut shortened = |is_torn: bool| {
            let Some(len) = call.len.filter(|len| *len.of(&mut registers) > 1) else { return Ok(None) };
            let was = *len.of(&mut registers);
            *len.of(&mut registers) = was / 2;
            ptrace::setregs(thread, registers)?;
            Ok(Some(After::Shortened(len, was, is_torn)))
        };
        let after = match fault {
            Fault::Error(errno) if number == at => After::Return(errno),
            Fault::Full if number == at || number > at && grows => After::Return(Errno::ENOSPC),
            Fault::Short if number == at => shortened(false)?.unwrap_or(After::Return(Errno::ENOSPC)),
            Fault::Short if number > at && of_failed => {
                self.at = None;
                After::Return(Errno::ENOSPC)
            }
            Fault::Torn if number == at => match shortened(true)? {
                Some(after) => after,
                None => return Ok(After::Nothing),
            },
            Fault::Kill if number == at => After::Return(Errno::EINTR),
            Fault::Wait if number == at => {
                (self.meanwhile)();
                After::Nothing
            }
            _ => return Ok(After::Nothing),
        };
        self.failed.get_or_insert(call);
        if let After::Return(_) = after {
            registers.orig_rax = u64::MAX;
            ptrace::setregs(thread, registers)?;
        }
        if fault == Fault::Kill {
            kill(child, Signal::SIGKILL)?;
        }
        Ok(after)
    }
}
