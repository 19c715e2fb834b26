//! The footer of a Parquet file: the old one with other row groups.

use ::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataWriter};

use super::table::{Result, damaged};
use crate::varint;

/// Encodes metadata; gives the page indexes and the footer.
pub(super) fn write_meta(meta: ParquetMetaData) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut bytes = Vec::new();
    ParquetMetaDataWriter::new(&mut bytes, &meta).finish()?;
    bytes.truncate(bytes.len().saturating_sub(4));
    let size = bytes.split_off(bytes.len().saturating_sub(4));
    let size = size.iter().rev().fold(0, |size, byte| size << 8 | usize::from(*byte));
    let footer = bytes.split_off(bytes.len().saturating_sub(size));
    Ok((bytes, footer))
}

/// The old footer with the row groups and row count of the new one. So the schema and the key-value metadata stay as
/// they are, and the order that the statistics of copied chunks follow is not misstated: the crate always claims the
/// newest one.
pub(super) fn merge_footers(old: &[u8], new: &[u8]) -> Result<Vec<u8>> {
    let (old, new) = (footer_fields(old)?, footer_fields(new)?);
    let (mut merged, mut last) = (Vec::new(), 0);
    for field in &old {
        let field = new.iter().find(|new| new.id == field.id && matches!(new.id, 3 | 4)).unwrap_or(field);
        merged.push((field.id - last) << 4 | field.kind);
        merged.extend_from_slice(field.value);
        last = field.id;
    }
    merged.push(0);
    Ok(merged)
}

/// A field of the footer, in Thrift's compact encoding.
pub(super) struct Field<'a> {
    pub(super) id: u8,
    kind: u8,
    value: &'a [u8],
}

/// The fields that any footer has, and their types: version, schema, number of rows, row groups. The crate does not look at types, so
/// it can take a damaged footer for another one than this does.
const REQUIRED: [(u8, u8); 4] = [(1, 5), (2, 9), (3, 6), (4, 9)];

/// The fields of a footer, in order.
pub(super) fn footer_fields(footer: &[u8]) -> Result<Vec<Field<'_>>> {
    fn fields<'a>(rest: &mut &'a [u8]) -> Option<Vec<Field<'a>>> {
        let (mut fields, mut last) = (Vec::new(), 0_u8);
        loop {
            let header = byte(rest)?;
            if header == 0 {
                return Some(fields);
            }
            // The footer's fields are few and in order, so that their identifiers are always given as a step.
            let (id, kind) = (last.checked_add(header >> 4).filter(|id| *id > last)?, header & 15);
            let start = *rest;
            skip(rest, kind, 0)?;
            fields.push(Field { id, kind, value: &start[..start.len() - rest.len()] });
            last = id;
        }
    }
    fn byte(rest: &mut &[u8]) -> Option<u8> {
        let (first, tail) = rest.split_first()?;
        *rest = tail;
        Some(*first)
    }
    fn skip(rest: &mut &[u8], kind: u8, depth: u8) -> Option<()> {
        if depth > 32 {
            return None;
        }
        let bytes = match kind {
            1 | 2 => 0,
            3 => 1,
            4..=6 => varint::take(rest).map(|_| 0)?,
            7 => 8,
            8 => usize::try_from(varint::take(rest)?).ok()?,
            9 | 10 => {
                let header = byte(rest)?;
                let count = if header >> 4 == 15 { varint::take(rest)? } else { u64::from(header >> 4) };
                // No footer has a list of booleans, and the crate takes one to have no bytes, however long it is.
                if header & 15 < 3 && count > 0 {
                    return None;
                }
                for _ in 0..count {
                    skip(rest, header & 15, depth + 1)?;
                }
                0
            }
            12 => loop {
                let header = byte(rest)?;
                if header == 0 {
                    break 0;
                }
                if header >> 4 == 0 {
                    varint::take(rest)?;
                }
                skip(rest, header & 15, depth + 1)?;
            },
            _ => return None,
        };
        *rest = rest.get(bytes..)?;
        Some(())
    }
    let is_whole = |fields: &Vec<Field<'_>>| {
        REQUIRED.iter().all(|wanted| fields.iter().any(|field| (field.id, field.kind) == *wanted))
    };
    match fields(&mut &*footer).filter(is_whole) {
        Some(fields) => Ok(fields),
        None => damaged("the footer cannot be decoded"),
    }
}
