//! The index of a run on top of what earlier runs have found.

use std::path::PathBuf;
use std::sync::Arc;

use hashbrown::HashMap;

use super::{Earlier, Index, IndexError, Spilling};
use crate::key::Key;

/// Window keys and the first place of each: of earlier runs, and of this one behind them.
///
/// A document that an earlier run had already stands where it stood first: what began behind that place, in whatever document, is
/// no original of it, but may have been a copy of it. So it is decided about as it was then, and no text is lost because two
/// documents were each taken for a copy of the other. The same holds for a file as a whole, if it is to be replaced: whatever its
/// documents are called now, there is no other place for what began in it.
pub struct Layered {
    run: Spilling,
    earlier: Option<Arc<dyn Earlier>>,
    /// How much memory the windows of a file may take that is met again, and where there is more room.
    budget: Option<u64>,
    folder: Option<PathBuf>,
    /// Of the current document or file, if an earlier run had it.
    again: Option<Again>,
    /// What is known of the windows that are made ready. None is kept of them where there are no earlier runs.
    known: Vec<Known>,
    /// How many of them were asked for of the run, and of what is met again.
    asked: (usize, usize),
}

/// What an earlier run had already.
struct Again {
    /// The lines before it where it stood first.
    before: u64,
    /// Its own windows.
    own: Own,
}

enum Own {
    Document(HashMap<Key, u64>),
    File(Box<Spilling>),
}

/// What earlier runs have found of a window.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// It began at this place, and that counts.
    At(u64),
    /// It began where that does not count.
    Behind,
    /// It did not begin.
    Not,
}

impl Layered {
    /// An empty index of a run, on top of `earlier`, if there is something. The windows of files that are met again take at most
    /// `budget` bytes of memory, and temporary files in `folder`.
    #[must_use]
    pub fn new(
        run: Spilling,
        earlier: Option<Arc<dyn Earlier>>,
        budget: Option<u64>,
        folder: Option<PathBuf>,
    ) -> Layered {
        Layered { run, earlier, budget, folder, again: None, known: Vec::new(), asked: (0, 0) }
    }

    /// A document begins, which an earlier run had behind so many lines, if one had it. In a file that is met again as a whole that
    /// is all one.
    pub fn begin_document(&mut self, before: Option<u64>) {
        if !matches!(self.again, Some(Again { own: Own::File(_), .. })) {
            self.again = before.map(|before| Again { before, own: Own::Document(HashMap::new()) });
        }
    }

    /// A file of documents begins, of which an earlier run had the first behind so many lines, if one had it.
    ///
    /// # Errors
    /// There can be no temporary file.
    pub fn begin_file(&mut self, before: Option<u64>) -> Result<(), IndexError> {
        self.again = match before {
            None => None,
            Some(before) => {
                let own = Box::new(Spilling::new(self.budget, self.folder.clone())?);
                Some(Again { before, own: Own::File(own) })
            }
        };
        Ok(())
    }

    /// Where windows first began, if they did. Those that did not are not known by that.
    ///
    /// # Errors
    /// The index can't be read.
    pub(super) fn look_up(
        &mut self,
        keys: impl Iterator<Item = Key> + Clone,
        found: &mut Vec<Option<u64>>,
    ) -> Result<(), IndexError> {
        let Layered { run, earlier, again, .. } = self;
        match again {
            None => run.look_up_only(keys.clone(), found)?,
            Some(Again { own: Own::File(own), .. }) => own.look_up_only(keys.clone(), found)?,
            Some(Again { own: Own::Document(own), .. }) => {
                found.clear();
                found.extend(keys.clone().map(|key| own.get(&key).copied()));
            }
        }
        if let Some(earlier) = earlier {
            for (found, key) in found.iter_mut().zip(keys) {
                if let Known::At(first) = known(&**earlier, again.as_ref(), key)? {
                    *found = Some(first);
                }
            }
        }
        Ok(())
    }

    /// The windows of this run alone.
    #[must_use]
    pub fn into_run(self) -> Spilling {
        self.run
    }
}

fn known(earlier: &dyn Earlier, again: Option<&Again>, key: Key) -> Result<Known, IndexError> {
    Ok(match earlier.first(key)? {
        Some(first) if again.is_none_or(|again| first <= again.before) => Known::At(first),
        Some(_) => Known::Behind,
        None => Known::Not,
    })
}

impl Index for Layered {
    type Error = IndexError;

    fn batch(&self) -> usize {
        match &self.again {
            Some(Again { own: Own::File(own), .. }) => own.batch().min(self.run.batch()),
            _ => self.run.batch(),
        }
    }

    fn prepare(&mut self, keys: impl Iterator<Item = Key> + Clone) -> Result<(), IndexError> {
        let Layered { run, earlier, again, known: all_known, asked, .. } = self;
        let Some(earlier) = earlier else { return run.prepare(keys) };
        all_known.clear();
        *asked = (0, 0);
        for key in keys.clone() {
            all_known.push(known(&**earlier, again.as_ref(), key)?);
        }
        let with_known = keys.zip(&*all_known);
        run.prepare(with_known.clone().filter(|(_, known)| **known == Known::Not).map(|(key, _)| key))?;
        if let Some(Again { own: Own::File(own), .. }) = again {
            own.prepare(with_known.filter(|(_, known)| !matches!(known, Known::At(_))).map(|(key, _)| key))?;
        }
        Ok(())
    }

    fn first_of(&mut self, at: usize, key: Key, place: u64) -> Option<u64> {
        let Layered { run, earlier, again, known, asked, .. } = self;
        if earlier.is_none() {
            return run.first_of(at, key, place);
        }
        let of_run = match known[at] {
            Known::At(first) => return Some(first),
            Known::Behind => None,
            Known::Not => {
                asked.0 += 1;
                run.first_of(asked.0 - 1, key, place)
            }
        };
        match again {
            None => of_run,
            Some(Again { own: Own::File(own), .. }) => {
                asked.1 += 1;
                own.first_of(asked.1 - 1, key, place)
            }
            Some(Again { own: Own::Document(own), .. }) => {
                let first = own.get(&key).copied();
                if first.is_none() {
                    own.insert(key, place);
                }
                first
            }
        }
    }

    fn windows(&self) -> u64 {
        self.run.len()
    }
}
