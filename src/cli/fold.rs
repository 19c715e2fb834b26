//! `tikrar fold`: the folded text, a line a unit.

use std::io::{self, Write as _};

use anyhow::Result;

use super::batch::{Batch, Same, writing};
use super::{Status, args};
use crate::corpus::Options;
use crate::fold::Folder;
use crate::report::account::Account;
use crate::sink::Output;
use crate::source::Document;
use crate::unit::Splitter;

pub(super) fn run(arguments: args::Fold, status: &mut Status) -> Result<()> {
    let config = arguments.resolve()?;
    let mut batch = Batch::new(&config, status)?;
    let mut output = batch.output()?;
    let mut folder = Folder::new(config.compare.folds);
    let mut fold = |compare: &Options, document: &Document| {
        if folder.folds() != compare.folds {
            folder = Folder::new(compare.folds);
        }
        let mut splitter = Splitter::new(compare.unit);
        document.body.pieces::<io::Error>(|piece, last| {
            let mut result = Ok(());
            let done = splitter.split(piece, last, |_, unit| {
                if result.is_ok() {
                    result = write_line(&folder.fold(unit).shown(), &mut output);
                }
            });
            result.map(|()| done)
        })
    };
    batch.each_document(
        Same::Again,
        status,
        || (),
        |(), _| Ok(()),
        |named, document, (), _| writing(fold(&config.of(named.input).compare, &document)).map(|()| Account::default()),
    )?;
    batch.finish_output(output)?;
    batch.finish()
}

/// A line end within a unit, which only the level `exact` leaves in a paragraph, is shown as the symbol for one.
fn write_line(folded: &[u8], output: &mut Output) -> io::Result<()> {
    for (i, line) in folded.split(|&byte| byte == b'\n').enumerate() {
        if i > 0 {
            output.write_all("\u{2424}".as_bytes())?;
        }
        output.write_all(line)?;
    }
    output.write_all(b"\n")
}
