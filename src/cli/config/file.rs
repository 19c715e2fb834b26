//! A `tikrar.toml`, read and checked.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Arg, Command, CommandFactory as _};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{ByPath, KEYS, Key, meant};
use super::value::{Holds, Part, Value};
use crate::cli::args;
use crate::corpus::Keep;
use crate::fold::FoldChanges;
use crate::report::{shown_name, shown_text};
use crate::source::{Encodings, Globs};

/// What a file of options is called.
pub(super) const NAME: &str = "tikrar.toml";
/// The name of the tables that hold for some paths.
const OVERRIDE: &str = "override";
/// The key of such a table that says for which.
const PATHS: &str = "paths";

/// A file of options.
pub(super) struct OptionsFile {
    pub(super) path: PathBuf,
    /// The folder that it is in, from which its paths are.
    pub(super) folder: PathBuf,
    pub(super) settings: Settings,
    pub(super) overrides: Vec<OverrideTable>,
}

/// What is set, by the names of the options.
pub(super) type Settings = BTreeMap<&'static str, Setting>;

/// A value, and where it is set.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) value: Value,
    pub(super) at: Place,
    /// Where its elements are, if it is a list, or it is itself.
    pub(super) parts: Vec<Place>,
}

/// A line of a file and a column on it, in code points, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// What is set for some paths.
pub(super) struct OverrideTable {
    pub(super) at: Place,
    pub(super) paths: Vec<String>,
    pub(super) globs: Globs,
    pub(super) settings: Settings,
}

/// The file of the working folder, or of the nearest folder above it that has one.
///
/// # Errors
/// It is no file, but what may never end, as a pipe.
pub(super) fn found() -> Result<Option<PathBuf>> {
    // A folder that is gone has no file, and nothing is above it.
    let Ok(working) = env::current_dir() else { return Ok(None) };
    let mut found = None;
    for path in working.ancestors().map(|folder| folder.join(NAME)) {
        match path.symlink_metadata() {
            Ok(_) => {
                found = Some(path);
                break;
            }
            Err(error) => match error.kind() {
                // What may not be seen is not there for who runs this.
                io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied | io::ErrorKind::NotADirectory => {}
                _ => return Err(error).with_context(|| format!("{}: cannot be read", shown_name(&path))),
            },
        }
    }
    if let Some(path) = &found
        && path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir())
    {
        bail!("{}: is no file, but a pipe or device (--config takes one, --no-config takes none)", shown_name(path));
    }
    Ok(found)
}

impl OptionsFile {
    pub(super) fn read(path: &Path) -> Result<OptionsFile> {
        let shown = || shown_name(path);
        let bytes = fs::read(path).map_err(|error| match error.kind() {
            io::ErrorKind::IsADirectory => anyhow!("{}: is a folder, and options come from a file", shown()),
            _ => anyhow::Error::new(error).context(format!("{}: cannot be read", shown())),
        })?;
        OptionsFile::of_bytes(path, bytes)
    }

    /// What stands in the file at `path`.
    pub(super) fn of_bytes(path: &Path, bytes: Vec<u8>) -> Result<OptionsFile> {
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
                let Place { line, column } = place(&valid, valid.len());
                bail!("{}:{line}:{column}: is not UTF-8, which TOML is: save it as UTF-8", shown_name(path));
            }
        };
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut command = args::Arguments::command();
        command.build();
        Reading { path, folder: &folder, text: &text, command: &command }.file()
    }

    /// A place in it, in words.
    pub(super) fn place(&self, Place { line, column }: Place) -> String {
        format!("{}:{line}:{column}", shown_name(&self.path))
    }

    /// An error about what stands at this place.
    pub(super) fn error(&self, at: Place, what: impl std::fmt::Display) -> anyhow::Error {
        error(&self.path, at, what)
    }
}

fn error(path: &Path, Place { line, column }: Place, what: impl std::fmt::Display) -> anyhow::Error {
    // What keys and values hold is said on one line, and does nothing to a terminal or a log.
    anyhow!("{}:{line}:{column}: {}", shown_name(path), shown_text(&what.to_string()))
}

/// The place of a byte.
fn place(text: &str, at: usize) -> Place {
    // A text that ends early is wrong at its end.
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or(before);
    Place { line: before.matches('\n').count() + 1, column: line.trim_start_matches('\u{FEFF}').chars().count() + 1 }
}

/// A file that is being read.
struct Reading<'a> {
    path: &'a Path,
    folder: &'a Path,
    text: &'a str,
    /// The command line, which knows what may be given.
    command: &'a Command,
}

impl Reading<'_> {
    fn error(&self, at: &Range<usize>, what: impl std::fmt::Display) -> anyhow::Error {
        error(self.path, place(self.text, at.start), what)
    }

    fn file(&self) -> Result<OptionsFile> {
        let table = DeTable::parse(self.text).map_err(|error| {
            let at = error.span().unwrap_or(self.text.len()..self.text.len());
            self.error(&at, format!("is not as TOML is written: {}", error.message()))
        })?;
        let (mut settings, mut overrides) = (Settings::new(), Vec::new());
        for (name, value) in in_order(table.get_ref()) {
            match (&**name.get_ref(), value.get_ref()) {
                (OVERRIDE, DeValue::Array(tables)) => {
                    for table in tables {
                        let DeValue::Table(of_table) = table.get_ref() else {
                            return Err(self.no_table(&table.span()));
                        };
                        overrides.push(self.override_table(table, of_table)?);
                    }
                }
                (OVERRIDE, _) => return Err(self.no_table(&name.span())),
                _ => self.set(&mut settings, name, value, false)?,
            }
        }
        Ok(OptionsFile { path: self.path.to_owned(), folder: self.folder.to_owned(), settings, overrides })
    }

    fn no_table(&self, at: &Range<usize>) -> anyhow::Error {
        self.error(at, "what holds for some paths stands below [[override]], in two pairs of brackets")
    }

    fn override_table(&self, table: &Spanned<DeValue<'_>>, entries: &DeTable<'_>) -> Result<OverrideTable> {
        let (mut settings, mut paths) = (Settings::new(), None);
        for (name, value) in in_order(entries) {
            if &**name.get_ref() != PATHS {
                self.set(&mut settings, name, value, true)?;
                continue;
            }
            let (Value::Texts(read), parts) =
                Holds::Texts.read(PATHS, value).map_err(|(at, what)| self.error(&at, what))?
            else {
                continue;
            };
            self.check_globs(&parts)?;
            paths = Globs::from_folder(&read, self.folder)?.map(|globs| (read, globs));
        }
        let Some((paths, globs)) = paths else {
            let what = "an [[override]] has to say for which paths it holds, as in `paths = [\"poems/**\"]`";
            return Err(self.error(&table.span(), what));
        };
        Ok(OverrideTable { at: place(self.text, table.span().start), paths, globs, settings })
    }

    /// Takes a key with its value, for all paths or in an override.
    fn set(
        &self,
        settings: &mut Settings,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
        is_override: bool,
    ) -> Result<()> {
        let given = &**name.get_ref();
        let Some(key) = Key::named(given) else {
            return Err(self.error(&name.span(), self.unknown(given, is_override)));
        };
        if is_override && key.by_path == ByPath::Never {
            let what = "holds for a whole run and can't differ by path: set it above the first [[override]]";
            return Err(self.error(&name.span(), format!("`{given}` {what}")));
        }
        let (value, parts) = key.holds.read(given, value).map_err(|(at, what)| self.error(&at, what))?;
        for (part, at) in &parts {
            self.check(key, part).map_err(|what| self.error(at, format!("{given}: {what}")))?;
        }
        let at = place(self.text, name.span().start);
        let parts = parts.iter().map(|(_, at)| place(self.text, at.start)).collect();
        settings.insert(key.name, Setting { value, at, parts });
        Ok(())
    }

    /// What is to be said of a key that there is not.
    fn unknown(&self, given: &str, is_override: bool) -> String {
        let dashed = given.trim_start_matches('-');
        if Key::named(dashed).is_none() && of_command_line(self.command, dashed) {
            return format!("`{given}` is for the command line only: it says what a single run reads, writes or does");
        }
        let known = KEYS.iter().map(|key| key.name).chain([OVERRIDE, PATHS]);
        match meant(dashed, known) {
            Some(PATHS) if !is_override => {
                format!("`{PATHS}` stands below [[override]], and names the paths for which that holds")
            }
            Some(OVERRIDE) => format!("there is no option `{given}`: did you mean [[override]]?"),
            Some(meant) => format!("there is no option `{given}`: did you mean `{meant}`?"),
            None => {
                let known: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
                format!("there is no option `{given}`; there are {}", known.join(", "))
            }
        }
    }

    fn check_globs(&self, parts: &[Part]) -> Result<()> {
        for (part, at) in parts {
            if let Value::Texts(globs) = part {
                Globs::from_folder(globs, self.folder).map_err(|error| self.error(at, error))?;
            }
        }
        Ok(())
    }

    /// What is wrong with a value, or an element of a list: as the command line takes it, and then as its meaning is.
    fn check(&self, key: &Key, value: &Value) -> Result<(), String> {
        let Some((command, arg)) = of_key(self.command, key.name) else { return Ok(()) };
        let arguments = key.holds.arguments(key.name, value, self.folder);
        let texts: &[String] = match value {
            Value::Texts(texts) => texts,
            Value::Text(text) => std::slice::from_ref(text),
            Value::Flag(_) | Value::Number(_) => &[],
        };
        if let Err(error) =
            self.command.clone().try_get_matches_from(["tikrar", command].map(Into::into).into_iter().chain(arguments))
        {
            return Err(said(&error, arg, texts));
        }
        let said = |error: &dyn std::fmt::Display| error.to_string();
        match key.name {
            "fold" => FoldChanges::of(texts).map(drop).map_err(|error| said(&error)),
            "keep" => Keep::new(texts, Vec::new()).map(drop).map_err(|error| {
                // The rest of it points at the pattern, on several lines.
                let said = error.to_string();
                let why = said.rsplit_once("error: ").map_or(&*said, |(_, why)| why.trim_end());
                format!("'{}' is no regular expression: {why}", texts.join("', '"))
            }),
            "encoding" => texts.join(",").parse::<Encodings>().map(drop).map_err(|error| said(&error)),
            "include" => {
                Globs::from_folder(texts, self.folder).map_err(|error| said(&error))?;
                Globs::refuse_folders(texts).map_err(|error| said(&error))
            }
            "exclude" => Globs::from_folder(texts, self.folder).map(drop).map_err(|error| said(&error)),
            _ => Ok(()),
        }
    }
}

/// The entries of a table as they stand in the file.
fn in_order<'a, 'i>(table: &'a DeTable<'i>) -> Vec<(&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// The command that takes an option which a file can have, and the option there.
pub(super) fn of_key<'a>(command: &'a Command, name: &str) -> Option<(&'static str, &'a Arg)> {
    ["check", "clean"].into_iter().find_map(|of| Some((of, arg(command.find_subcommand(of)?, name)?)))
}

/// Whether the command line has such an option.
fn of_command_line(command: &Command, name: &str) -> bool {
    command.get_subcommands().any(|command| arg(command, name).is_some())
}

/// An option by its long name.
pub(super) fn arg<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|arg| arg.get_long() == Some(name))
}

/// What the command line says against a value.
fn said(error: &clap::Error, arg: &Arg, values: &[String]) -> String {
    if let Some(source) = error.source() {
        return source.to_string();
    }
    let possible = arg.get_possible_values();
    let names: Vec<&str> = possible.iter().map(|value| value.get_name()).collect();
    match values {
        [value] if !names.is_empty() && !names.contains(&value.as_str()) => {
            let there_are = format!("'{value}' is none of {}", names.join(", "));
            match meant(value, names.iter().copied()) {
                Some(meant) => format!("{there_are}: did you mean '{meant}'?"),
                None => there_are,
            }
        }
        _ => {
            let said = error.to_string();
            let first = said.lines().next().unwrap_or_default();
            first.strip_prefix("error: ").unwrap_or(first).to_owned()
        }
    }
}
