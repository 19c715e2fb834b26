//! What `check` is given beside what `diff` is: which findings count.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::Find;
use super::config::OWN_BASELINE;
use crate::config::Config;
use crate::report::ReportKind;
use crate::sink;

#[derive(Debug, Args)]
pub(in super::super) struct Check {
    #[command(flatten)]
    pub(super) find: Find,
    #[command(flatten)]
    counting: Counting,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Which findings count")]
struct Counting {
    /// Pass the findings that this file knows, by what is said in them and wherever they stand
    ///
    /// One more of a kind than it knows is found. What it knows and is there no longer is named on standard error. It is
    /// made, and made anew, by --update-baseline.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is found to the file of --baseline, so that it is known from now on
    ///
    /// The file may be that of `baseline` in tikrar.toml. It appears whole or not at all; if some text can't be read it stays as it is. The exit status is 0 then.
    #[arg(long, conflicts_with = "diff_base")]
    update_baseline: bool,
    /// Look only at text that was added since this revision of git: a branch, a tag, a commit
    ///
    /// What counts is a finding of which a copy or its original stands on lines that were added since the revision and HEAD
    /// parted, committed or not; in files that git does not know and does not ignore, that is all lines. A record counts
    /// whole, and so does a file that is packed, UTF-16 or Parquet. Where nothing was added the exit status is 0.
    #[arg(long, value_name = "REV", allow_hyphen_values = true)]
    diff_base: Option<String>,
}

impl Check {
    /// The options of a run.
    pub(in super::super) fn resolve(self) -> Result<Config> {
        let Counting { baseline, update_baseline, diff_base } = self.counting;
        let mut config = self.find.resolve(ReportKind::Text)?;
        if update_baseline && baseline.is_none() {
            bail!("--update-baseline writes the file of --baseline, or of `baseline` in tikrar.toml: name one");
        }
        if let Some(baseline) = &baseline {
            if baseline.as_os_str() == "-" {
                bail!("--baseline is a file: name one");
            }
            config.walk.leave_out.push(baseline.clone());
            if update_baseline {
                let is_other = |path: &PathBuf| sink::resolved(path) != sink::resolved(baseline);
                config.read_before.retain(|(by, path)| *by != OWN_BASELINE || is_other(path));
            } else {
                config.read_before.push(("--baseline", baseline.clone()));
            }
        }
        if diff_base.is_some() && config.reads_stdin() {
            bail!("--diff-base is for files in a git repository, and standard input is in none: name files or folders");
        }
        (config.baseline, config.update_baseline, config.diff_base) = (baseline, update_baseline, diff_base);
        Ok(config)
    }
}
