//! Columns of text: which ones a schema has, and how the rows of one are levels and values.

use ::parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use ::parquet::column::writer::ColumnWriterImpl;
use ::parquet::data_type::{ByteArray, ByteArrayType, DataType};
use ::parquet::schema::types::Type;

use super::table::{Result, damaged};

/// The text of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowText {
    /// No text: a null at any level, an absent list.
    Null,
    /// One string; not necessarily valid UTF-8.
    One(Vec<u8>),
    /// A list of strings. Elements may be null.
    Many(Vec<Option<Vec<u8>>>),
}

/// A text column of the table that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column(pub(super) usize);

#[derive(Debug)]
pub(super) struct TextColumn {
    pub(super) name: String,
    pub(super) leaf: usize,
    list: bool,
    /// The smallest definition level that is not a null: that of a string, or of an empty list.
    floor: i16,
    /// The level of a null of the column itself, as against one of a struct around it.
    null: Option<i16>,
}

impl TextColumn {
    pub(super) fn decode<'a>(
        &self,
        max: i16,
        defs: &[i16],
        values: &mut impl Iterator<Item = &'a ByteArray>,
    ) -> Result<RowText> {
        let mut value = |def: &i16| {
            if *def == max { values.next().map(|v| v.data().to_vec()) } else { None }
        };
        Ok(match defs {
            [def] if *def < self.floor => RowText::Null,
            [def] if !self.list => value(def).map_or(RowText::Null, RowText::One),
            [def] if *def == self.floor => RowText::Many(Vec::new()),
            defs if self.list && defs.iter().all(|d| *d > self.floor) => {
                RowText::Many(defs.iter().map(value).collect())
            }
            _ => return damaged(format!("column {}: levels of a list contradict each other", self.name)),
        })
    }

    /// Appends a row. `old` is the definition level of the row's first value in the file: a null keeps it.
    pub(super) fn encode(
        &self,
        max: i16,
        old: i16,
        row: &RowText,
        out: &mut Batch<ByteArrayType>,
    ) -> Result<(), &'static str> {
        let old_null = old < self.floor;
        if *row != RowText::Null && old_null && Some(old) != self.null {
            return Err("text for a row whose parent is null");
        }
        match row {
            RowText::Null if old_null => out.push(old, 0, None),
            RowText::Null => out.push(self.null.ok_or("null in a column that has no nulls")?, 0, None),
            RowText::One(text) if !self.list => out.push(max, 0, Some(text.clone().into())),
            RowText::Many(texts) if self.list => {
                if texts.is_empty() {
                    out.push(self.floor, 0, None);
                }
                for (i, text) in texts.iter().enumerate() {
                    let rep = i16::from(i > 0);
                    match text {
                        Some(text) => out.push(max, rep, Some(text.clone().into())),
                        None if max > self.floor + 1 => out.push(max - 1, rep, None),
                        None => return Err("null element in a list that has no nulls"),
                    }
                }
            }
            RowText::One(_) => return Err("one string in a column of lists"),
            RowText::Many(_) => return Err("a list in a column of strings"),
        }
        Ok(())
    }
}

pub(super) fn is_text(node: &Type) -> bool {
    node.is_primitive()
        && node.get_physical_type() == Physical::BYTE_ARRAY
        && match node.get_basic_info().logical_type_ref() {
            Some(logical) => matches!(logical, LogicalType::String | LogicalType::Enum | LogicalType::Json),
            None => matches!(
                node.get_basic_info().converted_type(),
                ConvertedType::NONE | ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON
            ),
        }
}

fn is_repeated(node: &Type) -> bool {
    node.get_basic_info().repetition() == Repetition::REPEATED
}

/// Whether a group is a list of strings, written in three levels or the older two.
fn is_list_of_text(node: &Type) -> bool {
    let info = node.get_basic_info();
    let annotated = info.logical_type_ref() == Some(&LogicalType::List) || info.converted_type() == ConvertedType::LIST;
    match node.get_fields() {
        [repeated] if annotated && !is_repeated(node) && is_repeated(repeated) => {
            if repeated.is_primitive() {
                return is_text(repeated);
            }
            // By the format's rules a repeated group of such a name is itself the element: a struct.
            let of_structs = repeated.name() == "array" || repeated.name() == format!("{}_tuple", node.name());
            matches!(repeated.get_fields(), [element] if !of_structs && is_text(element) && !is_repeated(element))
        }
        _ => false,
    }
}

/// Collects the text columns under a node. `def` is the definition level of its parent, `leaf` the next leaf's index.
pub(super) fn find_text(
    node: &Type,
    parent: &str,
    def: i16,
    repeated: bool,
    leaf: &mut usize,
    found: &mut Vec<TextColumn>,
) {
    let name = if parent.is_empty() { node.name().to_owned() } else { format!("{parent}.{}", node.name()) };
    let repetition = node.get_basic_info().repetition();
    let def = def + i16::from(repetition != Repetition::REQUIRED);
    let null = (repetition == Repetition::OPTIONAL).then_some(def - 1);
    if node.is_primitive() {
        if is_text(node) && !repeated {
            let list = is_repeated(node);
            found.push(TextColumn { name, leaf: *leaf, list, floor: def - i16::from(list), null });
        }
        *leaf += 1;
    } else if !repeated && is_list_of_text(node) {
        found.push(TextColumn { name, leaf: *leaf, list: true, floor: def, null });
        *leaf += 1;
    } else {
        for field in node.get_fields() {
            find_text(field, &name, def, repeated || is_repeated(node), leaf, found);
        }
    }
}

/// Levels and values on their way into a column writer.
pub(super) struct Batch<T: DataType> {
    defs: Vec<i16>,
    reps: Vec<i16>,
    values: Vec<T::T>,
}

impl<T: DataType> Batch<T> {
    pub(super) fn new() -> Self {
        Self { defs: Vec::new(), reps: Vec::new(), values: Vec::new() }
    }

    pub(super) fn push(&mut self, def: i16, rep: i16, value: Option<T::T>) {
        self.defs.push(def);
        self.reps.push(rep);
        self.values.extend(value);
    }

    pub(super) fn flush(&mut self, writer: &mut ColumnWriterImpl<'_, T>) -> Result<()> {
        let descr = writer.get_descriptor().clone();
        let defs = (descr.max_def_level() > 0).then_some(&self.defs[..]);
        let reps = (descr.max_rep_level() > 0).then_some(&self.reps[..]);
        if !self.defs.is_empty() {
            writer.write_batch(&self.values, defs, reps)?;
        }
        *self = Self::new();
        Ok(())
    }
}
