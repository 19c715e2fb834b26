//! Options that are otherwise for some paths.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::Config;
use crate::corpus::Keep;
use crate::fold::{FoldChanges, Level};
use crate::format::Format;
use crate::source::{Encodings, Globs};
use crate::unit::UnitKind;

/// What is otherwise for some paths. Of several that fit a path, a later one stands over an earlier one.
#[derive(Debug, Default)]
pub struct Overrides {
    all: Arc<[Override]>,
    combined: Link,
}

/// What is otherwise for the paths that fit.
#[derive(Clone, Debug)]
pub struct Override {
    /// The paths.
    pub paths: Globs,
    /// What is otherwise.
    pub changes: Changes,
    /// The same in words, by which one run is told from another.
    pub told: String,
    /// The same of what changes what is compared, if something does.
    pub compared: Option<String>,
}

/// Options that are otherwise. None is as it is for other paths.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The level.
    pub level: Option<Level>,
    /// What is changed of the level.
    pub fold_changes: Option<FoldChanges>,
    /// What is compared.
    pub unit: Option<UnitKind>,
    /// The fewest words of a run.
    pub min_words: Option<NonZeroU32>,
    /// What is kept too.
    pub keep: Keep,
    /// The format, or that the name says it.
    pub format: Option<Option<Format>>,
    /// The field with the text of a record.
    pub text_field: Option<String>,
    /// The field that a record is called by.
    pub id_field: Option<String>,
    /// What stands between the fields of a table.
    pub delimiter: Option<u8>,
    /// Whether quotation marks around fields are none of their text.
    pub quoting: Option<bool>,
    /// The encodings to try.
    pub encodings: Option<Encodings>,
    /// Whether bytes that are not UTF-8 are refused.
    pub strict: Option<bool>,
}

/// What was made of the options for the paths that the same overrides fit, one after the other: each is made once, and
/// stays where it is.
#[derive(Debug, Default)]
struct Link(OnceLock<Box<(Combined, Link)>>);

#[derive(Debug)]
struct Combined {
    /// The numbers of the overrides.
    fitting: Vec<usize>,
    /// None where they change nothing.
    config: Option<Config>,
}

impl Clone for Overrides {
    /// Without what was made of the options that they were a part of.
    fn clone(&self) -> Overrides {
        Overrides { all: Arc::clone(&self.all), combined: Link::default() }
    }
}

impl FromIterator<Override> for Overrides {
    fn from_iter<I: IntoIterator<Item = Override>>(overrides: I) -> Overrides {
        Overrides { all: overrides.into_iter().collect(), combined: Link::default() }
    }
}

impl Overrides {
    /// Whether nothing is otherwise for any path.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether units of some paths are of another kind.
    #[must_use]
    pub fn change_units(&self) -> bool {
        self.all.iter().any(|one| one.changes.unit.is_some())
    }

    /// What is made of the options of other paths for this one.
    pub(super) fn of<'a>(&'a self, config: &'a Config, path: &Path) -> &'a Config {
        let fits = |one: &Override| one.paths.fit_or_hold(path, Path::new(""));
        let fitting: Vec<usize> =
            self.all.iter().enumerate().filter(|(_, one)| fits(one)).map(|(number, _)| number).collect();
        if fitting.is_empty() {
            return config;
        }
        let mut link = &self.combined;
        loop {
            let (combined, next) = &**link.0.get_or_init(|| {
                let made = self.combined(config, &fitting);
                Box::new((Combined { fitting: fitting.clone(), config: made }, Link::default()))
            });
            // Another may have been made there meanwhile.
            if combined.fitting == fitting {
                return combined.config.as_ref().unwrap_or(config);
            }
            link = next;
        }
    }

    fn combined(&self, config: &Config, fitting: &[usize]) -> Option<Config> {
        let mut own = Config { overrides: Overrides::default(), ..config.clone() };
        // What was given once is not kept again.
        (own.paths, own.listed) = (Vec::new(), Vec::new());
        for &number in fitting {
            self.all[number].changes.apply(&mut own);
        }
        let whole = Config { overrides: Overrides::default(), ..config.clone() };
        let is_changed = own.settings() != whole.settings() || own.records.id_field != whole.records.id_field;
        is_changed.then_some(own)
    }

    /// What they change of what is compared, one after the other, in words.
    #[must_use]
    pub fn compared(&self) -> Vec<String> {
        self.all.iter().filter_map(|one| one.compared.clone()).collect()
    }

    /// What tells one set of them from another.
    pub(super) fn settings(&self) -> impl Iterator<Item = (String, String)> {
        self.all.iter().enumerate().map(|(at, one)| {
            let keep = one.changes.keep.fingerprint();
            (format!("override {}", at + 1), format!("{}, kept: {keep}", one.told))
        })
    }
}

impl Changes {
    fn apply(&self, config: &mut Config) {
        let Changes { level, fold_changes, unit, min_words, keep, format, .. } = self;
        let Changes { text_field, id_field, delimiter, quoting, encodings, strict, .. } = self;
        let set = |to: &mut Option<String>, from: &Option<String>| {
            if from.is_some() {
                to.clone_from(from);
            }
        };
        config.level = level.unwrap_or(config.level);
        config.fold_changes = fold_changes.unwrap_or(config.fold_changes);
        config.compare.folds = config.fold_changes.of_set(config.level.folds());
        if let Some(unit) = *unit {
            config.compare.unit = unit;
            config.records.joint = unit.joint();
        }
        config.compare.min_words = min_words.unwrap_or(config.compare.min_words);
        config.compare.keep = config.compare.keep.and(keep);
        config.format = format.unwrap_or(config.format);
        set(&mut config.records.text_field, text_field);
        set(&mut config.records.id_field, id_field);
        config.records.delimiter = delimiter.or(config.records.delimiter);
        config.records.quoting = quoting.unwrap_or(config.records.quoting);
        if let Some(encodings) = encodings {
            config.read.encodings.clone_from(encodings);
        }
        config.read.strict = strict.unwrap_or(config.read.strict);
    }
}
