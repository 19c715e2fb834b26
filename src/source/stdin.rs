//! Standard input that is read more than once.

use std::fmt;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use super::body::SharedReader;
use super::{Body, BodyWriter, ReadError, Spooling};
use crate::longest::{self, Ends, LONGEST, TooLong};

/// Keeps what comes on standard input, so that it can be read again: in memory, or spooled where it is too much.
#[derive(Clone, Default)]
pub struct KeptStdin(Arc<Mutex<Option<Kept>>>);

/// What came, or why it was not read to its end: what is left of it is nothing to begin with.
type Kept = Result<Arc<Body>, TooLong>;

impl fmt::Debug for KeptStdin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeptStdin")
    }
}

impl KeptStdin {
    /// A reader of all of standard input, from the start. The first one waits for its end.
    pub(super) fn open(&self, spooling: &Spooling) -> Result<Box<dyn Read + Send>, ReadError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let body = match &*kept {
            Some(kept) => kept.clone(),
            None => {
                let mut writer = BodyWriter::new(spooling);
                // Whether it has records is not known yet.
                let read = longest::copy(io::stdin().lock(), &mut writer, Ends::LinesOrObjects, LONGEST);
                let body = writer.finish()?;
                let read = match read.map_err(TooLong::of) {
                    Ok(()) => Ok(Arc::new(body)),
                    Err(Ok(TooLong { len, .. })) => Err(body.too_long(body.len() - len, body.len())?),
                    Err(Err(error)) => return Err(error.into()),
                };
                kept.insert(read).clone()
            }
        };
        let body = body.map_err(ReadError::TooLong)?;
        Ok(Box::new(SharedReader::new(body)))
    }
}
