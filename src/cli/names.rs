//! What documents are called in what is said of them.

use std::path::{Component, Path, PathBuf};

use crate::config::Config;
use crate::corpus::{Origin, Place};
use crate::format::Chunk;
use crate::report::{DocumentName, excerpt, shown_name};
use crate::sink::FileName;
use crate::source::{Damage, Doubt, Input, Located};

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

    /// What the document is called in findings.
    pub(super) fn document(&self, config: &Config) -> DocumentName {
        let of_record = self.record.map(|(number, chunk, record)| (number, chunk.id(record)));
        let (record, id) = of_record.map_or((None, None), |(number, id)| (Some(number), id));
        DocumentName { file: file_name(config, self.input), record, id, name: self.name(config) }
    }

    /// What the document is called in a diff.
    pub(super) fn path(&self, config: &Config) -> PathBuf {
        match (self.record, self.input) {
            (Some(_), _) => PathBuf::from(self.name(config)),
            (None, Input::File(path)) => path.clone(),
            (None, Input::Stdin) => config.stdin_filename.clone().unwrap_or_else(|| PathBuf::from("-")),
        }
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

/// A document of this run in findings of others, where it is known by its place.
pub(super) fn document_of_place(config: &Config, files: &[Located], place: Place) -> DocumentName {
    let name = |file: usize| name(config, &files[file].input);
    DocumentName {
        file: file_name(config, &files[place.file].input),
        record: place.record,
        id: None,
        name: of_place(place, None, name),
    }
}

/// A document of an earlier run in findings.
pub(super) fn document_of_earlier(name: &str) -> DocumentName {
    DocumentName { file: None, record: None, id: None, name: shown_name(Path::new(name)) }
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

/// The way from a folder to a file, both resolved.
pub(super) fn way(folder: &Path, file: &Path) -> PathBuf {
    let mut up = folder.components().peekable();
    let mut down = file.components().peekable();
    while let (Some(one), Some(other)) = (up.peek(), down.peek())
        && one == other
    {
        up.next();
        down.next();
    }
    up.map(|_| Component::ParentDir).chain(down).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_the_way_from_a_folder() {
        let way = |folder: &str, file: &str| super::way(Path::new(folder), Path::new(file)).display().to_string();
        assert_eq!(way("/data", "/data/day1/a.txt"), "day1/a.txt");
        assert_eq!(way("/data/index", "/data/day1/a.txt"), "../day1/a.txt");
        assert_eq!(way("/data", "/other/a.txt"), "../other/a.txt");
        assert_eq!(way("/", "/a.txt"), "a.txt");
    }
}
