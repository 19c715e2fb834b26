//! `tikrar diff`: what would go, as a unified diff.

use std::io::Write as _;

use anyhow::{Context as _, Result};

use super::batch::{Batch, READ_BACK, Same, Subject, writing};
use super::{Status, args, say};
use crate::report::account::Account;
use crate::report::unified;

pub(super) fn run(arguments: args::Look, status: &mut Status) -> Result<()> {
    let config = arguments.resolve()?;
    let mut batch = Batch::new(&config, status)?;
    let mut output = batch.output()?;
    let mut any_record = false;
    let examiner = batch.examiner(&config.compare);
    batch.each_document(
        Same::Once,
        status,
        || examiner.clone(),
        |examiner, Subject { document, .. }| {
            let examined = examiner.examine(document)?;
            Ok((examined.plan.copies() > 0).then_some(examined))
        },
        |named, document, found, status| {
            let Some(examined) = found else { return Ok(Account::default()) };
            let mut diff = Vec::new();
            unified::write(&named.path(&config), &document.body, &examined, &mut diff).context(READ_BACK)?;
            let encoding = document.raw.map(|raw| raw.encoding());
            if named.is_record() && !std::mem::replace(&mut any_record, true) && !config.quiet {
                say("tikrar: a diff of records shows their texts, and patch can't apply it");
            }
            *status = (*status).max(Status::Found);
            if let (Some(encoding), false) = (encoding, config.quiet) {
                let name = named.name(&config);
                say(format_args!("tikrar: warning: {name}: is {encoding}, so the diff applies to its text in UTF-8"));
            }
            writing(output.write_all(&diff)).map(|()| Account::default())
        },
    )?;
    batch.finish_output(output)?;
    batch.finish()
}
