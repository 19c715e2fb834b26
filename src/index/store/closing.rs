//! What is closed although the database gave up.

use std::ops::{Deref, DerefMut};

use redb::WriteTransaction;

use super::error::Fault;
use crate::guard::guarded;

/// A table or a transaction. After a panic within the database, closing one panics as well, and where several are closed that
/// would end the process.
pub(super) struct Closing<T>(Option<T>);

impl<T> Closing<T> {
    pub(super) fn new(open: T) -> Closing<T> {
        Closing(Some(open))
    }
}

impl Closing<WriteTransaction> {
    pub(super) fn commit(mut self) -> Result<(), Fault> {
        if let Some(transaction) = self.0.take() {
            transaction.commit()?;
        }
        Ok(())
    }
}

impl<T> Deref for Closing<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some(open) => open,
            None => unreachable!("only what is gone has nothing"),
        }
    }
}

impl<T> DerefMut for Closing<T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.0 {
            Some(open) => open,
            None => unreachable!("only what is gone has nothing"),
        }
    }
}

impl<T> Drop for Closing<T> {
    fn drop(&mut self) {
        let open = self.0.take();
        // There is an error already that tells of it.
        let _ = guarded(|| drop(open));
    }
}
