//! `clean --index`: what earlier runs have found, and what later ones are to know of this.

#[cfg(not(feature = "index"))]
pub(super) use without::{EarlierRuns, Findings};

#[cfg(feature = "index")]
pub(super) use with::{EarlierRuns, Findings};

#[cfg(not(feature = "index"))]
mod without {
    use std::io;
    use std::sync::Arc;

    use anyhow::{Result, bail};

    use crate::config::Config;
    use crate::index::{Earlier, KnownDocument, Recognised, Spilling};
    use crate::source::Input;

    pub(crate) enum EarlierRuns {}

    pub(crate) enum FileNames {}

    pub(crate) enum Findings {}

    impl FileNames {
        pub(crate) fn of(&self, _: &Config, _: &Input) -> String {
            match *self {}
        }
    }

    impl EarlierRuns {
        pub(crate) fn open(config: &Config) -> Result<Option<EarlierRuns>> {
            if config.index.is_some() {
                bail!("this tikrar keeps no index in a file: it was built without the feature 'index'");
            }
            Ok(None)
        }

        pub(crate) fn earlier(&self) -> Arc<dyn Earlier> {
            match *self {}
        }

        pub(crate) fn names(&self) -> FileNames {
            match *self {}
        }

        pub(crate) fn know(&mut self, _: KnownDocument) -> io::Result<()> {
            match *self {}
        }

        pub(crate) fn found(self, _: Spilling, _: u64, _: Recognised) -> Result<Option<Findings>> {
            match self {}
        }
    }

    impl Findings {
        pub(crate) fn commit(self) -> Result<()> {
            match self {}
        }
    }
}

#[cfg(feature = "index")]
mod with {
    use std::io;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use anyhow::{Context as _, Result};

    use crate::cli::{leave_nothing_unfinished, names};
    use crate::config::Config;
    use crate::index::store::{CACHE, Store, View};
    use crate::index::{Earlier, KnownDocument, Recognised, Spilling};
    use crate::key::Key;
    use crate::report::shown_name;
    use crate::sink::{self, Collected, Decisions};
    use crate::source::Input;

    /// What earlier runs have found, and what there is of this one to be told to later ones.
    pub(crate) struct EarlierRuns<'a> {
        store: Store,
        view: Arc<View>,
        names: FileNames,
        is_read_only: bool,
        documents: Collected<'a, Known>,
    }

    /// A document as it waits: the lines before it and of it, its name, and the hashes of its text.
    type Known = (u64, u64, String, Key, Key);

    impl<'a> EarlierRuns<'a> {
        /// Opens the index, if one was given. A dry run reads it only, and makes none.
        pub(crate) fn open(config: &'a Config) -> Result<Option<EarlierRuns<'a>>> {
            let Some(path) = &config.index else { return Ok(None) };
            let version = config.compare.key_version();
            let cache = config.memory.map_or(CACHE, |memory| CACHE.min(usize::try_from(memory / 8).unwrap_or(CACHE)));
            let context = || format!("{} {}", config.option("index"), shown_name(path));
            let store = if config.dry_run {
                Store::open_read_only(path, &version, cache)
            } else {
                leave_nothing_unfinished()?;
                Store::open(path, &version, cache)
            };
            let store = store.with_context(context)?;
            let view = Arc::new(store.view().with_context(context)?);
            let folder = sink::resolved(path).parent().map(Path::to_owned).unwrap_or_default();
            let documents = Collected::new(&config.read.spooling);
            Ok(Some(EarlierRuns { store, view, names: FileNames { folder }, is_read_only: config.dry_run, documents }))
        }

        pub(crate) fn earlier(&self) -> Arc<dyn Earlier> {
            Arc::<View>::clone(&self.view)
        }

        /// What files are called in the index.
        pub(crate) fn names(&self) -> FileNames {
            self.names.clone()
        }

        /// Takes what later runs are to know of a document.
        pub(crate) fn know(&mut self, document: KnownDocument) -> io::Result<()> {
            let KnownDocument { first, lines, name, as_read, as_left } = document;
            self.documents.add(&(first, lines, name, Key::from(as_read), Key::from(as_left)))
        }

        /// The run has found these windows, and there are so many lines now. What is to be added to the index, if it may be.
        pub(crate) fn found(self, windows: Spilling, lines: u64, recognised: Recognised) -> Result<Option<Findings>> {
            let EarlierRuns { store, is_read_only, documents, .. } = self;
            if is_read_only {
                return Ok(None);
            }
            let documents = documents.finish().context("what was found can't be put aside")?;
            Ok(Some(Findings { store, windows, documents, lines, recognised }))
        }
    }

    /// What files are called in an index.
    #[derive(Clone)]
    pub(crate) struct FileNames {
        /// The folder that the index lies in.
        folder: PathBuf,
    }

    impl FileNames {
        /// What a file is called in the index: its path from the folder that the index lies in, whatever way it was given, so
        /// that both can be moved together.
        pub(crate) fn of(&self, config: &Config, input: &Input) -> String {
            let path = match input {
                Input::File(path) => path,
                Input::Stdin => match &config.stdin_filename {
                    Some(path) => path,
                    None => return names::name(config, input),
                },
            };
            shown_name(&names::way(&self.folder, &sink::resolved(path)))
        }
    }

    /// What a run has found and the index is to hold.
    pub(crate) struct Findings {
        store: Store,
        windows: Spilling,
        documents: Decisions<Known>,
        lines: u64,
        recognised: Recognised,
    }

    impl Findings {
        /// Adds it to the index, all or nothing.
        pub(crate) fn commit(self) -> Result<()> {
            let Findings { store, windows, documents, lines, recognised } = self;
            let documents = documents.read()?.map(|known| {
                let (first, lines, name, as_read, as_left) = known?;
                let [as_read, as_left] = [as_read, as_left].map(u128::from);
                Ok(KnownDocument { first, lines, name, as_read, as_left })
            });
            let windows = windows.into_entries().map(|window| window.map_err(io::Error::other));
            store.add(windows, documents, lines, recognised).context(
                "the index is as it was before the run: what this run has written is whole, and the same run again adds it",
            )
        }
    }
}
