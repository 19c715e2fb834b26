//! tikrar (تكرار, "repetition") finds and removes repeated paragraphs in Arabic text.
//!
//! Data walks one way:
//!
//! ```text
//! bytes → documents → units → folded text → keys → plan → bytes or findings
//! source    format     unit      fold        key    plan   format, report
//! ```
//!
//! [`corpus::Stream`] is the walk for a whole corpus, in one pass. [`corpus::Examined`] is the walk of one document, up to
//! the plan. What is left of a document is written by [`format::text::write`]:
//!
//! ```
//! use tikrar::corpus::{Examined, Options};
//! use tikrar::format::text;
//! use tikrar::source::Document;
//!
//! let article = "قال الوزير إن “النتائج جيدة جدا” وإن العمل مستمر في كل المدن\n\
//!                وغادر الوفد\n\
//!                قال الوزير إن «النتائج جيدة جدا» وإن العمل مستمر في كل المدن\n";
//! let document = Document::of_bytes(article.into());
//! let examined = Examined::new(&document, &Options::default())?;
//! assert_eq!(examined.plan.original(2), Some(0));
//!
//! let mut cleaned = Vec::new();
//! text::write(&document.body, &examined.cuts(&document.body)?, &mut cleaned)?;
//! assert!(cleaned.ends_with("وغادر الوفد\n".as_bytes()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
pub mod corpus;
pub mod cut;
pub mod engine;
pub mod fold;
pub mod format;
#[cfg(any(feature = "index", feature = "parquet"))]
pub mod guard;
pub mod index;
pub mod key;
pub mod longest;
pub mod near;
pub mod plan;
pub mod removed;
pub mod repair;
pub mod report;
pub mod share;
pub mod sink;
pub mod source;
pub mod unit;
mod varint;
