//! Files that turn out to be unreadable when a part of them is read: nothing is written yet, so the others can be decided about
//! without them.

use std::collections::BTreeSet;
use std::io;

use anyhow::Result;

use crate::cli::Status;
use crate::cli::batch::{self, Batch};
use crate::cli::corpus;
use crate::cli::place::again;
use crate::config::Config;
use crate::corpus::Documents;
use crate::format::RecordError;
use crate::longest::{self, Ends, LONGEST};
use crate::source::Located;

/// Reports the file that a run over a corpus could not read to its end, and any other behind it that can't be. They are
/// left out from there on. Gives back an error that is about something else.
pub(super) fn leave_out(
    config: &Config,
    batch: &mut Batch<'_>,
    files: &[Located],
    left_out: &mut BTreeSet<usize>,
    error: anyhow::Error,
    status: &mut Status,
) -> Result<()> {
    let (file, error) = corpus::broken_file(error)?;
    batch.fail(&files[file].input, error.into(), status);
    left_out.insert(file);
    let quiet = Config { quiet: true, read: again(config), ..config.clone() };
    // All of them now, so that the corpus is not begun anew for each.
    for (file, located @ Located { input, .. }) in files.iter().enumerate().skip(file + 1) {
        batch::refuse_read_once(std::slice::from_ref(located))?;
        // One that can't be opened is reported when it is to be.
        let Ok(documents) = corpus::open(&quiet, input, &quiet.of(input).read) else { continue };
        if let Err(error) = read_to_end(documents) {
            batch.fail(input, error, status);
            left_out.insert(file);
        }
    }
    Ok(())
}

fn read_to_end(documents: Documents) -> Result<()> {
    match documents {
        Documents::Text(opened) => {
            longest::copy(opened.into_reader(), io::sink(), Ends::Lines, LONGEST).map_err(RecordError::from)?;
        }
        Documents::Records(mut reader) => {
            let mut first = true;
            loop {
                match reader.next(Vec::new()) {
                    Ok(Some(_)) => first = false,
                    Ok(None) => break,
                    // Where not even the first can be read, it is reported as what can't be opened is.
                    Err(_) if first => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
    Ok(())
}
