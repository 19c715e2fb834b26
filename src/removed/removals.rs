//! What was removed, output by output, and which of it is to be put back.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::{Range, RangeInclusive};

use super::{Cleaned, Line, LineAt, Lines, Part, Piece, Problem, Removal, RemovedError};
use crate::sink::FileName;

/// Which copies are to be put back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The numbers of their blocks; none means all.
    pub blocks: Vec<RangeInclusive<u64>>,
}

impl Choice {
    fn takes(&self, block: u64) -> bool {
        self.blocks.is_empty() || self.blocks.iter().any(|blocks| blocks.contains(&block))
    }
}

/// A file of what was removed that has been looked through: each line can be read, those of an output are in order, and
/// copies that can only be put back together are chosen together. What is kept in memory is a few numbers an output.
#[derive(Debug)]
pub struct Removals {
    file: File,
    choice: Choice,
    outputs: Vec<OfOutput>,
}

/// What was removed from an output.
#[derive(Clone, Debug)]
pub struct OfOutput {
    /// Its name; none if it was standard output.
    pub output: Option<FileName>,
    /// How many copies are to be put back.
    pub chosen: u64,
    /// How many copies there are in the file.
    pub copies: u64,
    /// What was written, if the line that says so is there, and the number of that line.
    pub cleaned: Option<(u64, Cleaned)>,
    /// Whether the output is a table of columns.
    pub is_of_rows: bool,
    /// Of a table of columns: the name of the column with the texts.
    pub field: Option<String>,
    /// Whether several files were strung together to it.
    pub is_strung: bool,
    /// Where its lines stand: so many lines before them, and which bytes.
    stretches: Vec<(u64, Range<u64>)>,
    last: Last,
}

/// What was read last of an output.
#[derive(Clone, Copy, Debug, Default)]
struct Last {
    part: Option<Part>,
    /// The numbers of its document in the file and of the copy in the document.
    copy: (u64, u64),
    /// Where it stood up to, in the file.
    span_end: u64,
    /// Where it has to be put back: in which row, and where there.
    place: (u64, (u64, u64, u64)),
}

impl Last {
    /// Takes the next copy. Says whether it stands behind the one before, as far as that can be told: so a copy stands behind no other
    /// line of itself.
    fn is_before(&mut self, removal: &Removal) -> bool {
        if self.part != removal.part {
            let of = |part: Option<Part>| part.map_or((0, [0, 0]), |Part { number, span }| (number, span));
            let ((before, [_, end]), (number, [from, to])) = (of(self.part), of(removal.part));
            if number <= before || from < end || to < from {
                return false;
            }
            *self = Last { part: removal.part, place: self.place, ..Last::default() };
        }
        let copy = (removal.record.unwrap_or(0), removal.unit);
        // The number of a unit is from 1, if it is told.
        if removal.unit > 0 && std::mem::replace(&mut self.copy, copy) >= copy {
            return false;
        }
        for piece in &removal.removed {
            let place = (removal.row.unwrap_or(0), piece.order());
            let [from, to] = piece.span;
            // So is where it stood.
            if place < self.place || from < to && from < self.span_end {
                return false;
            }
            (self.place, self.span_end) = (place, self.span_end.max(to));
        }
        true
    }
}

/// Copies that can only be put back together, as far as they were read.
struct Together {
    line: u64,
    seen: u64,
    chosen: u64,
    count: u64,
    blocks: Vec<u64>,
}

impl Removals {
    /// Looks through a file from its start.
    ///
    /// # Errors
    /// It can't be read, or a line is wrong, or what is chosen is not all that belongs together.
    pub fn read(mut file: File, choice: Choice) -> Result<Removals, RemovedError> {
        file.seek(SeekFrom::Start(0))?;
        let mut outputs: Vec<OfOutput> = Vec::new();
        let mut by_name: HashMap<Option<FileName>, usize> = HashMap::new();
        let mut groups: BTreeMap<(usize, u64), Together> = BTreeMap::new();
        let mut found = vec![false; choice.blocks.len()];
        for line in Lines::new(BufReader::with_capacity(256 << 10, &file)) {
            let LineAt { number, bytes, line } = line?;
            let wrong = |problem| RemovedError::Line { line: number, problem };
            let name = match &line {
                Line::Removal(removal) => &removal.output,
                Line::Ending(ending) => &ending.output,
            };
            let at = match outputs.last() {
                Some(last) if last.output == *name => outputs.len() - 1,
                _ => *by_name.entry(name.clone()).or_insert(outputs.len()),
            };
            if at == outputs.len() {
                outputs.push(OfOutput::new(name.clone()));
            }
            let output = &mut outputs[at];
            if let Some((ending, _)) = output.cleaned {
                return Err(wrong(Problem::AfterEnd { ending }));
            }
            let removal = match line {
                Line::Removal(removal) => removal,
                Line::Ending(ending) => {
                    output.cleaned = Some((number, ending.cleaned));
                    continue;
                }
            };
            let is_chosen = choice.takes(removal.block);
            found.iter_mut().zip(&choice.blocks).for_each(|(found, blocks)| *found |= blocks.contains(&removal.block));
            if output.copies == 0 {
                (output.is_of_rows, output.is_strung) = (removal.row.is_some(), removal.part.is_some());
                output.field.clone_from(&removal.field);
            } else if (output.is_of_rows, output.is_strung) != (removal.row.is_some(), removal.part.is_some())
                || output.field != removal.field
            {
                return Err(wrong(Problem::Mixed));
            }
            output.copies += 1;
            output.chosen += u64::from(is_chosen);
            if !output.last.is_before(&removal) {
                return Err(wrong(Problem::Unordered));
            }
            match output.stretches.last_mut() {
                Some((_, stretch)) if stretch.end == bytes.start => stretch.end = bytes.end,
                _ => output.stretches.push((number - 1, bytes)),
            }
            if let Some([group, count]) = removal.together {
                let key = (at, group);
                let first = || Together { line: number, seen: 0, chosen: 0, count, blocks: Vec::new() };
                let group = groups.entry(key).or_insert_with(first);
                group.seen += 1;
                group.chosen += u64::from(is_chosen);
                if group.blocks.last() != Some(&removal.block) {
                    group.blocks.push(removal.block);
                }
                if group.seen == group.count && (group.chosen == 0 || group.chosen == group.seen) {
                    groups.remove(&key);
                }
            }
        }
        let first = groups.into_values().filter(|group| group.chosen > 0).min_by_key(|group| group.line);
        if let Some(Together { line, seen, chosen, count, blocks }) = first {
            let blocks = if seen == count { blocks } else { Vec::new() };
            return Err(RemovedError::Line { line, problem: Problem::Together { chosen, count, blocks } });
        }
        let missing = found.iter().zip(&choice.blocks).find(|(found, _)| !**found);
        match missing {
            Some((_, blocks)) => Err(RemovedError::NoBlock { block: *blocks.start() }),
            None => Ok(Removals { file, choice, outputs }),
        }
    }

    /// The outputs that the file speaks of, in the order of their first lines.
    #[must_use]
    pub fn outputs(&self) -> &[OfOutput] {
        &self.outputs
    }

    /// Reads what is to be put back into an output, by its number among the outputs, in order.
    #[must_use]
    pub fn pieces(&mut self, output: usize) -> Pieces<'_> {
        let stretches = self.outputs.get(output).map_or(&[][..], |output| &output.stretches);
        Pieces {
            file: &self.file,
            choice: &self.choice,
            stretches: stretches.iter(),
            lines: None,
            line: 0,
            row: None,
            part: None,
            waiting: VecDeque::new(),
        }
    }
}

impl OfOutput {
    fn new(output: Option<FileName>) -> OfOutput {
        OfOutput {
            output,
            chosen: 0,
            copies: 0,
            cleaned: None,
            is_of_rows: false,
            field: None,
            is_strung: false,
            stretches: Vec::new(),
            last: Last::default(),
        }
    }
}

/// A piece that is to be put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Of a table of columns: the number of the row, from 1.
    pub row: Option<u64>,
    /// Of an output that several files were strung together to: in which part of it.
    pub part: Option<Part>,
    /// The piece.
    pub piece: Piece,
}

/// What is to be put back into an output, in order.
#[derive(Debug)]
pub struct Pieces<'a> {
    file: &'a File,
    choice: &'a Choice,
    stretches: std::slice::Iter<'a, (u64, Range<u64>)>,
    lines: Option<Lines<io::Take<BufReader<&'a File>>>>,
    line: u64,
    row: Option<u64>,
    part: Option<Part>,
    waiting: VecDeque<Piece>,
}

impl Pieces<'_> {
    /// The line that the last piece is from; 0 before the first.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    fn read(&mut self) -> io::Result<Option<Placed>> {
        loop {
            if let Some(piece) = self.waiting.pop_front() {
                return Ok(Some(Placed { row: self.row, part: self.part, piece }));
            }
            let Some(lines) = &mut self.lines else {
                let Some((lines, bytes)) = self.stretches.next() else { return Ok(None) };
                let mut file = BufReader::with_capacity(256 << 10, self.file);
                file.seek(SeekFrom::Start(bytes.start))?;
                self.lines = Some(Lines::from(file.take(bytes.end - bytes.start), *lines, bytes.start));
                continue;
            };
            // What could be read before can be read again, unless somebody has changed the file.
            match lines.read().map_err(io::Error::other)? {
                None => self.lines = None,
                Some(LineAt { number, line: Line::Removal(removal), .. }) if self.choice.takes(removal.block) => {
                    (self.line, self.row, self.part) = (number, removal.row, removal.part);
                    self.waiting = removal.removed.into();
                }
                Some(_) => {}
            }
        }
    }
}

impl Iterator for Pieces<'_> {
    type Item = io::Result<Placed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}
