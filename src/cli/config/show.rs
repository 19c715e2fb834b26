//! `tikrar config show`: the options that hold, as a `tikrar.toml`, with where each comes from.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{self, Path};

use anyhow::{Context as _, Result, bail};
use clap::{Command, CommandFactory as _};

use super::Options;
use super::file::{NAME, OptionsFile, OverrideTable, Place, Settings, of_key};
use super::keys::{ByPath, KEYS, Key};
use super::value::{Holds, Value, quoted};
use crate::cli::args;
use crate::cli::batch::writing;
use crate::report::shown_name;
use crate::source::Globs;

pub(in crate::cli) fn show(check: args::Check, options: &Options) -> Result<()> {
    if let Some(other) = options.others.first() {
        bail!("--{other} is for a run that reads texts, and config show reads none");
    }
    // What is wrong about them all together is said as in a run.
    let config = check.resolve()?;
    if config.paths.iter().any(|path| path.as_os_str() == "-") {
        bail!("standard input has no name: name a file, which need not be there");
    }
    let shown = Shown { options, command: args::Arguments::command() };
    let mut text = shown.heading()?;
    for key in KEYS {
        text.push_str(&shown.option(key, &shown.holding(key, &[])?));
        text.push_str(&shown.not_here(key)?);
    }
    text.extend(options.file.iter().flat_map(|file| &file.overrides).map(|table| shown.table(table)));
    // Behind the tables of the file, over which they stand.
    for path in &config.paths {
        let is_taken = config.walk.takes(path, None);
        text.push_str(&shown.of_path(path, is_taken)?);
    }
    let mut out = io::stdout().lock();
    writing(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// What was given, and the command line, which knows what holds where nothing was.
struct Shown<'a> {
    options: &'a Options,
    command: Command,
}

/// A value, and where it comes from.
type Part = (Value, String);

const WORKING: &str = "the working folder can't be told";
const BY_DEFAULT: &str = "default";
const BY_COMMAND_LINE: &str = "command line";

impl Shown<'_> {
    fn heading(&self) -> Result<String> {
        let working = std::env::current_dir().context(WORKING)?;
        Ok(match &self.options.file {
            Some(file) => {
                let file = shown_name(&path::absolute(&file.path).unwrap_or_else(|_| file.path.clone()));
                format!("# Options from {file}; paths, and patterns with a slash, are from its folder.\n\n")
            }
            None if self.options.takes_none => "# Options from no file (--no-config).\n\n".to_owned(),
            None => format!("# Options from no file: there is no {NAME} in {} or above it.\n\n", shown_name(&working)),
        })
    }

    /// What holds of an option, with what these tables set. Several parts add up; none is no value.
    fn holding(&self, key: &Key, tables: &[&OverrideTable]) -> Result<Vec<Part>> {
        let file = self.options.file.as_ref();
        let set = |settings: &Settings| {
            let setting = settings.get(key.name).filter(|_| !self.options.against.contains(key.name))?;
            Some((setting.value.clone(), of_file(file?, setting.at)))
        };
        let of_file = file.and_then(|file| set(&file.settings));
        let mut of_tables = tables.iter().filter_map(|table| set(&table.settings));
        let given = self.options.given.get(key.name).map(|value| self.own(key, value)).transpose()?;
        let given = given.map(|value| (value, BY_COMMAND_LINE.to_owned()));
        if key.adds {
            return Ok(of_file.into_iter().chain(of_tables).chain(given).collect());
        }
        let last = given.or_else(|| of_tables.next_back()).or(of_file).or_else(|| self.default(key));
        Ok(last.into_iter().collect())
    }

    /// A value of the command line, as it is in the file.
    fn own(&self, key: &Key, value: &Value) -> Result<Value> {
        let is_elsewhere = self.options.file.as_ref().is_some_and(|file| !file.folder.as_os_str().is_empty());
        let own = |text: &String| {
            if text.contains(char::REPLACEMENT_CHARACTER) {
                bail!("--{}: {} is not UTF-8, which TOML is", key.name, quoted(text));
            }
            if is_pattern(key) {
                return Ok(Globs::pattern_from(text, self.folder()).context(WORKING)?.map(Cow::into_owned));
            }
            // A path is from the working folder there.
            let is_path = matches!(key.holds, Holds::Path | Holds::Paths) && is_elsewhere;
            let absolute = is_path.then(|| path::absolute(text).ok()?.to_str().map(str::to_owned)).flatten();
            Ok(Some(absolute.unwrap_or_else(|| text.clone())))
        };
        Ok(match value {
            Value::Text(text) => Value::Text(own(text)?.unwrap_or_default()),
            Value::Texts(texts) => {
                Value::Texts(texts.iter().filter_map(|text| own(text).transpose()).collect::<Result<_>>()?)
            }
            value => value.clone(),
        })
    }

    /// What is to be said of patterns of the command line that a file in this folder can't have.
    fn not_here(&self, key: &Key) -> Result<String> {
        let mut text = String::new();
        let Some(Value::Texts(given)) = self.options.given.get(key.name).filter(|_| is_pattern(key)) else {
            return Ok(text);
        };
        for pattern in given {
            if Globs::pattern_from(pattern, self.folder()).context(WORKING)?.is_none() {
                let pattern = quoted(pattern);
                let what = "of the command line is of paths that are not below this folder, or may not be, so it can't stand here";
                let _ = writeln!(text, "# {}: {pattern} {what}", key.name);
            }
        }
        Ok(text)
    }

    /// The folder of the file, or where it would be.
    fn folder(&self) -> &Path {
        self.options.file.as_ref().map_or(Path::new(""), |file| &file.folder)
    }

    fn default(&self, key: &Key) -> Option<Part> {
        let (_, arg) = of_key(&self.command, key.name)?;
        let values = arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned());
        let value = match key.holds {
            Holds::Flag => Value::Flag(false),
            holds => holds.given(Some(values.collect()).filter(|values: &Vec<String>| !values.is_empty())?),
        };
        Some((value, BY_DEFAULT.to_owned()))
    }

    fn option(&self, key: &Key, holding: &[Part]) -> String {
        let name = key.name;
        match holding {
            [] => format!("# {name} =\n"),
            [(value, from)] => {
                let only = key.across && !self.options.is_corpus && from != BY_DEFAULT;
                let only = if only { ", holds with scope = \"corpus\"" } else { "" };
                format!("{name} = {value}   # {from}{only}\n")
            }
            parts => {
                let mut text = format!("{name} = [\n");
                for (value, from) in parts {
                    let Value::Texts(texts) = value else { continue };
                    for one in texts {
                        let _ = writeln!(text, "    {},   # {from}", quoted(one));
                    }
                }
                text.push_str("]\n");
                text
            }
        }
    }

    /// What holds for some paths.
    fn table(&self, table: &OverrideTable) -> String {
        let Some(file) = &self.options.file else { return String::new() };
        let paths = Value::Texts(table.paths.clone());
        let mut text = format!("\n[[override]]   # {}\npaths = {paths}\n", of_file(file, table.at));
        for key in KEYS {
            let Some(setting) = table.settings.get(key.name) else { continue };
            let line = format!("{} = {}   # {}", key.name, setting.value, of_file(file, setting.at));
            let is_over = self.options.given.contains_key(key.name) && !key.adds;
            let _ = match is_over {
                true => writeln!(text, "# {line}, but the command line stands over it"),
                false => writeln!(text, "{line}"),
            };
        }
        text
    }

    /// What holds for a file.
    fn of_path(&self, path: &Path, is_taken: bool) -> Result<String> {
        let file = self.options.file.as_ref();
        let name = shown_name(path);
        let pattern =
            Globs::pattern_of(path, self.folder())?.with_context(|| format!("{name}: is not UTF-8, which TOML is"))?;
        let mut text = format!("\n# {name}\n");
        if !is_taken {
            text.push_str("# It is left out by include or exclude.\n");
        }
        let _ = writeln!(text, "[[override]]\npaths = [{}]", quoted(&pattern));
        let fits = |table: &&OverrideTable| table.globs.fit_or_hold(path, Path::new(""));
        let tables: Vec<&OverrideTable> = file.iter().flat_map(|file| &file.overrides).filter(fits).collect();
        for key in KEYS.iter().filter(|key| key.by_path != ByPath::Never) {
            let option = self.option(key, &self.holding(key, &tables)?);
            // There it holds for all.
            let is_of_all = self.options.is_corpus && key.by_path == ByPath::InDocuments;
            for line in option.lines() {
                let mark = if is_of_all && !line.starts_with('#') { "# " } else { "" };
                let _ = writeln!(text, "{mark}{line}");
            }
        }
        Ok(text)
    }
}

/// Whether an option is of patterns of paths.
fn is_pattern(key: &Key) -> bool {
    matches!(key.name, "include" | "exclude")
}

/// Where a value stands in a file.
fn of_file(file: &OptionsFile, at: Place) -> String {
    let name = file.path.file_name().map_or_else(|| NAME.into(), |name| shown_name(Path::new(name)));
    format!("{name}:{}", at.line)
}
