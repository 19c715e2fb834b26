//! `tikrar diff`: what would go, as a unified diff.

use std::io::Write as _;

use anyhow::{Context as _, Result};

use super::batch::{self, Batch, READ_BACK, Same, writing};
use super::{Status, args, say};
use crate::report::unified;

pub(super) fn run(arguments: args::Look, status: &mut Status) -> Result<()> {
    let config = arguments.resolve()?;
    let mut batch = Batch::new(&config, status)?;
    let mut output = batch.output()?;
    let examiner = batch.examiner(&config.compare);
    batch.each(
        Same::Once,
        status,
        || examiner.clone(),
        |examiner, input, document| {
            let examined = examiner.examine(&document)?;
            let mut diff = Vec::new();
            if examined.plan.copies() > 0 {
                unified::write(batch::path(&config, input), &document.body, &examined, &mut diff).context(READ_BACK)?;
            }
            Ok((diff, document.raw.map(|raw| raw.encoding())))
        },
        |input, (diff, encoding), status| {
            if diff.is_empty() {
                return Ok(());
            }
            *status = (*status).max(Status::Found);
            if let (Some(encoding), false) = (encoding, config.quiet) {
                let name = batch::name(&config, input);
                say(format_args!("tikrar: warning: {name}: is {encoding}, so the diff applies to its text in UTF-8"));
            }
            writing(output.write_all(&diff))
        },
    )?;
    batch.finish_output(output)?;
    batch.finish();
    Ok(())
}
