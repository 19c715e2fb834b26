//! tikrar
pub mod fold;
pub mod key;
pub mod plan;
pub mod unit;
