//! What becomes of signals.

use std::io;

/// From now on a signal to end removes unfinished files first, and the status says which signal it was.
#[cfg(unix)]
pub(super) fn leave_nothing_unfinished() -> io::Result<()> {
    use std::sync::atomic::{AtomicBool, Ordering};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    // Once is enough, whoever asks for it.
    static IS_ASKED_FOR: AtomicBool = AtomicBool::new(false);
    if IS_ASKED_FOR.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::Builder::new().spawn(move || {
        if let Some(signal) = signals.forever().next() {
            crate::sink::discard_unfinished();
            super::progress::clear();
            #[allow(clippy::exit, reason = "a signal ends the process, wherever its other threads are")]
            std::process::exit(128 + signal);
        }
    })?;
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn leave_nothing_unfinished() -> io::Result<()> {
    Ok(())
}

/// From now on what would make a file longer than it may be (`ulimit -f`) is an error of that file. The signal for it ends a
/// process without a word, and leaves what it was writing.
#[cfg(unix)]
pub(super) fn fail_at_the_limit_of_a_file() -> io::Result<()> {
    // Whether it came is told by the write that fails.
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default()).map(drop)
}

#[cfg(not(unix))]
pub(super) fn fail_at_the_limit_of_a_file() -> io::Result<()> {
    Ok(())
}
