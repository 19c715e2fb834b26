//! What looks at documents: an examiner for each set of options that holds for some of the files.

use std::ptr;

use crate::config::Config;
use crate::corpus::{Examiner, Threads};
use crate::fold::Level;
use crate::repair::Repairer;
use crate::source::Input;

/// Examiners, made as they are needed.
#[derive(Clone)]
pub(super) struct Examiners<'a> {
    config: &'a Config,
    threads: Threads,
    made: Vec<Made<'a>>,
    /// The file that was asked for last, and which of those is for it: a file can have millions of records.
    last: Option<(Input, usize)>,
}

#[derive(Clone)]
struct Made<'a> {
    config: &'a Config,
    examiner: Examiner<'a>,
    /// What mends the text that stays, if something does.
    repairer: Option<Repairer>,
    /// The same at the levels that look past more, the loosest first, once they are asked for.
    further: Option<Vec<(Level, Examiner<'a>)>>,
}

impl<'a> Examiners<'a> {
    pub(super) fn new(config: &'a Config, threads: Threads) -> Examiners<'a> {
        let mut examiners = Examiners { config, threads, made: Vec::new(), last: None };
        examiners.made.push(examiners.make(config));
        examiners
    }

    fn make(&self, config: &'a Config) -> Made<'a> {
        let examiner =
            Examiner::new(&config.compare).with_threads(self.threads).with_spooling(config.read.spooling.clone());
        Made { config, examiner, repairer: config.repair.map(Repairer::new), further: None }
    }

    fn made(&mut self, input: &Input) -> &mut Made<'a> {
        let at = match &self.last {
            _ if self.config.overrides.is_empty() => 0,
            Some((last, at)) if last == input => *at,
            _ => {
                let config = self.config.of(input);
                let at = self.made.iter().position(|made| ptr::eq(made.config, config)).unwrap_or_else(|| {
                    self.made.push(self.make(config));
                    self.made.len() - 1
                });
                self.last = Some((input.clone(), at));
                at
            }
        };
        &mut self.made[at]
    }

    /// The one for the documents of a file, and the options that it has.
    pub(super) fn of(&mut self, input: &Input) -> (&'a Config, &mut Examiner<'a>) {
        let made = self.made(input);
        (made.config, &mut made.examiner)
    }

    /// What mends the text of a file that stays, if something does.
    pub(super) fn repairer(&mut self, input: &Input) -> Option<&mut Repairer> {
        self.made(input).repairer.as_mut()
    }

    /// Those for the documents of a file at the levels that look past more, the loosest first.
    pub(super) fn further(&mut self, input: &Input) -> &mut [(Level, Examiner<'a>)] {
        let threads = self.threads;
        let Made { config, further, .. } = self.made(input);
        let levels = config.further_levels().iter().rev();
        let examiner =
            |options| Examiner::new(options).with_threads(threads).with_spooling(config.read.spooling.clone());
        let make = || levels.map(|(level, options)| (*level, examiner(options))).collect();
        further.get_or_insert_with(make)
    }
}
