//! A corpus that is decided about, to be asked about one unit.

use std::iter;

use anyhow::{Context as _, Result};

use super::found::{Corpus, each_with_gone};
use super::originals::{self, Originals};
use super::{Decided, Decisive, READ_DECIDED, decide};
use crate::cli::Status;
use crate::cli::batch::{self, Batch, READ_BACK};
use crate::cli::names;
use crate::cli::place::again;
use crate::config::Config;
use crate::corpus::gone::{Gone, Why};
use crate::corpus::{Origin, Place};
use crate::index::Recognised;
use crate::report::Finding;
use crate::report::explain::{InCorpus, Spot, UnitAt};
use crate::source::Located;

/// What is said where what was decided does not hold together.
const FAULT: &str = "its original can't be found again, which is a fault of tikrar: please report it";

/// What is decided about a corpus.
pub(in crate::cli) struct Asked<'a> {
    quiet: Config,
    files: &'a [Located],
    decisive: Decisive,
}

/// A unit that goes.
struct Going {
    /// The copies of its block, and which of them it is.
    block: Vec<Gone>,
    at: usize,
}

impl<'a> Asked<'a> {
    /// Decides about all files.
    pub(in crate::cli) fn of(
        config: &Config,
        batch: &mut Batch<'_>,
        files: &'a [Located],
        status: &mut Status,
    ) -> Result<Asked<'a>> {
        let decisive = decide(config, batch, files, false, Recognised::ByText, status)?;
        let quiet = Config { quiet: true, read: again(config), ..config.clone() };
        Ok(Asked { quiet, files, decisive })
    }

    /// Of which unit this one of a document is a copy, if it is one.
    pub(in crate::cli) fn original(&self, place: Place, unit: usize) -> Result<Option<UnitAt>> {
        self.going(place, unit)?.map(|going| self.original_of(place, &going)).transpose()
    }

    /// Shows all documents to `explained`, which is about this unit of a document. Tells of what it is a copy, and in which
    /// block, if it is one.
    pub(in crate::cli) fn show(
        &self,
        explained: &mut InCorpus<'_>,
        place: Place,
        unit: usize,
    ) -> Result<Option<(UnitAt, Finding)>> {
        let going = self.going(place, unit)?;
        let of_block = going.as_ref().map(|going| self.originals(&going.block)).transpose()?;
        let corpus = Corpus { config: &self.quiet, files: self.files, originals: of_block.as_ref() };
        let mut block = None;
        for of_bytes in self.decisive.decisions.read()? {
            let Decided { file, gone, .. } = of_bytes.context(READ_DECIDED)?.decided;
            batch::refuse_changed(&self.files[file].input, self.decisive.was[file].as_ref())?;
            each_with_gone(&self.quiet, corpus, (file, &gone), |found| {
                let name = || self.name(found.place);
                explained.see(found.place, name, found.document, found.gone).context(READ_BACK)?;
                if let Some(going) = going.as_ref().filter(|_| found.place == place) {
                    block = found.finding(&going.block).transpose().context(READ_BACK)?;
                }
                Ok(())
            })
            .with_context(|| names::name(&self.quiet, &self.files[file].input))?;
            batch::refuse_changed(&self.files[file].input, self.decisive.was[file].as_ref())?;
        }
        let Some(going) = going else { return Ok(None) };
        Ok(Some((self.original_of(place, &going)?, block.context(FAULT)?)))
    }

    fn going(&self, place: Place, unit: usize) -> Result<Option<Going>> {
        for of_bytes in self.decisive.decisions.read()? {
            let Decided { file, gone, .. } = of_bytes.context(READ_DECIDED)?.decided;
            if file != place.file {
                continue;
            }
            let of_document = gone.chunk_by(|one, other| one.record == other.record);
            let is_of = |gone: &&[Gone]| gone.first().is_some_and(|gone| gone.record == place.record);
            let mut blocks =
                of_document.filter(is_of).flat_map(|gone| gone.chunk_by(|one, other| one.block == other.block));
            return Ok(blocks.find_map(|block| {
                let at = block.iter().position(|gone| gone.unit == unit as u64 + 1)?;
                Some(Going { block: block.to_vec(), at })
            }));
        }
        Ok(None)
    }

    fn originals(&self, gone: &[Gone]) -> Result<Originals> {
        originals::read(&self.quiet, self.files, &self.decisive.was, iter::once(Ok(gone.to_vec())))
    }

    fn original_of(&self, place: Place, going: &Going) -> Result<UnitAt> {
        let gone = &going.block[going.at];
        let Why::Copy { document: Origin::Here(document), .. } = gone.why else { anyhow::bail!(FAULT) };
        // By itself, for of a long block not all originals are held.
        let originals = self.originals(std::slice::from_ref(gone))?;
        let original = originals.of(gone).context(FAULT)?;
        let document = (document != place).then(|| self.name(document));
        Ok(UnitAt { spot: Spot { lines: original.lines, document }, text: original.text.clone() })
    }

    fn name(&self, place: Place) -> String {
        names::of_place(place, None, |file| names::name(&self.quiet, &self.files[file].input))
    }
}
