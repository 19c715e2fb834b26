//! The report `html`: one page for a browser, in Arabic and in English, which needs nothing but itself. How much is kept of a
//! run is bounded, and so is the length of the page; it says what is left out.

mod article;
mod blocks;
mod charts;
mod differences;
mod kept;
mod links;
mod markup;
mod page;
mod said;

use std::io::{self, Write};

use self::article::Article;
use self::blocks::Blocks;
use self::charts::Charts;
use self::kept::Kept;
use super::{Found, Needs, Report, Totals};
use crate::corpus::Options;

/// The report.
#[derive(Default)]
pub struct Html {
    charts: Charts,
    blocks: Blocks,
    kept: Kept,
}

impl Report for Html {
    fn needs(&self) -> Needs {
        Needs { equality: true, let_pass: true, pairs: true, ..Needs::default() }
    }

    fn found(&mut self, found: &Found<'_>, _: &mut dyn Write) -> io::Result<()> {
        for finding in found.findings {
            self.charts.count(finding);
            self.blocks.count(found, finding)?;
        }
        self.kept.keep(Article::of(found)?);
        Ok(())
    }

    fn end(&mut self, options: &Options, totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
        page::write(self, options, totals, out)
    }
}

/// A number of things, in English.
fn shown_count(number: u64, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}
