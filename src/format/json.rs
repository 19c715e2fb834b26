//! JSON: the elements of an array are records, or values that stand one after the other.

use std::ops::Range;

use memchr::memchr2;

use super::window::Window;

/// Finds the records of a file, piece by piece. What is in them is not looked at, but for where they end.
#[derive(Clone, Debug)]
pub(super) struct Elements {
    state: State,
    in_array: bool,
    depth: usize,
    pub(super) window: Window,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing has been seen yet.
    Begin,
    /// An element comes, or the array's end.
    First,
    /// An element comes.
    Next,
    /// In an object or array.
    Inside,
    /// In a string.
    Quoted,
    /// In a string, behind a backslash.
    Escaped,
    /// In a number or a word.
    Scalar,
    /// A comma comes, or the array's end.
    After,
    /// The array has ended.
    End,
}

/// What is wrong with a file that is to be JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotJson {
    /// Where in the piece.
    pub(super) at: usize,
    pub(super) expected: &'static str,
}

impl Elements {
    pub(super) fn new() -> Elements {
        Elements { state: State::Begin, in_array: false, depth: 0, window: Window::default() }
    }

    /// Finds the elements that end in a piece, of which only the end is new.
    pub(super) fn find(&mut self, piece: &[u8], last: bool, elements: &mut Vec<Range<usize>>) -> Result<(), NotJson> {
        let mut at = self.window.seen;
        while let Some(&byte) = piece.get(at) {
            let is_space = matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
            let wrong = |expected| Err(NotJson { at, expected });
            match self.state {
                State::Quoted => {
                    let Some(sign) = memchr2(b'"', b'\\', &piece[at..]) else {
                        break;
                    };
                    at += sign;
                    self.state = match piece[at] {
                        b'\\' => State::Escaped,
                        _ if self.depth > 0 => State::Inside,
                        _ => {
                            self.end_element(at + 1, elements);
                            State::After
                        }
                    };
                }
                State::Escaped => self.state = State::Quoted,
                State::Inside => match byte {
                    b'"' => self.state = State::Quoted,
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' => {
                        self.depth -= 1;
                        if self.depth == 0 {
                            self.end_element(at + 1, elements);
                        }
                    }
                    _ => {}
                },
                State::Scalar if !is_space && !matches!(byte, b',' | b']' | b'}' | b'"' | b'{' | b'[') => {}
                State::Scalar => {
                    self.end_element(at, elements);
                    continue;
                }
                _ if is_space => {}
                State::Begin if byte == b'[' => {
                    self.in_array = true;
                    self.state = State::First;
                }
                State::First | State::After if byte == b']' && self.in_array => self.state = State::End,
                State::After if self.in_array => match byte {
                    b',' => self.state = State::Next,
                    _ => return wrong("a comma or the end of the array"),
                },
                State::End => return wrong("nothing behind the end of the array"),
                State::Begin | State::First | State::Next | State::After => {
                    self.window.start = at;
                    self.state = match byte {
                        b'{' | b'[' => {
                            self.depth = 1;
                            State::Inside
                        }
                        b'"' => State::Quoted,
                        b'-' | b'0'..=b'9' | b'a'..=b'z' => State::Scalar,
                        _ => return wrong("a JSON value"),
                    };
                }
            }
            at += 1;
        }
        self.window.seen = piece.len();
        if last {
            if self.state == State::Scalar && !self.in_array {
                self.end_element(piece.len(), elements);
            }
            match self.state {
                State::Begin | State::End => {}
                State::After if !self.in_array => {}
                _ => return Err(NotJson { at: piece.len(), expected: "more, and the file ends there" }),
            }
        }
        Ok(())
    }

    fn end_element(&mut self, end: usize, elements: &mut Vec<Range<usize>>) {
        elements.push(self.window.start..end);
        self.window.start = end;
        self.state = State::After;
    }
}
