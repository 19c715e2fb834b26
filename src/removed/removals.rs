//! What was removed, output by output, and which of it is to be put back.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::{Range, RangeInclusive};

use super::{Cleaned, Line, LineAt, Lines, Piece, Problem, RemovedError};
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
    /// Where its lines stand: so many lines before them, and which bytes.
    stretches: Vec<(u64, Range<u64>)>,
    last: (u64, (u64, u64, u64)),
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
                (output.is_of_rows, output.field) = (removal.row.is_some(), removal.field);
            } else if output.is_of_rows != removal.row.is_some() || output.field != removal.field {
                return Err(wrong(Problem::Mixed));
            }
            output.copies += 1;
            output.chosen += u64::from(is_chosen);
            for piece in &removal.removed {
                let place = (removal.row.unwrap_or(0), piece.order());
                if place < output.last {
                    return Err(wrong(Problem::Unordered));
                }
                output.last = place;
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
            stretches: Vec::new(),
            last: (0, (0, 0, 0)),
        }
    }
}

/// A piece that is to be put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Of a table of columns: the number of the row, from 1.
    pub row: Option<u64>,
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
                return Ok(Some(Placed { row: self.row, piece }));
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
                    (self.line, self.row, self.waiting) = (number, removal.row, removal.removed.into());
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
