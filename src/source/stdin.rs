//! Standard input that is read more than once.

use std::fmt;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use super::body::SharedReader;
use super::{Body, BodyWriter, Spooling};

/// Keeps what comes on standard input, so that it can be read again: in memory, or spooled where it is too much.
#[derive(Clone, Default)]
pub struct KeptStdin(Arc<Mutex<Option<Arc<Body>>>>);

impl fmt::Debug for KeptStdin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeptStdin")
    }
}

impl KeptStdin {
    /// A reader of all of standard input, from the start. The first one waits for its end.
    pub(super) fn open(&self, spooling: &Spooling) -> io::Result<Box<dyn Read + Send>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let body = match &*kept {
            Some(body) => Arc::clone(body),
            None => {
                let mut writer = BodyWriter::new(spooling);
                io::copy(&mut io::stdin().lock(), &mut writer)?;
                let body = Arc::new(writer.finish()?);
                *kept = Some(Arc::clone(&body));
                body
            }
        };
        Ok(Box::new(SharedReader::new(body)))
    }
}
