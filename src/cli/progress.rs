//! How far a run is, said on standard error while it goes on.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{BinaryBytes, HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::config::Progress;
use crate::source::{Located, Tap};

/// What the process has read of its files, and the copies it has found.
static READ: AtomicU64 = AtomicU64::new(0);
static COPIES: AtomicU64 = AtomicU64::new(0);

/// The bar that is drawn. What is said meanwhile goes above it.
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// A run this short needs no bar.
const PATIENCE: Duration = Duration::from_millis(500);
const BETWEEN_DRAWINGS: Duration = Duration::from_millis(100);
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// Counts what is read, if it is to be shown.
pub(super) fn tap(progress: Progress) -> Option<Tap> {
    shown(progress).map(|_| Tap::new(|bytes| add_read(bytes.len() as u64)))
}

/// Counts bytes of files that are read in another way.
pub(super) fn add_read(bytes: u64) {
    READ.fetch_add(bytes, Ordering::Relaxed);
}

/// Counts copies.
pub(super) fn add_copies(copies: u64) {
    COPIES.fetch_add(copies, Ordering::Relaxed);
}

/// Writes a line to standard error, above the bar if there is one. Where nobody listens there, nothing can be said.
pub(super) fn say(line: impl std::fmt::Display) {
    let write = || {
        let _ = writeln!(io::stderr().lock(), "{line}");
    };
    match &*BAR.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// Takes the bar away, as the process ends.
pub(super) fn clear() {
    if let Some(bar) = BAR.lock().unwrap_or_else(PoisonError::into_inner).take() {
        bar.finish_and_clear();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Bar,
    Lines,
}

fn shown(progress: Progress) -> Option<Shown> {
    match progress {
        Progress::None => None,
        Progress::Auto => io::stderr().is_terminal().then_some(Shown::Bar),
        // A bar is for a terminal; elsewhere lines say the same.
        Progress::Bar => Some(if io::stderr().is_terminal() { Shown::Bar } else { Shown::Lines }),
        Progress::Plain => Some(Shown::Lines),
    }
}

/// Shows how far the run is until it is dropped.
pub(super) struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Begins to show how far these files are read.
    pub(super) fn begin(progress: Progress, files: &[Located]) -> Option<Watch> {
        let shown = shown(progress)?;
        let size = |file: &Located| file.input.metadata().filter(std::fs::Metadata::is_file).map(|file| file.len());
        let total = files.iter().map(size).sum::<Option<u64>>();
        let (stop, stopped) = mpsc::channel();
        let begun = Instant::now();
        // Where the system has no thread to give nothing is shown.
        let thread = thread::Builder::new().spawn(move || {
            let mut wait = if shown == Shown::Bar { PATIENCE } else { BETWEEN_LINES };
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                match shown {
                    Shown::Lines => say(line(total, begun.elapsed())),
                    Shown::Bar => {
                        draw(total, begun);
                        wait = BETWEEN_DRAWINGS;
                    }
                }
            }
        });
        Some(Watch { stop: Some(stop), thread: Some(thread.ok()?) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A bar that can't be drawn is no reason to fail.
            let _ = thread.join();
        }
        clear();
    }
}

fn draw(total: Option<u64>, begun: Instant) {
    let mut bar = BAR.lock().unwrap_or_else(PoisonError::into_inner);
    let bar = bar.get_or_insert_with(|| {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr()).with_elapsed(begun.elapsed());
        let template = match total {
            Some(_) => "{wide_bar} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left, {msg}",
            None => "{spinner} {binary_bytes}, {binary_bytes_per_sec}, {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar
    });
    bar.set_message(copies());
    bar.set_position(READ.load(Ordering::Relaxed));
    bar.tick();
}

fn copies() -> String {
    format!("{} copies", HumanCount(COPIES.load(Ordering::Relaxed)))
}

/// As in `1.20 GiB of 3.40 GiB (35%), 120 MiB/s, 18 seconds left, 1,234 copies so far`.
fn line(total: Option<u64>, elapsed: Duration) -> String {
    let read = READ.load(Ordering::Relaxed);
    let rate = read as f64 / elapsed.as_secs_f64();
    let of_total = total.map_or_else(String::new, |total| {
        let percent = read * 100 / total.max(1);
        format!(" of {} ({percent}%)", BinaryBytes(total))
    });
    let left = total.filter(|_| read > 0).map_or_else(String::new, |total| {
        let left = Duration::from_secs_f64(total.saturating_sub(read) as f64 / rate);
        format!(", {} left", HumanDuration(left))
    });
    format!("tikrar: {}{of_total}, {}/s{left}, {} so far", BinaryBytes(read), BinaryBytes(rate as u64), copies())
}
