//! Options from a `tikrar.toml`: they are put before those of the command line, which stand over them.

mod file;
mod keys;
mod show;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::ptr;

use anyhow::{Result, anyhow};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory as _, FromArgMatches as _};

use self::file::{OptionsFile, OverrideTable, Place, Setting, Settings, arg};
use self::keys::{ByPath, KEYS, Key};
use self::value::{Holds, Value};
use super::{args, say};
use crate::config::{self, Config};
use crate::report::{shown_name, shown_text};
use crate::source::{Globs, Input};

pub(super) use show::show;

/// Reads what would stand in a file of options in this folder.
pub(super) fn check_file(folder: &Path, bytes: Vec<u8>) -> Result<()> {
    OptionsFile::of_bytes(&folder.join(file::NAME), bytes).map(drop)
}

/// What was given, before it was put together.
#[derive(Default)]
pub(super) struct Options {
    /// The values of the command line, by the names of the options.
    given: BTreeMap<&'static str, Value>,
    file: Option<OptionsFile>,
    /// The options of the command line that no file can have.
    others: Vec<&'static str>,
    /// Whether the scope is a corpus.
    is_corpus: bool,
    /// Whether no file is to be taken.
    takes_none: bool,
    /// Options of the file that can't be together with one of the command line.
    against: BTreeSet<&'static str>,
}

/// The command with the options of its `tikrar.toml`, if it takes any and there is one.
pub(super) fn complete(arguments: Vec<OsString>, matches: ArgMatches) -> Result<(args::Command, Options)> {
    let mut of_all = args::Arguments::command();
    of_all.build();
    let (mut command, mut of_command, mut depth) = (&of_all, &matches, 1);
    while let Some((name, below)) = of_command.subcommand()
        && let Some(named) = command.find_subcommand(name)
    {
        (command, of_command, depth) = (named, below, depth + 1);
    }
    let mut options = Options::default();
    if arg(command, "config").is_none() {
        return Ok((parsed(&matches)?.command, options));
    }
    let run = Run { command, matches: of_command };
    options.given = run.given()?;
    options.others = run.others();
    options.file = run.file()?;
    options.is_corpus = run.is_corpus(&options);
    options.takes_none = run.matches.get_flag("no_config");
    options.against = KEYS.iter().filter(|key| run.is_against(key)).map(|key| key.name).collect();
    let Some(file) = &options.file else { return Ok((parsed(&matches)?.command, options)) };
    let Added { arguments: added, from_file } = run.added(file, &options)?;
    let mut completed = arguments;
    completed.splice(depth..depth, added);
    let parsed_anew = args::Arguments::command().try_get_matches_from(completed).and_then(|matches| parsed(&matches));
    let mut command = parsed_anew
        .map_err(|error| {
            // By itself the command line was right, and each option of the file was.
            let said = error.to_string();
            let first = said.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            anyhow!("{}: {}", shown_name(&file.path), shown_text(&first))
        })?
        .command;
    command.take(from_file);
    Ok((command, options))
}

fn parsed(matches: &ArgMatches) -> Result<args::Arguments, clap::Error> {
    args::Arguments::from_arg_matches(matches)
}

/// Says that options come from a file, if without it a file of the run would have others.
pub(super) fn tell<'a>(config: &Config, mut inputs: impl Iterator<Item = &'a Input>) {
    let Some(file) = config.file.as_ref().filter(|_| !config.quiet) else { return };
    if file.changes || inputs.any(|input| !ptr::eq(config.of(input), config)) {
        say(format_args!("tikrar: options from {}", shown_name(&file.path)));
    }
}

/// A command that takes options from a file, and what it was given.
struct Run<'a> {
    command: &'a Command,
    matches: &'a ArgMatches,
}

/// What a file adds to a command.
struct Added {
    arguments: Vec<OsString>,
    from_file: args::FromFile,
}

impl Run<'_> {
    fn is_given(&self, arg: &Arg) -> bool {
        self.matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine)
    }

    fn raw(&self, id: &str) -> Vec<&OsStr> {
        self.matches.get_raw(id).map(Iterator::collect).unwrap_or_default()
    }

    /// The option of this name, if the command takes that from a file.
    fn arg(&self, key: &Key) -> Option<&Arg> {
        arg(self.command, key.name).filter(|_| !self.is_for_command_line(key))
    }

    /// Whether `explain` has the option for the command line only: it looks at one document if it is not told of a corpus,
    /// and walks nothing then.
    fn is_for_command_line(&self, key: &Key) -> bool {
        let of_walk = matches!(key.name, "gitignore" | "include" | "exclude");
        let walks = || !self.raw("among").is_empty();
        self.command.get_name() == "explain" && (key.name == "scope" || of_walk && !walks())
    }

    fn given(&self) -> Result<BTreeMap<&'static str, Value>> {
        let mut given = BTreeMap::new();
        for key in KEYS {
            let Some(arg) = arg(self.command, key.name).filter(|arg| self.is_given(arg)) else { continue };
            let text = |raw: &OsStr| raw.to_string_lossy().into_owned();
            let values = self.raw(arg.get_id().as_str()).into_iter().map(text).collect();
            given.insert(key.name, key.holds.given(values));
        }
        Ok(given)
    }

    /// Given options that are for the command line only.
    fn others(&self) -> Vec<&'static str> {
        args::WHERE_TO
            .into_iter()
            .filter(|name| arg(self.command, name).is_some_and(|arg| self.is_given(arg)))
            .collect()
    }

    /// Whether the command is half of a run: what another machine does has to be the same, whatever lies there.
    fn is_half(&self) -> bool {
        matches!(self.command.get_name(), "keys" | "drop")
    }

    /// Whether text is read from standard input.
    fn reads_stdin(&self) -> bool {
        let has = |id: &str| self.command.get_arguments().any(|arg| arg.get_id() == id);
        if has("places") {
            let is_stdin = |place: &&OsStr| {
                let place = place.as_encoded_bytes();
                place.starts_with(b":") || place.starts_with(b"-:")
            };
            return self.raw("places").iter().any(is_stdin) || self.raw("among").iter().any(|path| *path == "-");
        }
        let paths = self.raw("paths");
        let is_listed = has("files_from") && !self.raw("files_from").is_empty();
        paths.iter().any(|path| *path == "-") || paths.is_empty() && !is_listed
    }

    fn file(&self) -> Result<Option<OptionsFile>> {
        if self.matches.get_flag("no_config") {
            return Ok(None);
        }
        let shows = self.command.get_name() == "show";
        let path = match self.matches.get_one::<PathBuf>("config") {
            Some(path) => Some(path.clone()),
            None if self.is_half() || self.reads_stdin() && !shows => None,
            None => file::found()?,
        };
        path.map(|path| OptionsFile::read(&path)).transpose()
    }

    fn is_corpus(&self, options: &Options) -> bool {
        let is_taken = Key::named("scope").is_some_and(|key| self.arg(key).is_some());
        let of_file = || Some(&options.file.as_ref().filter(|_| is_taken)?.settings.get("scope")?.value);
        let scope = options.given.get("scope").or_else(of_file);
        self.is_half() || matches!(scope, Some(Value::Text(scope)) if scope == "corpus")
    }

    fn added(&self, file: &OptionsFile, options: &Options) -> Result<Added> {
        let mut arguments = Vec::new();
        let by = if self.raw("config").is_empty() { file::NAME } else { "--config" };
        let mut from_file = args::FromFile { by, ..args::FromFile::default() };
        let mut changes = false;
        let mut places = BTreeMap::new();
        from_file.baseline = match file.settings.get("baseline").map(|setting| &setting.value) {
            Some(Value::Text(baseline)) => Some(file.folder.join(baseline)),
            _ => None,
        };
        let held = self.held(&file.settings, options);
        for (at, (key, Setting { value, at: place, parts })) in held.iter().enumerate() {
            let Some(arg) = self.arg(key) else { continue };
            let is_against = |(other, setting): &&(&Key, &Setting)| {
                let conflict = self.arg(other).is_some_and(|other| self.conflict(arg, other));
                conflict && is_set(value) && is_set(&setting.value)
            };
            if let Some((other, _)) = held[..at].iter().find(is_against) {
                return Err(file.error(*place, format!("`{}` and `{}` can't be together", key.name, other.name)));
            }
            changes |= is_changed(arg, value);
            places.insert(key.name, file.place(*place));
            let globs =
                |globs: &[String]| Globs::from_folder(globs, &file.folder).map_err(|error| file.error(*place, error));
            match (key.name, value) {
                ("include", Value::Texts(include)) => from_file.include = globs(include)?,
                ("exclude", Value::Texts(exclude)) => from_file.exclude = globs(exclude)?,
                _ => arguments.extend(self.arguments(file, key, value, parts)?),
            }
        }
        for table in &file.overrides {
            from_file.overrides.extend(self.of_table(file, table, options)?);
        }
        from_file.file = Some(config::OptionsFile { path: file.path.clone(), changes, places });
        Ok(Added { arguments, from_file })
    }

    /// What is set and holds for the command: what it takes, and what the command line leaves as it is.
    fn held<'s>(&self, settings: &'s Settings, options: &Options) -> Vec<(&'static Key, &'s Setting)> {
        let holds = |key: &Key| {
            let is_over = options.given.contains_key(key.name) && !key.adds;
            let is_left = is_over || options.against.contains(key.name);
            self.arg(key).is_some() && !is_left && (!key.across || options.is_corpus)
        };
        KEYS.iter().filter(|key| holds(key)).filter_map(|key| Some((key, settings.get(key.name)?))).collect()
    }

    /// Whether an option can't be together with one that was given.
    fn is_against(&self, key: &Key) -> bool {
        let mut given = self.command.get_arguments().filter(|arg| self.is_given(arg));
        self.arg(key).is_some_and(|arg| given.any(|given| self.conflict(arg, given)))
    }

    /// Whether two options can't be together.
    fn conflict(&self, one: &Arg, other: &Arg) -> bool {
        let against = |one: &Arg, other: &Arg| {
            self.command.get_arg_conflicts_with(one).iter().any(|arg| arg.get_id() == other.get_id())
        };
        against(one, other) || against(other, one)
    }

    fn of_table(
        &self,
        file: &OptionsFile,
        table: &OverrideTable,
        options: &Options,
    ) -> Result<Option<args::OverrideGiven>> {
        let mut arguments = Vec::new();
        let mut names = BTreeSet::new();
        let mut told = format!("paths = {}", Value::Texts(table.paths.clone()));
        let (mut compared, mut is_compared) = (told.clone(), false);
        for (key, Setting { value, at, parts }) in self.held(&table.settings, options) {
            if options.is_corpus && key.by_path == ByPath::InDocuments {
                let what = match key.holds {
                    _ if key.adds => "what is kept is kept in all documents",
                    _ => "all documents are compared in one way",
                };
                return Err(file.error(
                    *at,
                    format!("`{0}` can't differ by path with --scope corpus, where {what}: set `{0}` above the first [[override]]", key.name),
                ));
            }
            names.insert(key.name);
            arguments.extend(self.arguments(file, key, value, parts)?);
            let one = format!(", {} = {value}", key.name);
            told.push_str(&one);
            // What is kept changes no fingerprint.
            if key.by_path == ByPath::InDocuments && !key.adds {
                compared.push_str(&one);
                is_compared = true;
            }
        }
        if names.is_empty() {
            return Ok(None);
        }
        let compared = is_compared.then_some(compared);
        let given = args::OverrideGiven::new(table.globs.clone(), told, compared, names, arguments);
        given.map(Some).map_err(|error| file.error(table.at, error.to_string().trim_end()))
    }

    fn arguments(&self, file: &OptionsFile, key: &Key, value: &Value, parts: &[Place]) -> Result<Vec<OsString>> {
        if let (Holds::Paths, Value::Texts(paths)) = (key.holds, value) {
            for (path, at) in paths.iter().zip(parts) {
                let whole = file.folder.join(path);
                let metadata = whole.metadata();
                // What is no file, as a pipe, may be read once only.
                let opened = metadata
                    .and_then(|metadata| if metadata.is_file() { File::open(&whole).map(drop) } else { Ok(()) });
                let what = match opened {
                    Err(error) => format!("cannot be read: {error}"),
                    Ok(()) if whole.is_dir() => "is a folder, and not a file".to_owned(),
                    Ok(()) => continue,
                };
                return Err(file.error(*at, format!("{}: {path} {what}", key.name)));
            }
        }
        Ok(key.holds.arguments(key.name, value, &file.folder))
    }
}

/// Whether a value gives an option at all.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Flag(flag) => *flag,
        Value::Texts(texts) => !texts.is_empty(),
        Value::Number(_) | Value::Text(_) => true,
    }
}

/// Whether a value is another than an option has by itself.
fn is_changed(arg: &Arg, value: &Value) -> bool {
    match value {
        Value::Flag(_) | Value::Texts(_) => is_set(value),
        Value::Number(value) | Value::Text(value) => arg.get_default_values().first().is_none_or(|own| *own != **value),
    }
}
