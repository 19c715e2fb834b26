//! Several documents on one output.

use std::io::{self, Write};

use crate::unit::BYTE_ORDER_MARK;

/// Strings documents together: a document that does not end with a line end gets one where another follows, and only
/// the first keeps its byte order mark.
pub struct Strung<'a> {
    out: &'a mut (dyn Write + Send),
    /// The last byte written of all, to know whether it ends a line.
    last: Option<u8>,
    /// The start of the current document, as long as it may be a byte order mark.
    head: Option<Vec<u8>>,
    /// Whether nothing of the current document has been written yet.
    starts: bool,
    /// The line end that was last written.
    line_end: &'static [u8],
    /// How many bytes were written.
    written: u64,
}

impl<'a> Strung<'a> {
    /// Nothing written yet.
    pub fn new(out: &'a mut (dyn Write + Send)) -> Strung<'a> {
        Strung { out, last: None, head: None, starts: false, line_end: b"\n", written: 0 }
    }

    /// How many bytes were written to the output, with the line ends that were supplied.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Begins the next document.
    ///
    /// # Errors
    /// The output can't be written.
    pub fn begin(&mut self) -> io::Result<()> {
        self.end()?;
        if self.last.is_some() {
            self.head = Some(Vec::new());
            self.starts = true;
        }
        Ok(())
    }

    /// Begins the next document, which has lost its byte order mark already.
    ///
    /// # Errors
    /// The output can't be written.
    pub fn join(&mut self) -> io::Result<()> {
        self.end()?;
        self.starts = self.last.is_some();
        Ok(())
    }

    /// Ends the last document.
    ///
    /// # Errors
    /// The output can't be written.
    pub fn end(&mut self) -> io::Result<()> {
        match self.head.take() {
            Some(head) => self.pass(&head),
            None => Ok(()),
        }
    }

    fn pass(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(&last) = bytes.last() else { return Ok(()) };
        if std::mem::take(&mut self.starts) {
            match self.last {
                None | Some(b'\n') => {}
                // A LF would make one line end with it, and a blank line would be lost.
                Some(b'\r') if bytes[0] != b'\n' => {}
                Some(b'\r') => {
                    self.out.write_all(b"\n")?;
                    self.written += 1;
                }
                Some(_) => {
                    self.out.write_all(self.line_end)?;
                    self.written += self.line_end.len() as u64;
                }
            }
        }
        self.out.write_all(bytes)?;
        self.written += bytes.len() as u64;
        if let Some(lf) = memchr::memrchr(b'\n', bytes) {
            let before = bytes[..lf].last().copied().or(self.last);
            self.line_end = if before == Some(b'\r') { b"\r\n" } else { b"\n" };
        }
        self.last = Some(last);
        Ok(())
    }
}

impl Write for Strung<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(mut head) = self.head.take() else {
            return self.pass(bytes).map(|()| bytes.len());
        };
        head.extend_from_slice(bytes);
        if head.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(&head) {
            self.head = Some(head);
            return Ok(bytes.len());
        }
        let text = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&head);
        self.pass(text)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strung(documents: &[&str]) -> String {
        let mut out = Vec::new();
        let mut strung = Strung::new(&mut out);
        for document in documents {
            strung.begin().unwrap();
            for byte in document.bytes() {
                strung.write_all(&[byte]).unwrap();
            }
        }
        strung.end().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_missing_line_end_is_supplied_and_later_marks_are_dropped() {
        assert_eq!(strung(&["\u{FEFF}أ", "\u{FEFF}ب\n", "ج"]), "\u{FEFF}أ\nب\nج");
        assert_eq!(strung(&["", "أ", "", "\u{FEFF}", "ب"]), "أ\nب");
        assert_eq!(strung(&["أ\r\nب", "ج"]), "أ\r\nب\r\nج");
        assert_eq!(strung(&["أ\r", "ب"]), "أ\rب");
        assert_eq!(strung(&["أ\r", "\nب"]), "أ\r\n\nب");
    }
}
