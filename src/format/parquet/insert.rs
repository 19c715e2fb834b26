//! Rows that get back what went of their texts.

use std::fs::File;
use std::io::{self, Write};

use super::super::portion::InRow;
use super::super::reader::RecordError;
use super::super::record::RecordOptions;
use super::{ParquetError, Rewriter, RowText, Texts, guarded};

/// Something that is put back into the text of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowInsertion {
    /// The number of the row, from 0.
    pub row: u64,
    /// Where in what is left of its text.
    pub place: InRow,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Why something can't be put back.
#[derive(Debug, thiserror::Error)]
pub enum RowInsertError {
    /// The file can't be read or written.
    #[error(transparent)]
    Table(#[from] RecordError),
    /// There is no telling what is to be put back.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The table has no such row.
    #[error("it belongs to row {row}, and the table has {rows}")]
    NoRow {
        /// The number of the row, from 1.
        row: u64,
        /// How many rows there are.
        rows: u64,
    },
    /// The row has no such place.
    #[error("it does not fit row {row}: {problem}")]
    Unfit {
        /// The number of the row, from 1.
        row: u64,
        /// What is wrong.
        problem: &'static str,
    },
}

impl From<ParquetError> for RowInsertError {
    fn from(error: ParquetError) -> RowInsertError {
        RowInsertError::Table(error.into())
    }
}

/// Writes a file with what is missing from its texts put back, in order: the inverse of [`super::write`] without rows that
/// go. Row groups where nothing is put back are copied as they are. Insertions are asked for one by one, so that the last
/// one asked for is the one that an error is about.
///
/// # Errors
/// The file can't be read, `out` can't be written, an insertion is an error, out of order or has no such place.
pub fn insert(
    file: File,
    options: &RecordOptions,
    insertions: impl IntoIterator<Item = io::Result<RowInsertion>>,
    out: &mut (dyn Write + Send),
) -> Result<(), RowInsertError> {
    let texts = Texts::open(file, options)?;
    let Texts { table, column, .. } = &texts;
    let mut rewriter = guarded(|| Rewriter::new(table, out))?;
    let mut insertions = insertions.into_iter();
    let mut next = insertions.next().transpose()?;
    let mut rows_before = 0;
    for group in 0..table.row_groups() {
        let rows_after = rows_before + table.rows(group) as u64;
        if next.as_ref().is_none_or(|next| next.row >= rows_after) {
            guarded(|| rewriter.copy(table, group))?;
            rows_before = rows_after;
            continue;
        }
        let mut rows = texts.group(group)?;
        while let Some(first) = next.take_if(|next| next.row < rows_after) {
            let row = first.row;
            let unfit = |problem| RowInsertError::Unfit { row: row + 1, problem };
            let text = row.checked_sub(rows_before).and_then(|at| rows.get_mut(at as usize));
            let text = text.ok_or_else(|| unfit("another row was put back before it"))?;
            let mut filled = Filled::new(std::mem::replace(text, RowText::Null));
            filled.insert(first).map_err(unfit)?;
            loop {
                next = insertions.next().transpose()?;
                match next.take_if(|next| next.row == row) {
                    Some(more) => filled.insert(more).map_err(unfit)?,
                    None => break,
                }
            }
            *text = filled.finish();
        }
        guarded(|| rewriter.rewrite(table, group, *column, &rows))?;
        rows_before = rows_after;
    }
    if let Some(next) = next {
        return Err(RowInsertError::NoRow { row: next.row + 1, rows: rows_before });
    }
    guarded(|| rewriter.finish())?.flush()?;
    Ok(())
}

/// A row that is filled again, from its start.
struct Filled {
    is_list: bool,
    /// What is left of it and not yet passed on.
    left: std::vec::IntoIter<Option<Vec<u8>>>,
    done: Vec<Option<Vec<u8>>>,
    /// How many paragraphs of what is left are passed on.
    passed: u64,
    /// The paragraph at hand, if something was put back into it: what is done of it, and what is left from where.
    open: Option<(Vec<u8>, Vec<u8>, usize)>,
    /// The number of the whole paragraph that was put back last, if nothing came behind it.
    whole: Option<u64>,
}

impl Filled {
    fn new(text: RowText) -> Filled {
        let (is_list, left) = match text {
            RowText::Null => (false, Vec::new()),
            RowText::One(text) => (false, vec![Some(text)]),
            RowText::Many(texts) => (true, texts),
        };
        Filled { is_list, left: left.into_iter(), done: Vec::new(), passed: 0, open: None, whole: None }
    }

    fn insert(&mut self, RowInsertion { place, bytes, .. }: RowInsertion) -> Result<(), &'static str> {
        const UNORDERED: &str = "what was put back before it belongs behind it";
        let InRow { at, element, whole } = place;
        let element = match (element, self.is_list) {
            (Some(element), true) => element,
            (None, false) if whole.is_none() => 0,
            (None, true) => return Err("its text is a list of paragraphs"),
            _ => return Err("its text is no list of paragraphs"),
        };
        if element < self.passed {
            return Err(UNORDERED);
        }
        while self.passed < element {
            self.pass().ok_or("its list is too short")?;
        }
        if let Some(whole) = whole {
            if self.open.is_some() {
                return Err(UNORDERED);
            }
            match self.done.last_mut() {
                Some(Some(last)) if self.whole == Some(whole) => last.extend_from_slice(&bytes),
                _ => self.done.push(Some(bytes)),
            }
            self.whole = Some(whole);
            return Ok(());
        }
        self.whole = None;
        let (done, left, from) = match &mut self.open {
            Some(open) => open,
            None => {
                let text = self.left.next().flatten().ok_or("it has no text there")?;
                self.open.insert((Vec::with_capacity(text.len() + bytes.len()), text, 0))
            }
        };
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        if at < *from {
            return Err(UNORDERED);
        }
        done.extend_from_slice(left.get(*from..at).ok_or("its text is too short")?);
        done.extend_from_slice(&bytes);
        *from = at;
        Ok(())
    }

    /// Passes on the paragraph at hand.
    fn pass(&mut self) -> Option<()> {
        let text = match self.open.take() {
            Some((mut done, left, from)) => {
                done.extend_from_slice(&left[from..]);
                Some(done)
            }
            None => self.left.next()?,
        };
        self.done.push(text);
        (self.passed, self.whole) = (self.passed + 1, None);
        Some(())
    }

    fn finish(mut self) -> RowText {
        while self.pass().is_some() {}
        match self.is_list {
            true => RowText::Many(self.done),
            false => self.done.pop().flatten().map_or(RowText::Null, RowText::One),
        }
    }
}
