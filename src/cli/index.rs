//! `tikrar index`: the indexes that are kept between runs.

#[cfg(not(feature = "index"))]
pub(super) use without::run;

#[cfg(feature = "index")]
pub(super) use with::run;

#[cfg(not(feature = "index"))]
mod without {
    use anyhow::{Result, bail};

    use crate::cli::{Status, args};

    pub(crate) fn run(_: args::Index, _: &mut Status) -> Result<()> {
        bail!("this tikrar keeps no index in a file: it was built without the feature 'index'");
    }
}

#[cfg(feature = "index")]
mod with {
    use std::io::{self, Write as _};
    use std::path::PathBuf;

    use anyhow::Result;

    use crate::cli::batch::writing;
    use crate::cli::{Status, args, leave_nothing_unfinished, say};
    use crate::index::store::{self, CACHE, Contents, Store};
    use crate::report::shown_name;
    use crate::report::text::count;

    pub(crate) fn run(command: args::Index, status: &mut Status) -> Result<()> {
        match command {
            args::Index::Info(indexes) => each(indexes, status, |path| {
                let contents = Store::look(path, CACHE)?.contents()?;
                Ok((format!("{}\n{}", shown_name(path), listed(&contents)), Vec::new()))
            }),
            args::Index::Verify(indexes) => each(indexes, status, |path| {
                let (contents, faults) = store::verify(path, CACHE)?;
                let name = shown_name(path);
                let faults: Vec<String> = faults.iter().map(|fault| format!("tikrar: {name}: {fault}")).collect();
                let sound = format!("{name}: sound, {}", counted(&contents));
                Ok((if faults.is_empty() { sound } else { String::new() }, faults))
            }),
            args::Index::Merge(args::Merge { indexes, output }) => {
                leave_nothing_unfinished()?;
                let contents = store::merge(&indexes.files, &output, CACHE)?;
                say(format_args!("{}: {}", shown_name(&output), counted(&contents)));
                Ok(())
            }
        }
    }

    /// Says of each index what there is to say of it, on standard output, and what is wrong, on standard error.
    fn each(
        indexes: args::Indexes,
        status: &mut Status,
        look: impl Fn(&PathBuf) -> Result<(String, Vec<String>)>,
    ) -> Result<()> {
        let mut out = io::stdout().lock();
        for path in indexes.files {
            match look(&path) {
                Ok((line, faults)) => {
                    if !line.is_empty() {
                        writing(writeln!(out, "{line}"))?;
                    }
                    for fault in faults {
                        *status = Status::Failed;
                        say(fault);
                    }
                }
                Err(error) => {
                    *status = Status::Failed;
                    say(format_args!("tikrar: {error:#}"));
                }
            }
        }
        writing(out.flush())
    }

    fn listed(contents: &Contents) -> String {
        let Contents { version, documents, windows, lines, runs, made_by, bytes } = contents;
        format!(
            "  keys       {version}\n  documents  {documents}\n  windows    {windows}\n  lines      {lines}\n  bytes      \
             {bytes}\n  runs       {runs}\n  made by    tikrar {made_by}"
        )
    }

    fn counted(contents: &Contents) -> String {
        let documents = count(contents.documents, "document");
        format!("{documents}, {}, {}", count(contents.windows, "window"), count(contents.lines, "line"))
    }
}
