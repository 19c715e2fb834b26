//! What documents are called in what is said of them.

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::corpus::{Origin, Place};
use crate::format::Chunk;
use crate::report::{excerpt, shown_name};
use crate::sink::FileName;
use crate::source::{Damage, Doubt, Input};

/// What a document is called in messages.
pub(super) fn name(config: &Config, input: &Input) -> String {
    match input {
        Input::File(path) => shown_name(path),
        Input::Stdin => config.stdin_filename.as_deref().map_or_else(|| "standard input".to_owned(), shown_name),
    }
}

/// The name of a document's file in what is written of it; none of standard input that was given none.
pub(super) fn file_name(config: &Config, input: &Input) -> Option<FileName> {
    match input {
        Input::File(path) => Some(FileName::from(&**path)),
        Input::Stdin => config.stdin_filename.as_deref().map(FileName::from),
    }
}

/// A document, by its file and, of a record, its number in the file, its chunk, and its number there.
pub(super) struct Named<'a> {
    pub(super) input: &'a Input,
    pub(super) record: Option<(u64, &'a Chunk, usize)>,
}

impl<'a> Named<'a> {
    /// The record of a chunk, of which the first has this number in its file.
    pub(super) fn record(input: &'a Input, first: u64, chunk: &'a Chunk, record: usize) -> Named<'a> {
        Named { input, record: Some((first + record as u64, chunk, record)) }
    }

    /// What the document is called in messages: `a.jsonl, record 12 (its id)`.
    pub(super) fn name(&self, config: &Config) -> String {
        let file = name(config, self.input);
        match self.record {
            None => file,
            Some((number, chunk, record)) => of_record(&file, number, chunk.id(record).as_deref()),
        }
    }

    /// What the document is called in a diff.
    pub(super) fn path(&self, config: &Config) -> PathBuf {
        match (self.record, self.input) {
            (Some(_), _) => PathBuf::from(self.name(config)),
            (None, Input::File(path)) => path.clone(),
            (None, Input::Stdin) => config.stdin_filename.clone().unwrap_or_else(|| PathBuf::from("-")),
        }
    }

    pub(super) fn is_record(&self) -> bool {
        self.record.is_some()
    }
}

/// What a record is called in messages.
pub(super) fn of_record(file: &str, number: u64, id: Option<&str>) -> String {
    match id {
        Some(id) => format!("{file}, record {number} ({})", excerpt(id.as_bytes())),
        None => format!("{file}, record {number}"),
    }
}

/// What a document of a corpus is called; its file is by `name`.
pub(super) fn of_place(place: Place, id: Option<&str>, name: impl Fn(usize) -> String) -> String {
    match place.record {
        Some(record) => of_record(&name(place.file), record, id),
        None => name(place.file),
    }
}

/// What the document of an original is called; files of this run are by `name`.
pub(super) fn of_origin(origin: &Origin, name: impl Fn(usize) -> String) -> String {
    match origin {
        Origin::Here(place) => of_place(*place, None, name),
        Origin::Earlier(name) => format!("{} of an earlier run", shown_name(Path::new(name))),
    }
}

pub(super) fn of_damage(name: &str, damage: Damage) -> String {
    format!("tikrar: warning: {name}: {damage}; left as they are, and equal only to themselves")
}

pub(super) fn of_likelier(name: &str, encoding: &str, likelier: &str) -> String {
    format!("tikrar: warning: {name}: read as {encoding}, though it looks like {likelier}")
}

pub(super) fn of_doubt(name: &str, doubt: Doubt) -> String {
    format!("tikrar: warning: {name}: {doubt}")
}
