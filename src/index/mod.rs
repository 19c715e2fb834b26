//! The index: which windows there have been, and where each first began.

mod memory;

pub use memory::Memory;
