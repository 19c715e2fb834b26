//! What a store says of itself.

use redb::ReadableTable;

use super::error::Fault;
use super::{FORMAT, KeptVersion};

/// What is in the table `meta`.
#[derive(Clone, Debug)]
pub(super) struct Meta {
    pub(super) version: KeptVersion,
    pub(super) lines: u64,
    pub(super) runs: u64,
    pub(super) made_by: String,
}

impl Meta {
    pub(super) fn new(version: KeptVersion) -> Meta {
        Meta { version, lines: 0, runs: 0, made_by: env!("CARGO_PKG_VERSION").to_owned() }
    }

    pub(super) fn write(&self, table: &mut redb::Table<'_, &'static str, &'static str>) -> Result<(), Fault> {
        let KeptVersion { rules, folds, unit, min_words } = &self.version;
        let (lines, runs) = (self.lines.to_string(), self.runs.to_string());
        for (name, value) in [
            ("rules", rules),
            ("folds", folds),
            ("unit", unit),
            ("min-words", min_words),
            ("lines", &lines),
            ("runs", &runs),
            ("tikrar", &self.made_by),
        ] {
            table.insert(name, &**value)?;
        }
        table.insert("format", &*FORMAT.to_string())?;
        Ok(())
    }

    pub(super) fn read(table: &impl ReadableTable<&'static str, &'static str>) -> Result<Meta, Fault> {
        let text = |name: &str| match table.get(name)? {
            Some(value) => Ok(value.value().to_owned()),
            None => Err(Fault::Wrong(format!("its {name} is not told"))),
        };
        let number =
            |name: &str| text(name)?.parse().map_err(|_| Fault::Wrong(format!("its number of {name} is no number")));
        Ok(Meta {
            version: KeptVersion {
                rules: text("rules")?,
                folds: text("folds")?,
                unit: text("unit")?,
                min_words: text("min-words")?,
            },
            lines: number("lines")?,
            runs: number("runs")?,
            made_by: text("tikrar")?,
        })
    }
}
