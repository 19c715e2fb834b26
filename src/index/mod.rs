//! The index: which windows there have been, and where each first began.

mod memory;

pub(crate) use memory::Hash;
pub use memory::Memory;
