//! tikrar
pub mod fold;
pub mod key;
pub mod unit;
