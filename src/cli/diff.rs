//! `tikrar diff`: what would go, as a unified diff.

use anyhow::Result;

use super::batch::{Batch, writing};
use super::{Status, args, say};
use crate::report::unified;

pub(super) fn run(arguments: args::Look, status: &mut Status) -> Result<()> {
    let config = arguments.resolve()?;
    let mut batch = Batch::new(&config, status)?;
    let mut output = batch.output()?;
    for input in std::mem::take(&mut batch.inputs) {
        let Some((document, examined)) = batch.examine(&input, status) else { continue };
        if batch.is_read_again(&document) || examined.plan.copies() == 0 {
            continue;
        }
        *status = (*status).max(Status::Found);
        if let Some(raw) = &document.raw
            && !config.quiet
        {
            let name = batch.name(&input);
            say(format_args!(
                "tikrar: warning: {name}: is {}, so the diff applies to its text in UTF-8",
                raw.encoding()
            ));
        }
        writing(unified::write(batch.path(&input), &document.body, &examined, &mut output))?;
    }
    batch.finish_output(output)?;
    batch.finish();
    Ok(())
}
