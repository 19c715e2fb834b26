//! The index: which windows there have been, and where each first began.

mod earlier;
mod filter;
mod fixed;
mod layered;
mod memory;
mod run;
mod spilling;
mod starts;
#[cfg(feature = "index")]
pub mod store;

pub use earlier::{Earlier, KnownDocument, Own, Recognised, TextHash, document_name, identity};
pub use layered::Layered;
pub use memory::Memory;
pub use run::IndexError;
pub use spilling::Spilling;
pub(crate) use starts::Starts;

use crate::key::Key;

/// The most bytes of memory that the index takes for a window, where it has no budget.
pub const BYTES_A_WINDOW: u64 = 40;

/// Window keys and the first place of each.
///
/// Windows are made ready some at a time, so that looking them up need not wait for memory, or for a disk, one by one; then
/// they are asked for.
pub trait Index {
    /// What can go wrong when windows are made ready.
    type Error;

    /// How many windows are best made ready at a time.
    fn batch(&self) -> usize;

    /// Makes these windows ready, in place of those before. Each is to be asked for then, in this order.
    ///
    /// # Errors
    /// The index can't be read, or take more windows.
    fn prepare(&mut self, keys: impl Iterator<Item = Key> + Clone) -> Result<(), Self::Error>;

    /// Where a window first began, if it did before. If not, it began here, at `place`. It is number `at`, from 0, of those that
    /// were made ready last.
    fn first_of(&mut self, at: usize, key: Key, place: u64) -> Option<u64>;

    /// The number of windows.
    fn windows(&self) -> u64;
}
