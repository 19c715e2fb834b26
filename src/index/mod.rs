//! The index: which windows there have been, and where each first began.

mod memory;
#[cfg(feature = "index")]
pub mod store;

pub(crate) use memory::Hash;
pub use memory::Memory;

/// The most bytes that the index takes for a window.
pub const BYTES_A_WINDOW: u64 = 40;
