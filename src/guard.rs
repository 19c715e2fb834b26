//! Code of others that panics on files that are damaged.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread is one that a damaged file has caused, and that becomes an error: a panic hook need not tell of
/// it.
#[must_use]
pub fn is_guarded() -> bool {
    IS_GUARDED.get()
}

/// A panic, and what it said.
#[derive(Debug)]
pub(crate) struct Panicked(
    #[cfg_attr(not(feature = "index"), allow(dead_code, reason = "Parquet says its own"))] pub(crate) String,
);

/// Runs what may panic. What it had borrowed is not to be used after that, but to be dropped.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    let was_guarded = IS_GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(was_guarded);
    result.map_err(|payload| {
        let said = payload.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| payload.downcast_ref::<&str>().copied());
        Panicked(said.unwrap_or("it does not say why").lines().next().unwrap_or_default().to_owned())
    })
}
